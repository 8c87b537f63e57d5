"""Whether an audit pack is what it says, offline.

In this order: every file is there and has its hash, and no other file is there; the archive is
verified from its first statement on, by signatures and law, and each row of the journal is what
its events give; the journal's columns, the trial balance, contracts, payments, keys and roles are
what the same events say; every state proof holds under the last closing. So whoever changes a
file is found by its hash, and whoever changes the manifest with it by what the events say.

Titles, names, dates, states and sums of claims in `contracts.csv`, `payments.csv` and `keys.csv`
are found by their hashes only: they are the read models' words.
"""

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from api.exports.pack.contents import (
    CONTRACTS,
    JOURNAL,
    JOURNAL_COLUMNS,
    KEYS,
    LIFE,
    PAYMENTS,
    PROOFS,
    ROLES,
    TABLES,
    TRIAL_BALANCE,
)
from api.exports.pack.manifest import NAME, File, Manifest, hash_of, paths_of, read_manifest
from api.exports.pack.replaying import PackSource, Retold
from api.exports.pack.writing import proof_name
from api.exports.parquet import parquet_rows
from api.spreadsheets import csv_file
from ledger import canonical
from ledger.errors import LedgerError, Unverified
from ledger.policy import Policy
from ledger.postings import CHART, CONTRACT_STAGES
from ledger.proof import MAX_PROOF_BYTES
from ledger.replay.report import Report
from ledger.replay.verifying import Progress, verify
from ledger.stateproof import check_state_proof
from projections.audit.payments import NOTHING_SAID
from projections.journal import JournalRow

Row = Mapping[str, str]


class CheckedPack(NamedTuple):
    """What a check found, when nothing was wrong.

    Attributes:
        manifest: what the pack says of itself.
        sha256: hash of that manifest, to be compared with what whoever made the pack says.
        report: the verification of its archive.
        proofs: how many state proofs hold.

    """

    manifest: Manifest
    sha256: str
    report: Report
    proofs: int


def check_pack(
    folder: Path, policy: Policy | None, jobs: int = 1, progress: Progress | None = None
) -> CheckedPack:
    """Check the audit pack in `folder`.

    Cost: that of verifying its archive, and of reading its tables.

    Raises:
        Malformed: its manifest is not in its form.
        Unverified: it is not what it says; the first thing that is wrong.
        LedgerError: a file cannot be read.

    """
    try:
        manifest = read_manifest(folder)
        _check_files(folder, manifest)
        source = PackSource(folder)
        report = verify(source, policy, jobs=jobs, progress=progress)
        _check_manifest(manifest, report, source.retold)
        _check_columns(folder, manifest)
        _check_tables(folder, source.retold)
        proofs = _check_proofs(folder, manifest, policy, source.retold)
    except OSError as error:
        raise LedgerError(f"{error.filename} cannot be read: {error.strerror}") from error
    _, sha256 = hash_of(folder / NAME)
    return CheckedPack(manifest, sha256, report, proofs)


def _check_files(folder: Path, manifest: Manifest) -> None:
    stated = {each.path: each for each in manifest.files}
    found = set(paths_of(folder))
    for path in sorted(found - set(stated)):
        raise Unverified(f"{path}: it does not belong into the pack")
    for path, each in sorted(stated.items()):
        if path not in found or (folder / path).is_symlink():
            raise Unverified(f"{path}: it is missing")
        if hash_of(folder / path) != (each.bytes, each.sha256):
            raise Unverified(f"{path}: it is not the file whose hash the manifest states")


def _check_manifest(manifest: Manifest, report: Report, retold: Retold) -> None:
    stated, events = manifest.checkpoint, manifest.events
    for what, said, found in (
        ("origin", manifest.origin, report.origin),
        ("currency", manifest.currency, retold.currency),
        ("checkpoint", (stated.size, stated.root), (report.statements, report.root.hex())),
        (
            "events",
            (events.count, events.first, events.last),
            (retold.positions, 0, retold.positions - 1),
        ),
        ("journal", manifest.journal, retold.journal),
        ("closing", manifest.closing, retold.closing),
    ):
        if said != found:
            raise Unverified(f"{NAME}: its {what} is {said}; the archive gives {found}")


