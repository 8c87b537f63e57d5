"""A ledger that is written to over HTTP, in this process."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from starlette.testclient import TestClient

from api.application import create_app
from api.http.service import Service
from api.session_note import sign_session
from bench.workload import ORIGIN, READY_MS, Workload
from ledger.app import create_ledger
from ledger.drafting import sign_statement
from ledger.events.base import Period
from ledger.events.budget import ProgrammeEstablished
from ledger.note import Ed25519Signer, parse_note, sign_line
from ledger.statement import decode_statement_file
from projections.catalogue import open_projections


class Writing(NamedTuple):
    """A server that writes: who asks it, what it works with, and who signs."""

    client: TestClient
    service: Service
    workload: Workload


@contextmanager
def writing(url: str) -> Iterator[Writing]:
    """Open a ledger with contracts under which visits may be recorded, and serve it."""
    workload = Workload()
    opening = workload.opening()
    with ExitStack() as opened:
        genesis = next(opening)
        ledger = opened.enter_context(
            create_ledger(url, genesis, workload.ledger_key, workload.clock)
        )
        for data in opening:
            ledger.submit(data)
        projections = opened.enter_context(open_projections(ledger.store))
        service = Service(
            ledger.store,
            projections,
            ledger,
            clock=workload.clock,
            operator=workload.operator,
        )
        opened.enter_context(service)
        client = TestClient(create_app(service), raise_server_exceptions=False)
        yield Writing(opened.enter_context(client), service, workload)


def drafted(server: Writing, *names: str, programme: str = "p-2") -> bytes:
    """Return a programme's establishment, which BUY and FIN must sign, signed by `names`."""
    event = ProgrammeEstablished(
        **server.workload._heading(),
        programme=programme,
        titles={"en": "Meals"},
        purpose={"en": "Meals at home"},
        period=Period(from_date="2025-01-01", to_date="2025-12-31"),
    )
    signers = [server.workload._signer(name) for name in names]
    signing = {name.partition("/")[0] for name in names}
    others = [each for each in ("BUY", "FIN") if each not in signing]
    return sign_statement([event], ORIGIN, READY_MS, signers, others)


def line_of(data: bytes, signer: Ed25519Signer) -> bytes:
    """Return the line by which a key signs a statement file."""
    text = parse_note(decode_statement_file(data)[0]).text
    return sign_line(text, signer).encode().encode()


def signed_in(server: Writing, name: str) -> dict[str, str]:
    """Sign in with a key; return the header of a request."""
    nonce = server.client.get("/v1/sessions").json()["nonce"]
    signer = server.workload._signer(name)
    note = sign_session(ORIGIN, "127.0.0.1:8600", nonce, READY_MS, signer)
    answer = server.client.post("/v1/sessions", content=note)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}
