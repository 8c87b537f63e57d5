"""What answers cost: no question sums events, and none reads more the longer the history is."""

from collections.abc import Callable, Iterator

import pytest
from histories import busy_city, keep, unusual_contract
from plans import LARGE, LEDGER_TABLES, counting_steps, is_scan, plan_of, statements_of
from shell import sunledger

from ledger.store.store import open_store
from projections.catalogue import open_projections
from projections.contracts import contract, find_contracts, list_contracts
from projections.engine import Projections
from projections.funds import fund, fund_months, list_funds, list_processes
from projections.overview import overview
from projections.payments import list_claims, list_payments
from projections.programmes import list_programmes, programme
from projections.providers import list_providers, provider
from projections.timeline import timeline

MAX_STEPS = 30_000
"""Steps of SQLite's machine that a page of a hundred rows may take, names and currency included.

The dearest today takes 12,800; a single look at every visit of the small city takes 100,000.
"""


def _middle(projections: Projections) -> int:
    return projections.feed.store.head().positions // 2


Question = Callable[[Projections, str, str, str, str], object]
"""Asks about a contract, a fund line, a provider and a programme."""

QUESTIONS: dict[str, Question] = {
    "contracts": lambda p, *_: list_contracts(p),
    "contracts of a year": lambda p, *_: list_contracts(p, year=2025, status="active"),
    "contracts with a text": lambda p, *_: list_contracts(p, text="care"),
    "contracts on a line": lambda p, _c, line, *_: list_contracts(p, line=line),
    "contracts of a provider": lambda p, _c, _l, party, *_: list_contracts(p, provider=party),
    "a contract": lambda p, key, *_: contract(p, key),
    "a contract by name": lambda p, key, *_: find_contracts(p, key),
    "funds": lambda p, *_: list_funds(p),
    "a fund line": lambda p, _c, line, *_: fund(p, line),
    "a fund line by month": lambda p, _c, line, *_: fund_months(p, line),
    "processes": lambda p, *_: list_processes(p),
    "payments": lambda p, *_: list_payments(p),
    "payments of a contract": lambda p, key, *_: list_payments(p, contract=key),
    "claims": lambda p, *_: list_claims(p),
    "claims of a contract": lambda p, key, *_: list_claims(p, contract=key),
    "providers": lambda p, *_: list_providers(p),
    "a provider": lambda p, _c, _l, party, _g: provider(p, party),
    "programmes": lambda p, *_: list_programmes(p),
    "a programme": lambda p, _c, _l, _p, name: programme(p, name),
    "the first page": lambda p, *_: overview(p),
}
"""All that is asked of read models; they alone answer it."""

TIMELINES: dict[str, Question] = {
    "a timeline": lambda p, key, *_: timeline(p, f"contract/{key}"),
    "the middle of a timeline": lambda p, key, *_: timeline(p, f"contract/{key}", after=_middle(p)),
    "the end of a timeline": lambda p, key, *_: timeline(p, f"contract/{key}", newest=True),
    "a timeline without visits": lambda p, key, *_: timeline(
        p, f"contract/{key}", after=_middle(p), without_visits=True
    ),
    "a timeline of a line": lambda p, _c, line, *_: timeline(p, f"line/{line}", newest=True),
}
"""What is asked of the ledger itself, by its index of subjects."""


@pytest.fixture(scope="module")
def projections(shared_database_url: str) -> Iterator[Projections]:
    """Give the read models of a year in small, on each database."""
    world = busy_city()
    unusual_contract(world)
    kept = keep(shared_database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as made:
        made.follow()
        yield made


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projections]:
    """Give the read models of a city of 300 people: a contract of it has thousands of visits."""
    folder = tmp_path_factory.mktemp("city")
    out = folder / "small"
    ended = sunledger("simulate", "city", "--scale", "0.02", "--seed", "7", "--out", out)
    assert ended.code == 0, ended.err
    with (
        open_store(f"sqlite:///{out / 'ledger.db'}") as store,
        open_projections(store, f"sqlite:///{folder / 'read.db'}") as made,
    ):
        made.follow()
        yield made


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_answer_looks_at_events_or_postings(projections: Projections, name: str) -> None:
    """What is listed or shown comes from the rows that folds keep, without a look at each visit."""
    asked = statements_of(
        projections, lambda: QUESTIONS[name](projections, "c-1", "line-1", "PRO", "care")
    )
    assert asked
    for each in asked:
        for step in plan_of(each):
            assert not LEDGER_TABLES.search(step), each.text
            assert not (is_scan(step) and LARGE.search(step)), each.text


@pytest.mark.parametrize("name", TIMELINES)
def test_a_timeline_scans_no_history(projections: Projections, name: str) -> None:
    """It searches the ledger's tables by their indexes, and reads none of them whole."""
    asked = statements_of(
        projections, lambda: TIMELINES[name](projections, "c-1", "line-1", "PRO", "care")
    )
    steps = [step for each in asked for step in plan_of(each)]
    history = [step for step in steps if LEDGER_TABLES.search(step)]
    assert history
    assert not [step for step in history if is_scan(step)]


def test_the_check_of_plans_sees_what_it_looks_for(projections: Projections) -> None:
    """A sum over postings and a look at every visit are found."""
    store = projections.feed.store
    asked = statements_of(
        projections, lambda: store.fetch("SELECT sum(amount_fen) FROM posting WHERE amount_fen > 0")
    )
    (step, *_) = [step for each in asked for step in plan_of(each) if LEDGER_TABLES.search(step)]
    assert is_scan(step)
    assert LARGE.search("SCAN delivery_visit_3")
    assert not is_scan("SEARCH delivery_visit_3 USING INTEGER PRIMARY KEY (rowid=?)")


@pytest.mark.parametrize("name", [*QUESTIONS, *TIMELINES])
def test_an_answer_takes_no_more_work_than_its_page(city: Projections, name: str) -> None:
    """In a city-year in small no question takes more steps than a page of rows is worth."""
    question = QUESTIONS.get(name) or TIMELINES[name]
    (first, *_) = list_contracts(city, limit=1).items
    line = list_funds(city, limit=1).items[0].line
    with counting_steps(city) as steps:
        question(city, first.contract, line, first.providers[0].id or "", first.programme or "")
        assert steps() <= MAX_STEPS