def _check_columns(folder: Path, manifest: Manifest) -> None:
    """Check that the Parquet file holds the rows of the CSV file, which the events gave."""
    digest = hashlib.sha256()
    try:
        with (folder / JOURNAL_COLUMNS).open("rb") as file:
            for part in csv_file(JournalRow, parquet_rows(JournalRow, file)):
                digest.update(part)
    except (pa.ArrowException, ValueError) as error:
        raise Unverified(f"{JOURNAL_COLUMNS}: {error}") from error
    if digest.hexdigest() != _stated(manifest, JOURNAL).sha256:
        raise Unverified(f"{JOURNAL_COLUMNS}: its rows are not those of {JOURNAL}")


def _stated(manifest: Manifest, path: str) -> File:
    for each in manifest.files:
        if each.path == path:
            return each
    raise Unverified(f"{path}: it is missing")


# -- tables ------------------------------------------------------------------------------------


def _check_trial_balance(folder: Path, name: str, retold: Retold) -> None:
    seen = set()
    for row in _rows(folder / name):
        key = line, account = row["line"], row["account"]
        if account not in CHART:
            raise Unverified(f"{name}: there is no account {account}")
        seen.add(key)
        debit_fen, credit_fen = retold.turnover.get(key, (0, 0))
        closing_fen = "" if retold.closing is None else str(retold.at_closing.get(key, 0))
        told = (row["debit_fen"], row["credit_fen"], row["balance_fen"], row["closing_balance_fen"])
        balance_fen = retold.balances.held.get(key, 0)
        if told != (str(debit_fen), str(credit_fen), str(balance_fen), closing_fen):
            raise Unverified(f"{name}: {account} of {line} is not what the journal adds up to")
        normal = "debit" if CHART[account].debit_normal else "credit"
        if (row["book"], row["normal_side"]) != (CHART[account].book, normal):
            raise Unverified(f"{name}: {account} of {line} stands in another book")
    expected = {(line, account) for line in retold.lines for account in CHART}
    for line, account in sorted(expected ^ seen):
        raise Unverified(f"{name}: {account} of {line} is missing, or there is no such")


def _check_contracts(folder: Path, name: str, retold: Retold) -> None:
    for row in _each(folder / name, "contract", retold.values.keys()):
        contract = row["contract"]
        for account in (*CONTRACT_STAGES, "interest_paid"):
            if row[f"{account}_fen"] != str(retold.contracts.get((contract, account), 0)):
                raise Unverified(f"{name}: {account} of {contract} is not what the journal gives")
        accepted_fen = retold.contracts.get((contract, "service_expense"), 0)
        if row["accepted_fen"] != str(accepted_fen):
            raise Unverified(f"{name}: accepted of {contract} is not what the journal gives")
        if row["value_fen"] != str(retold.values[contract]):
            raise Unverified(f"{name}: the value of {contract} is not what was agreed")


def _check_life(folder: Path, name: str, retold: Retold) -> None:
    last: dict[str, Row] = {}
    for row in _rows(folder / name):
        before = last.get(row["contract"])
        if int(row["step"]) != 1 + (0 if before is None else int(before["step"])):
            raise Unverified(f"{name}: a step of {row['contract']} is missing")
        last[row["contract"]] = row
    for contract, row in last.items():
        for stage in CONTRACT_STAGES:
            if row[f"{stage}_fen"] != str(retold.contracts.get((contract, stage), 0)):
                raise Unverified(f"{name}: {stage} of {contract} does not end as the journal does")
    for contract in sorted(retold.values.keys() ^ last.keys()):
        raise Unverified(f"{name}: the contract {contract} is missing, or there is no such")


