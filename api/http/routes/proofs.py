"""Proofs to carry away: files that `sunledger check`, a browser or a shell script verifies offline.

What a proof holds is for those that may read it (api/rights.py): that of an event holds its body,
that of a history every body, that of a confirmed receivable those since it was confirmed. A receipt
and the proof of how something stood hold none, and are for everybody. Proofs of how something
stood are as of the last closing; `Sunledger-Closing` says at which position that was.
"""

import re
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.http.problems import Problem
from api.http.questions import Asked, Question, Routes
from api.http.readable import Readable
from api.http.streams import saved_as
from api.rights import AUDIENCES, Audience, may_read_event
from ledger.errors import LedgerError, Unverified
from ledger.evidence.history import confirmation_of
from ledger.evidence.proving import prove_history, prove_receivable, prove_state
from ledger.evidence.standing import LastClosing, contract_of_claim, last_closing
from ledger.evidence.stored import StoreEvidence
from ledger.proof import make_event_proof
from ledger.receipts import receipt_proof
from ledger.store.errors import StoreUnavailable
from ledger.store.histories import history_of, kinds_of, last_of
from projections.delivery.sides import sides_of_contract

routes = Routes(tags=["proofs"])

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

CLOSING = "Sunledger-Closing"
"""The header that tells the position of the closing that a proof is as of."""

MAX_HISTORY_EVENTS = 200_000
"""Events of a history proof over HTTP: four years of a large contract, some 100 MB. A longer one
is made by `sunledger proof history` beside the database."""

_EVENT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

Contract = Annotated[str, Path(description="The contract's id.", examples=["c-2025-01"])]
Line = Annotated[str, Path(description="The fund line's id.", examples=["2025-2081006-city"])]
Claim = Annotated[str, Path(description="The claim's id.", examples=["c-2025-01-2025-12"])]


@routes.get(
    "/events/{event_id}/proof",
    summary="Prove an event",
    response_class=Response,
    responses={200: {"description": "The proof file.", "content": {JSON: {}}}},
)
def event_proof(
    question: Asked,
    event_id: Annotated[
        str,
        Path(
            description="The event's id, a UUID in lower case.",
            examples=["0194bd12-9820-7c68-a873-1d0723027341"],
        ),
    ],
) -> Response:
    """Give the proof (`.eventproof.json`) that an event is in the log, signed by these keys."""
    store = question.service.store
    row = store.event(UUID(event_id).bytes) if _EVENT_ID.fullmatch(event_id) else None
    if row is None or not Readable(question.service, question.reader)(row):
        raise Problem("not_found", f"there is no event {event_id}")
    evidence = StoreEvidence(store, question.service.policy)
    data = make_event_proof(evidence, event_id)
    return _file(question, data, JSON, f"{event_id}.eventproof.json")


@routes.get(
    "/statements/{statement}/proof",
    summary="Give the receipt of a statement",
    response_class=Response,
    responses={200: {"description": "The receipt.", "content": {"text/plain": {}}}},
)
def receipt(
    question: Asked,
    statement: Annotated[
        str,
        Path(
            description="Its index in the log, or its id: SHA-256 of its text, 64 hex digits.",
            examples=["7"],
        ),
    ],
) -> Response:
    """Give the receipt (C2SP tlog-proof) that a statement is in the log."""
    store = question.service.store
    row = None
    if _INDEX.fullmatch(statement):
        row = store.statement(int(statement))
    elif _SHA256.fullmatch(statement):
        row = store.statement_by_id(bytes.fromhex(statement))
    if row is None:
        raise Problem("not_found", f"there is no statement {statement}")
    data = receipt_proof(store, row.index, question.service.policy)
    return _file(question, data, TEXT, f"{row.id.hex()}.receipt")


@routes.get(
    "/contracts/{name}/proof",
    summary="Prove how a contract stood",
    response_class=Response,
    responses={200: {"description": "The proof file.", "content": {JSON: {}}}},
)
async def contract_proof(question: Asked, name: Contract) -> Response:
    """Give the state proof (`.stateproof.json`) of a contract as of the last closing."""
    return await _state_proof(question, f"contract/{name}")


@routes.get(
    "/funds/{line}/proof",
    summary="Prove how a fund line stood",
    response_class=Response,
    responses={200: {"description": "The proof file.", "content": {JSON: {}}}},
)
async def fund_proof(question: Asked, line: Line) -> Response:
    """Give the state proof (`.stateproof.json`) of a fund line as of the last closing."""
    return await _state_proof(question, f"line/{line}")


