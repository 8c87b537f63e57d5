"""The questions about tenders.

Whether a tender has closed is told as of the ledger's last statement (`projections.present`).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from msgspec import Struct, json
from sqlalchemy import ColumnElement, RowMapping, or_, select

from ledger.intake.reading import storable
from projections.context import (
    PARTY,
    Party,
    decode_names,
    matching,
    parties_of,
    published,
)
from projections.engine import Projections, Reading
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.present import Present, present_of
from projections.shape import Shape
from projections.tenders.model import TENDERS
from projections.tenders.opened import bids_are_open
from projections.tenders.records import (
    Amendment,
    Award,
    Bid,
    Challenge,
    Lot,
    LotLine,
    Question,
    Score,
    Tender,
    TenderFile,
)
from projections.tenders.tables import (
    AMENDMENT,
    AWARD,
    BID,
    CHALLENGE,
    LOT,
    LOT_LINE,
    NATIVE,
    QUESTION,
    SCORE,
    TENDER,
)

T = TypeVar("T", bound=Struct)
Named = Callable[[str], Party]

_TEXTS = ("titles", "reasons", "cancelled_reasons")
_LISTS = ("publishers", "ranking", "changed")


def list_tenders(
    projections: Projections,
    *,
    origin: str | None = None,
    status: str | None = None,
    buyer: str | None = None,
    provider: str | None = None,
    method: str | None = None,
    programme: str | None = None,
    year: int | None = None,
    text: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Tender]:
    """Return a page of tenders, in the order in which they came to this ledger.

    `buyer` is an id, or a published name; `provider` asks for those it bid for or won; `year` for
    those that open in it; `text` looks into ids, titles, programmes, services, areas and buyers.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Tender]:
        table, present = reading.tables[TENDER], present_of(projections, reading)
        where: list[ColumnElement[bool]] = [
            table.c[column] == storable(wanted)
            for column, wanted in (
                ("origin", origin),
                ("method", method),
                ("programme", programme),
            )
            if wanted is not None
        ]
        if status is not None:
            where.append(_of_status(reading, present, status))
        if buyer is not None:
            name = storable(buyer)
            where.append(or_(table.c.buyer == name, table.c.buyer_name == name))
        if provider is not None:
            where.append(_with_provider(reading, provider))
        if year is not None:
            first, last = f"{year:04}-01-01", f"{year:04}-12-31"
            where.append(table.c.opens_on.between(first, last))
        if text is not None:
            where.append(_with_text(reading, text))
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, tuple(_tenders(reading, present, rows)), following)

    return projections.read(TENDERS, query)


def find_tenders(projections: Projections, name: str) -> tuple[TenderFile, ...]:
    """Return the tenders that somebody may mean by `name`: an id, else a published ocid."""

    def query(reading: Reading) -> tuple[TenderFile, ...]:
        table, asked = reading.tables[TENDER], storable(name)
        present = present_of(projections, reading)
        rows: Sequence[RowMapping] = []
        for where in (table.c.tender == asked, table.c.ocid == asked):
            found = select(table).where(where).order_by(table.c.first_position, table.c.tender)
            rows = reading.connection.execute(found).mappings().all()
            if rows:
                break
        tenders = _tenders(reading, present, rows)
        return tuple(_file(reading, *pair) for pair in zip(tenders, rows, strict=True))

    return projections.read(TENDERS, query)


def tender(projections: Projections, key: str) -> TenderFile | None:
    """Return one tender by its key, or None."""
    found = find_tenders(projections, key)
    return found[0] if found and found[0].tender.tender == key else None


def _of_status(reading: Reading, present: Present, status: str) -> ColumnElement[bool]:
    """Return the condition for a status; `closed` and `published` differ by the time."""
    table = reading.tables[TENDER]
    if status not in ("closed", "published"):
        return table.c.status == storable(status)
    over = table.c.closes_ms <= present.now_ms
    native = (table.c.origin == NATIVE) & (table.c.status == "published")
    own = native & (over if status == "closed" else ~over)
    return own | ((table.c.origin != NATIVE) & (table.c.status == status))


def _with_provider(reading: Reading, provider: str) -> ColumnElement[bool]:
    table, bid, award = (reading.tables[shape] for shape in (TENDER, BID, AWARD))
    name = storable(provider)
    return or_(
        table.c.tender.in_(select(bid.c.tender).where(bid.c.bidder == name)),
        table.c.tender.in_(select(award.c.tender).where(award.c.winner == name)),
    )


def _with_text(reading: Reading, text: str) -> ColumnElement[bool]:
    table, party, pattern = reading.tables[TENDER], reading.tables[PARTY], matching(text)
    named = select(party.c.party).where(party.c.search.like(pattern, escape="!"))
    return or_(table.c.search.like(pattern, escape="!"), table.c.buyer.in_(named))


