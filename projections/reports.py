"""The reports of a published process, read back from the ledger, and what they say together.

A report changes how all reports of its process stand, so whoever folds one folds the whole
process again. The ledger itself is the index: the history of the subject `reported/<ocid>`.
"""

from functools import lru_cache
from hashlib import sha256

import msgspec
from msgspec import UNSET

from ledger.events.reported import ReleaseReported
from projections.feed import Batch, Feed
from projections.reported_facts import ProcessFacts, facts_of
from projections.reported_standing import Report

REPORTED_KIND = "reported/"
"""What the subject keys of published processes begin with."""

_KEPT = 256
"""Facts kept for the next read model that folds the same batch."""

_RELEASE = msgspec.json.Decoder(ReleaseReported)


class Process(msgspec.Struct, frozen=True):
    """A published process at a position of the ledger.

    Attributes:
        process: its id among ours: the ocid, or its SHA-256 where it is no id by our grammar.
        ocid: as published.
        first_position: position of the first report of it.
        publishers: who published something of it that counts, or anything where nothing does.
        facts: what its reports say together.
        hashes: of each report, by position, the SHA-256 of its release and of its file.

    """

    process: str
    ocid: str
    first_position: int
    publishers: tuple[str, ...]
    facts: ProcessFacts
    hashes: dict[int, tuple[str, str]]


def processes_of(batch: Batch, feed: Feed) -> list[Process]:
    """Return the processes that a batch reports about, as they are at its end."""
    concerned: dict[str, int] = {}
    for fact in batch.facts:
        if isinstance(fact.event, ReleaseReported):
            concerned[fact.subject] = fact.position
    found = []
    for subject, position in concerned.items():
        batch.at = position
        found.append(_process(subject, position, feed))
    batch.at = None
    return found


@lru_cache(maxsize=_KEPT)
def _process(subject: str, position: int, feed: Feed) -> Process:
    """Return a process as it is after the report at `position`: history does not change."""
    events = [
        (row.position, _RELEASE.decode(row.body)) for row in feed.history(subject, position + 1)
    ]
    reports = [
        Report(
            at,
            event.source.publisher,
            None if event.release_id is UNSET else event.release_id,
            event.release,
            event.source.sha256,
        )
        for at, event in events
    ]
    facts = facts_of(reports)
    counted = [one.publisher for one in facts.reports if one.standing == "counted"]
    return Process(
        process=subject.removeprefix(REPORTED_KIND),
        ocid=events[0][1].ocid,
        first_position=events[0][0],
        publishers=tuple(sorted(set(counted or (one.publisher for one in facts.reports)))),
        facts=facts,
        hashes={
            at: (sha256(event.release.encode()).hexdigest(), event.source.sha256)
            for at, event in events
        },
    )
