"""A programme with one fund line of 1,000.00, for the pairs of its rules."""

from projections.flags.programmes import Line, Programme, Report

REPORT = Report("reach", 100, 100, "2026-01-01", "2026-03-31", 30)
LINE = Line("line-1", "FIN", 2026, False, 80_000, 15_000, 5_000, 20, ())
PROGRAMME = Programme("care", "BUY", 10, (REPORT,), (LINE,), {})