@routes.get(
    "/contracts/{name}/history-proof",
    summary="Prove the history of a contract",
    response_class=StreamingResponse,
    responses={200: {"description": "The proof file.", "content": {"text/plain": {}}}},
)
async def contract_history(question: Asked, name: Contract) -> Response:
    """Give every event of a contract up to the last closing, and the figures they come to.

    It is for those that may read all of them: the sides of the contract, finance and auditors.
    """
    return await _history_proof(question, f"contract/{name}")


@routes.get(
    "/funds/{line}/history-proof",
    summary="Prove the history of a fund line",
    response_class=StreamingResponse,
    responses={200: {"description": "The proof file.", "content": {"text/plain": {}}}},
)
async def fund_history(question: Asked, line: Line) -> Response:
    """Give every event of a fund line up to the last closing, and the balances they come to."""
    return await _history_proof(question, f"line/{line}")


@routes.get(
    "/claims/{claim}/proof",
    summary="Prove what is unpaid of a claim",
    response_class=Response,
    responses={200: {"description": "The proof file.", "content": {JSON: {}}}},
)
async def receivable(question: Asked, claim: Claim) -> Response:
    """Give the receivable proof of a claim, for a bank, as of the last closing.

    Where the receivable is confirmed the proof holds the contract's events since then, and is for
    those that may read them.
    """
    closing = await _closing(question)

    def make() -> Response:
        store = question.service.store
        key = contract_of_claim(closing, claim)
        confirmed = confirmation_of(store, key, claim, closing.position)
        if confirmed is not None and not _may_read_history(question, key):
            raise Problem("not_found")
        made = prove_receivable(store, closing, claim, question.service.policy)
        return _file(question, made.proof, JSON, f"{claim}.receivable.json", closing)

    return await _made(make)


# -- as of the last closing --------------------------------------------------------------------


async def _closing(question: Question) -> LastClosing:
    """Return how everything stood at the last closing: replayed once a closing, then kept."""
    store = question.service.store
    last = await run_in_threadpool(last_of, store, "ledger/main", "ledger.closed")
    if last is None:
        raise Problem("not_found", "the ledger was never closed")
    work = question.service.slowly.done(("closing", last.position), lambda: last_closing(store))
    return await work


async def _state_proof(question: Question, key: str) -> Response:
    closing = await _closing(question)

    def make() -> Response:
        data = prove_state(question.service.store, closing, key, question.service.policy)
        return _file(question, data, JSON, f"{key}.stateproof.json", closing)

    return await _made(make)


async def _history_proof(question: Question, key: str) -> Response:
    closing = await _closing(question)

    def make() -> Response:
        store = question.service.store
        events = sum(kind.count for kind in kinds_of(store, key).values())
        if not events or not _may_read_history(question, key):
            raise Problem("not_found", f"there is no history of {key}")
        if events > MAX_HISTORY_EVENTS:
            raise Problem(
                "too_large",
                f"the history of {key} has {events} events, and {MAX_HISTORY_EVENTS} at most are "
                f"sent at once: `sunledger proof history {key}` writes it beside the database",
            )
        lines = prove_history(store, closing, key, question.service.policy)
        return question.download(lines, TEXT, _named(f"{key}.historyproof", closing))

    return await _made(make)


async def _made(make: Callable[[], Response]) -> Response:
    """Return what `make` does in a thread; what was not there at the closing is not found."""
    try:
        return await run_in_threadpool(make)
    except (StoreUnavailable, Unverified):
        raise
    except LedgerError as error:
        raise Problem("not_found", str(error)) from None


def _may_read_history(question: Question, key: str) -> bool:
    """Tell whether every event of a subject is for the reader, by their types where that does."""
    store, reader = question.service.store, question.reader
    of, _, name = key.partition("/")
    sides: tuple[str, ...] = ()
    if of == "contract":
        sides = sides_of_contract(question.service.projections, name)
    readable = Readable(question.service, reader)
    return all(
        may_read_event(reader, type_name, sides)
        or (
            AUDIENCES[type_name] in {Audience.FLAG, Audience.BID}
            and all(map(readable, history_of(store, key, type_name, -1, kind.count)))
        )
        for type_name, kind in kinds_of(store, key).items()
    )


# -- files -------------------------------------------------------------------------------------


def _file(
    question: Question, data: bytes, media_type: str, name: str, closing: LastClosing | None = None
) -> Response:
    answer = question.answer_bytes(data, question.service.position, media_type)
    answer.headers.update(_named(name, closing))
    return answer


def _named(name: str, closing: LastClosing | None) -> dict[str, str]:
    """Return the headers by which a browser saves a proof, and its closing."""
    headers = saved_as(name)
    return headers if closing is None else {**headers, CLOSING: str(closing.position)}