def _check_payments(folder: Path, name: str, retold: Retold) -> None:
    for row in _each(folder / name, "payment", retold.amounts.names):
        words = retold.words.about(row["payment"])
        if any(row[column] != (words[column] or "") for column in NOTHING_SAID):
            raise Unverified(f"{name}: what the bank said about {row['payment']} is another")
        for column, fen in retold.amounts.about(row["payment"]).items():
            if row[column] != ("" if fen is None else str(fen)):
                raise Unverified(f"{name}: {column} of {row['payment']} is not what its events say")


def _each(path: Path, kind: str, there: AbstractSet[str]) -> Iterator[Row]:
    """Yield the rows of a table that tells of each contract or payment that there is, and once."""
    seen: set[str] = set()
    for row in _rows(path):
        key = row[kind]
        if key not in there:
            raise Unverified(f"{path.name}: there is no {kind} {key}")
        if key in seen:
            raise Unverified(f"{path.name}: the {kind} {key} stands there twice")
        seen.add(key)
        yield row
    for key in sorted(there - seen):
        raise Unverified(f"{path.name}: the {kind} {key} is missing")


def _check_keys(folder: Path, name: str, retold: Retold) -> None:
    found = {row["vkey"]: int(row["enrolled_position"]) for row in _rows(folder / name)}
    if found != retold.keys:
        raise Unverified(f"{name}: its keys are not those that were enrolled")


def _check_roles(folder: Path, name: str, retold: Retold) -> None:
    found = sorted(
        (row["party"], row["role"], int(row["granted_position"]), row["revoked_position"])
        for row in _rows(folder / name)
    )
    given = {
        (party, grant.role, max(grant.begun, 0), "" if grant.ended is None else str(grant.ended))
        for party, grants in retold.roles.all().items()
        for grant in grants
    }
    expected = sorted(given)  # two keys of a founder give it the same roles
    if found != expected:
        raise Unverified(f"{name}: its roles are not those that were given and taken back")


_TABLES: dict[str, Callable[[Path, str, Retold], None]] = {
    TRIAL_BALANCE: _check_trial_balance,
    CONTRACTS: _check_contracts,
    LIFE: _check_life,
    PAYMENTS: _check_payments,
    KEYS: _check_keys,
    ROLES: _check_roles,
}
"""How each table is compared with what the events say."""


_COLUMNS = {table.path: list(table.record.__struct_fields__) for table in TABLES}


def _check_tables(folder: Path, retold: Retold) -> None:
    for name, check in _TABLES.items():
        try:
            check(folder, name, retold)
        except (ValueError, csv.Error) as error:
            raise Unverified(f"{name}: it is not a table of a pack: {error}") from error


def _rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a table.

    Raises:
        ValueError: it is no text, or has other columns.

    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != _COLUMNS[path.name]:
            raise ValueError("its columns are others")
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(f"line {reader.line_num} has another number of cells")
            yield row


# -- proofs ------------------------------------------------------------------------------------


def _check_proofs(folder: Path, manifest: Manifest, policy: Policy | None, retold: Retold) -> int:
    """Check every state proof, and that none is missing; return how many there are."""
    proved = set()
    for each in manifest.files:
        place, _, name = each.path.partition("/")
        if place != PROOFS:
            continue
        with (folder / each.path).open("rb") as file:
            state = check_state_proof(file.read(MAX_PROOF_BYTES + 1), policy)
        closing = manifest.closing
        if name != proof_name(state.key) or closing is None or state.log_size != closing.size:
            raise Unverified(f"{each.path}: it proves {state.key} at another closing")
        kind, _, line = state.key.partition("/")
        if kind == "line":
            leaf = canonical.decode(state.leaf)
            held = {account: retold.at_closing.get((line, account), 0) for account in CHART}
            if any(leaf[account] != fen for account, fen in held.items()):
                raise Unverified(f"{each.path}: its balances are not those of the journal")
        proved.add(state.key)
    for key in sorted(retold.closed_over - proved):
        raise Unverified(f"{PROOFS}/{proof_name(key)}: it is missing")
    return len(proved)
