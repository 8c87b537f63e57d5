"""Order files for the bank, for those who order and who pay."""

from typing import Annotated, Any

from fastapi import Query, Response

from api.http.parameters import After, Limit, missing
from api.http.problems import Problem
from api.http.questions import Answer, Asked, Question, Routes
from api.rights import READS_ORDERS
from ledger.bank.pain001 import write
from ledger.bank.references import end_to_end_of
from projections.bank_orders import OrderedFile, list_order_files, orders_named
from projections.bank_transfers import Choice, ordered_files
from projections.paging import DEFAULT_LIMIT, Page

routes = Routes(tags=["exports"])

XML = "application/xml"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An order file, ISO 20022 pain.001.001.09; amounts in the currency.",
        "content": {XML: {"schema": {"type": "string"}}},
    }
}


def reads_orders(question: Question) -> bool:
    """Tell whether whoever asks orders or pays."""
    return not READS_ORDERS.isdisjoint(question.reader.roles)


def check_reads_orders(question: Question) -> None:
    """Check that whoever asks orders or pays.

    Raises:
        Problem: `not_found`: for anybody else this is not here.

    """
    if not reads_orders(question):
        raise Problem("not_found")


@routes.get("/exports/pain001", summary="List the order files that wait for the bank")
def order_files(
    question: Asked,
    answered: Annotated[
        bool, Query(description="Those on which the bank said its last word, too.")
    ] = False,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[OrderedFile]]:
    """List order files, the oldest first: to finance and the treasury."""
    check_reads_orders(question)
    page = list_order_files(question.projections, waiting=not answered, after=after, limit=limit)
    return question.answer(page, page.position)


@routes.get(
    "/exports/pain001.xml",
    summary="Download an order file",
    response_class=Response,
    responses=_FILE,
)
def order_file(
    question: Asked,
    message: Annotated[
        str | None, Query(max_length=35, description="The file's MsgId, as its orders name it.")
    ] = None,
    payment: Annotated[
        str | None,
        Query(
            max_length=72,
            description="The file that a payment, or an advance as advance/ID, was ordered by.",
        ),
    ] = None,
) -> Response:
    """Give the order file of a MsgId or of a payment: to finance and the treasury.

    Accounts stand in it by number where the server was given the numbers, else by token.
    """
    check_reads_orders(question)
    if (message is None) == (payment is None):
        raise Problem("invalid_request", "ask for one file: by message, or by payment")
    if payment is not None and not _is_ordered(question, payment):
        raise missing("payment with the bank", payment)
    choice = Choice(message=message, payments=None if payment is None else [payment])
    found = ordered_files(question.projections, choice, question.service.accounts)
    for file, _stated in found:
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="order-file.xml"',
        }
        return Response(write(file), 200, headers, XML)
    raise missing("order file", message or "")


def _is_ordered(question: Question, payment: str) -> bool:
    named = orders_named(question.projections, names=[end_to_end_of(payment)])
    return any(each.payment == payment for each in named)
