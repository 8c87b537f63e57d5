"""Parameters that many routes share."""

from typing import Annotated

from fastapi import Query

from projections.paging import MAX_LIMIT

After = Annotated[
    str | None, Query(description="The `next` of the page before: what comes behind it.")
]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items a page, at most.")]
