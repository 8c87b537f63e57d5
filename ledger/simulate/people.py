"""The people of a simulated city: who is served, by whom, and who dies or leaves.

Before a contract's term its people and workers are enrolled and care plans agreed. Of a year's
people some exit; that is reported days later, and somebody else takes the place.
"""

from collections import defaultdict
from collections.abc import Iterator

from ledger.events.delivery import (
    BeneficiaryEnrolled,
    BeneficiaryExited,
    CareplanAgreed,
    Credential,
    PlannedService,
    WorkerEnrolled,
)
from ledger.money import PPM
from ledger.simulate.agenda import Act, day_ms
from ledger.simulate.chance import Quota, draw
from ledger.simulate.founding import PURCHASER_KEY
from ledger.simulate.planning import OTHER_PROGRAMME, Plan, days_of, tier_of
from ledger.simulate.scale import SERVICES, Tier
from ledger.simulate.world import World
from ledger.times import format_date, parse_date

_TWINS_PPM, _LEAST_TWINS = 5_000, 3  # who is served by another programme too, under another token
_PEOPLE_A_HELPER = 500
_FIRST_DEATH, _FIRST_REPORT = "2025-04-10", "2025-05-02"
_LAST_REPORT = "2025-12-28"
_YEAR = 365
_PART = 5_000  # events a statement, well within the limit
_CELLS = "89bc"  # four cells of one block: the last character of a geohash of five
_BLOCKS = ("wt02", "wt03", "wt00", "wt01", "wt08", "wt09", "wt06", "wt04", "wt0d")


class Elder:
    """A person who is served.

    Attributes:
        token: the person's token.
        phone: token of the device by which visits are confirmed.
        tier: degree of need.
        street: which office asks the person.
        cell: where the person lives.
        exit_day: first day without entitlement, or None.
        report_day: day on which that is recorded.
        died: whether the person died.
        always: whether every visit planned after that is recorded all the same.
        twin: who the person is in the other programme, or None.

    """

    __slots__ = (
        "always",
        "cell",
        "died",
        "exit_day",
        "phone",
        "report_day",
        "street",
        "tier",
        "token",
        "twin",
    )

    def __init__(self, token: str, phone: str, tier: Tier, street: int, cell: str) -> None:
        """Begin with a person who stays."""
        self.token = token
        self.phone = phone
        self.tier = tier
        self.street = street
        self.cell = cell
        self.exit_day: int | None = None
        self.report_day = 0
        self.died = self.always = False
        self.twin: Elder | None = None


class Worker:
    """A worker, and how far a day is filled; minutes are of the local day.

    Attributes:
        token: the person's token.
        device: token of the device visits are recorded on.
        free: from when the worker is free.
        started: when the last visit of the day began.
        visits: visits of the day.
        worked: minutes of the day spent at people's homes.

    """

    __slots__ = ("device", "free", "started", "token", "visits", "worked")

    def __init__(self, token: str, device: str) -> None:
        """Begin without a visit."""
        self.token = token
        self.device = device
        self.free = self.started = self.visits = self.worked = 0


class Team:
    """The people and workers of one contract.

    Attributes:
        plan: the contract.
        elders: who is served.
        workers: who serves.
        helpers: workers who do nothing but what is funded twice.

    """

    def __init__(self, plan: Plan) -> None:
        """Begin with nobody."""
        self.plan = plan
        self.elders: list[Elder] = []
        self.workers: list[Worker] = []
        self.helpers: list[Worker] = []


