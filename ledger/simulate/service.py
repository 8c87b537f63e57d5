"""One contract of the miniature city, from its tender to its payments.

tender, award     the purchaser's                    contract       both sides'
visits            one signed batch a day of service  claims         monthly, on the third
answers           cuts and disputes line by line     payments       asked for, ordered, paid
"""

from typing import NamedTuple

from ledger.events.base import Document, Period
from ledger.events.claim import (
    ClaimAnswered,
    ClaimedVisits,
    ClaimSubmitted,
    Cut,
    Disputed,
    ServiceUnits,
)
from ledger.events.contract import (
    ContractAmended,
    ContractClosed,
    ContractLine,
    ContractPublished,
    ContractSigned,
    FinalLine,
    Item,
    Redaction,
)
from ledger.events.delivery import (
    BeneficiaryEnrolled,
    Credential,
    Place,
    VisitRecorded,
    WorkerEnrolled,
)
from ledger.merkle import root_of
from ledger.rules.claim import bill_of
from ledger.simulate.agenda import LAST_DAYS, Act, Agenda, local_ms, next_month
from ledger.simulate.cast import PURCHASER
from ledger.simulate.founding import NEW_CLAIMS_KEY, PROGRAMME, file_hash
from ledger.simulate.paying import Payments
from ledger.state import State
from ledger.times import MS_PER_MINUTE, format_instant

PURCHASER_KEY = f"{PURCHASER}/contracts-2025"
OLD_CLAIMS_KEY = f"{PURCHASER}/claims-2025"

CARE, NURSING = "daily-care", "basic-nursing"
CARE_FEN, NURSING_FEN = 5_200, 8_800  # an hour; a visit
_VISIT_DAYS = ("05", "11", "18", "25")
_CAPS_FEN = {"mild": 30_000, "moderate": 60_000, "severe": 80_000}
_TIERS = ("mild", "mild", "moderate", "moderate", "severe")
_CELLS = ("wt028", "wt02b", "wt029", "wt02c")
_FAR_AWAY_M = 640


class Plan(NamedTuple):
    """What is agreed, and what will go wrong.

    Attributes:
        contract: its id.
        number: the parties' own number.
        award: the award it carries out.
        provider: who serves.
        lines: (fund line, share in parts per million).
        value_fen: its value.
        months: months of service, `2025-03` and on.
        term: first and last day.
        signed: day it was signed.
        retention_ppm: share of each acceptance held back.
        people: elderly people served.
        workers: workers who serve.
        visits_a_day: visits on a day of service.
        claim_day: day of the following month on which a month is billed.
        cut: month in which one visit is cut, or None.
        disputed: month in which one visit is disputed, or None.
        rejected: month whose payment the bank rejects, or None.

    """

    contract: str
    number: str
    award: str
    provider: str
    lines: tuple[tuple[str, int], ...]
    value_fen: int
    months: tuple[str, ...]
    term: tuple[str, str]
    signed: str
    retention_ppm: int
    people: int
    workers: int
    visits_a_day: int
    claim_day: int
    cut: str | None = None
    disputed: str | None = None
    rejected: str | None = None


