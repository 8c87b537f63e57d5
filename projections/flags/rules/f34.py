"""F34: a conflict of interest.

In the file of a lot, one of three:

- `relation`: somebody signed its publication, a judgment of its bids, its award or its contract
  for another party than the related one, and has declared a relation to a bidder, or to a party
  that the bidder belongs to, which held on that day; employment, a seat on the board and control
  count for `years` years after they ended;
- `buyer`: the buyer and a bidder belong to one party, or one of them to the other;
- `bidders`: two bidders do.

Why look: such a person is recused (Government Procurement Law 12; Regulation on its Implementation
9); parties under one head may not bid against each other for one lot (Regulation 18). The ledger
refuses a judgment or an award by somebody whose interest was declared before; what it cannot refuse
is an interest that was declared later, and acts for which the law asks for no recusal.

Innocent: a public home care centre under the bureau that buys, in the open; a declaration made in
good time and out of caution. Look at when it was declared, and at whether the person could sway the
outcome.
"""

from collections.abc import Iterator
from itertools import combinations

from ledger.rules.recusal import binds
from ledger.state.persons import PersonalInterest
from projections.flags.dealings import DEALINGS, Dealing
from projections.flags.procurement import evidence_of
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.tenders.tables import InterestRow


def _judge(dealing: Dealing, thresholds: Thresholds) -> Iterator[Flagged]:
    yield from _relations(dealing, thresholds["years"])
    if dealing.buyer:
        for bidder in dealing.bidders:
            yield from _common(dealing, "buyer", dealing.buyer, bidder)
    for one, other in combinations(dealing.bidders, 2):
        yield from _common(dealing, "bidders", one, other)


def _relations(dealing: Dealing, years: int) -> Iterator[Flagged]:
    found: dict[tuple[str, str, str], set[int]] = {}
    for act in dealing.acts:
        for bidder in dealing.bidders:
            related = (bidder, *dealing.parents[bidder])
            for interest in dealing.interests[act.person]:
                party = interest.counterparty
                if party not in related or act.party in {party, bidder}:
                    continue
                if binds(_interest(interest), act.day, years):
                    positions = found.setdefault((act.person, bidder, interest.relation), set())
                    positions.update((interest.position, *act.evidence))
    for (person, bidder, relation), positions in found.items():
        yield _flagged(dealing, "relation", (person, bidder), relation, evidence_of(positions))


def _interest(row: InterestRow) -> PersonalInterest:
    return PersonalInterest(
        row.relation,  # type: ignore[arg-type]  # the law admits no other
        row.from_date,
        row.to_date,
    )


def _common(dealing: Dealing, kind: str, one: str, other: str) -> Iterator[Flagged]:
    """Yield the party that two parties have in common, themselves included."""
    above = (other, *dealing.parents[other])
    common = next((party for party in (one, *dealing.parents[one]) if party in above), None)
    if common is None or one == other:
        return
    bids = [dealing.bids[party] for party in (one, other) if party in dealing.bids]
    yield _flagged(dealing, kind, (one, other), common, evidence_of(dealing.evidence, bids))


def _flagged(
    dealing: Dealing, kind: str, pair: tuple[str, str], tie: str, evidence: tuple[int, ...]
) -> Flagged:
    who, party = pair
    return Flagged(
        f"tender/{dealing.tender}",
        evidence,
        {"lot": dealing.key, "kind": kind, "who": who, "other": party, "tie": tie},
        contract=None if dealing.contract is None else dealing.contract.contract,
        party=party,
    )


F34 = Rule(
    "f34",
    "Conflict of interest",
    "In {lot}, {who} is tied to {other} by {tie} ({kind}).",
    "Government Procurement Law 12; Regulation on its Implementation 9, 18",
    DEALINGS,
    _judge,
)
