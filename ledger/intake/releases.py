"""From JSON documents to the releases they hold: packages, records, bare releases.

OCDS publishes releases alone, in release packages, in records and in record packages, each of
them also in arrays and in JSON Lines. Every object met is given out once: as a `Candidate` (a
release, still to be judged) or as an `Unusable` with its reason. What a record embeds is taken:
its releases, and its compiled release, which counts as a report of its own. Releases that a
record merely links to are not fetched; its versioned release says the same again and is left out.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.intake.defects import Defect, defect
from ledger.intake.finding import kind_of
from ledger.intake.parsing import Oversized
from ledger.intake.reading import Opened, Slice, mend
from ledger.intake.shape import MAX_TEXT_CHARS, object_in, text_in

UNKNOWN_PUBLISHER = "unknown publisher"

_RECORD = ("compiledRelease", "versionedRelease")
_RELEASE = frozenset(
    ("id", "date", "tag", "initiationType", "parties", "buyer", "planning", "tender")
).union(("bids", "awards", "contracts"))
_ENOUGH = 2  # members of a release that make an object without ocid look like one
_NAMED = 5  # members a reason names of an object that is not OCDS


class Context(NamedTuple):
    """What a package says about all its releases.

    Attributes:
        publisher: its name, else its identifier or address; empty if it has none.
        url: where the package says it can be had, or None.
        package_date: when it says it was published, as written, or None.
        defects: what is wrong with these.

    """

    publisher: str
    url: str | None
    package_date: str | None
    defects: tuple[Defect, ...]


class Candidate(NamedTuple):
    """A release found: its value, its span in the file's text, and what is known around it."""

    pointer: str
    start: int
    end: int
    value: Any
    context: Context
    defects: tuple[Defect, ...] = ()


class Unusable(NamedTuple):
    """An object that holds no release: where, why (a code of `REASONS`) and the facts."""

    pointer: str
    start: int
    reason: str
    facts: dict[str, object]


def releases_of(document: Slice | Opened) -> Iterator[Candidate | Unusable]:
    """Give what a document holds, in its order; of a broken one what is complete."""
    if isinstance(document, Slice):
        yield Unusable(
            document.pointer, document.start, "object_expected", {"found": kind_of(document.value)}
        )
    elif "" in document.lists:
        for item in document.lists[""]:
            yield from releases_of(item)
        if not document.lists[""] and document.end is not None:
            yield Unusable(document.pointer, document.start, "package_empty", {})
    elif _is_record(document):
        yield from _of_record(document, context_of(document.members))
    elif document.lists:
        yield from _of_package(document)
    elif document.end is not None:
        yield from _of_object(document, document.end)


def context_of(package: dict[str, Any]) -> Context:
    """Return what a package's members say of its releases."""
    publisher = object_in(package, "publisher")
    names = (_told(publisher, name) for name in ("name", "legalName", "uid", "uri"))
    name = next((name for name in names if name), "") or _told(package, "publisher")
    sources = {"publisher/name": publisher.get("name")}
    sources |= {name: package.get(name) for name in ("uri", "publishedDate")}
    shortened = tuple(
        defect("source_shortened", field=field, limit=MAX_TEXT_CHARS)
        for field, value in sources.items()
        if isinstance(value, str) and len(value) > MAX_TEXT_CHARS
    )
    url, date = _told(package, "uri"), _told(package, "publishedDate")
    return Context(name, url or None, date or None, shortened)


def _told(package: dict[str, Any], name: str) -> str:
    """Return a text of a package, whose bytes nobody has mended yet, as a release's are."""
    value = package.get(name)
    return text_in({name: mend(value)[0]}, name) if isinstance(value, str) else ""


def _of_package(package: Opened) -> Iterator[Candidate | Unusable]:
    context = context_of(package.members)
    count = 0
    for name in ("releases", "records"):
        for item in package.lists.get(name, ()):
            count += 1
            if isinstance(item, Opened):
                yield from _of_record(item, context)
            elif name == "releases" and isinstance(item.value, dict | Oversized):
                yield Candidate(*item, context)
            else:
                yield Unusable(
                    item.pointer, item.start, "object_expected", {"found": kind_of(item.value)}
                )
        if name in package.members:
            yield Unusable(f"/{name}", package.start, "list_expected", {"field": name})
            count += 1
    if not count and package.end is not None:
        yield Unusable(package.pointer, package.start, "package_empty", {})


def _of_record(record: Opened, package: Context) -> Iterator[Candidate | Unusable]:
    own = context_of(record.members)
    context = package if package.publisher else package._replace(publisher=own.publisher)
    linked = 0
    embedded: list[Candidate] = []
    for item in record.lists.get("releases", ()):
        if not isinstance(item, Slice) or not isinstance(item.value, dict | Oversized):
            found = kind_of(item.value) if isinstance(item, Slice) else "a list"
            yield Unusable(item.pointer, item.start, "object_expected", {"found": found})
        elif isinstance(item.value, dict) and "url" in item.value:
            linked += 1
        else:
            embedded.append(Candidate(*item, context))
    compiled = record.members.get("compiledRelease")
    if isinstance(compiled, Slice) and compiled.value is not None:
        embedded.append(Candidate(*compiled, context, _compiled_defects(compiled.value)))
    if embedded:
        noted = list(embedded[-1].defects)
        if linked:
            noted.append(defect("releases_linked", count=linked))
        if "versionedRelease" in record.members:
            noted.append(defect("versioned_left_out"))
        embedded[-1] = embedded[-1]._replace(defects=tuple(noted))
        yield from (_beside(record.members.get("ocid"), found) for found in embedded)
    elif record.end is not None:  # of a record that broke off, the break itself is reported
        versioned = "versionedRelease" in record.members
        reason = "versioned_only" if versioned else "record_without_release"
        yield Unusable(record.pointer, record.start, reason, {})


def _beside(ocid: object, found: Candidate) -> Candidate:
    """Note where a release names another process than the record that holds it."""
    own = found.value.get("ocid") if isinstance(found.value, dict) else None
    if not (isinstance(ocid, str) and isinstance(own, str)) or own.strip() == ocid.strip():
        return found
    return found._replace(defects=(*found.defects, defect("ocid_differs", "/ocid", value=ocid)))


def _compiled_defects(compiled: Any) -> tuple[Defect, ...]:
    tags = compiled.get("tag") if isinstance(compiled, dict) else None
    if isinstance(tags, list) and "compiled" in tags:
        return ()
    return (defect("compiled_without_tag", "/tag"),)


def _of_object(document: Opened, end: int) -> Iterator[Candidate | Unusable]:
    members = document.members
    wrong = next((name for name in ("releases", "records") if name in members), None)
    if "ocid" in members or len(_RELEASE & set(members)) >= _ENOUGH:
        context = context_of(members)._replace(url=None, package_date=None)
        yield Candidate(document.pointer, document.start, end, members, context)
    elif wrong:
        facts: dict[str, object] = {"field": wrong}
        yield Unusable(f"{document.pointer}/{wrong}", document.start, "list_expected", facts)
    else:
        names = ", ".join(list(members)[:_NAMED]) or "nothing"
        yield Unusable(document.pointer, document.start, "not_ocds", {"names": names})


def _is_record(document: Opened) -> bool:
    if any(name in document.members for name in _RECORD):
        return True
    return "ocid" in document.members and "releases" in document.lists
