"""What is asked about contracts: a list with filters, and one contract with all that is known."""

from collections.abc import Collection, Sequence
from typing import Any, Literal

from msgspec import Struct, json
from sqlalchemy import ColumnElement, func, or_, select

from ledger.intake.defects import Defect
from ledger.intake.reading import storable
from ledger.postings import CHART
from projections.context import PARTY, Party, decode_names, matching, parties_of, published
from projections.contracts.model import CONTRACTS
from projections.contracts.tables import (
    BALANCE,
    CONTRACT,
    DEFECT,
    LINE,
    MONTH,
    PAID,
    REPORT,
    REPORTED,
    SUPPLIER,
    ContractRow,
    DefectRow,
    PaidRow,
    ReportRow,
)
from projections.lookups import rows_among, rows_where
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.reading import Answers, Reading
from projections.reported_facts import Money

_publishers = json.Decoder(tuple[str, ...])

Origin = Literal["native", "reported"]


class Contract(Struct, frozen=True):
    """A contract of the ledger, or one that somebody published.

    Amounts are integers of `currency`'s minor unit (fen). What a published contract cannot have,
    or does not say, is None, zero or empty.

    Attributes:
        contract: its key: the id, or `<process>/<key>` where it was published.
        origin: `native` (this ledger runs it) or `reported` (others published it).
        first_position: position of the event it came in with.
        last_position: position of the last event about it.
        ocid: the published process, or None.
        publishers: who reports it.
        number: the parties' own number, or the published id.
        titles: what it is about, by language.
        status: `active`, `suspended`, `terminated` or `closed`; or as published, any text.
        programme: the programme it serves, or None.
        tender: the tender it came from, or None.
        award: the award it carries out, or None.
        buyer: the purchasing party, or None.
        providers: who serves.
        currency: ISO 4217; XXX where none was published.
        value_minor: the most it may cost, amendments included.
        accrued_minor: delivered and accepted in all, whether paid since or not.
        paid_minor: paid in all; of a published one what was paid in `currency`.
        signed_on: local date of the signing, as signed.
        starts_on: first day of service.
        ends_on: last day of service.
        published_on: local date on which its text was published.
        closed_on: local date on which it was closed.
        visits: how many visits were recorded.
        claims: how many claims were submitted.
        claimed_minor: asked for in all.
        cut_minor: cut from claims and not come back.
        disputed_minor: in dispute, not yet decided.
        defects: how much is wrong with what was published about it.

    """

    contract: str
    origin: Origin
    first_position: int
    last_position: int
    ocid: str | None
    publishers: tuple[str, ...]
    number: str
    titles: dict[str, str]
    status: str
    programme: str | None
    tender: str | None
    award: str | None
    buyer: Party | None
    providers: tuple[Party, ...]
    currency: str
    value_minor: int | None
    accrued_minor: int | None
    paid_minor: int | None
    signed_on: str | None
    starts_on: str | None
    ends_on: str | None
    published_on: str | None
    closed_on: str | None
    visits: int
    claims: int
    claimed_minor: int
    cut_minor: int
    disputed_minor: int
    defects: int


class ContractLine(Struct, frozen=True):
    """A fund line of a contract.

    Attributes:
        line: which.
        share_ppm: its share in parts per million.
        balances: what each account holds for the contract on this line, in fen; none that is
            zero, in the chart's order.

    """

    line: str
    share_ppm: int
    balances: dict[str, int]


class ContractMonth(Struct, frozen=True):
    """What was accrued and paid on a contract in one month, in fen; a month of neither is left out.

    Attributes:
        month: local month of the recording, `2026-03`.
        accrued_fen: delivered and accepted, whether paid since or not, less what was taken back.
        paid_fen: paid, less what came back from the bank.

    """

    month: str
    accrued_fen: int
    paid_fen: int


class ReportSeen(Struct, frozen=True):
    """A report of the contract's process; see `projections.reported_standing` for its standing."""

    position: int
    publisher: str
    release_id: str | None
    date: str
    tags: tuple[str, ...]
    standing: str
    defects: int
    release_sha256: str
    file_sha256: str


