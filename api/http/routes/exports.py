"""Downloads of all there is, streamed as they are read."""

from typing import Annotated, Any

from fastapi import Path, Query, Response
from fastapi.responses import StreamingResponse

from api.exports.forms import FORMS, FormName, journal_file
from api.http.parameters import missing
from api.http.questions import Asked, Question, Routes
from api.http.streams import saved_as
from ledger.store.histories import opening_of
from projections.funds import fund
from projections.journal import journal

routes = Routes(tags=["exports"])

_BINARY = {"type": "string", "format": "binary"}
_OF_LINE = Query(description="Only of this fund line.", examples=["2025-2081006-city"])

OfLine = Annotated[str | None, _OF_LINE]


def _file(form: FormName) -> dict[int | str, dict[str, Any]]:
    media_type, meaning, _ = FORMS[form]
    content, _, charset = media_type.partition(";")
    schema = {"type": "string"} if charset else _BINARY
    return {200: {"description": meaning, "content": {content: {"schema": schema}}}}


@routes.get(
    "/exports/journal.csv",
    summary="Download the journal",
    response_class=StreamingResponse,
    responses=_file("csv"),
)
def journal_csv(question: Asked, line: OfLine = None) -> Response:
    """Give both sides of every posting, each with the balance after it, who signed, and its hash.

    It is that of the moment it was asked for, however long it takes to be read.
    """
    return _of_line_or_all(question, line, "csv")


@routes.get(
    "/exports/journal.xlsx",
    summary="Download the journal as a workbook",
    response_class=StreamingResponse,
    responses=_file("xlsx"),
)
def journal_xlsx(question: Asked, line: OfLine = None) -> Response:
    """Give the rows of `/v1/exports/journal.csv` as sheets; it begins when all are written."""
    return _of_line_or_all(question, line, "xlsx")


@routes.get(
    "/exports/journal.parquet",
    summary="Download the journal as Parquet",
    response_class=StreamingResponse,
    responses=_file("parquet"),
)
def journal_parquet(question: Asked, line: OfLine = None) -> Response:
    """Give the rows of `/v1/exports/journal.csv` by columns."""
    return _of_line_or_all(question, line, "parquet")


@routes.get(
    "/exports/journal.beancount",
    summary="Download the journal as a Beancount file",
    response_class=StreamingResponse,
    responses=_file("beancount"),
)
def journal_beancount(question: Asked, line: OfLine = None) -> Response:
    """Give a transaction for each event that moved money, and the balances at the end."""
    return _of_line_or_all(question, line, "beancount")


@routes.get(
    "/funds/{line}/journal",
    summary="Download the journal of a fund line",
    response_class=StreamingResponse,
    responses=_file("csv"),
)
def fund_journal(
    question: Asked,
    line: Annotated[str, Path(description="The fund line's id.", examples=["2025-2081006-city"])],
) -> Response:
    """Give both sides of every posting on a fund line, as `/v1/exports/journal.csv` does."""
    return _of_line_or_all(question, line, "csv")


def _of_line_or_all(question: Question, line: str | None, form: FormName) -> Response:
    if line is not None and fund(question.projections, line) is None:
        raise missing("fund line", line)
    name = "journal" if line is None else "journal-of-line"
    store = question.service.store
    parts = journal_file(form, journal(store, line), opening_of(store))
    return question.download(parts, FORMS[form].media_type, saved_as(f"{name}.{form}"))
