"""Subjects: what events are about."""

import hashlib
from collections.abc import Iterable

from msgspec import Struct

CHAIN_START = b"\x02"
"""What a subject's rolling hash begins with, and each of its steps."""


def chain_of(key: str, event_leaves: Iterable[bytes]) -> bytes:
    """Return the rolling hash of a subject that these events, by their leaf hashes, touch."""
    return extend_chain(begin_chain(key), event_leaves)


def begin_chain(key: str) -> bytes:
    """Return the rolling hash of a subject that nothing has touched yet."""
    return hashlib.sha256(CHAIN_START + key.encode()).digest()


def extend_chain(chain: bytes, event_leaves: Iterable[bytes]) -> bytes:
    """Return a rolling hash after more events.

    Whoever is told an end of a history and the chain before it can check both against the chain
    after it: no other pair gives that, or SHA-256 would have a collision.
    """
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
