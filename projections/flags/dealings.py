"""The scope `dealing`: each lot of this ledger with who acted in it, and its contract.

Who acts is known by the keys that signed, and a key by its holder: so what a person declared
about a party (回避) is tied to what that person signed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import json
from sqlalchemy import select

from ledger.calendar import Calendar, end_of_day_ms, local_day
from ledger.events.rulebook import CalendarRule, ClockRule, Parameters
from ledger.rulebook import SHIPPED
from ledger.times import local_date
from projections.flags.lots import (
    SOURCES,
    LotFile,
    changed_contracts,
    changed_tenders,
    read_lots,
)
from projections.flags.rule import Facts, Scope
from projections.rulebook import RULE, RULEBOOK
from projections.tenders import TENDERS
from projections.tenders.tables import (
    CONTRACT,
    HOLDER,
    INTEREST,
    RELATION,
    SCORE,
    BidRow,
    HolderRow,
    InterestRow,
    ScoreRow,
)

_CALENDAR, _DISCLOSURE = "calendar/cn", "clock/c09-disclosure"

_parameters = json.Decoder(Parameters)
_keys = json.Decoder(tuple[str, ...])


class Act(NamedTuple):
    """Something that a person signed in a lot's file.

    Attributes:
        person: token of the holder of the key.
        party: the party whose key it is.
        day: local date on which it was signed; of a judgment of bids the day they were revealed.
        evidence: positions of the events.

    """

    person: str
    party: str
    day: str
    evidence: tuple[int, ...]


class Signed(NamedTuple):
    """The contract that came of a lot.

    Attributes:
        contract: its id.
        provider: who serves.
        value_fen: as signed.
        supplements_fen: what amendments added.
        due_ms: instant by which it must be published (C09).
        published_ms: when it was, or None.
        evidence: positions of its signing and its last amendment.
        published: position of its publication, or None.

    """

    contract: str
    provider: str
    value_fen: int
    supplements_fen: int
    due_ms: int
    published_ms: int | None
    evidence: tuple[int, ...]
    published: int | None


class Dealing(NamedTuple):
    """A lot, who acted in it, and its contract.

    Attributes:
        key: `t-1/lot-1`.
        tender: the tender.
        buyer: whose it is; may be empty.
        bidders: who bid and did not withdraw, and who won.
        acts: what persons signed in it for others than themselves.
        interests: what was declared about those persons, by person.
        parents: the parties that buyer and bidders belong to, nearest first, by party.
        now_ms: the ledger's last recorded instant.
        contract: the contract, or None.
        evidence: position of the tender's publication.
        bids: positions of the bids, by bidder.

    """

    key: str
    tender: str
    buyer: str
    bidders: tuple[str, ...]
    acts: tuple[Act, ...]
    interests: Mapping[str, Sequence[InterestRow]]
    parents: Mapping[str, tuple[str, ...]]
    now_ms: int
    contract: Signed | None
    evidence: tuple[int, ...]
    bids: Mapping[str, int]


class _Register(NamedTuple):
    """What is known of persons, parties and rules, while lots are read."""

    holders: Mapping[str, HolderRow]
    interests: Mapping[str, list[InterestRow]]
    parents: Mapping[str, str | None]
    scores: Mapping[str, list[ScoreRow]]
    rules: Mapping[str, list[tuple[int, Parameters]]]
    offset_minutes: int

    def chain(self, party: str) -> tuple[str, ...]:
        """Return the parties that a party belongs to, nearest first; a ring of them ends."""
        found: dict[str, None] = {}
        above = self.parents.get(party)
        while above is not None and above not in found and above != party:
            found[above] = None
            above = self.parents.get(above)
        return tuple(found)

    def in_force(self, rule: str, position: int) -> Parameters:
        """Return a rule's parameters as in force at a position."""
        found = SHIPPED[rule]
        for published, parameters in self.rules.get(rule, ()):
            if published <= position:
                found = parameters
        return found

    def day(self, instant_ms: int) -> str:
        return local_date(instant_ms, self.offset_minutes)


def _changed(facts: Facts, since: int) -> Sequence[str] | None:
    waiting = facts.sources.table(TENDERS, CONTRACT)
    unpublished = select(waiting.c.contract).where(waiting.c.published_ms.is_(None)).limit(1)
    if changed_tenders(facts, since) or changed_contracts(facts, since):
        return None
    if facts.sources.connection.scalar(unpublished) is not None:
        return None  # the time to publish it runs
    for shape in (INTEREST, HOLDER, RELATION):
        table = facts.sources.table(TENDERS, shape)
        query = select(table.c.position).where(table.c.position >= since).limit(1)
        if facts.sources.connection.scalar(query) is not None:
            return None
    return []


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[Dealing]:
    wanted = None if keys is None else set(keys)
    tenders = None if keys is None else {key.partition("/")[0] for key in keys}
    register = _register(facts)
    for lot in read_lots(facts, tenders):
        if wanted is None or lot.key in wanted:
            yield _dealing(lot, register, facts.sources.recorded_ms)


