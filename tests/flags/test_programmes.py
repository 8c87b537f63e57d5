"""Output against money: whose lines count, which payments, which report."""

from flags.conspicuous import spent_year
from flags.programming import LINE, PROGRAMME, REPORT
from flags.test_pairs import shipped
from histories import keep

from projections.catalogue import open_projections
from projections.flags.asking import all_flags
from projections.flags.programmes import Addition, Programme
from projections.flags.rule import Rule
from projections.flags.rules.f22 import F22
from projections.flags.rules.f23 import F23
from projections.flags.rules.f44 import F44

OUTPUT = ("f22", "f23", "f44")
UNPAID = PROGRAMME
AHEAD = PROGRAMME._replace(reports=(REPORT._replace(actual=50),), paid_fen={"2026-01": 70_001})


def test_half_spent_for_a_target_missed(database_url: str) -> None:
    """Half of 400.00 paid: 29 of 100 lag by more than 20 points, 29 of 95, said last, do not.

    What was reached before anything was paid is no case once it is, and a transfer from one line
    of the programme to another adds nothing.
    """
    kept = keep(database_url, spent_year())
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        found = [flag for flag in all_flags(projections) if flag.rule in OUTPUT]
    kept.ledger.close()
    (case,) = found
    assert (case.rule, case.subject, case.party) == ("f23", "programme/care", "BUY")
    assert case.facts == {
        "indicator": "reach",
        "from": "2026-01-01",
        "to": "2026-03-31",
        "actual": 29,
        "target": 100,
        "paid_fen": 20_000,
        "granted_fen": 40_000,
    }


def test_a_shared_line_has_no_budget_of_each() -> None:
    """F22 says nothing on it; F23 counts all of it, and then the share paid is a least one."""
    shared = (LINE._replace(shared=True),)
    assert _cases(F22, UNPAID) == 1
    assert _cases(F22, UNPAID._replace(lines=shared)) == 0
    assert _cases(F23, AHEAD._replace(lines=shared)) == 1
    assert _cases(F23, AHEAD._replace(lines=(*shared, *shared))) == 0


def test_lines_and_payments_of_other_years_do_not_count() -> None:
    """A report is held against the budget years that its period touches."""
    next_year = LINE._replace(line="line-9", year=2027)
    assert _cases(F23, AHEAD._replace(lines=(LINE, next_year))) == 1
    assert _cases(F22, UNPAID._replace(lines=(next_year,))) == 0
    assert _cases(F23, AHEAD._replace(paid_fen={"2025-12": 70_001})) == 0


def test_a_target_of_nothing_is_not_judged() -> None:
    """It is reached by doing nothing, and no share of it can be missed."""
    nothing = (REPORT._replace(target=0, actual=0),)
    assert _cases(F22, UNPAID._replace(reports=nothing)) == 0
    assert _cases(F23, AHEAD._replace(reports=nothing)) == 0


def test_a_year_of_its_own_grows_though_another_was_cut() -> None:
    """Each budget year is a case; what was carried in or cut again is none."""
    got = LINE._replace(adjusted_fen=5, additions=(Addition(25, None, 7),))
    cut = LINE._replace(line="line-9", year=2027, adjusted_fen=-9, carried_fen=900)
    (case,) = F44.judge(PROGRAMME._replace(lines=(got, cut)), {})
    assert case.facts == {"year": "2026", "added_fen": 5, "budget_fen": 80_000}
    assert (case.party, case.evidence) == ("FIN", (20, 25))
    assert _cases(F44, PROGRAMME._replace(lines=(got._replace(adjusted_fen=0), cut))) == 0


def _cases(rule: Rule[Programme], programme: Programme) -> int:
    return len(list(rule.judge(programme, shipped(rule))))
