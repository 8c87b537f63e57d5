"""Those that ask a server of the demo city, and how they sign in."""

from collections.abc import Mapping
from typing import TypeVar

from starlette.testclient import TestClient

from api.http.service import Service
from api.session_note import sign_session
from ledger.events import Event, decode_event, name_of_type
from ledger.events.contract import ContractSigned
from ledger.note import Signer

E = TypeVar("E", bound=Event)

OFFICES = {
    "finance": "lushan-finance/budget-2025",
    "auditor": "lushan-audit/office-2025",
    "operator": "lushan-data/office-2025",
    "treasury": "lushan-treasury/office-2025",
    "purchaser": "lushan-civil-affairs/contracts-2025",
}


class Readers:
    """Signs in as the parties of the demo city.

    Attributes:
        contract: id of a contract.
        party: its provider.
        other: a provider with a contract of its own.

    """

    def __init__(self, service: Service, keys: Mapping[str, Signer]) -> None:
        """Use `keys`, by name."""
        self._service = service
        self._keys = keys
        signed = events_of(service, ContractSigned)
        self.contract, self.party = signed[0].contract, signed[0].provider
        self.other = next(e.provider for e in signed if e.provider != self.party)

    def key(self, who: str) -> Signer:
        """Return a key of `party`, `other`, finance, treasury, auditor, operator or purchaser."""
        parties = {"party": self.party, "other": self.other}
        return self._keys[f"{parties[who]}/office-2025" if who in parties else OFFICES[who]]

    def sign_in(self, client: TestClient, who: str) -> dict[str, str]:
        """Return the headers of a reader; nobody's for `public`."""
        if who == "public":
            return {}
        nonce = client.get("/v1/sessions").json()["nonce"]
        now_ms = self._service.clock.now_ms()
        origin, key = self._service.origin, self.key(who)
        note = sign_session(origin, client.base_url.netloc.decode(), nonce, now_ms, key)
        answer = client.post("/v1/sessions", content=note)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}


def events_of(service: Service, event_type: type[E]) -> list[E]:
    """Return all events of a type in the ledger."""
    name = name_of_type(event_type)
    found = [decode_event(row.body) for row in service.store.events() if row.type == name]
    return [event for event in found if isinstance(event, event_type)]
