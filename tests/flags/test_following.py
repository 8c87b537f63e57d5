"""The read model of red flags, kept up to date step by step, is what judging anew gives."""

from collections.abc import Callable

import pytest
from flags.conspicuous import conspicuous_city
from histories import LEDGER_KEY, SetClock, busy_city, keep
from world import World

from ledger.app import create_ledger
from projections.acts import ACTS
from projections.catalogue import open_projections
from projections.deep import deep_check
from projections.flags.asking import all_flags, judge_anew
from projections.flags.keeping import FLAGS


def test_a_conspicuous_year_is_flagged(database_url: str) -> None:
    """Each rule about single acts finds its case, as it is kept and when it is judged anew.

    flag  about              what happened
    f46   contract/c-1       a grievance stated two months before it was recorded
    f45   party/PRO          a fen of interest waived
    f47   payment/p-1        paid into another account
    f37   contract/c-1       a score proposed as 60 of 100, final as 95
    """
    kept = keep(database_url, conspicuous_city())
    wanted = {"f37", "f45", "f46", "f47"}
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        found = list(all_flags(projections, rules=wanted))
        anew = judge_anew(projections, rules=wanted, thresholds={}, persons={})
    kept.ledger.close()
    assert [(flag.rule, flag.subject) for flag in found] == [
        ("f46", "contract/c-1"),
        ("f45", "party/PRO"),
        ("f47", "payment/p-1"),
        ("f37", "contract/c-1"),
    ]
    assert found == anew


@pytest.mark.parametrize("history", [busy_city, conspicuous_city])
def test_following_in_uneven_steps_gives_the_rows_of_a_rebuild(
    history: Callable[[], World], database_url: str
) -> None:
    """After steps of one to nine statements, again and again, every row is as a rebuild has it."""
    statements = history().statements
    clock = SetClock(statements[0].recorded_ms)
    ledger = create_ledger(database_url, statements[0].data, LEDGER_KEY, clock)
    with open_projections(ledger.store) as projections:
        done = 1
        while done < len(statements):
            step = done * 7 % 9 + 1
            for recorded_ms, data in statements[done : done + step]:
                clock.set_ms = recorded_ms
                ledger.submit(data)
            done += step
            projections.follow()
        for name in (ACTS.name, FLAGS.name):
            assert deep_check(projections, name).differences == ()
    ledger.close()
