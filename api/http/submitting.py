"""Submitting over HTTP: a statement file in, a receipt or a signed refusal out.

No thread waits for the writer: a handler hands its statement in, and the writer's thread wakes it
when the statement is durable. So as many requests wait as there are connections, and all that
wait share one commit.
"""

import asyncio
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
from fastapi import Request
from msgspec import Struct, structs

from api.http.problems import MEDIA_TYPE, SECONDS_TO_RETRY, Problem, details_of
from api.http.questions import Answer
from api.http.service import Service
from ledger.app import Ledger
from ledger.errors import Refused
from ledger.refused import sign_refusal
from ledger.statement import decode_statement_file, parse_statement
from ledger.times import format_instant
from ledger.waiting import Receipt


class StatementReceipt(Struct, frozen=True):
    """That a statement is in the log for good, and where.

    Attributes:
        index: the statement's place in the log, from 0 (its leaf index).
        id: SHA-256 of its text, in hex.
        recorded: when the ledger admitted it, RFC 3339 UTC.
        first_position: position of its first event in the ledger.
        event_count: how many events it has. Read models that reflect `first_position` plus this
            many events reflect the whole statement.
        proof: address of the receipt as a file that shows offline that the statement is in the
            log (C2SP tlog-proof).

    """

    index: int
    id: str
    recorded: str
    first_position: int
    event_count: int
    proof: str

    @classmethod
    def of(cls, receipt: Receipt) -> "StatementReceipt":
        """Return a receipt as it is answered."""
        return cls(
            receipt.index,
            receipt.statement_id.hex(),
            format_instant(receipt.recorded_ms),
            receipt.first_position,
            receipt.event_count,
            f"/v1/statements/{receipt.index}/proof",
        )

    @property
    def end_position(self) -> int:
        """How many events reflect the whole statement."""
        return self.first_position + self.event_count


class Submitted(NamedTuple):
    """A statement that is in the log.

    Attributes:
        receipt: where.
        again: whether it was there before it came.

    """

    receipt: StatementReceipt
    again: bool


async def submit(service: Service, data: bytes) -> Submitted:
    """Submit a statement file; return when it is durable.

    Raises:
        Problem: `not_written_here`.
        LedgerError: as `ledger.app.Ledger.submit`.

    """
    ledger = service.ledger
    if ledger is None:
        raise Problem("not_written_here", headers={"Retry-After": str(SECONDS_TO_RETRY)})
    size = ledger.size
    receipt = await _admitted(ledger, data)
    return Submitted(StatementReceipt.of(receipt), receipt.index < size)


async def _admitted(ledger: Ledger, data: bytes) -> Receipt:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Receipt] = loop.create_future()

    def settle(outcome: Receipt | BaseException) -> None:
        if (
            answer.done()
        ):  # whoever asked has gone; the statement is admitted or refused all the same
            return
        if isinstance(outcome, Receipt):
            answer.set_result(outcome)
        else:
            answer.set_exception(outcome)

    def tell(outcome: Receipt | BaseException) -> None:
        with suppress(RuntimeError):  # the server has stopped: nobody is there to be told
            loop.call_soon_threadsafe(settle, outcome)

    ledger.hand_in(data, tell)
    return await answer


def signed_refusal(service: Service, data: bytes, refused: Refused) -> bytes | None:
    """Return the operator's signed refusal of a statement file; None where no key is at hand."""
    if service.operator is None:
        return None
    statement = parse_statement(decode_statement_file(data)[0])
    return sign_refusal(
        service.origin, statement.id, refused.code, service.clock.now_ms(), service.operator
    )


def answer_refused(request: Request, refused: Refused, note: bytes | None) -> Answer[Any]:
    """Return the problem that tells of a refusal, with the note that the operator signed."""
    details = details_of(refused, request)
    if note is not None:
        details = structs.replace(details, refusal=note.decode())
    headers = {"Cache-Control": "no-store"}
    return Answer(msgspec.json.encode(details), details.status, headers, MEDIA_TYPE)
