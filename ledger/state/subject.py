"""Subjects: what events are about."""

from msgspec import Struct


class Subject(Struct, frozen=True, gc=False):
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