class People:
    """Enrols everybody, and reports who exits.

    Attributes:
        teams: people and workers by contract.

    """

    def __init__(self, world: World, plans: list[Plan]) -> None:
        """Make the people, and put their enrolment and their exits on the agenda."""
        self._world = world
        self._chance = world.stream("people")
        self._exits = Quota(world.scale.exits_ppm)
        self._twins = Quota(max(_TWINS_PPM, _LEAST_TWINS * PPM // world.scale.elders))
        self.teams = {plan.contract: Team(plan) for plan in plans}
        self._other = next(
            team for team in self.teams.values() if team.plan.programme == OTHER_PROGRAMME
        )
        self._reports: defaultdict[int, list[tuple[Team, Elder]]] = defaultdict(list)
        for team in self.teams.values():
            self._fill(team, plans)
        for _ in range(2 + world.scale.elders // _PEOPLE_A_HELPER):
            self._other.helpers.append(self._worker())
        self._let_one_die(self.teams[plans[0].contract])
        for team in self.teams.values():
            first = days_of(team.plan)[0]
            world.agenda.at(day_ms(first - 2, 9 * 60 + 30), self._enrolment_of(team))
        for day in sorted(self._reports):
            world.agenda.at(day_ms(day, 10 * 60), self._report_of(day))

    def identities(self) -> Iterator[tuple[str, str]]:
        """Yield every token that a person was given, with the person it stands for.

        This is what the vault knows: whoever is in two programmes has a token in each.
        """
        elders = (elder for team in self.teams.values() for elder in team.elders)
        for number, elder in enumerate(elders, 1):
            for each in (elder, elder.twin):
                if each is not None:
                    yield each.token, f"person-{number}"

    # -- who there is --------------------------------------------------------------------------

    def _fill(self, team: Team, plans: list[Plan]) -> None:
        plan, scale = team.plan, self._world.scale
        there = [each.contract for each in plans if each.district == plan.district]
        streets = list(range(plan.district, scale.streets, scale.districts))
        mine = streets[there.index(plan.contract) % len(streets) :: len(there)]
        for number in range(plan.elders):
            elder = self._elder(tier_of(number), mine[number % len(mine)], plan.district)
            team.elders.append(elder)
            if team is not self._other and self._twins.takes():
                elder.twin = self._elder(elder.tier, elder.street, plan.district)
            elif self._exits.takes():
                self._plan_exit(team, elder)
        team.workers = [self._worker() for _ in range(plan.workers)]

    def _elder(self, tier: Tier, street: int, district: int) -> Elder:
        ids = self._world.ids
        community = self._chance.below(self._world.scale.communities)
        cell = _BLOCKS[district % len(_BLOCKS)] + _CELLS[community % len(_CELLS)]
        return Elder(ids.token("person"), ids.token("phone"), tier, street, cell)

    def _worker(self) -> Worker:
        ids = self._world.ids
        return Worker(ids.token("worker"), ids.token("device"))

    def _plan_exit(self, team: Team, elder: Elder) -> None:
        scale, chance = self._world.scale, self._chance
        exit_day = parse_date("2025-01-01") + chance.below(_YEAR)
        lag = min(draw(chance, scale.exit_lag_days), scale.most_exit_lag_days)
        died = chance.below(100) < scale.deaths_of_100
        self._set_exit(team, elder, exit_day, exit_day + max(lag, 1), died=died)

    def _let_one_die(self, team: Team) -> None:
        """Let one who is visited often die, unreported for weeks: the smallest city has it too."""
        elder = next(
            each
            for each in sorted(team.elders, key=lambda each: -each.tier.monthly_cap_fen)
            if each.exit_day is None and each.twin is None
        )
        elder.always = True
        self._set_exit(team, elder, parse_date(_FIRST_DEATH), parse_date(_FIRST_REPORT), died=True)

    def _set_exit(
        self, team: Team, elder: Elder, exit_day: int, report_day: int, *, died: bool
    ) -> None:
        days = days_of(team.plan)
        if days[0] <= exit_day and report_day <= min(days[-1], parse_date(_LAST_REPORT)):
            elder.exit_day, elder.report_day, elder.died = exit_day, report_day, died
            self._reports[report_day].append((team, elder))

    # -- what is signed ------------------------------------------------------------------------

    def _enrolment_of(self, team: Team) -> Act:
        def enrol() -> None:
            world, plan = self._world, team.plan
            twins = []
            if team is self._other:
                everybody = [elder for each in self.teams.values() for elder in each.elders]
                twins = [elder.twin for elder in everybody if elder.twin is not None]
            self._enrol(team, [*team.elders, *twins], plan.term[0])
            workers = [
                world.event(
                    WorkerEnrolled,
                    worker=worker.token,
                    provider=plan.provider,
                    credentials=[Credential(kind="care-worker-5", expires="2027-12-31")],
                )
                for worker in (*team.workers, *team.helpers)
            ]
            world.sign(workers, f"{plan.provider}/office-2025")

        return enrol

    def _enrol(self, team: Team, elders: list[Elder], first_day: str) -> None:
        """Enrol people and agree on what each is to be given."""
        world, plan = self._world, team.plan
        for start in range(0, len(elders), _PART):
            part = elders[start : start + _PART]
            enrolled = [
                world.event(
                    BeneficiaryEnrolled,
                    beneficiary=elder.token,
                    programme=plan.programme,
                    tier=elder.tier.name,
                    monthly_cap_fen=elder.tier.monthly_cap_fen,
                    from_date=first_day,
                )
                for elder in part
            ]
            agreed = [
                world.event(
                    CareplanAgreed,
                    beneficiary=elder.token,
                    contract=plan.contract,
                    services=[
                        PlannedService(service=kind.code, units_a_month=elder.tier.planned_units)
                        for kind in SERVICES
                    ],
                    workers_at_once=1,
                    from_date=first_day,
                )
                for elder in part
            ]
            world.sign(enrolled, PURCHASER_KEY)
            world.sign(agreed, PURCHASER_KEY, f"{plan.provider}/office-2025")

    def _report_of(self, day: int) -> Act:
        def report() -> None:
            world = self._world
            exits = [
                world.event(
                    BeneficiaryExited,
                    beneficiary=elder.token,
                    reason="DECEASED" if elder.died else "MOVED",
                    effective=format_date(elder.exit_day or day),
                )
                for _, elder in self._reports[day]
            ]
            world.sign(exits, PURCHASER_KEY)
            for team, elder in self._reports.pop(day):
                # Whoever waited longest takes the place, from next month's plan on.
                follower = self._elder(elder.tier, elder.street, team.plan.district)
                team.elders.append(follower)
                self._enrol(team, [follower], format_date(day))

        return report
