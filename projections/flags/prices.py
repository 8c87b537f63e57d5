"""The scope `price`: a contract's rates beside the price caps of its area."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import json
from sqlalchemy import select

from projections.delivery import DELIVERY
from projections.delivery.tables import CONTRACT
from projections.flags.rule import Facts, Scope
from projections.rulebook import CAP, RULEBOOK, CapRow
from projections.tenders import TENDERS
from projections.tenders.tables import CONTRACT as SIGNED

_items = json.Decoder(list[tuple[str, int]])


class Priced(NamedTuple):
    """A contract and the caps of its area.

    Attributes:
        key: the contract.
        area: where the service is given.
        signed_position: position of its signing.
        last_day: the last day on which it is served.
        rates: price of a unit in fen, by service.
        caps: the caps of the area, in order of their publication.

    """

    key: str
    area: str | None
    signed_position: int
    last_day: str
    rates: dict[str, int]
    caps: Sequence[CapRow]


def _changed(_facts: Facts, _since: int) -> None:
    """Judge all again: contracts are few, and a cap concerns many of them."""
    return


def _groups(facts: Facts, _keys: Sequence[str] | None) -> Iterator[Priced]:
    connection = facts.sources.connection
    cap = facts.sources.table(RULEBOOK, CAP)
    of_areas: dict[str, list[CapRow]] = {}
    for each in connection.execute(select(cap).order_by(cap.c.position)):
        of_areas.setdefault(each.area, []).append(CapRow(*each))
    signed, contract = facts.sources.table(TENDERS, SIGNED), facts.sources.table(DELIVERY, CONTRACT)
    query = (
        select(
            signed.c.contract,
            signed.c.area,
            signed.c.first_position,
            signed.c["items"].label("rates"),
            contract.c.to_date,
            contract.c.ended_on,
        )
        .join(contract, contract.c.contract == signed.c.contract)
        .order_by(signed.c.contract)
    )
    for row in connection.execute(query):
        yield Priced(
            key=row.contract,
            area=row.area,
            signed_position=row.first_position,
            last_day=min(row.to_date, row.ended_on or row.to_date),
            rates=dict(_items.decode(row.rates)),
            caps=of_areas.get(row.area or "", ()),
        )


PRICES = Scope("price", (RULEBOOK, DELIVERY, TENDERS), _changed, _groups)
