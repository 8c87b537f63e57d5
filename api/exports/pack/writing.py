"""From a ledger to an audit pack: everything of one moment, and the checkpoint that covers it."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from api.exports.pack.contents import (
    ARCHIVE,
    CONTRACTS,
    DICTIONARY,
    JOURNAL,
    JOURNAL_COLUMNS,
    KEYS,
    LIFE,
    MAPPING,
    PAYMENTS,
    PROOFS,
    README,
    ROLES,
    TRIAL_BALANCE,
    VERIFIER,
    dictionary,
)
from api.exports.pack.manifest import (
    FORMAT,
    NAME,
    Checkpoint,
    Closing,
    Events,
    Journal,
    Manifest,
    files_of,
    write_parts,
)
from api.exports.pack.readme import readme
from api.exports.pack.standards import mapping_page
from api.exports.pack.verifier import programs
from api.exports.parquet import parquet_file
from api.spreadsheets import csv_file
from ledger import canonical
from ledger.cosigned import newest_cosigned
from ledger.errors import LedgerError
from ledger.events import decode_event
from ledger.events.closing import LedgerClosed
from ledger.evidence.standing import LastClosing, last_closing
from ledger.evidence.stored import StoreEvidence
from ledger.policy import NONE, Policy
from ledger.proof import make_event_proof
from ledger.replay.exporting import export_archive
from ledger.stateproof import make_state_proofs
from ledger.store.histories import last_of
from ledger.store.store import Store
from ledger.times import format_instant
from projections.audit import (
    ContractSheet,
    ContractStep,
    KeySheet,
    Moment,
    PaymentSheet,
    RoleSheet,
    TrialBalance,
    contract_sheets,
    contract_steps,
    in_one_moment,
    key_sheets,
    payment_sheets,
    role_sheets,
    trial_balance,
)
from projections.engine import Projections
from projections.journal import JournalRow, journal

R = TypeVar("R", bound=Struct)

_PROVED = ("contract/", "line/")
"""The subjects of which a pack proves how they stood at the last closing."""


def write_pack(projections: Projections, folder: Path, policy: Policy | None) -> Manifest:
    """Write an audit pack; the folder appears under its name only when it is whole.

    Cost: a pass over the history for the archive, two over the journal. Memory: pages, and the
    state at the last closing.

    Raises:
        LedgerError: the folder exists, or the witnesses that `policy` asks for have not cosigned
            the ledger as it stands.
        Conflict, StoreUnavailable: see `in_one_moment`.

    """
    if folder.exists():
        raise LedgerError(f"{folder} exists already: name a folder that does not")
    store = projections.feed.store
    closing = _last_closing(store)
    # If we stop half-way, what is left bears another name and is thrown away by the next try.
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    manifest = in_one_moment(
        projections, lambda moment: _write(moment, unfinished, closing, policy)
    )
    unfinished.rename(folder)
    return manifest


def _write(
    moment: Moment, folder: Path, closing: LastClosing | None, policy: Policy | None
) -> Manifest:
    store, cosigned_size = moment.store, _cosigned_size(moment, policy)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tables = _Tables(folder)
    journal_sums = _Sums()
    rows = journal(store, stop=moment.position)
    tables.write(JOURNAL, JournalRow, journal_sums.added(rows))
    again = _counted(journal(store, stop=moment.position), tables.rows, JOURNAL_COLUMNS)
    write_parts(folder / JOURNAL_COLUMNS, parquet_file(JournalRow, again))
    lines = None if closing is None else _lines_of(closing)
    tables.write(TRIAL_BALANCE, TrialBalance, trial_balance(moment, lines))
    tables.write(CONTRACTS, ContractSheet, contract_sheets(moment))
    tables.write(LIFE, ContractStep, contract_steps(moment))
    tables.write(PAYMENTS, PaymentSheet, payment_sheets(moment))
    tables.write(KEYS, KeySheet, key_sheets(moment))
    tables.write(ROLES, RoleSheet, role_sheets(moment))
    archive = export_archive(store, folder / ARCHIVE, policy=policy, at=moment.size)
    if closing is not None:
        _write_proofs(store, folder / PROOFS, closing, policy)
    for name, data in programs():
        write_parts(folder / VERIFIER / name, [data])
    write_parts(folder / DICTIONARY, [dictionary()])
    write_parts(folder / MAPPING, [mapping_page().encode()])
    write_parts(folder / README, [readme(archive.origin, moment.position, moment.size)])
    manifest = Manifest(
        format=FORMAT,
        origin=archive.origin,
        currency=moment.currency,
        recorded=format_instant(moment.now_ms),
        checkpoint=Checkpoint(archive.size, archive.root.hex(), cosigned_size),
        events=Events(moment.position, 0, moment.position - 1),
        journal=journal_sums.told(),
        closing=None if closing is None else _told(store, closing),
        files=files_of(folder, tables.rows),
    )
    write_parts(folder / NAME, [manifest.encode()])
    return manifest


class _Tables:
    """Writes the tables of a pack, and counts their rows."""

    def __init__(self, folder: Path) -> None:
        self.rows: dict[str, int] = {}
        self._folder = folder

    def write(self, path: str, record: type[R], rows: Iterable[R]) -> None:
        counted = _counted(rows, self.rows, path)
        write_parts(self._folder / path, csv_file(record, counted))


def _counted(rows: Iterable[R], counts: dict[str, int], name: str) -> Iterator[R]:
    counts[name] = 0
    for row in rows:
        counts[name] += 1
        yield row


class _Sums:
    """Adds up a journal as its rows pass."""

    def __init__(self) -> None:
        self._rows, self._debit_fen, self._credit_fen = 0, 0, 0
        self._first: int | None = None
        self._last: int | None = None

    def added(self, rows: Iterable[JournalRow]) -> Iterator[JournalRow]:
        for row in rows:
            self._rows += 1
            self._debit_fen += row.debit_fen
            self._credit_fen += row.credit_fen
            self._first = row.position if self._first is None else self._first
            self._last = row.position
            yield row

    def told(self) -> Journal:
        return Journal(self._rows, self._first, self._last, self._debit_fen, self._credit_fen)


def _last_closing(store: Store) -> LastClosing | None:
    if last_of(store, "ledger/main", "ledger.closed") is None:
        return None
    return last_closing(store)


def _told(store: Store, closing: LastClosing) -> Closing:
    row = store.event_at(closing.position)
    event = None if row is None else decode_event(row.body)
    if not isinstance(event, LedgerClosed):
        raise LedgerError(f"the closing at position {closing.position} is missing: verify it")
    return Closing(closing.event_id, closing.position, closing.size, event.state_root)


def _lines_of(closing: LastClosing) -> dict[str, dict[str, Any]]:
    """Return what each fund line held at a closing, by account."""
    found = {}
    for leaf in closing.leaves:
        told = canonical.decode(leaf)
        kind, _, name = told["key"].partition("/")
        if kind == "line":
            found[name] = told
    return found


def _cosigned_size(moment: Moment, policy: Policy | None) -> int:
    """Return the size of the newest cosigned checkpoint within a moment.

    Raises:
        LedgerError: a quorum is asked for, and it is not that of the moment.

    """
    sizes = [row.size for row in moment.store.cosigned() if row.size <= moment.size]
    if policy is not None and policy.quorum != NONE:
        quorate = newest_cosigned(moment.store, moment.size - 1, policy)
        if quorate is None or quorate.size != moment.size:
            raise LedgerError(
                f"the policy's quorum {policy.quorum} has not cosigned the ledger of "
                f"{moment.size} statements, so that no pack of it would satisfy the policy: "
                "`sunledger witness ask` asks the witnesses"
            )
    return max(sizes, default=0)


def _write_proofs(store: Store, folder: Path, closing: LastClosing, policy: Policy | None) -> None:
    """Write the state proof of every contract and fund line under the last closing."""
    of_closing = make_event_proof(StoreEvidence(store, policy), closing.event_id)
    proofs = make_state_proofs(of_closing, closing.leaves, lambda key: key.startswith(_PROVED))
    for key, proof in proofs:
        write_parts(folder / proof_name(key), [proof])


def proof_name(key: str) -> str:
    """Return the name of a subject's state proof: `contract/c-17.stateproof.json`."""
    return f"{key}.stateproof.json"
