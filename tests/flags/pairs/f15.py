"""A visit at home on the last day away, and one in the community."""

from flags.visiting import day, visit

from projections.delivery.tables import AbsenceRow

_AWAY = AbsenceRow(50, "p-1", "HOSPITAL", "2026-02-20", "2026-03-02")

FLAGGED = day(visit(7, 540, 30), absences=(_AWAY,))
CLEAR = day(visit(7, 540, 30, place="community"), absences=(_AWAY,))
