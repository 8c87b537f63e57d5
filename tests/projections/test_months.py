"""Batches end with a local month and with a closing; money is kept by month."""

from collections import Counter
from collections.abc import Iterator

import pytest
from histories import Kept, busy_city, keep

from ledger.postings import STAGES
from ledger.times import local_date
from projections.catalogue import MODELS, open_projections
from projections.contracts import contract, list_contracts
from projections.deep import deep_check
from projections.engine import Projections
from projections.feed import START, Batch, Feed, Wanted
from projections.funds import fund_months, list_funds

OFFSET_MINUTES = 8 * 60
"""The local time of a world's ledger."""


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    """Give a ledger with a busy history of several months that was closed now and then."""
    world = busy_city(closings=True)
    world.visits("c-1", days=3, month="2026-02")
    world.claim("k-3", "c-1")
    world.answer("k-3", cuts=[40])
    world.pay("p-4", "c-1", ["k-3"])
    made = keep(database_url, world)
    yield made
    made.ledger.close()


def months_of(kept: Kept) -> dict[int, str]:
    """Return the local month of every position, by what its statement's row says."""
    return {
        position: local_date(row.recorded_ms, OFFSET_MINUTES)[:7]
        for row, events in kept.ledger.store.entries()
        for position in (event.position for event in events)
    }


def table_of(doc: str | None, width: int) -> list[list[str]]:
    """Return the rows of the table in a docstring, its header among them."""
    cells = [line.split() for line in (doc or "").splitlines() if line.startswith("        ")]
    return [row for row in cells if len(row) == width]


def read_all(feed: Feed, limit: int) -> Iterator[Batch]:
    """Read a ledger to its end."""
    place = START
    while batches := feed.read(place, [Wanted()], limit=limit):
        (batch,) = batches
        place = batch.stop
        yield batch


@pytest.mark.parametrize("limit", [1, 7, 5_000])
def test_a_batch_lies_in_one_month_and_ends_with_a_closing(kept: Kept, limit: int) -> None:
    """Whatever the limit, no batch goes on behind a closing or over the end of a local month."""
    store = kept.ledger.store
    months = months_of(kept)
    closings = [row.position for row in store.events() if row.type == "ledger.closed"]
    batches = list(read_all(Feed(store), limit))
    assert len(set(months.values())) > 1
    for batch in batches:
        positions = range(batch.start.position, batch.stop.position)
        assert {months[position] for position in positions} == {batch.month}
        inside = [position for position in positions if position in closings]
        assert inside == ([] if batch.closing is None else [positions[-1]])
        assert batch.closing in (None, positions[-1])
    assert [batch.closing for batch in batches if batch.closing is not None] == closings
    assert batches[-1].stop.position == store.head().positions


@pytest.mark.parametrize("batch_events", [1, 11, 5_000])
def test_the_months_of_a_line_are_what_was_posted_in_them(kept: Kept, batch_events: int) -> None:
    """Debits and credits of each account equal the journal's, month by month, and give balances."""
    months = months_of(kept)
    debits: Counter[tuple[str, str, str]] = Counter()
    credits_: Counter[tuple[str, str, str]] = Counter()
    for posting in kept.ledger.store.postings():
        month = months[posting.position]
        debits[posting.line, month, posting.debit] += posting.amount_fen
        credits_[posting.line, month, posting.credit] += posting.amount_fen
    with Projections(kept.ledger.store, MODELS, batch_events=batch_events) as projections:
        projections.follow()
        shown_debits: Counter[tuple[str, str, str]] = Counter()
        shown_credits: Counter[tuple[str, str, str]] = Counter()
        for line in list_funds(projections).items:
            found = fund_months(projections, line.line)
            assert found is not None
            assert (found.line, found.currency) == (line.line, "CNY")
            assert found.position == kept.ledger.store.head().positions
            for each in found.months:
                key = (line.line, each.month)
                shown_debits |= {(*key, name): fen for name, fen in each.debit_fen.items()}
                shown_credits |= {(*key, name): fen for name, fen in each.credit_fen.items()}
            assert sum(month.paid_fen for month in found.months) == line.balances["paid"]
            expense = line.balances["service_expense"] + line.balances["bonus_expense"]
            assert sum(month.accrued_fen for month in found.months) == expense
    assert +shown_debits == +debits
    assert +shown_credits == +credits_


def test_stages_are_net_of_what_was_taken_back(kept: Kept) -> None:
    """
    What came to each stage, less what went back, is told by line and month.

    Taken back are: 55 that line-1 gave to line-2, 12,345 by which c-1 was amended, what c-2 left
    when it was closed, and a payment that the bank rejected. What goes onward is not taken off.

        line     month     allotted     reserved   committed   accrued   paid
        line-1   2026-01   999999945    600000     592593      20790     19750
        line-1   2026-02   0            0          0           8976      8527
        line-2   2026-01   1000000055   733333     410062      28860     28167
        line-2   2026-02   0            0          0           5984      5685
    """
    header, *expected = table_of(test_stages_are_net_of_what_was_taken_back.__doc__, 7)
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        told = [
            [line.line, each.month, *(str(getattr(each, f"{stage}_fen")) for stage in STAGES)]
            for line in list_funds(projections).items
            for found in [fund_months(projections, line.line)]
            if found is not None
            for each in found.months
        ]
    assert header == ["line", "month", *STAGES]
    assert told == expected


def test_months_of_a_year_only(kept: Kept) -> None:
    """Another year has no months; an unknown line has no answer."""
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        every = fund_months(projections, "line-1")
        assert every == fund_months(projections, "line-1", year=2026)
        elsewhere = fund_months(projections, "line-1", year=2025)
        assert every is not None
        assert elsewhere is not None
        assert (bool(every.months), elsewhere.months) == (True, ())
        assert fund_months(projections, "line-9") is None


def test_the_months_of_a_contract_add_up(kept: Kept) -> None:
    """What was accrued and paid month by month is what was accrued and paid in all."""
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        for each in list_contracts(projections, origin="native").items:
            found = contract(projections, each.contract)
            assert found is not None
            assert sum(month.accrued_fen for month in found.months) == each.accrued_minor
            assert sum(month.paid_fen for month in found.months) == each.paid_minor
            assert [m.month for m in found.months] == sorted({m.month for m in found.months})
        for model in MODELS:
            assert deep_check(projections, model.name).count == 0
