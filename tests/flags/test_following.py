"""The read model of red flags, kept up to date step by step, is what judging anew gives."""

from collections.abc import Callable

import pytest
from flags.conspicuous import conspicuous_city
from histories import LEDGER_KEY, SetClock, busy_city, keep
from sqlalchemy import select
from world import World

from ledger.app import create_ledger
from ledger.events.delivery import Credential, WorkerEnrolled
from ledger.events.parties import KeyContested, KeyRecovered
from ledger.events.rulebook import ServiceCatalogued
from projections.acts import ACTS
from projections.acts.tables import KEY
from projections.catalogue import open_projections
from projections.deep import deep_check
from projections.engine import Projections
from projections.flags.asking import OWN, all_flags, judge_anew
from projections.flags.keeping import FLAGS, version_with
from projections.model import ReadModel

RULES_HERE = {"f20", "f21", "f37", "f38", "f40", "f43", "f45", "f46", "f47"}


def test_a_conspicuous_year_is_flagged(database_url: str) -> None:
    """Each rule about single acts finds its case, as it is kept and when it is judged anew.

    flag  about           what happened
    f40   party/LEN       its account has the number of PRO's, by the world's defaults
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


def test_a_visit_without_the_qualification_its_service_needs_is_flagged(database_url: str) -> None:
    """What a worker's enrolment says of credentials is what the rule asks: F09.

    worker  holds                    visits on     flagged
    w-1     nothing                  1 January     yes
    w-8     nursing, until 2 January 2, 3 January  the second
    w-9     nursing, for ever        1 January     no
    """
    world = World.contracted()
    world.do(world.make(ServiceCatalogued, code="care", qualification="nursing"))
    until = Credential(kind="nursing", expires="2026-01-02")
    for worker, credential in (("w-8", until), ("w-9", Credential(kind="nursing"))):
        world.do(world.make(WorkerEnrolled, worker=worker, credentials=[credential]))
    world.visits("c-1")
    world.visits("c-1", days=3, worker="w-8", beneficiary="b-2")
    world.visits("c-1", worker="w-9", beneficiary="b-3")
    kept = keep(database_url, world)
    with open_projections(kept.ledger.store) as projections:
        assert {status.lag for status in projections.follow()} == {0}
        found = [flag.facts for flag in all_flags(projections, rules=["f09"])]
    kept.ledger.close()
    assert [(each["worker"], each["day"], each["until"]) for each in found] == [
        ("w-1", "2026-01-01", "-"),
        ("w-8", "2026-01-03", "2026-01-02"),
    ]


@pytest.mark.parametrize("source", FLAGS.sources, ids=lambda source: source.name)
def test_what_a_source_tells_anew_is_judged_anew(source: ReadModel) -> None:
    """A release that fills a source anew has the flags judged anew, too."""
    later = source._replace(version=source.version + 1)
    sources = [later if each is source else each for each in FLAGS.sources]
    assert version_with(FLAGS.sources) == FLAGS.version < version_with(sources)


@pytest.mark.parametrize("batch_events", [1, 1_000])
def test_a_contested_key_ends_however_the_history_is_cut(
    batch_events: int, database_url: str
) -> None:
    """A recovery and its contest in one batch, or in two, leave the same row of the key."""
    world = World.cast()
    world.do(world.make(KeyRecovered))
    world.do(world.make(KeyContested, recovery=world.last["key.recovered"]), by="PRO/two")
    kept = keep(database_url, world)
    contested = kept.ledger.store.head().positions - 1
    with Projections(kept.ledger.store, [ACTS], batch_events=batch_events) as projections:
        projections.follow()
        ended = projections.read(
            ACTS,
            lambda reading: reading.connection.scalar(
                select(reading.tables[KEY].c.revoked_position).where(
                    reading.tables[KEY].c.key == "PRO/new"
                )
            ),
        )
    kept.ledger.close()
    assert ended == contested