class Service:
    """A contract being carried out; puts its acts on the agenda as they become due."""

    def __init__(
        self, agenda: Agenda, state: State, truth: list[dict[str, str | int]], plan: Plan
    ) -> None:
        """Put signing, publication and the months of service on the agenda."""
        self._agenda = agenda
        self._state = state
        self._truth = truth
        self._plan = plan
        self._office = f"{plan.provider}/office-2025"
        self._field = f"{plan.provider}/field-2025"
        self._devices = [agenda.ids.token("device") for _ in range(plan.workers)]
        self._workers = [agenda.ids.token("worker") for _ in range(plan.workers)]
        self._people = [agenda.ids.token("person") for _ in range(plan.people)]
        self._planted: dict[str, tuple[str, str]] = {}  # month -> (visit, what is wrong)
        self._payments = Payments(agenda, state, plan.contract, plan.provider, self._label)
        agenda.at(local_ms(plan.signed, "09:30"), self._payments.declare_account)
        agenda.at(local_ms(plan.signed, "10:00"), self._sign_contract)
        agenda.at(local_ms(plan.signed, "14:30"), self._enrol_people)
        agenda.at(local_ms(plan.signed, "15:30"), self._publish)
        for month in plan.months:
            for day in _VISIT_DAYS:
                agenda.at(local_ms(f"{month}-{day}", "19:00"), self._day_of(month, day))
            agenda.at(local_ms(next_month(month, plan.claim_day), "09:15"), self._claim_of(month))

    # -- the contract --------------------------------------------------------------------------

    def _sign_contract(self) -> None:
        plan, agenda = self._plan, self._agenda
        items = [
            Item(service=CARE, unit="hour", rate_fen=CARE_FEN, units_max=2_000),
            Item(service=NURSING, unit="visit", rate_fen=NURSING_FEN, units_max=500),
        ]
        signed = agenda.event(
            ContractSigned,
            contract=plan.contract,
            number=plan.number,
            award=plan.award,
            buyer=PURCHASER,
            provider=plan.provider,
            lines=[ContractLine(line=line, share_ppm=share_ppm) for line, share_ppm in plan.lines],
            items=items,
            value_fen=plan.value_fen,
            term=Period(from_date=plan.term[0], to_date=plan.term[1]),
            acceptance_days=15,
            pay_days=30,
            retention_ppm=plan.retention_ppm,
            document=file_hash(agenda.chance),
        )
        agenda.sign([signed], PURCHASER_KEY, self._office)

    def _publish(self) -> None:
        published = self._agenda.event(
            ContractPublished,
            contract=self._plan.contract,
            sha256=file_hash(self._agenda.chance),
            redactions=[
                Redaction(what="names and telephone numbers of contact persons", ground="PRIVACY")
            ],
        )
        self._agenda.sign([published], PURCHASER_KEY)

    def amend(self, value_delta_fen: int) -> None:
        """Both sides agree on more service."""
        amended = self._agenda.event(
            ContractAmended,
            contract=self._plan.contract,
            reason="SCOPE",
            value_delta_fen=value_delta_fen,
        )
        self._agenda.sign([amended], PURCHASER_KEY, self._office)

    def close(self) -> None:
        """Both sides agree that nothing is open."""
        contract = self._state.contracts[self._plan.contract]
        paid = self._state.holdings("paid", contract)
        final = [
            FinalLine(line=line, paid_fen=paid_fen)
            for (line, _), paid_fen in zip(contract.lines, paid, strict=True)
        ]
        closed = self._agenda.event(ContractClosed, contract=contract.contract, final=final)
        self._agenda.sign([closed], PURCHASER_KEY, self._office)

    # -- people and visits ---------------------------------------------------------------------

    def _enrol_people(self) -> None:
        agenda = self._agenda
        beneficiaries = []
        for person in self._people:
            tier = agenda.chance.one_of(_TIERS)
            beneficiaries.append(
                agenda.event(
                    BeneficiaryEnrolled,
                    beneficiary=person,
                    programme=PROGRAMME,
                    tier=tier,
                    monthly_cap_fen=_CAPS_FEN[tier],
                    from_date=self._plan.term[0],
                )
            )
        agenda.sign(beneficiaries, PURCHASER_KEY)
        workers = [
            agenda.event(
                WorkerEnrolled,
                worker=worker,
                provider=self._plan.provider,
                credentials=[Credential(kind="care-worker-5", expires="2027-12-31")],
            )
            for worker in self._workers
        ]
        agenda.sign(workers, self._office)

    def _day_of(self, month: str, day: str) -> Act:
        def record_day() -> None:
            agenda, plan = self._agenda, self._plan
            wrong = None
            if day == _VISIT_DAYS[0]:
                wrong = "place_unverified" if month == plan.cut else None
                wrong = "too_short" if month == plan.disputed else wrong
            first = agenda.chance.below(plan.people)
            visits = [
                self._visit(f"{month}-{day}", number, first, wrong if number == 0 else None)
                for number in range(plan.visits_a_day)
            ]
            if wrong is not None:
                self._planted[month] = (visits[0].id, wrong)
                self._label(wrong, visits[0].id)
            agenda.sign(visits, self._field)

        return record_day

    def _visit(self, date: str, number: int, first: int, wrong: str | None) -> VisitRecorded:
        """Return one visit of a day; each person is visited once a day at most."""
        chance, plan = self._agenda.chance, self._plan
        worker = number % plan.workers
        round_ms = number // plan.workers * 150 * MS_PER_MINUTE
        started_ms = local_ms(date, "08:00") + round_ms + chance.below(25) * MS_PER_MINUTE
        care = wrong is not None or chance.below(4) > 0
        units = 2 if wrong is not None else chance.between(1, 2) if care else 1
        minutes = units * 60 - chance.below(6) if care else chance.between(35, 50)
        minutes = 25 if wrong == "too_short" else minutes
        ended_ms = started_ms + minutes * MS_PER_MINUTE
        return self._agenda.event(
            VisitRecorded,
            ended_ms,
            contract=plan.contract,
            service=CARE if care else NURSING,
            beneficiary=self._people[(first + number) % plan.people],
            worker=self._workers[worker],
            started_at=format_instant(started_ms),
            ended_at=format_instant(ended_ms),
            units=units,
            capture="app" if chance.below(10) else "qr",
            place=Place(
                kind="home",
                cell=chance.one_of(_CELLS),
                distance_m=_FAR_AWAY_M if wrong == "place_unverified" else chance.below(120),
            ),
            device=self._devices[worker],
            evidence=file_hash(chance),
        )

    # -- claims --------------------------------------------------------------------------------

    def _claim_of(self, month: str) -> Act:
        def submit_claim() -> None:
            agenda, contract = self._agenda, self._plan.contract
            last_day = f"{month}-{LAST_DAYS[month]}"
            bill = bill_of(self._state, contract, last_day)
            claim = f"{contract}-{month}"
            submitted = agenda.event(
                ClaimSubmitted,
                claim=claim,
                contract=contract,
                period=Period(from_date=f"{month}-01", to_date=last_day),
                visits=ClaimedVisits(root=root_of(bill.leaves).hex(), count=len(bill.visits)),
                units=[ServiceUnits(service=s, units=units) for s, units in bill.units.items()],
                gross_fen=bill.gross_fen,
                self_pay_fen=bill.self_pay_fen,
                claim_fen=bill.claim_fen,
                invoice=Document(number=f"INV-{claim}", sha256=file_hash(agenda.chance)),
            )
            agenda.sign([submitted], self._office)
            agenda.later(agenda.chance.between(5, 9), lambda: self._answer(claim, month))

        return submit_claim

    def _answer(self, claim: str, month: str) -> None:
        agenda, state = self._agenda, self._state
        claimed = state.claimed[claim]
        cuts: list[Cut] = []
        disputed: list[Disputed] = []
        visit, wrong = self._planted.get(month, ("", ""))
        if wrong == "place_unverified":
            cuts = [Cut(visit=visit, reason="PLACE_UNVERIFIED", amount_fen=claimed[visit])]
        elif wrong == "too_short":
            disputed = [Disputed(visit=visit, amount_fen=claimed[visit])]
        cut_fen = sum(line.amount_fen for line in cuts)
        withheld_fen = cut_fen + sum(line.amount_fen for line in disputed)
        answered = agenda.event(
            ClaimAnswered,
            claim=claim,
            accepted_fen=state.claims[claim].claim_fen - withheld_fen,
            cuts=cuts,
            disputed=disputed,
        )
        for code, lines in (("cut", cuts), ("disputed", disputed)):
            if lines:
                self._label(code, visit, claim=claim, amount_fen=withheld_fen)
        in_force = not state.keys[OLD_CLAIMS_KEY].revoked
        agenda.sign([answered], OLD_CLAIMS_KEY if in_force else NEW_CLAIMS_KEY)
        agenda.later(1, lambda: self._payments.request([claim], fails=month == self._plan.rejected))

    def _label(self, label: str, event_id: str, **facts: str | int) -> None:
        """Note what was planted, for whoever checks whether it is found."""
        contract = self._plan.contract
        self._truth.append({"label": label, "event": event_id, "contract": contract, **facts})
