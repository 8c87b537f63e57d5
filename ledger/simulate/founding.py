"""How a simulated city begins, and what its bodies do beside the contracts.

18 Nov 2024   the ledger is opened; the registry, and by it all others, are registered
19 Nov        keys and roles
20 Nov        three fund lines for 2025, the programmes, the catalogue, a limit of open tenders
Jun 2025      price caps;  Aug  a clerk leaves, a supplement;  Sep  a transfer between lines
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
from ledger.events.rulebook import FlagRule, PriceCapped, RulePublished, ServiceCatalogued
from ledger.rulebook import LAW
from ledger.simulate.agenda import OFFSET_TEXT
from ledger.simulate.cast import (
    AUTHORITY,
    FINANCE,
    FOUNDERS,
    OPERATOR,
    PURCHASER,
    REGISTRAR,
    REGISTRY,
    TITLE,
    Member,
    area_of,
    claims_key,
    identifier_of,
    office_of,
)
from ledger.simulate.planning import (
    CENTRAL_LINE,
    CITY_LINE,
    OTHER_PROGRAMME,
    PROGRAMME,
    PROVINCE_LINE,
    Call,
    Plan,
)
from ledger.simulate.scale import SERVICES, UNIT_MINUTES
from ledger.simulate.world import World
from ledger.times import format_instant

OPENING = ("2024-11-18", "09:00")

AUTHORITY_KEY = f"{AUTHORITY}/office-2025"
OPERATOR_KEY = f"{OPERATOR}/office-2025"
REGISTRY_KEY = f"{REGISTRY}/office-2025"
FINANCE_KEY = f"{FINANCE}/budget-2025"
FINANCE_TWICE = (FINANCE_KEY, f"{FINANCE}/review-2025")
PURCHASER_KEY = f"{PURCHASER}/contracts-2025"

EVERYTHING = Scope(all=True)
INDICATORS = (("visits-done", 500_000), ("people-served", 300_000), ("satisfaction", 200_000))
"""Indicators of every programme, and their weights."""

SOURCES = {CENTRAL_LINE: "central", PROVINCE_LINE: "province", CITY_LINE: "city"}
"""Whose money each fund line is."""

_BANK = "999551000019"  # of no bank
_CITY_YEAR_VISITS = 96  # a person's, about: what an indicator aims at


def declare_account(world: World, provider: str) -> tuple[str, str]:
    """Let a provider declare before the registry where it is to be paid.

    Returns the account's token and the commitment to its number.
    """
    account, number = world.ids.token("account"), world.file_hash()
    declared = world.event(
        AccountDeclared, party=provider, account=account, bank=_BANK, number=number
    )
    world.sign([declared], f"{provider}/office-2025", REGISTRY_KEY)
    return account, number


def open_ledger_act(world: World) -> None:
    """Let the authority and the operator open the ledger."""
    authority, operator = world.cast.keys[AUTHORITY_KEY], world.cast.keys[OPERATOR_KEY]
    opened = world.event(
        LedgerOpened,
        origin=world.cast.origin,
        title=TITLE,
        currency="CNY",
        utc_offset=OFFSET_TEXT,
        law=LAW,
        ledger_key=str(world.cast.ledger_key.verifier),
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
    world.sign([opened], AUTHORITY_KEY, OPERATOR_KEY)


class Founding:
    """The acts of the city's bodies before, and beside, the contracts."""

    def __init__(self, world: World, plans: list[Plan], calls: list[Call]) -> None:
        """Put these acts on the agenda."""
        self._world = world
        self._plans = plans
        self._calls = calls
        for date, clock, act in (
            ("2024-11-18", "10:00", self._register_registry),
            ("2024-11-18", "11:00", self._register_all),
            ("2024-11-19", "09:30", self._enrol_keys),
            ("2024-11-19", "14:00", self._grant_roles),
            ("2024-11-20", "09:00", self._appropriate),
            ("2024-11-20", "10:00", self._establish),
            ("2024-11-20", "11:00", self._catalogue),
            ("2025-06-03", "10:00", self._cap_prices),
            ("2025-08-04", "10:00", self._replace_claims_key),
            ("2025-08-18", "10:00", self._supplement),
            ("2025-09-10", "15:00", self._transfer),
        ):
            world.agenda.on(date, clock, act)

    # -- parties -------------------------------------------------------------------------------

    def _register_registry(self) -> None:
        world = self._world
        world.sign([self._registration(REGISTRAR)], AUTHORITY_KEY)
        self._enrol(REGISTRY_KEY, AUTHORITY_KEY)
        granted = world.event(RoleGranted, party=REGISTRY, role="registrar", scope=EVERYTHING)
        world.sign([granted], AUTHORITY_KEY)

    def _register_all(self) -> None:
        members = self._world.cast.members
        self._world.sign([self._registration(member) for member in members], REGISTRY_KEY)

    def _registration(self, member: Member) -> PartyRegistered:
        return self._world.event(
            PartyRegistered,
            party=member.party,
            names=member.names,
            identifier=identifier_of(member.party),
            kind=member.kind,
        )

    def _enrol_keys(self) -> None:
        for member in self._world.cast.members:
            first, *further = (f"{member.party}/{label}" for label, _ in member.labels)
            self._enrol(first, REGISTRY_KEY)
            for name in further:
                self._enrol(name, first)

    def _enrol(self, name: str, by: str) -> None:
        key = self._world.cast.keys[name]
        enrolled = self._world.event(
            KeyEnrolled,
            party=name.partition("/")[0],
            vkey=str(key.verifier),
            use=key.use,
            holder=key.holder,
        )
        self._world.sign([enrolled], by, name)

    def _grant_roles(self) -> None:
        """Grant the roles; a street office speaks only on contracts of its bureau."""
        world = self._world
        offices = {office_of(street) for street in range(world.scale.streets)}
        of_bureau = Scope(purchasers=[PURCHASER])
        grants = [
            world.event(
                RoleGranted,
                party=member.party,
                role=member.role,
                scope=of_bureau if member.party in offices else EVERYTHING,
            )
            for member in world.cast.members
        ]
        world.sign([grant for grant in grants if grant.role != "provider"], AUTHORITY_KEY)
        world.sign([grant for grant in grants if grant.role == "provider"], REGISTRY_KEY)

    def _replace_claims_key(self) -> None:
        """Let a clerk leave: the old key ends, and a colleague's takes its place."""
        world = self._world
        old, new = claims_key(0), f"{claims_key(0)}b"
        left = world.event(
            KeyRevoked,
            vkey=str(world.cast.keys[old].verifier),
            reason="HOLDER_LEFT",
            since=format_instant(world.agenda.now_ms),
        )
        world.sign([left], PURCHASER_KEY)
        world.cast.make_key(new, "sign")
        self._enrol(new, PURCHASER_KEY)

    # -- money ---------------------------------------------------------------------------------

    def _appropriate(self) -> None:
        """Appropriate a fifth more than the contracts come to, and allot most of it."""
        world = self._world
        needed_fen = dict.fromkeys(SOURCES, 0)
        for plan in self._plans:
            for line, share_ppm in plan.lines:
                needed_fen[line] += plan.value_fen * share_ppm // 1_000_000
        appropriated, allotted = [], []
        for line, fen in needed_fen.items():
            round_fen = (fen // 1_000_000 + 1) * 1_000_000
            appropriated.append(
                world.event(
                    BudgetAppropriated,
                    line=line,
                    year=2025,
                    code=line.split("-")[1],
                    source=SOURCES[line],
                    amount_fen=round_fen * 12 // 10,
                    document=self._document("Finance (2024) 101"),
                )
            )
            allotted.append(self._allotted(line, round_fen * 117 // 100))
        world.sign(appropriated, *FINANCE_TWICE)
        world.sign(allotted, FINANCE_KEY)

    def _allotted(self, line: str, amount_fen: int) -> BudgetAllotted:
        return self._world.event(BudgetAllotted, line=line, amount_fen=amount_fen)

    def _supplement(self) -> None:
        world = self._world
        amount_fen = sum(plan.value_fen for plan in self._plans) // 100
        supplemented = world.event(
            BudgetSupplemented,
            line=CITY_LINE,
            amount_fen=amount_fen,
            document=self._document("Finance (2025) 88"),
        )
        world.sign([supplemented], *FINANCE_TWICE)
        world.sign([self._allotted(CITY_LINE, amount_fen)], FINANCE_KEY)

    def _transfer(self) -> None:
        """Move to the city's line a tenth of what the province's has free."""
        free_fen = self._world.state.balance("allotted", PROVINCE_LINE)
        if free_fen >= 10:  # noqa: PLR2004 (a tenth of less is nothing)
            transferred = self._world.event(
                BudgetTransferred,
                from_line=PROVINCE_LINE,
                to_line=CITY_LINE,
                amount_fen=free_fen // 10,
                document=self._document("Finance (2025) 97"),
            )
            self._world.sign([transferred], *FINANCE_TWICE)

    def _document(self, number: str) -> Document:
        return Document(number=number, sha256=self._world.file_hash())

    # -- programmes, services, prices ----------------------------------------------------------

    def _establish(self) -> None:
        world = self._world
        names = {
            PROGRAMME: ("Home care for the elderly 2025", "2025 年居家养老服务"),
            OTHER_PROGRAMME: ("Care for disabled people 2025", "2025 年残疾人托养服务"),
        }
        target = world.scale.elders
        established = [
            world.event(
                ProgrammeEstablished,
                programme=programme,
                titles={"en": en, "zh": zh},
                purpose={
                    "en": "Let people who need help stay in their own homes.",
                    "zh": "让需要帮助的人在家中生活。",
                },
                policy="Civil Affairs (2024) 37",
                period=Period(from_date="2025-01-01", to_date="2025-12-31"),
                indicators=[
                    Indicator(id=name, weight_ppm=weight_ppm, target=amount)
                    for (name, weight_ppm), amount in zip(
                        INDICATORS, (target * _CITY_YEAR_VISITS, target, 90), strict=True
                    )
                ],
            )
            for programme, (en, zh) in names.items()
        ]
        world.sign(established, PURCHASER_KEY, FINANCE_KEY)

    def _catalogue(self) -> None:
        """Catalogue the services, and set the limit above which a purchase must be open."""
        world = self._world
        services = [
            world.event(
                ServiceCatalogued,
                code=kind.code,
                titles={"en": kind.en, "zh": kind.zh},
                unit="visit",
                category=kind.code,
                planned_minutes=UNIT_MINUTES,
            )
            for kind in SERVICES
        ]
        halves = [plan.value_fen for call in self._calls if call.split for plan in call.plans]
        limit = world.event(
            RulePublished,
            rule="flag/f24",
            version=2,
            parameters=FlagRule(thresholds={"amount_fen": max(halves) + 1}),
            document="Finance (2024) 95",
        )
        world.sign([*services, limit], PURCHASER_KEY, FINANCE_KEY)

    def _cap_prices(self) -> None:
        """Publish caps below the dearest rate of a district, which was agreed before."""
        world = self._world
        for district in range(min(world.scale.planted.above_cap, world.scale.districts)):
            for kind in SERVICES:
                there = [plan for plan in self._plans if plan.district == district]
                rates = sorted(plan.rates[kind.code] for plan in there)
                dearest_fen, next_fen = rates[-1], rates[-2] if len(rates) > 1 else 0
                if next_fen < dearest_fen:
                    cap_fen = max(next_fen, dearest_fen - dearest_fen // 50 - 1)
                    capped = world.event(
                        PriceCapped,
                        code=kind.code,
                        area=area_of(district),
                        cap_fen=cap_fen,
                        from_date="2025-06-15",
                    )
                    world.sign([capped], PURCHASER_KEY, FINANCE_KEY)
                    plan = next(each for each in there if each.rates[kind.code] == dearest_fen)
                    world.truth.label("above_cap", capped.id, contract=plan.contract)
                    break
