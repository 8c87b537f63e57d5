"""How the miniature city begins: genesis, parties, keys, roles, budget, programme, people.

2 Jan    the ledger is opened; the registry, and by it all others, are registered
3 Jan    keys and roles
6 Jan    two fund lines are appropriated, part of them is allotted; the programme
Aug      a supplement;  Sep  a transfer between the lines
"""

from ledger.events.accounts import AccountDeclared
from ledger.events.base import Document, Period
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetSupplemented,
    BudgetTransferred,
    Indicator,
    ProgrammeEstablished,
)
from ledger.events.parties import (
    FoundingKey,
    FoundingParty,
    KeyEnrolled,
    KeyRevoked,
    LedgerOpened,
    PartyRegistered,
    RoleGranted,
    Scope,
)
from ledger.identity import Stream
from ledger.simulate.agenda import OFFSET_TEXT, Agenda, local_ms
from ledger.simulate.cast import (
    AUTHORITY,
    FINANCE,
    FOUNDERS,
    MEMBERS,
    OPERATOR,
    ORIGIN,
    PURCHASER,
    REGISTRAR,
    REGISTRY,
    TITLE,
    Member,
    identifier_of,
)
from ledger.times import format_instant

CITY_LINE = "2025-2081006-city"
LOTTERY_LINE = "2025-2296002-lottery"
PROGRAMME = "home-care-2025"

_AUTHORITY_KEY = f"{AUTHORITY}/office-2025"
_OPERATOR_KEY = f"{OPERATOR}/office-2025"
_REGISTRY_KEY = f"{REGISTRY}/office-2025"
_FINANCE_TWICE = (f"{FINANCE}/budget-2025", f"{FINANCE}/review-2025")
_PURCHASER_KEY = f"{PURCHASER}/contracts-2025"
_CLAIMS_KEY = f"{PURCHASER}/claims-2025"
NEW_CLAIMS_KEY = f"{PURCHASER}/claims-2025b"
_BANK = "999551000019"  # of no bank
EVERYTHING = Scope(all=True)


def file_hash(chance: Stream) -> str:
    """Return the hash of a file that a simulated city does not have."""
    return chance(32).hex()


def declare_account(agenda: Agenda, provider: str, key_name: str) -> str:
    """Let a provider declare before the registry where it is to be paid; return the token."""
    account = agenda.ids.token("account")
    declared = agenda.event(
        AccountDeclared,
        party=provider,
        account=account,
        bank=_BANK,
        number=file_hash(agenda.chance),
    )
    agenda.sign([declared], key_name, _REGISTRY_KEY)
    return account


def open_ledger_act(agenda: Agenda) -> None:
    """Let the authority and the operator open the ledger."""
    authority, operator = agenda.cast.keys[_AUTHORITY_KEY], agenda.cast.keys[_OPERATOR_KEY]
    opened = agenda.event(
        LedgerOpened,
        origin=ORIGIN,
        title=TITLE,
        currency="CNY",
        utc_offset=OFFSET_TEXT,
        law=0,
        ledger_key=str(agenda.cast.ledger_key.verifier),
        simulated=True,
        parties=[
            FoundingParty(
                party=member.party,
                names=member.names,
                identifier=identifier_of(member.party),
                kind=member.kind,
            )
            for member in FOUNDERS
        ],
        keys=[
            FoundingKey(vkey=str(authority.verifier), role="authority", holder=authority.holder),
            FoundingKey(vkey=str(operator.verifier), role="operator", holder=operator.holder),
        ],
    )
    agenda.sign([opened], _AUTHORITY_KEY, _OPERATOR_KEY)


