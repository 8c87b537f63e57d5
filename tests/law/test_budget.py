"""Programmes and fund lines: reports, cuts, cash plans, and two years of whatever happens."""

import contextlib
import json
from collections import Counter
from collections.abc import Iterable

import pytest
import scenario
from hypothesis import given, settings
from hypothesis import strategies as st
from world import OPENED_MS, World

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetReduced,
    BudgetSupplemented,
    BudgetTransferred,
    ProgrammeEnded,
)
from ledger.events.contract import Item
from ledger.leaves import standing_of
from ledger.postings import CHART, CONTRACT_STAGES, SOURCES
from ledger.rules.admission import Admitted
from ledger.times import MS_PER_DAY

NEW_YEAR = 361
"""Days from the world's beginning, 5 January 2026, to 1 January 2027."""


def posted(admitted: Iterable[Admitted]) -> list[str]:
    """Return the postings of a statement as text, `debit → credit line fen`."""
    return [f"{p.debit} → {p.credit} {p.line} {p.amount_fen}" for a in admitted for p in a.postings]


def held(world: World, line: str) -> dict[str, int]:
    """Return what the accounts of a line hold, without empty ones."""
    return {name: fen for name, fen in world.state.line_balances(line).items() if fen}


# -- programmes ------------------------------------------------------------------------------------


def test_a_programme_ends_after_everything_under_it() -> None:
    """Nothing open is cut off by it, and nothing new begins after.

    outcome               | by              | event                | fields
    reference_unknown     |                 | programme.ended      | programme=other
    programme_in_use      |                 | programme.ended      |
    ok                    |                 | contract.closed      |
    ok                    |                 | tender.published     |
    programme_in_use      |                 | programme.ended      |
    ok                    |                 | tender.cancelled     |
    signers_not_as_called | BU2/one FIN/one | programme.ended      |
    signers_not_as_called | BUY/one         | programme.ended      |
    ok                    |                 | programme.ended      |
    programme_ended       |                 | programme.ended      |
    programme_ended       |                 | tender.published     | tender=t-2
    programme_ended       |                 | beneficiary.enrolled |
    """
    scenario.play(World.contracted(), test_a_programme_ends_after_everything_under_it.__doc__)


def test_a_closing_says_that_a_programme_has_ended() -> None:
    """Its leaf under the state root has the status."""
    world = World.founded()
    for status in ("open", "ended"):
        leaves = [json.loads(leaf) for leaf in standing_of(world.state, 0).leaves]
        assert [leaf["status"] for leaf in leaves if leaf["key"] == "programme/care"] == [status]
        if status == "open":
            world.do(world.make(ProgrammeEnded))


def test_what_a_programme_reached_is_reported() -> None:
    """By its own purchaser, for its own indicators, once the period is over; also anew.

    outcome               | by      | event                 | fields
    ok                    |         | programme.established | programme=p; \
indicators=[{"id":"visits","weight_ppm":1000000,"target":9}]
    reference_unknown     |         | indicator.reported    | programme=q
    reference_unknown     |         | indicator.reported    | programme=p; indicator=hours
    reference_unknown     |         | indicator.reported    | programme=care
    signers_not_as_called | BU2/one | indicator.reported    | programme=p
    period_not_over       |         | indicator.reported    | programme=p; \
period={"from":"2026-01-01","to":"2026-01-05"}
    period_reversed       |         | indicator.reported    | programme=p; \
period={"from":"2026-01-04","to":"2026-01-03"}
    ok                    |         | indicator.reported    | programme=p
    ok                    |         | indicator.reported    | programme=p; actual=2
    """
    scenario.play(World.founded(), test_what_a_programme_reached_is_reported.__doc__)


# -- cuts and transfers ----------------------------------------------------------------------------


def test_authority_is_cut_where_nobody_took_it_up() -> None:
    """From what is appropriated or allotted, by the line's own bureau, two holders.

    outcome               | by              | event               | fields
    reference_unknown     |                 | budget.reduced      | line=line-9
    not_line_owner        | FI2/one FI2/two | budget.reduced      |
    signers_not_as_called | FIN/one         | budget.reduced      |
    guard_broken          |                 | budget.reduced      | stage=appropriated
    guard_broken          |                 | budget.reduced      | amount_fen=1000000001
    ok                    |                 | budget.supplemented | amount_fen=2
    ok                    |                 | budget.reduced      | stage=appropriated; amount_fen=2
    ok                    |                 | budget.reduced      | amount_fen=1000000000
    guard_broken          |                 | budget.reduced      | amount_fen=1
    """
    scenario.play(World.founded(), test_authority_is_cut_where_nobody_took_it_up.__doc__)


