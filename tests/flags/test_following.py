"""The read model of red flags, kept up to date step by step, is what judging anew gives."""

from collections.abc import Callable

import pytest
from flags.conspicuous import conspicuous_city, spent_year
from histories import LEDGER_KEY, SetClock, busy_city, keep
from world import World

from ledger.app import create_ledger
from projections.acts import ACTS
from projections.catalogue import open_projections
from projections.deep import deep_check
from projections.flags.asking import OWN, all_flags, judge_anew
from projections.flags.keeping import FLAGS

RULES_HERE = {"f20", "f21", "f22", "f23", "f37", "f38", "f40", "f43", "f44", "f45", "f46", "f47"}


def test_a_conspicuous_year_is_flagged(database_url: str) -> None:
    """Each rule about acts and programmes finds its case, as kept and when judged anew.

    flag  about           what happened
    f40   party/LEN       its account has the number of PRO's, by the world's defaults
    f44   programme/care  a supplement of 10.00 to its line
    f22   programme/care  quality reached in four days, and hardly any of the money paid all year
    f20   contract/c-1    a claim paid weeks after it was due
    f46   contract/c-1    a grievance stated two months before it was recorded
    f45   party/PRO       a fen of interest waived
    f47   payment/p-1     paid into another account
    f37   contract/c-1    a score proposed as 60 of 100, final as 95
    f40   party/PRO       a second account, of the number of LEN's
    f46   contract/c-1    a visit stated to be of next December
    f46   contract/c-1    a word about it stated before it
    f38   key/PRO/two     revoked as of a day on which it declared that account
    f43   party/PRO       a new key from the registrar, though PRO/one lives
    """
    kept = keep(database_url, conspicuous_city())
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        found = list(all_flags(projections))
        anew = judge_anew(projections, thresholds={}, persons={})
        longer = judge_anew(
            projections, rules=["F40"], thresholds={"f40": {"days": 10}}, persons={}
        )
    kept.ledger.close()
    cases = [(flag.rule, flag.subject) for flag in found if flag.rule in RULES_HERE]
    assert cases == [
        ("f40", "party/LEN"),
        ("f44", "programme/care"),
        ("f22", "programme/care"),
        ("f20", "contract/c-1"),
        ("f46", "contract/c-1"),
        ("f45", "party/PRO"),
        ("f47", "payment/p-1"),
        ("f37", "contract/c-1"),
        ("f40", "party/PRO"),
        ("f46", "contract/c-1"),
        ("f46", "contract/c-1"),
        ("f38", "key/PRO/two"),
        ("f43", "party/PRO"),
    ]
    assert found == anew
    # Paid on the tenth day after the declaration, and that is a case for who asks for ten.
    assert [(flag.subject, flag.version) for flag in longer if flag.contract == "c-1"] == [
        ("party/PRO", OWN)
    ]


@pytest.mark.parametrize("history", [busy_city, conspicuous_city, spent_year])
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
