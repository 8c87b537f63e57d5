"""Lists in events: nothing named twice, and weights that make a whole."""

from collections.abc import Sequence

from ledger.errors import Refused
from ledger.money import PPM


def check_distinct(field: str, ids: Sequence[str]) -> None:
    """Check that no id stands twice.

    Raises:
        Refused: `list_repeats`.

    """
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise Refused("list_repeats", field=field, id=each)
        seen.add(each)


def check_whole(field: str, weights_ppm: Sequence[int]) -> None:
    """Check that weights add up to one million.

    Raises:
        Refused: `weights_not_whole`.

    """
    if sum(weights_ppm) != PPM:
        raise Refused("weights_not_whole", field=field, sum=sum(weights_ppm))