@pytest.mark.parametrize("stage", ["appropriated", "allotted"])
def test_a_cut_gives_authority_and_cash_back(stage: str) -> None:
    """Stage by stage, in both books, to the fen."""
    world = World.cast()
    world.budget("a", 100, 60)
    cut = world.do(world.make(BudgetReduced, line="a", stage=stage, amount_fen=7))
    assert posted(cut) == [f"{stage} → source_adjusted a 7", "equity → cash a 7"]
    assert held(world, "a") == {
        "source_original": -100,
        "source_adjusted": 7,
        "appropriated": 40 - 7 * (stage == "appropriated"),
        "allotted": 60 - 7 * (stage == "allotted"),
        "cash": 93,
        "equity": 93,
    }


# -- cash plans ------------------------------------------------------------------------------------


def test_a_cash_plan_limits_the_orders_of_its_month() -> None:
    """An order of 5,000 draws 3,000 on line-1; what the bank will not pay may be ordered again.

    outcome             | by      | event             | fields
    reference_unknown   |         | cashplan.approved | line=line-9
    not_line_owner      | FI2/one | cashplan.approved |
    signer_lacks_role   | BUY/one | cashplan.approved |
    ok                  |         | cashplan.approved | month=2026-02; amount_fen=0
    ok                  |         | visit.recorded    |
    ok                  |         | claim.submitted   |
    ok                  |         | claim.answered    |
    ok                  |         | payment.requested |
    ok                  |         | payment.approved  |
    ok                  |         | payment.ordered   |
    cash_plan_below_use |         | cashplan.approved | month=2026-01; amount_fen=2999
    ok                  |         | payment.rejected  |
    ok                  |         | cashplan.approved | month=2026-01; amount_fen=2999
    ok                  |         | payment.requested | payment=p-2
    ok                  |         | payment.approved  | payment=p-2
    cash_plan_exceeded  |         | payment.ordered   | payment=p-2
    ok                  |         | cashplan.approved | month=2026-01; amount_fen=3000
    ok                  |         | payment.ordered   | payment=p-2
    later               |         |                   | 31
    ok                  |         | payment.rejected  | payment=p-2
    ok                  |         | payment.requested | payment=p-3
    ok                  |         | payment.approved  | payment=p-3
    ok                  |         | payment.ordered   | payment=p-3
    later               |         |                   | 28
    ok                  |         | payment.settled   | payment=p-3
    ok                  |         | visit.recorded    |
    ok                  |         | claim.submitted   | claim=k-2
    ok                  |         | claim.answered    | claim=k-2
    ok                  |         | payment.requested | payment=p-4; claims=["k-2"]
    ok                  |         | payment.approved  | payment=p-4
    cash_plan_exceeded  |         | payment.ordered   | payment=p-4
    ok                  |         | cashplan.approved | amount_fen=2999
    cash_plan_exceeded  |         | payment.ordered   | payment=p-4
    ok                  |         | cashplan.approved | amount_fen=3000
    ok                  |         | payment.ordered   | payment=p-4
    """
    scenario.play(World.contracted(), test_a_cash_plan_limits_the_orders_of_its_month.__doc__)


# -- whatever happens ------------------------------------------------------------------------------

LINES = ("f", "g", "n")
STEPS = st.one_of(
    st.tuples(st.just("supplement"), st.sampled_from("fg"), st.integers(1, 900)),
    st.tuples(st.just("cut"), st.sampled_from("fgn"), st.integers(1, 900)),
    st.tuples(st.just("allot"), st.sampled_from("fgn"), st.integers(1, 900)),
    st.tuples(st.just("transfer"), st.sampled_from("fg"), st.integers(1, 900)),
    st.tuples(st.just("contract"), st.sampled_from("fg"), st.integers(1, 9)),
    st.tuples(st.just("month"), st.sampled_from("cd"), st.integers(0, 2)),
    st.tuples(st.just("amend"), st.sampled_from("cd"), st.integers(-900, 90)),
    st.tuples(st.just("close"), st.sampled_from("cd"), st.just(0)),
    st.tuples(st.just("lapse"), st.sampled_from("fg"), st.just(0)),
    st.tuples(st.just("carry"), st.sampled_from("cd"), st.integers(0, 1)),
)


