"""The scope `device`: what people confirmed from one device, in order of the time it states.

Confirmations that stand alone, with a day before and after them without another, are left out:
most are, and no window of a rule is as long as a day.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import select

from ledger.times import MS_PER_DAY
from projections.chunks import KEYS_A_QUERY, chunks
from projections.delivery import DELIVERY
from projections.delivery.tables import CORRECTION, VISIT, WORD
from projections.flags.rule import Facts, Scope
from projections.streaming import stream


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


class _Word(NamedTuple):
    """A confirmation, with the position of its visit."""

    at_ms: int
    position: int
    visit: int


_word = partial(tuple.__new__, _Word)


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
    word = facts.sources.table(DELIVERY, WORD)
    query = select(word.c.device, word.c.at_ms, word.c.position, word.c.visit)
    if device is None:
        # Of all of them the index would be of no help: it sends for each word by itself.
        query = query.where(word.c.device.is_not(None)).order_by(word.c.device.concat(""))
    else:
        query = query.where(word.c.device == device)
    query = query.where(word.c.kind == "confirmed").order_by(word.c.at_ms)
    words = stream(facts.sources.connection, query)
    waiting: list[tuple[str, list[_Word]]] = []
    for key, of_device in groupby(words, itemgetter(0)):
        waiting.append((key, _near([_word(fields) for _, *fields in of_device])))
        if sum(len(near) for _, near in waiting) >= KEYS_A_QUERY:
            yield from _confirmed(facts, waiting)
            waiting = []
    yield from _confirmed(facts, waiting)


def _near(words: list[_Word]) -> list[_Word]:
    """Return words in order of time, without those that stand alone."""
    words.sort()
    far = [later.at_ms - earlier.at_ms > MS_PER_DAY for earlier, later in pairwise(words)]
    return [
        word
        for word, before, after in zip(words, [True, *far], [*far, True], strict=True)
        if not (before and after)
    ]


def _confirmed(facts: Facts, words: list[tuple[str, list[_Word]]]) -> Iterator[Device]:
    """Yield devices with whom the visits that were confirmed were to."""
    visit = facts.sources.table(DELIVERY, VISIT)
    found: dict[int, tuple[str, str]] = {}
    asked = [word.visit for _, of_device in words for word in of_device]
    for chunk in chunks(asked):
        query = select(visit.c.position, visit.c.beneficiary, visit.c.contract).where(
            visit.c.position.in_(chunk)
        )
        rows = stream(facts.sources.connection, query)
        found |= {position: (beneficiary, contract) for position, beneficiary, contract in rows}
    for key, of_device in words:
        if of_device:
            yield Device(
                key,
                [Confirmed(word.at_ms, word.position, *found[word.visit]) for word in of_device],
            )


DEVICES = Scope("device", (DELIVERY,), _changed, _groups)
