"""Release packages, record packages and compiled releases, process by process.

A package is written as it is made: its extensions come last, when it is known which of them its
releases use. So memory is that of one process, however many there are.

    {"uri": …, "version": "1.1", "publisher": {…}, "publishedDate": …,
     "releases": [{…}, {…}], "extensions": […]}
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from msgspec import Raw

from ledger.errors import LedgerError, Malformed
from ledger.times import format_instant
from projections.compiling import compile_releases, rules_for, version_releases
from projections.engine import Projections
from projections.merge_rules import Rules
from projections.ocds.extensions import OWN_PATH, extensions_of
from projections.ocds.queries import (
    Origin,
    list_processes,
    process_of_tender,
    process_releases,
)
from projections.ocds.register import Register
from projections.ocds.releases import EXPORT_RULES, Publication
from projections.ocds.reported import Reported, exact, list_reported, reported_process
from projections.ocds.values import Release, encode, text

VERSION: Final = "1.1"
"""The version of OCDS."""

RELEASES_PATH: Final = "/v1/ocds/releases"
RECORDS_PATH: Final = "/v1/ocds/records"


class PublishedProcess(NamedTuple):
    """A process as it is published.

    Attributes:
        ocid: its ocid.
        releases: its releases, in order.
        texts: the same as JSON texts.
        links: where each of them can be had by itself.
        rules: how they are merged.
        extensions: addresses of the extensions that they use.

    """

    ocid: str
    releases: list[Release]
    texts: list[bytes]
    links: list[str]
    rules: Rules
    extensions: set[str]


def native(publication: Publication, ocid: str, releases: list[Release]) -> PublishedProcess:
    """Return releases that were made of events of the ledger, as they are published."""
    extensions = {f"{publication.base}{OWN_PATH}"}
    return PublishedProcess(
        ocid,
        releases,
        [encode(release) for release in releases],
        [_link(publication, release["id"], release["id"]) for release in releases],
        EXPORT_RULES,
        extensions.union(*(extensions_of(release) for release in releases)),
    )


def reported(publication: Publication, ocid: str, found: list[Reported]) -> PublishedProcess:
    """Return releases that others published, as they are published again."""
    releases = [each.release for each in found]
    return PublishedProcess(
        ocid,
        releases,
        [each.text.encode() for each in found],
        [_link(publication, each.event, str(each.release.get("id", ""))) for each in found],
        rules_for(releases),
        set().union(*(extensions_of(release) for release in releases)),
    )


def all_processes(projections: Projections, publication: Publication) -> Iterator[PublishedProcess]:
    """Yield every process that has a release: the ledger's own, then those that others published.

    Of a process of its own the ledger alone speaks, also where others published it again: its money
    would stand there twice.

    Raises:
        StoreUnavailable: a database cannot be read.

    """
    register = Register(projections.feed)
    for origin in list_processes(projections):
        yield native_process(projections, register, publication, origin)
    for ocid, found in list_reported(projections):
        if found and _own(projections, publication, ocid) is None:
            yield reported(publication, ocid, found)


def process_of(
    projections: Projections, publication: Publication, name: str
) -> PublishedProcess | None:
    """Return a process by its ocid, or by its tender's id; None where it has no release.

    Raises:
        StoreUnavailable: a database cannot be read.

    """
    origin = _own(projections, publication, name) or process_of_tender(projections, name)
    if origin is not None:
        return native_process(projections, Register(projections.feed), publication, origin)
    found = reported_process(projections, name)
    return reported(publication, name, found) if found else None


def _own(projections: Projections, publication: Publication, ocid: str) -> Origin | None:
    """Return the ledger's own process of an ocid, or None."""
    tender = ocid.removeprefix(f"{publication.prefix}-")
    return None if tender == ocid else process_of_tender(projections, tender)


def native_process(
    projections: Projections, register: Register, publication: Publication, origin: Origin
) -> PublishedProcess:
    """Return one process of the ledger's own."""
    told = process_releases(projections, register, publication, origin)
    releases = [release for _position, release in told]
    return native(publication, publication.ocid(origin.tender), releases)


class Heading(NamedTuple):
    """What a package says of itself.

    Attributes:
        uri: its address.
        publisher: who publishes it.
        published: when it last changed: RFC 3339, UTC.

    """

    uri: str
    publisher: str
    published: str


def heading(projections: Projections, uri: str) -> Heading:
    """Return what a package of the ledger says of itself, as of the ledger's last statement."""
    feed = projections.feed
    last = feed.store.statement(feed.store.head().size - 1)
    recorded_ms = 0 if last is None else last.recorded_ms
    return Heading(uri, text(feed.genesis.title), format_instant(recorded_ms))


def release_package(head: Heading, processes: Iterable[PublishedProcess]) -> Iterator[bytes]:
    """Yield a release package, part by part.

    Raises:
        LedgerError: there is nothing to publish.

    """
    return _package(head, "releases", (_with(process, process.texts) for process in processes))


def record_package(
    head: Heading, processes: Iterable[PublishedProcess], *, linked: bool = False
) -> Iterator[bytes]:
    """Yield a record package, part by part: with the releases, or `linked` with their addresses.

    Raises:
        LedgerError: there is nothing to publish.

    """
    records = (_with(process, [encode(record(process, linked=linked))]) for process in processes)
    return _package(head, "records", records)


def compiled_lines(processes: Iterable[PublishedProcess]) -> Iterator[bytes]:
    """Yield the compiled releases, one a line; of releases that cannot be merged there is none."""
    for process in processes:
        compiled = compiled_of(process)
        if compiled is not None:
            yield encode(compiled) + b"\n"


def record(process: PublishedProcess, *, linked: bool = False) -> Release:
    """Return a record: the releases of a process, what they come to, and how it came about.

    Releases that contradict each other in type cannot be merged: then there are they alone.
    """
    whole: Release = {"ocid": process.ocid}
    if linked:
        whole["releases"] = [
            {"url": link} | {name: release[name] for name in ("date", "tag") if name in release}
            for link, release in zip(process.links, process.releases, strict=True)
        ]
    else:
        whole["releases"] = [Raw(each) for each in process.texts]
    compiled = compiled_of(process)
    if compiled is not None:
        whole["compiledRelease"] = compiled
        whole["versionedRelease"] = exact(version_releases(process.releases, process.rules))
    return whole


def compiled_of(process: PublishedProcess) -> Release | None:
    """Return the compiled release of a process, or None where its releases cannot be merged."""
    try:
        compiled: Release = exact(compile_releases(process.releases, process.rules))
    except Malformed:
        return None
    return compiled


def _link(publication: Publication, event: str, release: str) -> str:
    return f"{publication.base}{RELEASES_PATH}/{event}#{release}"


def _with(process: PublishedProcess, items: list[bytes]) -> tuple[set[str], list[bytes]]:
    return process.extensions, items


def _package(
    head: Heading, name: str, parts: Iterable[tuple[set[str], list[bytes]]]
) -> Iterator[bytes]:
    extensions: set[str] = set()
    begin = encode(
        {
            "uri": head.uri,
            "version": VERSION,
            "publisher": {"name": head.publisher},
            "publishedDate": head.published,
        }
    )
    before = begin[:-1] + f',"{name}":['.encode()
    for used, items in parts:
        extensions |= used
        for item in items:
            yield before + item
            before = b",\n"
    if before != b",\n":
        raise LedgerError("there is no contracting process in this ledger yet, so nothing to write")
    yield b'],"extensions":' + encode(sorted(extensions)) + b"}\n"