class Founding:
    """The acts of the city's bodies before, and beside, the contracts."""

    def __init__(self, agenda: Agenda) -> None:
        """Put these acts on the agenda."""
        self._agenda = agenda
        for date, clock, act in (
            ("2025-01-02", "10:00", self._register_registry),
            ("2025-01-02", "11:00", self._register_all),
            ("2025-01-03", "09:30", self._enrol_keys),
            ("2025-01-03", "14:00", self._grant_roles),
            ("2025-01-06", "09:00", self._appropriate),
            ("2025-01-06", "10:00", self._establish),
            ("2025-01-07", "09:00", self._allot),
            ("2025-08-04", "10:00", self._replace_claims_key),
            ("2025-08-18", "10:00", self._supplement),
            ("2025-09-10", "15:00", self._transfer),
        ):
            agenda.at(local_ms(date, clock), act)

    def _register_registry(self) -> None:
        agenda = self._agenda
        agenda.sign([self._registration(REGISTRAR)], _AUTHORITY_KEY)
        self._enrol(_REGISTRY_KEY, _AUTHORITY_KEY)
        agenda.sign(
            [agenda.event(RoleGranted, party=REGISTRY, role="registrar", scope=EVERYTHING)],
            _AUTHORITY_KEY,
        )

    def _register_all(self) -> None:
        self._agenda.sign([self._registration(member) for member in MEMBERS], _REGISTRY_KEY)

    def _registration(self, member: Member) -> PartyRegistered:
        return self._agenda.event(
            PartyRegistered,
            party=member.party,
            names=member.names,
            identifier=identifier_of(member.party),
            kind=member.kind,
        )

    def _enrol_keys(self) -> None:
        for member in MEMBERS:
            first, *further = (f"{member.party}/{label}" for label, _ in member.labels)
            self._enrol(first, _REGISTRY_KEY)
            for name in further:
                self._enrol(name, first)

    def _enrol(self, name: str, by: str) -> None:
        key = self._agenda.cast.keys[name]
        enrolled = self._agenda.event(
            KeyEnrolled,
            party=name.partition("/")[0],
            vkey=str(key.verifier),
            use=key.use,
            holder=key.holder,
        )
        self._agenda.sign([enrolled], by, name)

    def _grant_roles(self) -> None:
        agenda = self._agenda
        grants = [
            agenda.event(RoleGranted, party=m.party, role=m.role, scope=EVERYTHING) for m in MEMBERS
        ]
        agenda.sign([grant for grant in grants if grant.role != "provider"], _AUTHORITY_KEY)
        agenda.sign([grant for grant in grants if grant.role == "provider"], _REGISTRY_KEY)

    def _appropriate(self) -> None:
        agenda = self._agenda
        events = [
            agenda.event(
                BudgetAppropriated,
                line=line,
                year=2025,
                code=line.split("-")[1],
                source=source,
                amount_fen=amount_fen,
                document=self._document("Finance (2025) 1"),
            )
            for line, source, amount_fen in (
                (CITY_LINE, "city", 9_000_000),
                (LOTTERY_LINE, "lottery", 4_000_000),
            )
        ]
        agenda.sign(events, *_FINANCE_TWICE)

    def _establish(self) -> None:
        agenda = self._agenda
        established = agenda.event(
            ProgrammeEstablished,
            programme=PROGRAMME,
            titles={"en": "Home care for the elderly 2025", "zh": "2025 年居家养老服务"},
            purpose={
                "en": "Let elderly people who need help stay in their own homes.",
                "zh": "让需要帮助的老年人在家中安享晚年。",
            },
            policy="Civil Affairs (2024) 37",
            period=Period(from_date="2025-01-01", to_date="2025-12-31"),
            indicators=[
                Indicator(id="visits-done", weight_ppm=600_000, target=400),
                Indicator(id="people-served", weight_ppm=400_000, target=21),
            ],
        )
        agenda.sign([established], _PURCHASER_KEY, _FINANCE_TWICE[0])

    def _allot(self) -> None:
        self._allot_to((CITY_LINE, 7_000_000), (LOTTERY_LINE, 3_000_000))

    def _supplement(self) -> None:
        agenda = self._agenda
        supplemented = agenda.event(
            BudgetSupplemented,
            line=CITY_LINE,
            amount_fen=1_200_000,
            document=self._document("Finance (2025) 88"),
        )
        agenda.sign([supplemented], *_FINANCE_TWICE)
        self._allot_to((CITY_LINE, 1_000_000))

    def _transfer(self) -> None:
        agenda = self._agenda
        transferred = agenda.event(
            BudgetTransferred,
            from_line=LOTTERY_LINE,
            to_line=CITY_LINE,
            amount_fen=400_000,
            document=self._document("Finance (2025) 97"),
        )
        agenda.sign([transferred], *_FINANCE_TWICE)

    def _allot_to(self, *parts: tuple[str, int]) -> None:
        allotted = [
            self._agenda.event(BudgetAllotted, line=line, amount_fen=amount_fen)
            for line, amount_fen in parts
        ]
        self._agenda.sign(allotted, _FINANCE_TWICE[0])

    def _replace_claims_key(self) -> None:
        """Let a clerk leave: the old key ends, and a colleague's takes its place."""
        agenda = self._agenda
        left = agenda.event(
            KeyRevoked,
            vkey=str(agenda.cast.keys[_CLAIMS_KEY].verifier),
            reason="HOLDER_LEFT",
            since=format_instant(agenda.now_ms),
        )
        agenda.sign([left], _PURCHASER_KEY)
        agenda.cast.make_key(NEW_CLAIMS_KEY, "sign")
        self._enrol(NEW_CLAIMS_KEY, _PURCHASER_KEY)

    def _document(self, number: str) -> Document:
        return Document(number=number, sha256=file_hash(self._agenda.chance))
