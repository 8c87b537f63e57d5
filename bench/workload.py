"""A steady workload: visits by the thousand, claimed and answered month by month.

Everything is signed for real and made before the clock starts, so that what is measured is the
ledger and not the signing parties. Ids are UUIDv7 in time order, as real clients make them.
"""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from typing import Any

from ledger.events import Event, encode_event
from ledger.events.award import AwardDecided
from ledger.events.base import Document, Identifier, Period
from ledger.events.budget import BudgetAllotted, BudgetAppropriated, ProgrammeEstablished
from ledger.events.claim import ClaimAnswered, ClaimedVisits, ClaimSubmitted, ServiceUnits
from ledger.events.contract import ContractLine, ContractSigned, Item
from ledger.events.delivery import BeneficiaryEnrolled, VisitRecorded, WorkerEnrolled
from ledger.events.parties import (
    FoundingKey,
    FoundingParty,
    KeyEnrolled,
    LedgerOpened,
    PartyRegistered,
    RoleGranted,
    RoleName,
    Scope,
)
from ledger.events.tender import Lot, LotLine, TenderPublished
from ledger.merkle import leaf_hash, root_of
from ledger.note import Ed25519Signer, format_note, sign_line
from ledger.rulebook import LAW
from ledger.statement import decode_statement_file, encode_statement_file, statement_text
from ledger.times import format_instant, parse_instant

ORIGIN = "bench.example/ledger"
OPENED_MS = parse_instant("2025-02-01T00:00:00.000Z")  # the visits of January are over
READY_MS = parse_instant("2025-02-15T00:00:00.000Z")
"""When the awards of the first day can be challenged no more, and contracts are signed."""
RATE_FEN = 4_800
CONTRACTS = 8
WORKERS = 40
BENEFICIARIES = 500
BUDGET_FEN = 10**15


class SteadyClock:
    """Stands where it is set: admission never waits for it."""

    def __init__(self, set_ms: int = READY_MS) -> None:
        """Set the clock, milliseconds since the epoch."""
        self.set_ms = set_ms

    def now_ms(self) -> int:
        """Return the instant, milliseconds since the epoch."""
        return self.set_ms


