"""A subject's history up to a closing, as history proofs and receivable proofs carry it."""

from collections.abc import Iterator, Sequence

from ledger.errors import LedgerError
from ledger.events import TYPES, decode_event, name_of_type
from ledger.events.receivable import ReceivableConfirmed, ReceivableReleased, ReceivableRequested
from ledger.figures import FIGURES, Moved
from ledger.merkle import leaf_hash
from ledger.receivableproof import RECEIVABLE_EVENTS, Since
from ledger.state.subject import begin_chain, extend_chain
from ledger.store.histories import Placed, history_with_postings, history_without
from ledger.store.reading import Reader
from ledger.sums import Sums

_BUT_RECEIVABLES = frozenset(TYPES) - {name_of_type(each) for each in RECEIVABLE_EVENTS}


def history_until(
    reader: Reader, key: str, position: int
) -> Iterator[tuple[bytes, Sequence[Moved]]]:
    """Yield the events before `position` that touch a subject, with what they post about it.

    Memory: two pages.
    """
    concerns = Sums(key).concerns if key.partition("/")[0] in FIGURES else _nothing
    for row, moved in history_with_postings(reader, key):
        if row.position >= position:
            return
        yield row.body, [each for each in moved if concerns(each)]


def confirmation_of(reader: Reader, key: str, claim: str, position: int) -> Placed | None:
    """Find the confirmation of a claim's receivable that stands just before `position`.

    Returns None where both sides confirmed nothing, or it was given up again.
    """
    standing: Placed | None = None
    for placed in history_without(reader, key, _BUT_RECEIVABLES):
        if placed.row.position >= position:
            break
        event = decode_event(placed.row.body)
        if isinstance(event, RECEIVABLE_EVENTS) and event.claim == claim:
            if isinstance(event, ReceivableConfirmed):
                standing = placed
            elif isinstance(event, ReceivableReleased | ReceivableRequested):
                standing = None
    return standing


def since_of(reader: Reader, key: str, ordinal: int, position: int) -> Since:
    """Return a subject's history from its `ordinal`-th event to the last one before `position`.

    Cost: the hashes of everything before it, some 10 µs an event.

    Raises:
        LedgerError: there is no such event.

    """
    chain = begin_chain(key)
    bodies = []
    for at, row in history_without(reader, key):
        if row.position >= position:
            break
        if at < ordinal:
            chain = extend_chain(chain, [leaf_hash(row.body)])
        else:
            bodies.append(row.body)
    if not bodies:
        raise LedgerError(f"there is no event {ordinal} of {key}: verify the ledger")
    return Since(chain, bodies)


def _nothing(_posting: Moved) -> bool:
    return False
