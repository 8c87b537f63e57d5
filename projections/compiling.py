"""From the releases of one process to its compiled and its versioned release.

The merging itself is the library's (`ocdsmerge`); ours are the rules, as data instead of a schema
from the network, and the order. Releases are merged by their dates as instants, because dates
with offsets do not sort as text; of equal dates the order given decides, and a release without a
readable date comes first, so that it never overrides one that has a date.

    compile_releases([{"ocid": "a", "date": "2024-01-01T00:00:00Z", "tender": {"status": "active"}},
                      {"ocid": "a", "date": "2024-02-01T00:00:00Z", "tender": {"title": "B"}}])
    -> {"tag": ["compiled"], "id": "a-2024-02-01T00:00:00Z", "date": "2024-02-01T00:00:00Z",
        "ocid": "a", "tender": {"status": "active", "title": "B"}}

Numbers may be `ledger.intake.parsing.Numeral`s: they are passed through as they are.
"""

import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ocdsmerge.exceptions import DuplicateIdValueWarning, OCDSMergeError
from ocdsmerge.merge import CompiledRelease, MergedRelease, VersionedRelease

from ledger.errors import Malformed
from ledger.intake.dates import instant_us
from projections.merge_rules import RULES_1_0, RULES_1_1, Rules

Release = dict[str, Any]

_BEFORE_ALL = -(1 << 63)  # microseconds: earlier than any date that a calendar writes

_merging = threading.Lock()


def compile_releases(releases: Sequence[Release], rules: Rules | None = None) -> Release:
    """Return the compiled release: what is known of the process after the last of `releases`.

    `rules` are those that fit the releases when None is given. Where a list repeats an id the
    last item counts, field by field.

    Raises:
        Malformed: two releases contradict each other in type (an object here, a list there).

    """
    with _repeated_ids_allowed():
        return _merge(CompiledRelease, releases, rules)


def version_releases(releases: Sequence[Release], rules: Rules | None = None) -> Release:
    """Return the versioned release: every value each field ever had, with its release.

    Raises:
        Malformed: as for `compile_releases`.

    """
    with _repeated_ids_allowed():
        return _merge(VersionedRelease, releases, rules)


def in_order(releases: Sequence[Release]) -> list[Release]:
    """Return the releases by date, stable; without a readable date first."""
    return sorted(releases, key=merge_instant)


def merge_instant(release: Release) -> int:
    """Return the microseconds since 1970 of a release's date; an unreadable one is before all."""
    date = release.get("date")
    instant = instant_us(date) if isinstance(date, str) else None
    return _BEFORE_ALL if instant is None else instant


def rules_for(releases: Sequence[Release]) -> Rules:
    """Return the rules of OCDS 1.0 for releases none of which has `parties`, else those of 1.1.

    A release does not say its version (its package does); `parties` are what 1.1 is known by.
    """
    return RULES_1_1 if any("parties" in release for release in releases) else RULES_1_0


def _merge(kind: type[MergedRelease], releases: Sequence[Release], rules: Rules | None) -> Release:
    merged = kind(merge_rules=rules_for(releases) if rules is None else rules)
    try:
        for release in in_order(releases):
            merged.append(release)
        result: Release = merged.asdict()
    # The library has no word for an id that is an object or list: hashing it fails.
    except (OCDSMergeError, TypeError) as error:
        raise Malformed(f"The releases cannot be merged: {error}.") from error
    return result


@contextmanager
def _repeated_ids_allowed() -> Iterator[None]:
    """Silence the library's warning: the release that repeats an id has a defect that says so.

    Filters of warnings are the process's, so one thread merges at a time.
    """
    with _merging, warnings.catch_warnings():
        warnings.simplefilter("ignore", DuplicateIdValueWarning)
        yield
