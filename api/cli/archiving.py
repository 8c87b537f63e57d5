"""For whom `sunledger export archive` writes, by `api.rights`; columns hold everything."""

from typing import TYPE_CHECKING, NamedTuple

from api.http.readable import Readable
from api.rights import AUDIENCES, PUBLIC, Audience, Reader
from ledger.errors import LedgerError
from ledger.replay.exporting import Reading
from ledger.store.rows import EventRow
from projections.acts.model import ACTS
from projections.delivery.model import DELIVERY
from projections.parties import PARTIES
from projections.parties.authority import authority
from projections.tenders.model import TENDERS

if TYPE_CHECKING:
    from ledger.store.store import Store
    from projections.engine import Projections

ANYBODY, PARTY = "public", "party"
ROLES = ("finance", "auditor")

WHY = {
    Audience.PARTIES: "people and deliveries are for the parties of the contract and the signers",
    Audience.CASE: "accusations are for the parties of the contract, the signers and reviewers",
    Audience.FLAG: "red flags are for those that supervise until a reviewer releases one",
    Audience.BID: "a bid is for whoever made it until every bid of the tender is in",
}
"""Why an event of each audience is withheld, as a manifest says it."""


class _Asked(NamedTuple):
    store: "Store"
    projections: "Projections"


def reading_of(store: "Store", projections: "Projections", asked: str) -> Reading | None:
    """Return how an archive is made for a reader, or None where nothing is withheld from it.

    `asked` is `public`, `finance`, `auditor`, or `party NAME`. A party reads by the roles that it
    held when the ledger ended.

    Raises:
        LedgerError: there is no such reader.

    """
    if asked in ROLES:
        return None
    reader = PUBLIC
    projections.follow(PARTIES.name, DELIVERY.name, TENDERS.name, ACTS.name)
    if asked != ANYBODY:
        kind, _space, party = asked.partition(" ")
        held = authority(projections, party) if kind == PARTY else None
        if held is None:
            raise LedgerError(
                f"nobody reads as {asked!r}: say public, finance, auditor, or 'party NAME' with a "
                "party of this ledger"
            )
        reader = Reader(party, None, held.roles_at(_last_ms(store)))
        if reader.reads_all:
            return None
    may_read = Readable(_Asked(store, projections), reader)

    def withhold(row: EventRow) -> str | None:
        return None if may_read(row) else WHY[AUDIENCES[row.type]]

    return Reading(asked, withhold)


def _last_ms(store: "Store") -> int:
    last = store.statement(store.head().size - 1)
    return 0 if last is None else last.recorded_ms
