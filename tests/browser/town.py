"""A demo city one morning in November 2025, behind a server in a process of its own.

    with open_town(folder, url) as town:
        town.submit({"type": "payment.approved", "payment": "p-1"}, "lushan-finance/review-2025")
        town.ask("/v1/payments/p-1")["status"]

The city's parties sign with the keys that follow from its seed. Contracts are in force, claims
wait for an answer and for money, and what was cut from two of them can still be contested.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import cities
from browser.clocked import BEHIND_MS
from serving_process import ServingProcess

from api.session_note import sign_session
from ledger.drafting import complete_event, sign_statement
from ledger.events import decode_event, name_of_type
from ledger.events.accounts import AccountDeclared
from ledger.identity import Ids
from ledger.keys import create_key_file
from ledger.note import Ed25519Signer
from ledger.policy import Policy
from ledger.simulate.agenda import local_ms
from ledger.simulate.cast import (
    AUDITOR,
    EVALUATOR,
    FINANCE,
    PURCHASER,
    REGISTRY,
    TREASURY,
    SimulatedKey,
)
from ledger.simulate.city import City
from ledger.state import State

LAST_DAY = "2025-11-13"
MORNING = ("2025-11-14", "09:00")
"""When the server's clock begins: no earlier than everything in the ledger."""

PATIENCE_S = 20
"""How long something may take that takes moments."""

PASSWORD = "a password of tests"
PROGRAM = "from browser.clocked import main; main()"

KEYS = {
    "finance": f"{FINANCE}/review-2025",
    "payments": f"{FINANCE}/payments-2025",
    "treasury": f"{TREASURY}/office-2025",
    "auditor": f"{AUDITOR}/office-2025",
    "evaluator": f"{EVALUATOR}/office-2025",
    "registrar": f"{REGISTRY}/office-2025",
    "purchaser": f"{PURCHASER}/contracts-2025",
}
"""Keys of the city's offices, by what they are asked for."""


class Cut(NamedTuple):
    """Something cut from a claim that can still come back.

    Attributes:
        contract: the contract.
        buyer: its purchaser.
        provider: who claimed.
        claim: the claim.
        visit: which visit of it.
        amount_fen: how much was cut of that.

    """

    contract: str
    buyer: str
    provider: str
    claim: str
    visit: str
    amount_fen: int


@dataclass(frozen=True)
class Town:
    """The city, its keys, and the server that answers for it.

    Attributes:
        city: the city.
        state: the ledger's state when the server began.
        accounts: of each party the account in force: its token, and the commitment to its number.
        server: the server.
        policy: what a reader trusts who had it from elsewhere.
        behind_ms: how far its clock is behind the machine's.

    """

    city: City
    state: State
    accounts: dict[str, tuple[str, str]]
    server: ServingProcess
    policy: Policy
    behind_ms: int

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""
        return self.server.url.rstrip("/")

    def now_ms(self) -> int:
        """Return the time by the server's clock."""
        return time.time_ns() // 1_000_000 - self.behind_ms

    def key(self, name: str) -> SimulatedKey:
        """Return a key, by its own name or by one of `KEYS`."""
        return self.city._world.cast.keys[KEYS.get(name, name)]

    @cached_property
    def cut(self) -> Cut:
        """What was cut last."""
        claim, lines = list(self.state.cuts.items())[-1]
        contract = self.state.contracts[self.state.claims[claim].contract]
        visit, amount_fen = next(iter(lines.items()))
        parties = contract.contract, contract.buyer, contract.provider
        return Cut(*parties, claim, visit, amount_fen)

    # -- asking and signing --------------------------------------------------------------------

    def ask(self, path: str) -> Any:
        """Return what anybody is answered."""
        status, body = self.server.ask(path)
        assert status == 200, body
        return json.loads(body)

    def session_note(self, key: str, nonce: str, host: str) -> str:
        """Return the text, signed, by which a party signs in."""
        signer = self.key(key).signer
        return sign_session(self.city.origin, host, nonce, self.now_ms(), signer).decode()

    def statement(self, event: dict[str, Any], *keys: str, others: tuple[str, ...] = ()) -> bytes:
        """Return a statement of an event, signed by these keys and by `others` later."""
        signers: list[Ed25519Signer] = [self.key(name).signer for name in keys]
        now_ms = self.now_ms()
        made = complete_event(json.dumps(event).encode(), Ids(), now_ms)
        return sign_statement([made], self.city.origin, now_ms, signers, others)

    def submit(self, event: dict[str, Any], *keys: str) -> None:
        """Have an event admitted, and wait until the pages tell of it."""
        data = self.statement(event, *keys)
        status, body = self.server.ask("/v1/statements?wait=true", "POST", data)
        assert status == 201, body

    def catch_up(self) -> None:
        """Wait until the pages tell of everything that was admitted."""
        until = time.monotonic() + PATIENCE_S
        while "They are 0 events behind." not in str(self.ask("/readyz")):
            assert time.monotonic() < until, "the read models stay behind"
            time.sleep(0.05)

    def key_file(self, folder: Path, key: str) -> Path:
        """Write the file of a key, as its holder keeps it."""
        kept = self.key(key)
        return create_key_file(
            folder, kept.name, kept.seed, use=kept.use, holder=kept.holder, password=PASSWORD
        ).path


@contextmanager
def open_town(folder: Path, url: str) -> Iterator[Town]:
    """Play the city into a new database, and serve it."""
    city, ledger = cities.play_until(url, cities.READ_SIDE, LAST_DAY)
    state = ledger.state
    genesis = ledger.store.statement(0)
    declared = name_of_type(AccountDeclared)
    events = [decode_event(row.body) for row in ledger.store.events() if row.type == declared]
    now_ms = local_ms(*MORNING)
    accounts = {
        event.party: (event.account, event.number)
        for event in events
        if isinstance(event, AccountDeclared) and state.accounts[event.account].from_ms <= now_ms
    }
    ledger.close()
    assert genesis is not None
    own = city._world.cast.ledger_key
    create_key_file(
        folder / "keys", own.name, own.seed, use=own.use, holder=own.holder, password=PASSWORD
    )
    behind_ms = time.time_ns() // 1_000_000 - now_ms
    environment = {
        BEHIND_MS: str(behind_ms),
        "SUNLEDGER_KEY_PASSWORD": PASSWORD,
        "SUNLEDGER_REQUESTS_A_SECOND": "0",
    }
    options = ("--db", url, "--keys", "keys")
    with ServingProcess(folder, *options, program=PROGRAM, **environment) as server:
        policy = Policy.of(own.signer.verifier, genesis.leaf)
        yield Town(city, state, accounts, server, policy, behind_ms)
