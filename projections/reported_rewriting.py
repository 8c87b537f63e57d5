"""Releases that were changed after publication, under the same id.

By OCDS a release is not edited once it is published: a change is a new release with a new id. So a
publisher that says something else under an id it has used contradicts itself. Compared is what
counts for status and money (`projections.reported_essence`): dates, statuses, sums, windows. How
organisations are written is not, because a copy in another version of OCDS (1.0 embeds them, 1.1
refers to them) says the same.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from projections.reported_essence import essence
from projections.reported_standing import Heard

_ORGANISATIONS = frozenset(["buyer", "parties", "procuringEntity", "suppliers", "tenderers"])


class Rewritten(Struct, frozen=True):
    """A release that says something else than an earlier report of the same id.

    Attributes:
        publisher: whose release.
        release_id: its id.
        earlier: position of the report before.
        later: position of the one that differs.

    """

    publisher: str
    release_id: str
    earlier: int
    later: int


def rewritten_of(heard: Sequence[Heard]) -> tuple[Rewritten, ...]:
    """Return the releases that were changed, given all reports in order of position."""
    last: dict[tuple[str, str], tuple[int, Any]] = {}
    found = []
    for one in heard:
        report = one.report
        if report.release_id is None or not one.release:
            continue
        key = (report.publisher, report.release_id)
        said = _said(essence(one.release))
        if key in last and last[key][1] != said:
            found.append(Rewritten(*key, earlier=last[key][0], later=report.position))
        last[key] = (report.position, said)
    return tuple(found)


def _said(value: Any) -> Any:
    """Return a value without organisations and empty lists, objects and texts."""
    if isinstance(value, dict):
        made = {key: _said(item) for key, item in value.items() if key not in _ORGANISATIONS}
        return {key: item for key, item in made.items() if item not in ({}, [], "")}
    if isinstance(value, list):
        return [_said(item) for item in value]
    return value
