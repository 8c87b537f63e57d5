"""What a contract says: as it was signed, and as amendments have made it since.

Read from the ledger itself: where the signing and the few amendments are is known, and their texts
are not kept a second time.
"""

from typing import cast

from msgspec import UNSET, Struct
from sqlalchemy import bindparam, select

from ledger.events import decode_event, type_of
from ledger.events.contract import ContractAmended, ContractSigned, Item
from ledger.store import schema
from projections.chunks import chunks
from projections.engine import Projections
from projections.lookups import rows_where
from projections.timeline import MARK, TIMELINE

_event = schema.ledger_event.c
_SAID = select(_event.position, _event.body).where(
    _event.position.in_(bindparam("positions", expanding=True)),
    _event.type.in_(("contract.signed", "contract.amended")),
)


class Terms(Struct, frozen=True):
    """What both sides agreed on.

    Attributes:
        position: how many events of the ledger this reflects.
        signed: the contract as it was signed.
        amendments: what changed it since, in order.
        items: the services and rates that hold now, new ones behind those first signed.

    """

    position: int
    signed: ContractSigned
    amendments: tuple[ContractAmended, ...]
    items: tuple[Item, ...]


def contract_terms(projections: Projections, contract: str) -> Terms | None:
    """Return the terms of a contract of the ledger's own, or None.

    Cost: by what happened to the contract, visits apart.

    Raises:
        StoreUnavailable: a database cannot be read.

    """
    position, marks = projections.read(
        TIMELINE,
        lambda reading: (reading.position, rows_where(reading, MARK, "contract", contract)),
    )
    store, found = projections.feed.store, []
    for some in chunks([mark.position for mark in marks]):
        found += store.fetch(_SAID, {"positions": some})
    events = [decode_event(body) for _, body in sorted(found)]
    if not events or type_of(events[0]) != "contract.signed":
        return None
    signed, *others = events
    amendments = cast("list[ContractAmended]", others)
    contract_signed = cast("ContractSigned", signed)
    items = {item.service: item for item in contract_signed.items}
    for each in amendments:
        if each.items is not UNSET:
            items |= {item.service: item for item in each.items}
    return Terms(position, contract_signed, tuple(amendments), tuple(items.values()))