class Workload:
    """Signs a small city's statements, then visits without end."""

    def __init__(self, seed: int = 7) -> None:
        """Make the parties' keys from `seed`."""
        self._random = random.Random(seed)
        self._sequence = 0
        self.ledger_key = Ed25519Signer(ORIGIN, self._random.randbytes(32))
        self._signers: dict[str, Ed25519Signer] = {}
        self._unclaimed: dict[int, list[tuple[bytes, int]]] = {n: [] for n in range(CONTRACTS)}
        self._claims = 0
        self.clock = SteadyClock(OPENED_MS)

    # -- statements ----------------------------------------------------------------------------

    def opening(self) -> Iterator[bytes]:
        """Yield the genesis, then what leads to eight contracts with people to serve.

        Each is to be submitted before the next is asked for: the clock moves on in between.
        """
        yield self._genesis()
        yield from self._party("FIN", "finance")
        yield from self._party("BUY", "purchaser")
        yield from self._party("PRO", "provider")
        yield self._sign(
            [
                ProgrammeEstablished(
                    **self._heading(),
                    programme="p",
                    titles={"en": "Home care"},
                    purpose={"en": "Care"},
                    period=Period(from_date="2025-01-01", to_date="2025-12-31"),
                )
            ],
            "BUY/one",
            "FIN/one",
        )
        document = Document(number="1", sha256="0" * 64)
        yield self._sign(
            [
                BudgetAppropriated(
                    **self._heading(),
                    line="l",
                    year=2025,
                    code="2080208",
                    source="city",
                    amount_fen=BUDGET_FEN,
                    document=document,
                )
            ],
            "FIN/one",
            "FIN/two",
        )
        yield self._sign(
            [BudgetAllotted(**self._heading(), line="l", amount_fen=BUDGET_FEN)], "FIN/one"
        )
        yield from self._contracts()
        yield from self._people()

    @property
    def operator(self) -> Ed25519Signer:
        """The operator's key, which closes the books."""
        return self._signer("OPS/clock")

    def visits(self, statements: int, events: int, *, claim_every: int = 0) -> Iterator[bytes]:
        """Yield statements of `events` visits each.

        After `claim_every` visits of a contract its visits are claimed and answered, so that the
        ledger need not remember them; 0 never claims.
        """
        for number in range(statements):
            contract = number % CONTRACTS
            yield self._sign([self._visit(contract) for _ in range(events)], "PRO/one")
            if claim_every and len(self._unclaimed[contract]) >= claim_every:
                yield from self._claim(contract)

    def signed_again(self, data: bytes) -> bytes:
        """Return another statement, made later, over the events of one of visits."""
        bodies = decode_statement_file(data)[1]
        text = statement_text(ORIGIN, OPENED_MS + 1, ["PRO"], bodies)
        line = sign_line(text, self._signer("PRO/one"))
        return encode_statement_file(format_note(text, [line]), bodies)

    # -- events --------------------------------------------------------------------------------

    def _visit(self, contract: int) -> VisitRecorded:
        minute = self._random.randrange(8 * 60, 18 * 60)
        day = dt.date(2025, 1, 1) + dt.timedelta(days=self._random.randrange(28))
        start = f"{day}T{minute // 60:02}:{minute % 60:02}:00.000Z"
        end = f"{day}T{minute // 60:02}:{minute % 60:02}:59.000Z"
        return VisitRecorded(
            **self._heading(),
            contract=f"c-{contract}",
            service="care",
            beneficiary=f"b-{self._random.randrange(BENEFICIARIES)}",
            worker=f"w-{self._random.randrange(WORKERS)}",
            started_at=start,
            ended_at=end,
            units=1,
            capture="app",
            device="device-0001",
        )

    def _claim(self, contract: int) -> Iterator[bytes]:
        claimed = self._unclaimed[contract]
        self._unclaimed[contract] = []
        self._claims += 1
        claim, gross_fen = f"k-{self._claims}", len(claimed) * RATE_FEN
        yield self._sign(
            [
                ClaimSubmitted(
                    **self._heading(),
                    claim=claim,
                    contract=f"c-{contract}",
                    period=Period(from_date="2025-01-01", to_date="2025-12-31"),
                    visits=ClaimedVisits(
                        root=root_of([leaf for leaf, _ in claimed]).hex(), count=len(claimed)
                    ),
                    units=[ServiceUnits(service="care", units=len(claimed))],
                    gross_fen=gross_fen,
                    self_pay_fen=0,
                    claim_fen=gross_fen,
                    invoice=Document(number=claim, sha256=f"{self._claims:064x}"),
                )
            ],
            "PRO/one",
        )
        yield self._sign(
            [
                ClaimAnswered(
                    **self._heading(), claim=claim, accepted_fen=gross_fen, cuts=[], disputed=[]
                )
            ],
            "BUY/one",
        )

    def _genesis(self) -> bytes:
        parties = [
            FoundingParty(
                party=party,
                names={"en": party},
                identifier=Identifier(scheme="X", id=party),
                kind="government",
            )
            for party in ("AUTH", "OPS")
        ]
        keys = [
            FoundingKey(vkey=str(self._signer("AUTH/root").verifier), role="authority", holder="h"),
            FoundingKey(vkey=str(self._signer("OPS/clock").verifier), role="operator", holder="o"),
        ]
        opened = LedgerOpened(
            **self._heading(),
            origin=ORIGIN,
            title={"en": "Bench"},
            currency="CNY",
            utc_offset="+00:00",
            law=LAW,
            ledger_key=str(self.ledger_key.verifier),
            parties=parties,
            keys=keys,
            simulated=True,
        )
        return self._sign([opened], "AUTH/root", "OPS/clock")

    def newcomer(self, party: str) -> Iterator[bytes]:
        """Yield a party's registration, its first key's enrolment, and one that it makes itself."""
        yield self._sign(
            [
                PartyRegistered(
                    **self._heading(),
                    party=party,
                    names={"en": party},
                    identifier=Identifier(scheme="X", id=party),
                    kind="government",
                )
            ],
            "AUTH/root",
        )
        yield self._sign([self._enrolled(f"{party}/one")], "AUTH/root", f"{party}/one")
        yield self._sign([self._enrolled(f"{party}/two")], f"{party}/one", f"{party}/two")

    def granted(self, party: str, role: RoleName) -> Iterator[bytes]:
        """Yield the grant of a role in the whole ledger."""
        granted = RoleGranted(**self._heading(), party=party, role=role, scope=Scope(all=True))
        yield self._sign([granted], "AUTH/root")

    def _party(self, party: str, role: RoleName) -> Iterator[bytes]:
        yield from self.newcomer(party)
        yield from self.granted(party, role)

    def _enrolled(self, name: str) -> KeyEnrolled:
        return KeyEnrolled(
            **self._heading(),
            party=name.partition("/")[0],
            vkey=str(self._signer(name).verifier),
            use="admin",
            holder=name.replace("/", "-"),
        )

    def _contracts(self) -> Iterator[bytes]:
        value_fen = BUDGET_FEN // CONTRACTS
        lots = [
            Lot(
                lot=f"lot-{n}",
                service="care",
                units_max=1_000_000_000,
                rate_cap_fen=RATE_FEN,
                value_fen=value_fen,
                lines=[LotLine(line="l", amount_fen=value_fen)],
            )
            for n in range(CONTRACTS)
        ]
        tender = TenderPublished(
            **self._heading(),
            tender="t",
            programme="p",
            titles={"en": "Care"},
            method="consultation",
            lots=lots,
            opens=format_instant(OPENED_MS),
            closes=format_instant(OPENED_MS),
        )
        yield self._sign([tender], "BUY/one")
        for n in range(CONTRACTS):
            award = AwardDecided(
                **self._heading(),
                award=f"a-{n}",
                tender="t",
                lot=f"lot-{n}",
                ranking=["PRO"],
                winner="PRO",
                value_fen=value_fen,
            )
            yield self._sign([award], "BUY/one")
        self.clock.set_ms = READY_MS
        for n in range(CONTRACTS):
            signed = ContractSigned(
                **self._heading(),
                contract=f"c-{n}",
                number=str(n),
                award=f"a-{n}",
                buyer="BUY",
                provider="PRO",
                lines=[ContractLine(line="l", share_ppm=1_000_000)],
                items=[
                    Item(service="care", unit="visit", rate_fen=RATE_FEN, units_max=1_000_000_000)
                ],
                value_fen=value_fen,
                term=Period(from_date="2025-01-01", to_date="2025-12-31"),
                acceptance_days=10,
                pay_days=30,
            )
            yield self._sign([signed], "BUY/one", "PRO/one")

    def _people(self) -> Iterator[bytes]:
        yield self._sign(
            [
                BeneficiaryEnrolled(
                    **self._heading(),
                    beneficiary=f"b-{n}",
                    programme="p",
                    tier="mild",
                    monthly_cap_fen=BUDGET_FEN,
                    from_date="2025-01-01",
                )
                for n in range(BENEFICIARIES)
            ],
            "BUY/one",
        )
        yield self._sign(
            [
                WorkerEnrolled(**self._heading(), worker=f"w-{n}", provider="PRO", credentials=[])
                for n in range(WORKERS)
            ],
            "PRO/one",
        )

    # -- signing -------------------------------------------------------------------------------

    def _heading(self) -> dict[str, Any]:
        self._sequence += 1
        rand = self._random.getrandbits(74)
        value = (OPENED_MS + self._sequence // 1000) << 80 | 0x7 << 76
        value |= (rand >> 62) << 64 | 0b10 << 62 | rand & (1 << 62) - 1
        text = f"{value:032x}"
        return {
            "v": 1,
            "id": f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}",
            "salt": self._random.randbytes(16).hex(),
            "at": format_instant(OPENED_MS),
        }

    def _signer(self, name: str) -> Ed25519Signer:
        if name not in self._signers:
            self._signers[name] = Ed25519Signer(name, self._random.randbytes(32))
        return self._signers[name]

    def _sign(self, events: Sequence[Event], *names: str) -> bytes:
        bodies = [encode_event(event) for event in events]
        for event, body in zip(events, bodies, strict=True):
            if isinstance(event, VisitRecorded):
                contract = int(event.contract.removeprefix("c-"))
                self._unclaimed[contract].append((leaf_hash(body), event.units))
        parties = [name.partition("/")[0] for name in names]
        text = statement_text(ORIGIN, OPENED_MS, parties, bodies)
        lines = [sign_line(text, self._signer(name)) for name in sorted(names)]
        return encode_statement_file(format_note(text, lines), bodies)
