"""The read model `search`: everything that can be looked for by a word, in one table.

What a text is compared with is folded to one case and kept as it is, and a question is a
substring: Chinese is written without spaces, so there are no words to index. The table holds what
has a name or a number (contracts, tenders, parties, fund lines, programmes, claims, payments,
published processes), not visits: thousands of rows where a ledger has millions of events.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, get_args

from msgspec import UNSET, Struct
from sqlalchemy import ColumnElement

from ledger.events.award import AwardDecided
from ledger.events.budget import BudgetAppropriated, ProgrammeEstablished
from ledger.events.claim import ClaimSubmitted
from ledger.events.contract import ContractSigned
from ledger.events.parties import FoundingParty, LedgerOpened, PartyRegistered, PartyUpdated
from ledger.events.payment import PaymentRequested
from ledger.events.reported import ReleaseReported
from ledger.events.tender import TenderAmended, TenderPublished
from ledger.intake.reading import storable
from projections.context import decode_names, encode_names, matching, published, searchable
from projections.engine import Projections, Reading
from projections.feed import Batch, Fact, Feed
from projections.model import ReadModel, types
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.reports import Process, processes_of
from projections.rows import Rows
from projections.shape import Shape
from projections.sheet import Sheet

Kind = Literal["contract", "tender", "party", "line", "programme", "claim", "payment", "process"]
"""Kinds of what can be found; a process is what others published."""

KINDS: tuple[str, ...] = get_args(Kind)

# -- the tables --------------------------------------------------------------------------------


class FoundRow(NamedTuple):
    """Something that can be found.

    Attributes:
        entry: `<kind>/<id>`, its key here.
        first_position: position of the event that brought it.
        position: position of the last event that gave it its words.
        kind: what it is.
        id: its id, or a published process's ocid.
        number: what else it is known by: a contract's, an invoice's or a register's number.
        titles: what it is called, JSON text by language.
        search: what a text is compared with.

    """

    entry: str
    first_position: int
    position: int
    kind: str
    id: str
    number: str
    titles: str
    search: str


class AwardRow(NamedTuple):
    """The tender of an award, by which a contract gets its title."""

    award: str
    tender: str


FOUND = Shape(
    "found",
    FoundRow,
    indexes=[("first_position", "entry"), ("kind", "first_position", "entry")],
)
AWARD = Shape("award", AwardRow)

# -- the fold ----------------------------------------------------------------------------------


class _Finds:
    """What a batch brings, and what it renames."""

    def __init__(self, batch: Batch, sheet: Sheet) -> None:
        events = [fact.event for fact in batch.facts]
        self._sheet = sheet
        self._found = Rows(FOUND, lambda row: row.entry)
        self._awards = Rows(AWARD, lambda row: row.award)
        signed = [event.award for event in events if isinstance(event, ContractSigned)]
        self._awards.load(sheet, "award", signed)
        renamed = [f"party/{e.party}" for e in events if isinstance(e, PartyUpdated)]
        renamed += [f"tender/{e.tender}" for e in events if isinstance(e, TenderAmended)]
        named_by = {row.tender for row in self._awards.rows.values()}
        named_by |= {event.tender for event in events if isinstance(event, AwardDecided)}
        self._found.load(sheet, "entry", [*renamed, *(f"tender/{each}" for each in named_by)])

    def see(self, fact: Fact) -> None:
        """Fold one event; those that name nothing are passed over."""
        event = fact.event
        if isinstance(event, LedgerOpened):
            for party in event.parties:
                self._put(fact, _party(party))
        elif isinstance(event, AwardDecided):
            self._awards.put(AwardRow(event.award, event.tender))
        elif isinstance(event, ContractSigned):
            tender = self._found[f"tender/{self._awards[event.award].tender}"]
            titles = decode_names(tender.titles)
            self._put(fact, _Named("contract", event.contract, event.number, titles))
        elif isinstance(event, PartyUpdated | TenderAmended):
            self._rename(fact, event)
        elif type(event) in _NAMED:
            self._put(fact, _NAMED[type(event)](event))

    def put(self) -> None:
        self._awards.write(self._sheet)
        self._found.write(self._sheet)

    def _put(self, fact: Fact, named: "_Named") -> None:
        self._found.put(_row(named, fact.position, fact.position))

    def _rename(self, fact: Fact, event: PartyUpdated | TenderAmended) -> None:
        if isinstance(event, PartyUpdated):
            entry, names = f"party/{event.party}", event.names
        else:
            entry, names = f"tender/{event.tender}", event.titles
        if names is UNSET:
            return
        row = self._found[entry]
        search = searchable(row.id, row.number, *names.values())
        self._found.change(entry, titles=encode_names(names), search=search, position=fact.position)


class _Named(NamedTuple):
    """What something is called: its kind, id, number and titles by language."""

    kind: Kind
    id: str
    number: str
    titles: dict[str, str]


def _party(party: FoundingParty | PartyRegistered) -> _Named:
    return _Named("party", party.party, party.identifier.id, party.names)


def _programme(event: ProgrammeEstablished) -> _Named:
    policy = "" if event.policy is UNSET else event.policy
    return _Named("programme", event.programme, policy, event.titles)


_NAMED: dict[type[Any], Callable[[Any], _Named]] = {
    PartyRegistered: _party,
    ProgrammeEstablished: _programme,
    BudgetAppropriated: lambda event: _Named("line", event.line, event.code, {}),
    TenderPublished: lambda event: _Named("tender", event.tender, "", event.titles),
    ClaimSubmitted: lambda event: _Named("claim", event.claim, event.invoice.number, {}),
    PaymentRequested: lambda event: _Named("payment", event.payment, "", {}),
}
"""How an event names what it brings."""


def _row(named: _Named, first_position: int, position: int) -> FoundRow:
    kind, key, number, names = named
    search = searchable(key, number, *names.values())
    titles = encode_names(names)
    return FoundRow(f"{kind}/{key}", first_position, position, kind, key, number, titles, search)


def _process(process: Process) -> FoundRow:
    facts = process.facts
    words = [facts.buyer, *process.publishers]
    for contract in facts.contracts:
        words += [contract.contract_id or "", contract.title, *contract.suppliers]
    named = _Named("process", process.process, "", published(facts.title))
    search = searchable(process.ocid, facts.title, *dict.fromkeys(words))
    row = _row(named, process.first_position, facts.position)
    return row._replace(id=process.ocid, search=search)


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    finds = _Finds(batch, sheet)
    for fact in batch.events:
        finds.see(fact)
    finds.put()
    sheet.put(FOUND, [_process(process) for process in processes_of(batch, feed)])


SEARCH = ReadModel(
    name="search",
    version=2,
    shapes=(FOUND, AWARD),
    decoded=types(
        LedgerOpened,
        PartyRegistered,
        PartyUpdated,
        ProgrammeEstablished,
        BudgetAppropriated,
        TenderPublished,
        TenderAmended,
        AwardDecided,
        ContractSigned,
        ClaimSubmitted,
        PaymentRequested,
        ReleaseReported,
    ),
    counted=frozenset(),
    fold=_fold,
)

# -- the questions -----------------------------------------------------------------------------


class Found(Struct, frozen=True):
    """Something that holds the text asked for.

    Attributes:
        kind: contract, tender, party, line, programme, claim, payment, or process: what others
            published.
        id: its id, or a published process's ocid.
        number: what else it is known by: a contract's, an invoice's or a register's number, a
            line's code, a programme's policy; may be empty.
        titles: what it is called, by language; `und` where nobody stated the language.
        first_position: position of the event that brought it.
        position: position of the last event that gave it its words.

    """

    kind: Kind
    id: str
    number: str
    titles: dict[str, str]
    first_position: int
    position: int


def find_text(
    projections: Projections,
    text: str,
    *,
    kind: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Found]:
    """Return a page of what holds `text`, whatever its case, in the order of appearance.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Found]:
        table = reading.tables[FOUND]
        where: list[ColumnElement[bool]] = [table.c.search.like(matching(text), escape="!")]
        if kind is not None:
            where.append(table.c.kind == storable(kind))
        rows, following = page_of(reading.connection, table, where, after, limit)
        items = []
        for row in rows:
            plain = {name: row[name] for name in Found.__struct_fields__}
            items.append(Found(**{**plain, "titles": decode_names(row["titles"])}))
        return Page(reading.position, tuple(items), following)

    return projections.read(SEARCH, query)
