"""The auditor: after every step, what the database holds is what was said and what was lawful."""

from collections import Counter
from collections.abc import Iterable

from simulation.book import Act, Book

from ledger.app import Ledger
from ledger.note import parse_note
from ledger.policy import Policy
from ledger.receipts import receipt_proof
from ledger.replay.database import DatabaseSource
from ledger.replay.verifying import verify
from ledger.store.rows import StatementRow
from ledger.store.store import open_store
from ledger.tlog import Checkpoint, TlogProof
from ledger.waiting import Receipt


class Auditor:
    """Reads the database apart from the ledgers, and remembers all that was ever published.

    Attributes:
        book: what must be in the ledger.
        acts: what each statement that was ever signed means, by its id.
        log: ids of the statements in the log, as far as the book is told.

    """

    def __init__(self, url: str, policy: Policy, book: Book, base_size: int) -> None:
        """Trust a ledger's first `base_size` statements, which `book` is the outcome of."""
        self.book = book
        self.acts: dict[bytes, Act] = {}
        self._policy = policy
        self._store = open_store(url)
        self.log = [row.id for row, _ in self._store.entries()]
        assert len(self.log) == base_size
        self._receipts: dict[bytes, Receipt] = {}
        self._proofs: dict[int, bytes] = {}
        self._published: dict[int, bytes] = {}

    def move(self, url: str) -> None:
        """Go on with what survived elsewhere."""
        self._store.close()
        self._store = open_store(url)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    # -- what is told ----------------------------------------------------------------------------

    def publish(self) -> None:
        """Let the world see the newest checkpoint."""
        note = self._store.checkpoint()
        assert note is not None
        self._see(note)

    def take(self, receipt: Receipt) -> None:
        """Take a receipt, with its proof, whose checkpoint is seen from then on."""
        first = self._receipts.setdefault(receipt.statement_id, receipt)
        assert receipt == first, f"a second receipt: {receipt} after {first}"
        proof = receipt_proof(self._store, receipt.index)
        assert self._proofs.setdefault(receipt.index, proof) == proof
        self._see(TlogProof.parse(proof).checkpoint)

    def _see(self, note: bytes) -> None:
        """Remember a checkpoint: never were two of one size to be seen."""
        size = Checkpoint.parse(parse_note(note).text).size
        assert self._published.setdefault(size, note) == note, f"two checkpoints of size {size}"

    def read_on(self, stop: int | None = None) -> None:
        """Tell the book of the statements it does not know yet, up to index `stop`."""
        for row, events in self._store.entries(len(self.log), stop):
            if events[0].type != "ledger.closed":
                act = self.acts[row.id]
                objections = act.refusals(self.book, row.recorded_ms)
                assert not objections, f"{act.name} was admitted in spite of {objections}"
                act.apply(self.book, row.recorded_ms)
            assert row.recorded_ms >= self.book.recorded_ms
            self.book.recorded_ms = row.recorded_ms
            self.log.append(row.id)

    # -- what must hold --------------------------------------------------------------------------

    def audit(self, ledgers: Iterable[Ledger], *, proofs: bool) -> str:
        """Check everything; return the verifier's line. `proofs` makes every proof anew."""
        self.read_on()
        since = self._published[max(self._published)] if self._published else None
        report = verify(DatabaseSource(self._store), self._policy, since)
        assert report.verdict == "OK"
        self._check_receipts(proofs=proofs)
        kept = {row.size: row.note for row in self._store.checkpoints()}
        assert self._published.items() <= kept.items()
        assert self._balances() == self.book.balances()
        for ledger in ledgers:
            if ledger._writer._head.size == len(self.log):
                totals = ledger.state.totals
                assert all(totals[key] == self.book.fen[key] for key in self.book.fen)
        return str(report)

    def _check_receipts(self, *, proofs: bool) -> None:
        rows = [row for row, _ in self._store.entries()]
        assert [row.id for row in rows] == self.log
        assert len(set(self.log)) == len(self.log)
        for receipt in self._receipts.values():
            assert receipt_of(rows[receipt.index]) == receipt
            if proofs:
                again = receipt_proof(self._store, receipt.index)
                assert again == self._proofs[receipt.index]

    def _balances(self) -> dict[tuple[str, str], int]:
        """Add up the postings of the authority book, whose accounts all stand in credit."""
        sums: Counter[tuple[str, str]] = Counter()
        accounts = {account for account, _ in self.book.fen}
        for posting in self._store.postings():
            sums[posting.debit, posting.line] -= posting.amount_fen
            sums[posting.credit, posting.line] += posting.amount_fen
        return {key: fen for key, fen in sums.items() if fen and key[0] in accounts}


def receipt_of(row: StatementRow) -> Receipt:
    """Return the receipt of a statement that is in the log."""
    return Receipt(row.index, row.id, row.recorded_ms, row.first_position, row.event_count)
