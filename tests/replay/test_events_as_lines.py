"""Events decoded together are the events decoded one by one: no trick with line ends passes."""

import pytest
from world import World

from ledger.errors import Malformed
from ledger.events import decode_event, decode_events, decode_known_events, encode_event
from ledger.events.delivery import VisitRecorded
from ledger.events.tender import Lot, LotLine, TenderPublished


def visits(count: int) -> list[bytes]:
    """Return the bytes of some visits."""
    world = World()
    return [encode_event(world.make(VisitRecorded, contract="c-1")) for _ in range(count)]


def test_together_as_one_by_one() -> None:
    """True events come out the same, in their order."""
    bodies = visits(5)
    one_by_one = tuple(decode_event(body) for body in bodies)
    assert decode_events(bodies) == decode_known_events(bodies) == one_by_one


def _halves() -> list[bytes]:
    """Cut a tender between two lots, where both sides begin and end like objects."""
    world = World()
    lots = [
        Lot(
            lot=name,
            service="care",
            units_max=1,
            rate_cap_fen=1,
            value_fen=1,
            lines=[LotLine(line="l", amount_fen=1)],
        )
        for name in ("1", "2")
    ]
    body = encode_event(world.make(TenderPublished, lots=lots))
    at = body.index(b'},{"lines"') + 1
    return [body[:at], body[at + 1 :]]


a, b, c = visits(3)
TRICKS = {
    "two events in one body": [a + b"\n" + b, c],
    "two in one and none in the other": [a + b"\n" + b, b""],
    "none and two in one": [b"", a + b"\n" + b],
    "an event cut in two, two in one": [*_halves(), a + b"\n" + b],
    "an end of line behind": [a + b"\n", b],
    "a carriage return": [a + b"\r", b],
    "a space behind": [a + b" ", b],
    "an end of line inside": [a.replace(b",", b",\n", 1), b],
    "an empty body": [a, b"", b],
    "a key twice": [a[:-1] + b',"v":1}', b],
    "no JSON": [a, b"\xff"],
    "an id out of form": [a, b.replace(b'"id":"', b'"id":"A', 1)],
}


@pytest.mark.parametrize("name", TRICKS)
def test_bodies_that_are_no_events_are_refused(name: str) -> None:
    """Whatever is refused alone is refused together."""
    with pytest.raises(Malformed):
        decode_events(TRICKS[name])