class Story:
    """A world with two lines of a year and one of the next, and what was granted in all."""

    def __init__(self) -> None:
        """Grant and allot all three lines."""
        self.world = World.founded({"e": 1})
        for line in "fg":
            self.world.budget(line, 4_000, 3_000)
        self.world.do(self.world.make(BudgetAppropriated, line="n", year=2027, amount_fen=500))
        self.granted_fen = 8_500
        self.number = 0

    def step(self, kind: str, name: str, amount: int) -> None:
        """Try one act; what the law refuses leaves everything as it was."""
        with contextlib.suppress(Refused):
            getattr(self, f"_{kind}")(name, amount)

    def _do(self, kind: type[Event], **fields: object) -> None:
        self.world.do(self.world.make(kind, **fields))

    def _supplement(self, line: str, fen: int) -> None:
        self._do(BudgetSupplemented, line=line, amount_fen=fen)
        self.granted_fen += fen

    def _cut(self, line: str, fen: int) -> None:
        stage = ("allotted", "appropriated")[fen % 2]
        self._do(BudgetReduced, line=line, stage=stage, amount_fen=fen)
        self.granted_fen -= fen

    def _allot(self, line: str, fen: int) -> None:
        self._do(BudgetAllotted, line=line, amount_fen=fen)

    def _transfer(self, line: str, fen: int) -> None:
        taker = "g" if line == "f" else "f"
        self._do(BudgetTransferred, from_line=line, to_line=taker, amount_fen=fen)

    def _contract(self, line: str, tenths: int) -> None:
        self.number += 1
        name = "cd"[self.number % 2]
        other = "g" if line == "f" else "f"
        shares = {line: tenths * 100_000, other: 1_000_000 - tenths * 100_000}
        items = [Item(service="care", unit="visit", rate_fen=301, units_max=99)]
        self.world.contract(name, 1_111 + tenths, shares, retention_ppm=33_333, items=items)

    def _month(self, name: str, fate: int) -> None:
        self.number += 1
        claim, payment = f"k-{self.number}", f"p-{self.number}"
        self.world.visits(name, beneficiary="b-1", units=1)
        self.world.claim(claim, name)
        self.world.answer(claim, cuts=[7])
        self.world.request(payment, name, [claim])
        self.world.order(payment)
        if fate:
            (self.world.settle if fate == 1 else self.world.reject)(payment)

    def _amend(self, name: str, fen: int) -> None:
        self.world.amend(name, fen)

    def _close(self, name: str, _: int) -> None:
        if name in self.world.state.contracts:
            self.world.close(name)

    def _lapse(self, line: str, _: int) -> None:
        self.world.lapse(line)

    def _carry(self, name: str, place: int) -> None:
        self.world.carry(name, "fg"[place], "n")


def check_books(world: World) -> Counter[tuple[str, str]]:
    """Check I0, I1, the guards and I7 from the single balances, and I2 to I6 by contract and line.

    Returns what each account of each line holds.
    """
    sums: Counter[tuple[str, str]] = Counter()
    about: Counter[tuple[str, str, str | None]] = Counter()
    books: Counter[tuple[str, str]] = Counter()
    for (name, line, key), fen in world.state.balances.items():
        account = CHART[name]
        assert fen >= 0 or not account.guarded
        sums[name, line] += fen
        about[name, line, key] += fen
        books[account.book, line] += -fen if account.debit_normal else fen
    assert not any(books.values())
    for line in LINES:
        granted_fen = -sum(sums[source, line] for source in SOURCES)
        assert sum(sums[stage, line] for stage in CONTRACT_STAGES) <= granted_fen
        assert not (world.state.lines[line].lapsed and sums["allotted", line])
    for name, record in world.state.contracts.items():
        stages_fen = 0
        for line in LINES:
            at = {account: about[account, line, name] for account in CHART}
            assert (at["payable"], at["retention_payable"]) == (at["accrued"], at["retained"])
            assert (at["in_transit"], at["advances"]) == (at["ordered"], at["prepaid"])
            stages_fen += sum(at[stage] for stage in CONTRACT_STAGES)
        paid_fen = sum(about["paid", line, name] for line in LINES)
        assert stages_fen == (record.value_fen if record.status == "active" else paid_fen)
    return sums


YEAR = st.lists(STEPS, min_size=5, max_size=25)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(YEAR, YEAR)
def test_authority_is_conserved_whatever_happens_over_two_years(
    first: list[tuple[str, str, int]], second: list[tuple[str, str, int]]
) -> None:
    """Transfers, cuts, contracts, lapse and carry-over never break I0 to I7, nor make a fen."""
    story = Story()
    for step in (("contract", "f", 6), ("contract", "g", 3), *first):
        story.step(*step)
        check_story(story)
    story.world.now_ms = OPENED_MS + NEW_YEAR * MS_PER_DAY
    for step in (*second, ("carry", "c", 0)):
        story.step(*step)
        check_story(story)


def check_story(story: Story) -> None:
    """Check the books, and that all that was granted stands somewhere once."""
    sums = check_books(story.world)
    standing_fen = -sum(sums[source, line] for source in SOURCES for line in LINES)
    carried_fen = sum(sums["carried", line] for line in LINES)
    assert standing_fen - carried_fen == story.granted_fen
    assert carried_fen == -sum(sums["source_carried", line] for line in LINES)
    cash_fen = sum(sums["cash", line] + sums["paid", line] for line in LINES)
    assert cash_fen == story.granted_fen - sum(sums["lapsed", line] for line in LINES)
