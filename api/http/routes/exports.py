"""Downloads of all there is, streamed as they are read."""

from typing import Annotated, Any

from fastapi import Path, Query, Response
from fastapi.responses import StreamingResponse

from api.http.parameters import missing
from api.http.questions import Asked, Question, Routes
from api.http.streams import in_chunks
from api.spreadsheets import journal_csv
from projections.funds import fund
from projections.journal import journal

routes = Routes(tags=["exports"])

CSV = "text/csv; charset=utf-8"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "CSV with a header line, UTF-8 with a byte order mark; amounts in fen.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


@routes.get(
    "/exports/journal.csv",
    summary="Download the journal",
    response_class=StreamingResponse,
    responses=_FILE,
)
def journal_file(
    question: Asked,
    line: Annotated[
        str | None,
        Query(description="Only of this fund line.", examples=["2025-2081006-city"]),
    ] = None,
) -> Response:
    """Give both sides of every posting, each with the balance after it, who signed, and its hash.

    It is that of the moment it was asked for, however long it takes to be read.
    """
    if line is not None:
        _check_line(question, line)
    return _download(question, line, "journal.csv")


@routes.get(
    "/funds/{line}/journal",
    summary="Download the journal of a fund line",
    response_class=StreamingResponse,
    responses=_FILE,
)
def fund_journal(
    question: Asked,
    line: Annotated[str, Path(description="The fund line's id.", examples=["2025-2081006-city"])],
) -> Response:
    """Give both sides of every posting on a fund line, as `/v1/exports/journal.csv` does."""
    _check_line(question, line)
    return _download(question, line, "journal-of-line.csv")


def _check_line(question: Question, line: str) -> None:
    if fund(question.projections, line) is None:
        raise missing("fund line", line)


def _download(question: Question, line: str | None, name: str) -> Response:
    rows = journal(question.service.store, line)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    parts = question.service.downloads.counted(in_chunks(journal_csv(rows)))
    return StreamingResponse(parts, 200, headers, CSV)
