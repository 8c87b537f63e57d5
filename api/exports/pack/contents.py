"""The tables of an audit pack, and the dictionary that says what each of their columns means."""

from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from api.exports.columns import columns_of, split_docstring
from api.exports.pack.standards import STANDARDS
from projections.audit import (
    ContractSheet,
    ContractStep,
    KeySheet,
    PaymentSheet,
    RoleSheet,
    TrialBalance,
)
from projections.journal import JournalRow

DICTIONARY, MAPPING, README = "data-dictionary.json", "mapping.md", "README.md"
JOURNAL, JOURNAL_COLUMNS = "journal.csv", "journal.parquet"
TRIAL_BALANCE, CONTRACTS, LIFE = "trial-balance.csv", "contracts.csv", "contract-life.csv"
PAYMENTS, KEYS, ROLES = "payments.csv", "keys.csv", "roles.csv"
ARCHIVE, PROOFS, VERIFIER = "archive", "proofs", "verifier"


class Table(NamedTuple):
    """A table of a pack.

    Attributes:
        path: its file.
        record: what a row is.
        source: what its rows follow from.

    """

    path: str
    record: type[Struct]
    source: str


TABLES = (
    Table(JOURNAL, JournalRow, "postings of the events, recomputed by the law from the archive"),
    Table(JOURNAL_COLUMNS, JournalRow, f"the rows of {JOURNAL}, by columns"),
    Table(TRIAL_BALANCE, TrialBalance, "read model `funds`: the journal added up; ledger.closed"),
    Table(CONTRACTS, ContractSheet, "read model `contracts`: contract.*, claim.*, visit.* events"),
    Table(LIFE, ContractStep, "events of each contract, and the postings about it"),
    Table(PAYMENTS, PaymentSheet, "read model `payments`: payment.* and advance.* events"),
    Table(KEYS, KeySheet, "read model `parties`: ledger.opened and key.* events"),
    Table(ROLES, RoleSheet, "read model `parties`: ledger.opened and role.* events"),
)

SOURCES = {
    "at": "`at` of the event, signed",
    "recorded": "`recorded` line of the log entry",
    "signers": "text of the signed statement",
    "keys": "signature lines of the statement",
    "roles": "ledger.opened, role.granted and role.revoked events before it",
    "leaf": "SHA-256 of 0x00 and the event's bytes (RFC 6962, 2.1)",
    "statement": "leaf index in the log",
    "evidence": "`sha256`, `evidence` or `document` of the event",
    "balance_fen": "debits and credits before it added up",
    "closing_balance_fen": "leaf of the line under `state_root` of the last ledger.closed",
    "status": "the moment of the last statement",
    "message_id": "payment.ordered, advance.ordered",
    "order_sha256": "payment.ordered, advance.ordered",
    "bank_sha256": "payment.settled, .rejected, .bounced, .diverted, advance.settled, …",
}
"""What columns follow from, where it is more than their table does."""


def dictionary() -> bytes:
    """Return the data dictionary: each table and column, machine-readable."""
    tables = [_table(each) for each in TABLES]
    document = {"format": "sunledger/data-dictionary/v1", "tables": tables}
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _table(table: Table) -> dict[str, Any]:
    meaning, _ = split_docstring(table.record.__doc__ or "")
    name = table.path.partition(".")[0]
    names = {each.column: each for each in STANDARDS if each.file == name}
    columns = []
    for column in columns_of(table.record):
        mapped = names.get(column.name)
        columns.append(
            {
                **column._asdict(),
                "source": SOURCES.get(column.name, table.source),
                "standards": {}
                if mapped is None
                else {
                    standard: found
                    for standard, found in (
                        ("AICPA ADS", mapped.ads),
                        ("ISO 21378", mapped.iso),
                        ("SAF-T", mapped.saft),
                    )
                    if found
                },
            }
        )
    return {
        "file": table.path,
        "meaning": " ".join(meaning.split()),
        "source": table.source,
        "columns": columns,
    }
