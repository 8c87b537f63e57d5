"""What others published about processes that this ledger does not run."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import Event, Record, Sha256

MAX_RELEASE_CHARS = 900_000
"""A release's length: with its escapes and its event's other fields it fits an event (1 MiB)."""

Published = Annotated[str, Meta(max_length=2000)]
"""Text as a publisher wrote it; may be empty, because published data are."""


class ReleaseSource(Record, frozen=True, kw_only=True):
    """Where a release was found.

    Attributes:
        publisher: who published it (OCDS `publisher.name`).
        sha256: hash of the file.
        url: where the package said it can be had (OCDS `uri`).
        package_date: when the package was published, as written (OCDS `publishedDate`).

    """

    publisher: Published
    sha256: Sha256
    url: Published | UnsetType = UNSET
    package_date: Published | UnsetType = UNSET


class ReleaseReported(Event, frozen=True, kw_only=True, tag="release.reported"):
    """A publisher said this; it is no statement that it happened. Signed by a reporter.

    Attributes:
        ocid: the open contracting process.
        release: the OCDS release, verbatim.
        source: where it was found.
        release_id: the publisher's id of it; unique only within the ocid.

    """

    ocid: Annotated[str, Meta(min_length=1, max_length=500)]
    release: Annotated[str, Meta(min_length=2, max_length=MAX_RELEASE_CHARS)]
    source: ReleaseSource
    release_id: Published | UnsetType = UNSET


EVENTS = (ReleaseReported,)