def _dealing(lot: LotFile, register: _Register, now_ms: int) -> Dealing:
    bids = {row.bidder: row.first_position for row in lot.bids if row.status != "withdrawn"}
    winners = [row.winner for row in lot.awards]
    winners += [lot.contract.provider] if lot.contract is not None else []
    bidders = tuple(dict.fromkeys([*bids, *winners]))
    buyer = lot.tender.buyer or ""
    acts = tuple(_acts(lot, register))
    persons = {act.person for act in acts}
    return Dealing(
        key=lot.key,
        tender=lot.tender.tender,
        buyer=buyer,
        bidders=bidders,
        acts=acts,
        interests={person: register.interests.get(person, ()) for person in persons},
        parents={party: register.chain(party) for party in (buyer, *bidders)},
        now_ms=now_ms,
        contract=_signed(lot, register),
        evidence=(lot.tender.first_position,),
        bids=bids,
    )


def _acts(lot: LotFile, register: _Register) -> Iterator[Act]:
    tender, contract = lot.tender, lot.contract
    signed: list[tuple[str, int | None, int]] = [
        (tender.keys, tender.published_ms, tender.first_position)
    ]
    signed += [(row.keys, row.decided_ms, row.first_position) for row in lot.awards]
    if contract is not None:
        signed.append((contract.keys, contract.signed_ms, contract.first_position))
    for bid in lot.bids:
        signed += _judgments(bid, register)
    for keys, at_ms, position in signed:
        for key in _keys.decode(keys):
            holder = register.holders.get(key)
            if holder is not None and at_ms is not None:
                yield Act(holder.holder, holder.party, register.day(at_ms), (position,))


def _judgments(bid: BidRow, register: _Register) -> Iterator[tuple[str, int | None, int]]:
    if bid.judges is not None and bid.disqualified_position is not None:
        yield bid.judges, bid.revealed_ms, bid.disqualified_position
    for score in register.scores.get(bid.bid, ()):
        yield json.encode([score.key]).decode(), bid.revealed_ms, score.position


def _signed(lot: LotFile, register: _Register) -> Signed | None:
    contract = lot.contract
    if contract is None:
        return None
    amended = () if contract.amended_position is None else (contract.amended_position,)
    return Signed(
        contract=contract.contract,
        provider=contract.provider,
        value_fen=contract.value_fen,
        supplements_fen=contract.supplements_fen,
        due_ms=_due_ms(contract.signed_ms, contract.first_position, register),
        published_ms=contract.published_ms,
        evidence=(contract.first_position, *amended),
        published=contract.published_position,
    )


def _due_ms(signed_ms: int, position: int, register: _Register) -> int:
    """Return the instant at which the time to publish a contract is over (C09)."""
    rule, clock = register.in_force(_CALENDAR, position), register.in_force(_DISCLOSURE, position)
    if not isinstance(rule, CalendarRule) or not isinstance(clock, ClockRule):
        raise TypeError("a calendar and a clock are rules of those kinds")
    calendar = Calendar(rule.first, rule.last, frozenset(rule.off), frozenset(rule.worked))
    day = local_day(signed_ms, register.offset_minutes)
    if clock.unit == "working_days":
        return end_of_day_ms(calendar.add_working_days(day, clock.limit), register.offset_minutes)
    return end_of_day_ms(day + clock.limit, register.offset_minutes)


def _register(facts: Facts) -> _Register:
    connection, table = facts.sources.connection, facts.sources.table
    interests: defaultdict[str, list[InterestRow]] = defaultdict(list)
    for row in connection.execute(select(table(TENDERS, INTEREST)).order_by("position")):
        interest: InterestRow = tuple.__new__(InterestRow, row)
        interests[interest.person].append(interest)
    scores: defaultdict[str, list[ScoreRow]] = defaultdict(list)
    for row in connection.execute(select(table(TENDERS, SCORE)).order_by("position")):
        score: ScoreRow = tuple.__new__(ScoreRow, row)
        scores[score.bid].append(score)
    rules: defaultdict[str, list[tuple[int, Parameters]]] = defaultdict(list)
    rule = table(RULEBOOK, RULE)
    named = select(rule).where(rule.c.rule.in_([_CALENDAR, _DISCLOSURE])).order_by(rule.c.version)
    for row in connection.execute(named):
        rules[row.rule].append((row.position, _parameters.decode(row.parameters)))
    held = connection.execute(select(table(TENDERS, HOLDER)))
    holders: list[HolderRow] = [tuple.__new__(HolderRow, row) for row in held]
    relations = connection.execute(select(table(TENDERS, RELATION)))
    return _Register(
        holders={row.key: row for row in holders},
        interests=interests,
        parents={row.party: row.parent for row in relations},
        scores=scores,
        rules=rules,
        offset_minutes=facts.offset_minutes,
    )


DEALINGS = Scope("dealing", SOURCES, _changed, _groups)
