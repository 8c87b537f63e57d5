"""A ledger behind servers in this process, for tests that sign in to it by the world's keys."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from histories import Kept, keep
from starlette.testclient import TestClient
from world import ORIGIN, World, signer

from api.application import create_app
from api.http.access import Access
from api.http.service import Service
from api.session_note import sign_session
from projections.catalogue import open_projections

HOST = "portal.example"
ACCESS = Access(url=f"https://{HOST}", session_minutes=60)
MINUTE_MS = 60_000


class Door(NamedTuple):
    """A ledger, and servers of it that share its database, as processes do."""

    kept: Kept
    services: tuple[Service, ...]
    clients: tuple[TestClient, ...]

    @property
    def client(self) -> TestClient:
        """The first server."""
        return self.clients[0]

    def follow(self) -> None:
        """Bring the ledger and the servers up to what the world has done."""
        self.kept.catch_up()
        for service in self.services:
            service.follow()

    def note(self, key: str = "PRO/one", **parts: Any) -> bytes:
        """Return a signed session text; `parts` says what differs from the right one."""
        given = {
            "origin": ORIGIN,
            "host": HOST,
            "nonce": parts.get("nonce") or self.client.get("/v1/sessions").json()["nonce"],
            "made_at_ms": self.kept.clock.now_ms(),
        }
        return sign_session(**(given | parts), signer=signer(key))

    def sign_in(self, key: str = "PRO/one") -> dict[str, str]:
        """Sign in; return the header of a request."""
        answer = self.client.post("/v1/sessions", content=self.note(key))
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    def status(self, headers: dict[str, str], server: int = 0, path: str = "/v1/contracts") -> int:
        """Return the status of a question asked with a token."""
        return self.clients[server].get(path, headers=headers).status_code


@contextmanager
def open_door(url: str, world: World, servers: int = 1) -> Iterator[Door]:
    """Keep a world's ledger at `url` behind so many servers."""
    with ExitStack() as opened:
        kept = keep(url, world)
        opened.callback(kept.ledger.close)
        services, clients = [], []
        for _ in range(servers):
            projections = opened.enter_context(open_projections(kept.ledger.store))
            service = Service(kept.ledger.store, projections, clock=kept.clock)
            service.follow()
            services.append(service)
            client = TestClient(create_app(service, access=ACCESS), base_url=ACCESS.url)
            clients.append(opened.enter_context(client))
        yield Door(kept, tuple(services), tuple(clients))
