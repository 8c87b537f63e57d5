"""Subjects: what events are about."""

import hashlib
from collections.abc import Iterable

from msgspec import Struct

CHAIN_START = b"\x02"
"""What a subject's rolling hash begins with, and each of its steps."""


def chain_of(key: str, event_leaves: Iterable[bytes]) -> bytes:
    """Return the rolling hash of a subject that these events, by their leaf hashes, touch."""
    chain = hashlib.sha256(CHAIN_START + key.encode()).digest()
    for leaf in event_leaves:
        chain = hashlib.sha256(CHAIN_START + chain + leaf).digest()
    return chain


class Subject(Struct, frozen=True, gc=False, array_like=True):
    """What an event is about: its number and the rolling hash of its history.

    Attributes:
        no: its number, in order of first appearance.
        events: how many events touch it.
        home_events: how many of them it is the home of.
        chain: rolling hash; chain' = SHA-256(0x02 ‖ chain ‖ event leaf hash). With the count it
            will prove, under a closing's state root, that a history is complete.

    """

    no: int
    events: int
    home_events: int
    chain: bytes
