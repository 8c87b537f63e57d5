"""A city in a box: a believable year of home care, signed by every party with its own key.

A bureau can rehearse a year with it before it goes live, and tests have labelled truth. It goes
through the same door as anybody else: it makes statement files and submits them; the law must
admit every one. Same seed, same bytes: keys, ids, salts and times follow from it.

    city = City(scale_of("demo"), b"demo", truth.write)
    clock = SimulatedClock(city.genesis.recorded_ms)
    ledger = create_ledger(url, city.genesis.statements[0], city.ledger_signer, clock)
    for day in play(city, ledger, clock):
        print(day.date, day.events)

The year is 2025. The ledger is opened in November before, so that the contracts of the year are
tendered and signed when it begins.
"""

from collections.abc import Iterator

from ledger.drafting import sign_statement
from ledger.identity import Ids
from ledger.note import Signer
from ledger.simulate.agenda import Crowd, day_ms, local_ms
from ledger.simulate.cast import ORIGIN, SimulatedKey
from ledger.simulate.claims import Claims
from ledger.simulate.doubts import Doubts
from ledger.simulate.evaluating import Evaluating
from ledger.simulate.founding import OPENING, OPERATOR_KEY, Founding, open_ledger_act
from ledger.simulate.offices import Offices
from ledger.simulate.payments import Payments
from ledger.simulate.people import People
from ledger.simulate.planning import Plan, plan_calls, plan_contracts
from ledger.simulate.rounds import Rounds
from ledger.simulate.scale import Scale
from ledger.simulate.tendering import Tendering
from ledger.simulate.truth import Truth, Write
from ledger.simulate.world import Sign, World
from ledger.state import State
from ledger.times import parse_date

FIRST_DAY, LAST_DAY = parse_date(OPENING[0]), parse_date("2025-12-31")
"""Days of the simulation, since 1970-01-01."""


class City:
    """A city. Its year can be played once.

    Attributes:
        scale: how large it is.
        genesis: the ledger's first statement.
        ledger_signer: the ledger's own key.
        operator: signs the closings and what the legal clocks give.
        ids: where ids come from.
        truth: what was planted.

    """

    def __init__(
        self,
        scale: Scale,
        seed: bytes,
        write: Write,
        sign: Sign = sign_statement,
        origin: str = ORIGIN,
    ) -> None:
        """Make the city that follows from `seed`; labels of what is planted go to `write`."""
        self.scale = scale
        self._world = world = World(scale, seed, write, sign, origin)
        self.ids: Ids = world.ids
        self.truth: Truth = world.truth
        self.ledger_signer: Signer = world.cast.ledger_key.signer
        self.operator: Signer = world.cast.keys[OPERATOR_KEY].signer
        opening_ms = local_ms(*OPENING)
        world.agenda.at(opening_ms, lambda: open_ledger_act(world))
        self.genesis: Crowd = next(world.crowds(opening_ms + 1))
        self._found()

    @property
    def origin(self) -> str:
        """Return the ledger's name."""
        return self._world.cast.origin

    @property
    def keys(self) -> tuple[SimulatedKey, ...]:
        """Return every key made so far, the ledger's own first."""
        return tuple(self._world.cast.keys.values())

    def identities(self) -> Iterator[tuple[str, str]]:
        """Yield tokens with the persons they stand for, as the vault's keeper knows them."""
        return self._people.identities()

    def begin(self, state: State) -> None:
        """Let the city see the ledger's state."""
        self._world.state = state

    def day(self, day: int) -> Iterator[Crowd]:
        """Yield the statements of a local day, in the order of time.

        Each crowd must be admitted, and the state reflect it, before the next is asked for.
        """
        yield from self._world.crowds(day_ms(day + 1))

    def _found(self) -> None:
        """Put everything that begins by itself on the agenda."""
        world = self._world
        plans = plan_contracts(world.scale, world.stream("plans"))
        calls = plan_calls(plans, world.scale)
        doubts = Doubts(world.stream("doubts"), world.scale.disputed_of_1000)
        Founding(world, plans, calls)
        self._people = people = People(world, plans)
        Rounds(world, people, Offices(world), doubts)
        payments = Payments(world, plans)
        claims = Claims(world, doubts, payments.ask)
        Evaluating(world, plans, doubts)

        def signed(plan: Plan) -> None:
            payments.begin(plan)
            claims.begin(plan)

        for call in calls:
            Tendering(world, call, signed)
