"""The scope `device`: what people confirmed from one device, in order of the time it states."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import and_, select

from projections.delivery import DELIVERY
from projections.delivery.tables import CORRECTION, VISIT, WORD
from projections.flags.days import BATCH_ROWS
from projections.flags.rule import Facts, Scope


class Confirmed(NamedTuple):
    """A confirmation of a visit.

    Attributes:
        at_ms: when, as its signer says.
        position: its position.
        beneficiary: who was visited.
        contract: under which contract.

    """

    at_ms: int
    position: int
    beneficiary: str
    contract: str


class Device(NamedTuple):
    """A device's confirmations, in order of time; `key` is its token."""

    key: str
    confirmed: Sequence[Confirmed]


def _changed(facts: Facts, since: int) -> list[str]:
    """Return the devices from which was confirmed, or whose visits are now another person's."""
    word, correction = (facts.sources.table(DELIVERY, shape) for shape in (WORD, CORRECTION))
    corrected = select(correction.c.visit).where(correction.c.position >= since)
    devices: set[str] = set()
    for where in (word.c.position >= since, word.c.visit.in_(corrected)):
        query = select(word.c.device).where(where, word.c.device.is_not(None)).distinct()
        devices.update(facts.sources.connection.scalars(query))
    return sorted(devices)


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[Device]:
    if keys is None:
        yield from _read(facts, None)
        return
    for key in keys:
        yield from _read(facts, key)


def _read(facts: Facts, device: str | None) -> Iterator[Device]:
    word, visit = (facts.sources.table(DELIVERY, shape) for shape in (WORD, VISIT))
    which = word.c.device.is_not(None) if device is None else word.c.device == device
    query = (
        select(word.c.device, word.c.at_ms, word.c.position, visit.c.beneficiary, visit.c.contract)
        .join(visit, and_(visit.c.position == word.c.visit))
        .where(which, word.c.kind == "confirmed")
        .order_by(word.c.device, word.c.at_ms, word.c.position, word.c.visit)
    )
    rows = facts.sources.connection.execute(query, execution_options={"yield_per": BATCH_ROWS})
    for key, of_device in groupby(rows, attrgetter("device")):
        yield Device(key, [Confirmed(*row[1:]) for row in of_device])


DEVICES = Scope("device", (DELIVERY,), _changed, _groups)