class ContractFile(Struct, frozen=True):
    """All that is known of one contract.

    Attributes:
        position: how many events of the ledger this reflects.
        contract: the contract.
        lines: its fund lines, in its own order.
        months: what it cost and was paid, month by month.
        paid: what was published as paid, by currency.
        defects: what is wrong with what was published.
        reports: every report of its process, by position.

    """

    position: int
    contract: Contract
    lines: tuple[ContractLine, ...]
    months: tuple[ContractMonth, ...]
    paid: tuple[Money, ...]
    defects: tuple[Defect, ...]
    reports: tuple[ReportSeen, ...]


def list_contracts(
    projections: Answers,
    *,
    origin: Origin | None = None,
    status: str | None = None,
    buyer: str | None = None,
    provider: str | None = None,
    programme: str | None = None,
    line: str | None = None,
    year: int | None = None,
    ocid: str | None = None,
    text: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Contract]:
    """Return a page of contracts, in the order in which they came into the ledger.

    `buyer` and `provider` are a party's id or a published name, whole; `year` is a calendar year
    that the term touches; `text` stands anywhere in ids, numbers, titles or names, in any case.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Contract]:
        table, supplier = reading.tables[CONTRACT], reading.tables[SUPPLIER]
        where: list[ColumnElement[bool]] = []
        for column, wanted in (
            ("origin", origin),
            ("status", status),
            ("programme", programme),
            ("ocid", ocid),
        ):
            if wanted is not None:
                where.append(table.c[column] == storable(wanted))
        if buyer is not None:
            name = storable(buyer)
            where.append(or_(table.c.buyer == name, table.c.buyer_name == name))
        if provider is not None:
            name = storable(provider)
            named = or_(supplier.c.party == name, supplier.c.name == name)
            where.append(table.c.contract.in_(select(supplier.c.contract).where(named)))
        if line is not None:
            lines = reading.tables[LINE]
            share = select(lines.c.contract).where(lines.c.line == storable(line))
            where.append(table.c.contract.in_(share))
        if year is not None:
            where += _in_year(reading, year)
        if text is not None:
            where.append(_with_text(reading, text))
        rows, following = page_of(reading.connection, table, where, after, limit)
        found = _contracts(reading, [ContractRow(**row) for row in rows])
        return Page(reading.position, tuple(found), following)

    return projections.read(CONTRACTS, query)


def find_contracts(projections: Answers, name: str) -> tuple[ContractFile, ...]:
    """Return the contracts that somebody may mean by `name`: a key, else a number or an ocid."""

    def query(reading: Reading) -> tuple[ContractFile, ...]:
        rows = rows_where(reading, CONTRACT, "contract", name) or _called(reading, storable(name))
        return tuple(
            _file(reading, contract, row.process)
            for contract, row in zip(_contracts(reading, rows), rows, strict=True)
        )

    return projections.read(CONTRACTS, query)


def contract(projections: Answers, key: str) -> ContractFile | None:
    """Return one contract by its key, or None."""
    found = find_contracts(projections, key)
    return found[0] if found and found[0].contract.contract == key else None


def called(reading: Reading, keys: Collection[str]) -> dict[str, tuple[str, tuple[Party, ...]]]:
    """Return the number of each contract and who serves, by its key."""
    rows = rows_among(reading, CONTRACT, "contract", keys)
    return {each.contract: (each.number, each.providers) for each in _contracts(reading, rows)}


def _called(reading: Reading, name: str) -> list[ContractRow]:
    table = reading.tables[CONTRACT]
    found = select(table).where(or_(table.c.number == name, table.c.ocid == name))
    rows = reading.connection.execute(found.order_by(table.c.first_position, table.c.contract))
    return list(map(ContractRow._make, rows))


def _in_year(reading: Reading, year: int) -> list[ColumnElement[bool]]:
    column = reading.tables[CONTRACT].c
    first = func.coalesce(column.starts_on, column.signed_on)
    last = func.coalesce(column.ends_on, column.starts_on, column.signed_on)
    return [first <= f"{year:04}-12-31", last >= f"{year:04}-01-01"]


def _with_text(reading: Reading, text: str) -> ColumnElement[bool]:
    """Return the condition for a contract that holds `text` in its own words or its parties'."""
    table, supplier = reading.tables[CONTRACT], reading.tables[SUPPLIER]
    party, pattern = reading.tables[PARTY], matching(text)
    named = select(party.c.party).where(party.c.search.like(pattern, escape="!"))
    served = select(supplier.c.contract).where(supplier.c.party.in_(named))
    return or_(
        table.c.search.like(pattern, escape="!"),
        table.c.buyer.in_(named),
        table.c.contract.in_(served),
    )


