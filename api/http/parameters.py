"""Parameters that many routes share, and the point of the past that one of them names."""

from typing import Annotated

from fastapi import Query

from api.http.problems import SECONDS_TO_RETRY, Problem
from api.http.questions import Question
from projections.paging import MAX_LIMIT
from projections.points import Point, point_of

After = Annotated[
    str | None, Query(description="The `next` of the page before: what comes behind it.")
]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items a page, at most.")]
Year = Annotated[int | None, Query(ge=1, le=9999, description="Only of this calendar year.")]
Text = Annotated[
    str | None, Query(description="Only with this text in ids, numbers, titles or names.")
]
AsOf = Annotated[
    str | None,
    Query(
        description="As it was: after so many events (`3000`), at the end of a day (`2025-06-30`), "
        "or at an instant with its offset (`2025-06-30T18:00:00+08:00`). The answer reflects the "
        "last whole statement by then, as its position says.",
        examples=["2025-06-30"],
    ),
]


def point_asked(question: Question, as_of: str) -> Point:
    """Return the point of the past that a request asks for.

    Raises:
        Problem: the read models do not reflect as much yet.
        Malformed: it is no point in time.
        LedgerError: it lies beyond what the ledger holds.

    """
    point = point_of(question.projections.feed, as_of)
    if point.place.position > question.service.position:
        raise Problem(
            "behind",
            f"the read models reflect {question.service.position} events, and not yet the "
            f"first {point.place.position}",
            {"Retry-After": str(SECONDS_TO_RETRY)},
        )
    return point


def missing(kind: str, name: str, as_of: str | None = None) -> Problem:
    """Return the problem that there is, or was, nothing of this name."""
    if as_of is None:
        return Problem("not_found", f"there is no {kind} {name}")
    return Problem("not_found", f"there was no {kind} {name} as of {as_of}")
