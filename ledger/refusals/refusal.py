"""What a refusal tells."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """A code's two texts, with the facts of the refusal as `{placeholders}`."""

    sentence: str
    cure: str