def _tenders(reading: Reading, present: Present, rows: Sequence[RowMapping]) -> list[Tender]:
    name = _naming(reading, [row["buyer"] for row in rows])
    found = []
    for row in rows:
        buyer = None if row["buyer"] is None else name(row["buyer"])
        if buyer is None and row["buyer_name"]:
            buyer = Party(None, published(row["buyer_name"]))
        status = row["status"]
        is_over = row["closes_ms"] is not None and row["closes_ms"] <= present.now_ms
        if row["origin"] == NATIVE and status == "published" and is_over:
            status = "closed"
        found.append(_record(Tender, row, buyer=buyer, status=status))
    return found


def _file(reading: Reading, tender: Tender, row: RowMapping) -> TenderFile:
    key = tender.tender
    bids, awards = _of(reading, BID, key), _of(reading, AWARD, key)
    questions, challenges = _of(reading, QUESTION, key), _of(reading, CHALLENGE, key)
    ids = [each["bidder"] for each in bids] + [each["winner"] for each in awards]
    ids += [each["asker"] for each in questions] + [each["challenger"] for each in challenges]
    name = _naming(reading, ids)
    scores = _scores(reading, [each["bid"] for each in bids])
    criteria = json.decode(row["criteria"], type=list[dict[str, Any]])
    are_open = bids_are_open(bids)
    return TenderFile(
        position=reading.position,
        tender=tender,
        justification=decode_names(row["justification"]) if row["justification"] else {},
        criteria={each["id"]: each["weight_ppm"] for each in criteria},
        keys=tuple(json.decode(row["keys"], type=list[str])),
        lots=_lots(reading, key),
        amendments=tuple(_record(Amendment, each) for each in _of(reading, AMENDMENT, key)),
        questions=tuple(_record(Question, each, asker=name(each["asker"])) for each in questions),
        bids=tuple(
            _record(
                Bid,
                each,
                bidder=name(each["bidder"]),
                value_fen=each["value_fen"] if are_open else None,
                rates=dict(json.decode(each["rates"] or "[]")) if are_open else {},
                scores=tuple(scores.get(each["bid"], ())),
            )
            for each in bids
        ),
        awards=tuple(_record(Award, each, winner=name(each["winner"])) for each in awards),
        challenges=tuple(
            _record(Challenge, each, challenger=name(each["challenger"])) for each in challenges
        ),
    )


def _lots(reading: Reading, tender: str) -> tuple[Lot, ...]:
    lines: dict[str, list[LotLine]] = {}
    for row in _of(reading, LOT_LINE, tender):
        line = LotLine(row["line"], row["amount_fen"], row["reserved_fen"])
        if line.amount_fen or line.reserved_fen:
            lines.setdefault(row["lot"], []).append(line)
    rows = sorted(_of(reading, LOT, tender), key=lambda row: int(row["ordinal"]))
    return tuple(_record(Lot, row, lines=tuple(lines.get(row["lot"], ()))) for row in rows)


def _scores(reading: Reading, bids: Sequence[str]) -> dict[str, list[Score]]:
    table = reading.tables[SCORE]
    query = select(table).where(table.c.bid.in_(bids)).order_by(table.c.position)
    found: dict[str, list[Score]] = {}
    for row in reading.connection.execute(query):
        score = Score(row.criterion, row.key, row.score_ppm, row.position)
        found.setdefault(row.bid, []).append(score)
    return found


def _of(reading: Reading, shape: Shape[Any], tender: str) -> Sequence[RowMapping]:
    """Return the rows of a tender, in the order of their first positions where they have one."""
    table = reading.tables[shape]
    positions = [table.c[n] for n in ("first_position", "position") if n in table.c]
    query = select(table).where(table.c.tender == tender)
    query = query.order_by(*positions, *table.primary_key)
    return reading.connection.execute(query).mappings().all()


def _naming(reading: Reading, ids: Iterable[str | None]) -> Named:
    parties = parties_of(reading, ids)
    return lambda party: parties.get(party) or Party(party, {})


def _record(record: type[T], row: RowMapping, **values: object) -> T:
    """Return a record whose fields are columns, lists and texts decoded."""
    plain = {name: row[name] for name in record.__struct_fields__ if name in row}
    for name in _TEXTS:
        if name in plain:
            plain[name] = decode_names(plain[name]) if plain[name] else {}
    for name in _LISTS:
        if name in plain:
            plain[name] = tuple(json.decode(plain[name], type=list[str]))
    return record(**{**plain, **values})
