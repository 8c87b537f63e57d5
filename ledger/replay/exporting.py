"""From a database to an archive."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ledger.archive import Entry, Manifest, Withhold, write_archive
from ledger.cosigned import newest_cosigned
from ledger.errors import LedgerError
from ledger.note import VerifierKey
from ledger.policy import NONE, Policy
from ledger.statement import encode_entry
from ledger.store.reading import Reader
from ledger.store.rows import CosignedRow


def export_archive(
    store: Reader,
    folder: Path,
    *,
    policy: Policy | None = None,
    withhold: Withhold = lambda _type: None,
    at: int | None = None,
) -> Manifest:
    """Write the archive of a ledger, with the cosigned checkpoints and the witnesses' keys.

    It ends at the head; for readers whose `policy` asks for a quorum, at the newest checkpoint
    that the quorum cosigned; or, whoever cosigned it, at the checkpoint of size `at`. Cost: one
    pass; memory: some bundles.

    Raises:
        LedgerError: the folder exists, or there is nothing to archive.
        StoreUnavailable: the database cannot be read.

    """
    newest = store.checkpoint_over((store.head().size if at is None else at) - 1)
    if newest is None:
        raise LedgerError("the ledger has no checkpoint: there is nothing to archive")
    size, checkpoint = newest.size, newest.note
    asks_quorum = at is None and policy is not None and policy.quorum != NONE
    if asks_quorum and policy is not None:
        quorate = newest_cosigned(store, 0, policy)
        if quorate is None:
            raise LedgerError(
                f"no checkpoint is cosigned by the policy's quorum {policy.quorum}, so that no "
                "archive would satisfy it: `sunledger witness ask` asks the witnesses"
            )
        size, checkpoint = quorate.size, quorate.note
    rows = [row for row in store.cosigned() if row.size <= size]
    if rows and rows[-1].size == size and not asks_quorum:
        checkpoint = rows[-1].note
    return write_archive(
        folder,
        checkpoint,
        [row.note for row in rows],
        _entries(store, size),
        witnesses=_keys(rows, policy),
        withhold=withhold,
    )


def _keys(rows: Sequence[CosignedRow], policy: Policy | None) -> list[VerifierKey]:
    """Return the keys of all witnesses that the policy knows or that ever cosigned."""
    known = [] if policy is None else [witness.key for witness in policy.witnesses]
    texts = {text: None for row in rows for text in row.witnesses.split()}
    keys = {key.public_key: key for key in [*known, *map(VerifierKey.parse, texts)]}
    return list(keys.values())


def _entries(store: Reader, size: int) -> Iterator[Entry]:
    for row, events in store.entries(0, size):
        entry = encode_entry(row.recorded_ms, row.note)
        yield entry, [(event.type, event.body) for event in events]
