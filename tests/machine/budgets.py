"""Rules of the machine: budget lines, tenders and awards."""

from city_model import AMOUNTS, PARTS, PICK, Terms, shared
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from machine.city import ERA_MS, INTEREST_ERAS, CityBase
from world import lots_of

from ledger.events.award import AwardDecided
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetReduced,
    BudgetSupplemented,
    BudgetTransferred,
)
from ledger.events.penalty import RevenueRemitted
from ledger.events.tender import TenderAmended, TenderCancelled, TenderFailed, TenderPublished
from ledger.times import parse_instant

LINES = st.sampled_from("abc")
LAST_WAIT_MS = parse_instant("2026-11-01T00:00:00.000Z")
"""After which the year of the lines would end before the next era."""


class Budgets(CityBase):
    """What finance and purchaser do before there is a contract."""

    awards: dict[str, tuple[dict[str, int], Terms, int]]  # tender -> (shares, terms, era)

    def appropriate(self, line: str, amount: int) -> None:
        """Grant a new line."""
        self.act(self.world.make(BudgetAppropriated, line=line, amount_fen=amount), None)
        self.granted[line] += amount
        self.appropriated[line] += amount

    @rule(line=LINES, amount=AMOUNTS)
    def supplement(self, line: str, amount: int) -> None:
        """Add to a line."""
        self.act(self.world.make(BudgetSupplemented, line=line, amount_fen=amount), None)
        self.granted[line] += amount
        self.appropriated[line] += amount

    @rule(line=LINES, amount=AMOUNTS, allotted=st.booleans())
    def reduce(self, line: str, amount: int, *, allotted: bool) -> None:
        """Cut a line by at most what it has free where it is cut."""
        stage, table = ("appropriated", self.appropriated)
        if allotted:
            stage, table = ("allotted", self.allotted)
        event = self.world.make(BudgetReduced, line=line, stage=stage, amount_fen=amount)
        if self.act(event, "guard_broken" if amount > table[line] else None):
            self.granted[line] -= amount
            table[line] -= amount

    @rule(line=LINES, amount=AMOUNTS)
    def allot(self, line: str, amount: int) -> None:
        """Allot at most what is appropriated."""
        refused = "guard_broken" if amount > self.appropriated[line] else None
        if self.act(self.world.make(BudgetAllotted, line=line, amount_fen=amount), refused):
            self.appropriated[line] -= amount
            self.allotted[line] += amount

    @rule(giver=LINES, taker=LINES, amount=AMOUNTS)
    def transfer(self, giver: str, taker: str, amount: int) -> None:
        """Move at most what is allotted, to another line."""
        refused = "guard_broken" if amount > self.allotted[giver] else None
        refused = "same_line" if giver == taker else refused
        event = self.world.make(
            BudgetTransferred, from_line=giver, to_line=taker, amount_fen=amount
        )
        if self.act(event, refused):
            for table in (self.granted, self.allotted):
                table[giver] -= amount
                table[taker] += amount

    @precondition(lambda self: any(self.revenue.values()))
    @rule(line=LINES, amount=st.integers(1, 400))
    def remit(self, line: str, amount: int) -> None:
        """Hand on at most what penalties brought."""
        today = self.world.today()
        event = self.world.make(RevenueRemitted, line=line, amount_fen=amount, value_date=today)
        if self.act(event, "guard_broken" if amount > self.revenue[line] else None):
            self.revenue[line] -= amount

    @precondition(lambda self: self.world.now_ms < LAST_WAIT_MS)
    @rule(often=st.integers(0, 2))
    def wait(self, often: int) -> None:
        """Let an era pass: awards become final, cuts stand, claims count as accepted."""
        if often:
            return  # a rule drawn as often as any other would let the year pass too soon
        self.world.now_ms += ERA_MS
        self.era += 1
        self.cuts = {}

    @rule(often=st.integers(0, 4))
    def close_books(self, often: int) -> None:
        """Let the operator close the day, unless silence has accepted a claim meanwhile."""
        if often or any(self.era - since >= INTEREST_ERAS for since in self.order_of.values()):
            return  # what bears interest is told of in test_interest.py
        late = any(submitted_in < self.era for _, _, submitted_in in self.claims.values())
        self.act(self.world.closed(), "clock_overdue" if late else None)

    # -- tenders and awards --------------------------------------------------------------------

    @rule(parts=PARTS)
    def tender_only(self, parts: dict[str, int]) -> None:
        """Leave a tender waiting for bids."""
        self.tender(parts, closes="2099-12-31T01:00:00.000Z")

    def tender(self, parts: dict[str, int], **fields: str) -> str:
        """Set aside at most what is allotted on each line."""
        tender = self.name("t")
        short = any(amount > self.allotted[line] for line, amount in parts.items())
        lots = lots_of({"1": parts})
        event = self.world.make(TenderPublished, tender=tender, lots=lots, **fields)
        if self.act(event, "guard_broken" if short else None):
            for line, amount in parts.items():
                self.allotted[line] -= amount
            self.lots[tender], self.status[tender] = dict(parts), "published"
        return tender

    def award(self, terms: Terms) -> None:
        """Tender and award what a contract on these terms needs, or a fen too little of it."""
        shares = dict(zip(terms.weights, shared(1_000_000, [*terms.weights.values()]), strict=True))
        parts = dict(zip(shares, shared(terms.value, [*shares.values()]), strict=True))
        first = next(iter(parts))
        parts[first] -= terms.skew
        tender = self.tender(parts)
        if tender not in self.lots:
            return
        value = sum(parts.values())
        award = f"a-{tender}"
        self.do(self.world.make(AwardDecided, award=award, tender=tender, lot="1", value_fen=value))
        self.status[tender] = "awarded"
        self.awards[tender] = (shares, terms, self.era)

    @precondition(lambda self: self.lots)
    @rule(choice=PICK, parts=PARTS)
    def reshape(self, choice: int, parts: dict[str, int]) -> None:
        """Amend what a waiting tender sets aside: each line gives or takes the difference."""
        waiting = [t for t, status in self.status.items() if status == "published"]
        tender = self.pick(dict.fromkeys(waiting or self.lots, 1), choice)
        lot = self.lots[tender]
        more = {line: parts.get(line, 0) - lot.get(line, 0) for line in "abc"}
        refused = None
        if any(more[line] > self.allotted[line] for line in "abc"):
            refused = "guard_broken"
        if self.status[tender] in {"awarded", "used"}:
            refused = "tender_closed"
        if self.status[tender] == "ended":
            refused = "tender_not_open"
        event = self.world.make(TenderAmended, tender=tender, lots=lots_of({"1": parts}))
        if self.act(event, refused):
            self.allotted.subtract(more)
            self.lots[tender] = dict(parts)

    @precondition(lambda self: not {"published", "ended"}.isdisjoint(self.status.values()))
    @rule(choice=PICK, used=st.sampled_from([True, False, False]), fails=st.booleans())
    def end(self, choice: int, *, used: bool, fails: bool) -> None:
        """Cancel a tender that nobody has won, or let it fail, once."""
        fitting = {t: 1 for t, status in self.status.items() if used or status != "used"}
        tender = self.pick(fitting, choice)
        refused = {"used": "tender_in_use", "awarded": "award_stands", "ended": "tender_not_open"}
        event = self.world.make(TenderFailed if fails else TenderCancelled, tender=tender)
        if self.act(event, refused.get(self.status[tender])):
            self.status[tender] = "ended"
            self.free(tender)

    def free(self, tender: str) -> None:
        """Give back what a tender still sets aside."""
        self.allotted.update(self.lots[tender])
        self.lots[tender] = {}