def _contracts(reading: Reading, rows: Sequence[ContractRow]) -> list[Contract]:
    """Make records of rows: their providers, and the parties' names, are two queries for all."""
    keys = [row.contract for row in rows]
    suppliers = rows_among(reading, SUPPLIER, "contract", keys, order=("contract", "ordinal"))
    ids = [row.buyer for row in rows] + [supplier.party for supplier in suppliers]
    parties = parties_of(reading, ids)
    providers: dict[str, list[Party]] = {}
    for supplier in suppliers:
        provider = parties.get(supplier.party) or Party(None, published(supplier.name))
        providers.setdefault(supplier.contract, []).append(provider)
    return [_contract(row, parties, providers.get(row.contract, [])) for row in rows]


def _contract(
    row: ContractRow, parties: dict[str | None, Party], providers: list[Party]
) -> Contract:
    buyer = parties.get(row.buyer)
    if buyer is None and row.buyer_name:
        buyer = Party(None, published(row.buyer_name))
    known: dict[str, Any] = {
        **row._asdict(),
        "publishers": _publishers.decode(row.publishers),
        "titles": decode_names(row.titles),
        "buyer": buyer,
        "providers": tuple(providers),
    }
    return Contract(*(known[name] for name in Contract.__struct_fields__))


def _file(reading: Reading, found: Contract, process: str | None) -> ContractFile:
    key, is_reported = found.contract, found.origin == REPORTED
    reports: Sequence[ReportRow] = ()
    paid: Sequence[PaidRow] = ()
    defects: Sequence[DefectRow] = ()
    if is_reported:  # of its own contracts a ledger keeps none of these
        paid = rows_where(reading, PAID, "contract", key, order=("contract", "currency"))
        defects = rows_where(reading, DEFECT, "contract", key, order=("contract", "ordinal"))
    if is_reported and process is not None:
        reports = rows_where(reading, REPORT, "process", process, order=("position",))
    return ContractFile(
        position=reading.position,
        contract=found,
        lines=tuple(_lines(reading, key)),
        months=tuple(
            ContractMonth(row.month, row.accrued_fen, row.paid_fen)
            for row in rows_where(reading, MONTH, "contract", key, order=("contract", "month"))
            if row.accrued_fen or row.paid_fen
        ),
        paid=tuple(Money(row.currency, row.paid_minor) for row in paid),
        defects=tuple(
            Defect(row.code, row.path, json.decode(row.facts, type=tuple[tuple[str, str], ...]))
            for row in defects
        ),
        reports=tuple(_report(row) for row in reports),
    )


def _report(row: ReportRow) -> ReportSeen:
    return ReportSeen(
        position=row.position,
        publisher=row.publisher,
        release_id=row.release_id,
        date=row.date,
        tags=json.decode(row.tags, type=tuple[str, ...]),
        standing=row.standing,
        defects=row.defects,
        release_sha256=row.release_sha256,
        file_sha256=row.file_sha256,
    )


def _lines(reading: Reading, key: str) -> list[ContractLine]:
    balances: dict[str, dict[str, int]] = {}
    by_line = ("contract", "line")
    for row in rows_where(reading, BALANCE, "contract", key, order=(*by_line, "account")):
        if row.balance_fen:
            balances.setdefault(row.line, {})[row.account] = row.balance_fen
    lines = rows_where(reading, LINE, "contract", key, order=by_line)
    return [
        ContractLine(
            row.line,
            row.share_ppm,
            {
                account: held[account]
                for held in (balances.get(row.line, {}),)
                for account in CHART
                if account in held
            },
        )
        for row in sorted(lines, key=lambda row: row.ordinal)
    ]
