"""Five people within thirty minutes, and the fifth a minute later."""

from ledger.times import MS_PER_MINUTE
from projections.flags.devices import Confirmed, Device


def _device(last: int) -> Device:
    minutes = (0, 5, 10, 20, last)
    words = [
        Confirmed(minute * MS_PER_MINUTE, 10 + n, f"p-{n}", "c-1")
        for n, minute in enumerate(minutes)
    ]
    return Device("phone-1", words)


FLAGGED = _device(30)
CLEAR = _device(31)
