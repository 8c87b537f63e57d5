"""The tables of a pack once more, from the events of its own archive, as the law replays them.

While the archive is verified, each row of the journal is made again and compared with the pack's,
byte by byte, where it stands. What the other tables tell of money, the bank, keys and roles is
gathered beside it; `api.exports.pack.checking` compares them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import astuple

from api.exports.pack.contents import ARCHIVE, JOURNAL
from api.exports.pack.manifest import Closing, Journal
from api.spreadsheets import BYTE_ORDER_MARK, csv_line
from ledger.events.closing import LedgerClosed
from ledger.events.contract import ContractAmended, ContractSigned
from ledger.events.parties import KeyEnrolled, KeyRecovered, LedgerOpened
from ledger.postings import CHART
from ledger.replay.report import Wrong
from ledger.replay.sources import ArchiveSource, Comparison, Replay, Replayed
from ledger.statement import parse_statement
from ledger.tiling import Tile
from ledger.times import parse_offset
from projections.audit.payments import Amounts, BankWords
from projections.journal.roles import Roles
from projections.journal.rows import Balances, JournalRow, Moved, signed_of

_MAX_LINE_BYTES = 1 << 16
_LINE = "line/"
"""What the subject keys of fund lines begin with."""


class Retold:
    """What the events of an archive say about the tables of a pack.

    Attributes:
        journal: what the journal adds up to.
        lines: the fund lines that there are.
        turnover: debits and credits of each account of each line, in fen.
        contracts: what each account holds about each contract, on its normal side.
        balances: what the accounts of lines hold.
        values: the value of each contract, amendments included, in fen.
        amounts: what was asked for, ordered and paid.
        words: what was said to banks and by them.
        keys: position of each key's enrolment, by its verifier key.
        roles: who held which roles.
        closing: the last closing, or None.
        at_closing: what the accounts of lines held then.
        closed_over: the contracts and fund lines that there were then, by their subject keys.
        positions: how many events there were.
        currency: the ledger's currency.

    """

    def __init__(self) -> None:
        """Begin before the first statement."""
        self.journal = Journal(0, None, None, 0, 0)
        self.lines: set[str] = set()
        self.turnover: dict[tuple[str, str], tuple[int, int]] = {}
        self.contracts: dict[tuple[str, str], int] = {}
        self.balances = Balances(0)
        self.values: dict[str, int] = {}
        self.amounts = Amounts()
        self.words = BankWords()
        self.keys: dict[str, int] = {}
        self.roles = Roles()
        self.closing: Closing | None = None
        self.at_closing: dict[tuple[str, str], int] = {}
        self.closed_over: frozenset[str] = frozenset()
        self.positions = 0
        self.currency = ""

    def rows(self, replayed: Replayed) -> Iterator[JournalRow]:
        """Take in a statement, and yield the rows of its postings."""
        signed = None
        for number, (event, admitted) in enumerate(
            zip(replayed.opened.events, replayed.admitted, strict=True)
        ):
            position = replayed.first_position + number
            if isinstance(event, LedgerClosed):
                size = replayed.record.index
                self.closing = Closing(event.id, position, size, event.state_root)
                self.at_closing = dict(self.balances.held)
                self.closed_over = frozenset(
                    {f"contract/{each}" for each in self.values}
                    | {f"{_LINE}{each}" for each in self.lines}
                )
            self._see(position, event)
            self.lines.update(
                key[len(_LINE) :] for key, _ in admitted.touched if key.startswith(_LINE)
            )
            if admitted.postings:
                if signed is None:
                    statement = parse_statement(replayed.opened.note_bytes)
                    signed = signed_of(replayed.record.index, replayed.recorded_ms, statement)
                moved = [
                    Moved(n, each.debit, each.credit, each.line, each.contract or each.lot, fen)
                    for n, each in enumerate(admitted.postings)
                    for fen in (each.amount_fen,)
                ]
                body = replayed.opened.bodies[number]
                for row in self.balances.rows(position, body, signed, self.roles, moved):
                    self._add(row)
                    yield row
        self.positions = replayed.first_position + len(replayed.admitted)

    def _see(self, position: int, event: Any) -> None:
        self.roles.see(position, event)
        self.amounts.hear(event)
        self.words.hear(event)
        if isinstance(event, ContractSigned):
            self.values[event.contract] = event.value_fen
        elif isinstance(event, ContractAmended):
            self.values[event.contract] += event.value_delta_fen
        elif isinstance(event, LedgerOpened):
            self.currency = event.currency
            self.balances = Balances(parse_offset(event.utc_offset))
            self.keys |= {key.vkey: position for key in event.keys}
        elif isinstance(event, KeyEnrolled | KeyRecovered):
            self.keys[event.vkey] = position

    def _add(self, row: JournalRow) -> None:
        sums, key = self.journal, (row.line, row.account)
        self.journal = Journal(
            sums.rows + 1,
            row.position if sums.first is None else sums.first,
            row.position,
            sums.debit_fen + row.debit_fen,
            sums.credit_fen + row.credit_fen,
        )
        debit_fen, credit_fen = self.turnover.get(key, (0, 0))
        self.turnover[key] = debit_fen + row.debit_fen, credit_fen + row.credit_fen
        change_fen = row.debit_fen - row.credit_fen
        if not CHART[row.account].debit_normal:
            change_fen = -change_fen
        about = (row.contract, row.account)
        self.contracts[about] = self.contracts.get(about, 0) + change_fen


class PackSource(ArchiveSource):
    """The archive of a pack as a source; its comparison compares the journal as well.

    Attributes:
        retold: what its events say of the other tables, when all are replayed.

    """

    def __init__(self, folder: Path) -> None:
        """Read the pack in `folder`.

        Raises:
            LedgerError: it has no archive.

        """
        super().__init__(folder / ARCHIVE)
        self.retold = Retold()
        self._journal = folder / JOURNAL

    def compare(self) -> Comparison:
        """Begin a comparison."""
        return _PackComparison(super().compare(), self._journal, self.retold)


class _PackComparison:
    """Compares an archive's own files, and the journal beside it."""

    def __init__(self, archive: Comparison, journal: Path, retold: Retold) -> None:
        self._archive = archive
        self._retold = retold
        self._lines = _lines(journal)
        self._row = 0
        self._compare(BYTE_ORDER_MARK + csv_line(JournalRow.__struct_fields__), 0)

    def statement(self, replayed: Replayed) -> None:
        self._archive.statement(replayed)
        for row in self._retold.rows(replayed):
            self._row += 1
            self._compare(csv_line(astuple(row)), replayed.record.index)

    def tile(self, tile: Tile) -> None:
        self._archive.tile(tile)

    def end(self, replay: Replay) -> None:
        self._archive.end(replay)
        if next(self._lines, b""):
            reason = f"it goes on after row {self._row}, the last that the events give"
            raise Wrong(JOURNAL, reason, index=replay.size)

    def late(self) -> Iterator[Wrong]:
        yield from self._archive.late()

    def _compare(self, expected: bytes, index: int) -> None:
        if next(self._lines, b"") != expected:
            reason = f"row {self._row} is not what the events give"
            raise Wrong(JOURNAL, reason, index=index)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(_MAX_LINE_BYTES):
            yield line
