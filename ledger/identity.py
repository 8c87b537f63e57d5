"""Ids, salts and tokens: where chance enters the ledger, as an argument.

Whoever makes events is given an `Ids`. In earnest it draws from the system's generator; a
simulation gives it a `Stream` of its seed, and then every id, salt and token follows from the seed.

    Ids(os.urandom).event_id(1772352000000)   ->  "019ca8a7-5c00-7…"
    Ids(Stream(b"demo")).salt()               ->  the same 32 hex digits, always

An event's id is a UUIDv7 (RFC 9562): 48 bits of milliseconds, so that an index over millions of
them grows at its end, and 74 random bits. Its time is no evidence of anything.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

Draw = Callable[[int], bytes]
"""Gives that many random bytes."""

SALT_BYTES = 16
TOKEN_BYTES = 8
"""A token names a person or an account within one ledger; 2^64 of them do not meet by chance."""

BLOCKS_AT_ONCE = 32
"""Blocks of 32 bytes that a stream makes ahead of what is drawn."""

_VERSION_7 = 0x7
_VARIANT = 0b10
_MAX_UUID_MS = 2**48


class Ids:
    """Makes ids, salts and tokens from drawn bytes."""

    def __init__(self, draw: Draw = os.urandom) -> None:
        """Draw from the system, or from what is given."""
        self._draw = draw

    def event_id(self, at_ms: int) -> str:
        """Return a new UUIDv7 of the time `at_ms` (milliseconds since the epoch).

        Raises:
            ValueError: the time does not fit into 48 bits.

        """
        if not 0 <= at_ms < _MAX_UUID_MS:
            raise ValueError(f"a UUIDv7 cannot tell the time {at_ms} ms")
        drawn = int.from_bytes(self._draw(10))
        high, low = (drawn >> 62) & 0xFFF, drawn & (2**62 - 1)
        value = at_ms << 80 | _VERSION_7 << 76 | high << 64 | _VARIANT << 62 | low
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def salt(self) -> str:
        """Return a new salt: 16 bytes in hex."""
        return self._draw(SALT_BYTES).hex()

    def token(self, kind: str) -> str:
        """Return a new token for a person or an account, for instance `holder-3f9a…`."""
        return f"{kind}-{self._draw(TOKEN_BYTES).hex()}"

    def seed(self) -> bytes:
        """Return the 32 bytes of a new Ed25519 seed (RFC 8032)."""
        return self._draw(32)


class Stream:
    """Bytes that follow from a seed: SHA-256 of seed and counter, block after block.

    The same on every machine and in every release of Python, which `random` does not promise. For
    simulations only: whoever knows the seed knows the keys.
    """

    def __init__(self, seed: bytes) -> None:
        """Begin the stream of `seed`."""
        self._seed = hashlib.sha256(seed).digest()
        self._blocks = 0
        self._drawn = b""
        self._used = 0

    def __call__(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        end = self._used + size
        if end > len(self._drawn):
            self._draw_blocks(size)
            end = size
        drawn = self._drawn[self._used : end]
        self._used = end
        return drawn

    def _draw_blocks(self, size: int) -> None:
        """Add blocks until `size` bytes are there, many at once: it is half the cost."""
        seed, first = self._seed, self._blocks
        self._blocks += max(BLOCKS_AT_ONCE, size // 32 + 1)
        numbers = range(first, self._blocks)
        blocks = [hashlib.sha256(seed + number.to_bytes(8, "big")).digest() for number in numbers]
        self._drawn = self._drawn[self._used :] + b"".join(blocks)
        self._used = 0

    def below(self, limit: int) -> int:
        """Return a number from 0 up to but not including `limit`.

        Of 64 bits, so the first numbers are more likely by less than `limit` in 2^64.
        """
        return int.from_bytes(self(8)) % limit

    def between(self, first: int, last: int) -> int:
        """Return a number from `first` to `last`, both included."""
        return first + self.below(last - first + 1)

    def one_of(self, items: Sequence[T]) -> T:
        """Return one of `items`, each as likely as the other."""
        return items[self.below(len(items))]
