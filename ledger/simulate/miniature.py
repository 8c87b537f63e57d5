"""A city's year of home care in miniature: 2025 in Lushan, seeded.

Two fund lines, one programme, two tenders (one with two lots), three contracts (one over two
lines, one with 5 % retention), some twenty elderly people, a few hundred visits in signed
batches, monthly claims with a cut and a dispute, payments of which the bank rejects one, an
amendment, a closing. Every party signs with its own key. Same seed, same bytes: keys, ids, salts
and times follow from it.

The city goes through the same door as anybody else: it makes statement files, each with the time
at which it is to reach the ledger, and reads the ledger's state only as its parties do, to add up
what they bill, answer and pay.

    city = Miniature(b"demo")
    clock = SimulatedClock(city.genesis.recorded_ms)
    ledger = create_ledger(url, city.genesis.data, city.ledger_signer, clock)
    for due in city.year(ledger.state):
        clock.set(due.recorded_ms)
        ledger.submit(due.data)
"""

from collections.abc import Iterator

from ledger.events.tender import (
    AwardDecided,
    Criterion,
    Lot,
    LotLine,
    TenderDocument,
    TenderPublished,
)
from ledger.identity import Ids, Stream
from ledger.note import Signer
from ledger.simulate.agenda import Agenda, Due, local_ms
from ledger.simulate.cast import (
    EAST,
    NORTH,
    OPERATOR,
    ORIGIN,
    WEST,
    Cast,
    SimulatedKey,
)
from ledger.simulate.founding import (
    CITY_LINE,
    LOTTERY_LINE,
    PROGRAMME,
    Founding,
    file_hash,
    open_ledger_act,
)
from ledger.simulate.service import CARE, PURCHASER_KEY, Plan, Service
from ledger.state import State
from ledger.times import format_instant

OPERATOR_KEY = f"{OPERATOR}/office-2025"
OPEN_TENDER, SMALL_TENDER = "t-2025-01", "t-2025-02"
_RATE_CAP_FEN = 9_000
_YEAR_END = "2026-01-01"

PLANS = (
    Plan(
        contract="c-2025-east",
        number="LS-HC-2025-01",
        award="a-2025-east",
        provider=EAST,
        lines=((CITY_LINE, 1_000_000),),
        value_fen=2_900_000,
        months=tuple(f"2025-{month:02}" for month in range(3, 13)),
        term=("2025-03-01", "2025-12-31"),
        signed="2025-02-20",
        retention_ppm=50_000,
        people=8,
        workers=3,
        visits_a_day=6,
        claim_day=3,
        cut="2025-05",
        disputed="2025-07",
    ),
    Plan(
        contract="c-2025-west",
        number="LS-HC-2025-02",
        award="a-2025-west",
        provider=WEST,
        lines=((CITY_LINE, 1_000_000),),
        value_fen=1_350_000,
        months=tuple(f"2025-{month:02}" for month in range(4, 9)),
        term=("2025-04-01", "2025-08-31"),
        signed="2025-03-18",
        retention_ppm=0,
        people=6,
        workers=2,
        visits_a_day=5,
        claim_day=3,
        cut="2025-07",
        rejected="2025-05",
    ),
    Plan(
        contract="c-2025-north",
        number="LS-HC-2025-03",
        award="a-2025-north",
        provider=NORTH,
        lines=((CITY_LINE, 600_000), (LOTTERY_LINE, 400_000)),
        value_fen=2_350_000,
        months=tuple(f"2025-{month:02}" for month in range(7, 13)),
        term=("2025-07-01", "2025-12-31"),
        signed="2025-06-20",
        retention_ppm=0,
        people=7,
        workers=2,
        visits_a_day=6,
        claim_day=20,
    ),
)


class Miniature:
    """The city. Its year can be played once.

    Attributes:
        genesis: the ledger's first statement.
        ledger_signer: the ledger's own key.
        operator: signs the closings.
        ids: where ids come from.
        truth: what was planted, one record a label; complete when the year is over.

    """

    def __init__(self, seed: bytes) -> None:
        """Make the city that follows from `seed`."""
        chance = Stream(seed)
        self.ids = ids = Ids(Stream(seed + b"/ids"))
        self._cast = Cast(ids)
        self._agenda = Agenda(self._cast, ids, chance)
        self.truth: list[dict[str, str | int]] = []
        self.ledger_signer: Signer = self._cast.ledger_key.signer
        self.operator: Signer = self._cast.keys[OPERATOR_KEY].signer
        opening_ms = local_ms("2025-01-02", "09:00")
        self._agenda.at(opening_ms, lambda: open_ledger_act(self._agenda))
        self.genesis: Due = next(self._agenda.statements(opening_ms + 1))

    @property
    def origin(self) -> str:
        """Return the ledger's name."""
        return ORIGIN

    @property
    def keys(self) -> tuple[SimulatedKey, ...]:
        """Return every key made so far, the ledger's own first."""
        return tuple(self._cast.keys.values())

    def year(self, state: State) -> Iterator[Due]:
        """Yield the statements of the year, in the order of time.

        Each must be admitted, and `state` reflect it, before the next is asked for.
        """
        agenda = self._agenda
        Founding(agenda)
        services = {plan.contract: Service(agenda, state, self.truth, plan) for plan in PLANS}
        for date, act in (
            ("2025-01-10", self._publish_open_tender),
            ("2025-02-12", self._award_open_tender),
            ("2025-05-12", self._publish_small_tender),
            ("2025-06-10", self._award_small_tender),
            ("2025-09-16", lambda: services["c-2025-east"].amend(200_000)),
            ("2025-11-05", services["c-2025-west"].close),
        ):
            agenda.at(local_ms(date, "11:00"), act)
        yield from agenda.statements(local_ms(_YEAR_END, "00:00"))

    def _publish_open_tender(self) -> None:
        lots = [
            _lot("east", "Lushan, eastern districts", ((CITY_LINE, 3_000_000),)),
            _lot("west", "Lushan, western districts", ((CITY_LINE, 1_400_000),)),
        ]
        titles = {"en": "Home care, east and west", "zh": "东、西片区居家养老服务"}
        self._publish(OPEN_TENDER, titles, "open", lots, ("2025-01-11", "2025-02-10"))

    def _publish_small_tender(self) -> None:
        lines = ((CITY_LINE, 1_440_000), (LOTTERY_LINE, 960_000))
        lots = [_lot("north", "Lushan, northern districts", lines)]
        titles = {"en": "Home care, north", "zh": "北片区居家养老服务"}
        self._publish(SMALL_TENDER, titles, "consultation", lots, ("2025-05-13", "2025-06-05"))

    def _publish(
        self,
        tender: str,
        titles: dict[str, str],
        method: str,
        lots: list[Lot],
        window: tuple[str, str],
    ) -> None:
        agenda = self._agenda
        published = agenda.event(
            TenderPublished,
            tender=tender,
            programme=PROGRAMME,
            titles=titles,
            method=method,
            lots=lots,
            opens=format_instant(local_ms(window[0], "09:00")),
            closes=format_instant(local_ms(window[1], "17:00")),
            criteria=[
                Criterion(id="price", weight_ppm=400_000),
                Criterion(id="quality", weight_ppm=600_000),
            ],
            documents=[TenderDocument(sha256=file_hash(agenda.chance), title="Terms of reference")],
        )
        agenda.sign([published], PURCHASER_KEY)

    def _award_open_tender(self) -> None:
        self._award(
            OPEN_TENDER,
            ("a-2025-east", "east", (EAST, WEST, NORTH), 2_900_000),
            ("a-2025-west", "west", (WEST, EAST), 1_350_000),
        )

    def _award_small_tender(self) -> None:
        self._award(SMALL_TENDER, ("a-2025-north", "north", (NORTH, EAST), 2_350_000))

    def _award(self, tender: str, *awards: tuple[str, str, tuple[str, ...], int]) -> None:
        agenda = self._agenda
        events = [
            agenda.event(
                AwardDecided,
                award=award,
                tender=tender,
                lot=lot,
                ranking=list(ranking),
                winner=ranking[0],
                value_fen=value_fen,
            )
            for award, lot, ranking, value_fen in awards
        ]
        agenda.sign(events, PURCHASER_KEY)


def _lot(lot: str, area: str, lines: tuple[tuple[str, int], ...]) -> Lot:
    return Lot(
        lot=lot,
        service=CARE,
        units_max=2_500,
        rate_cap_fen=_RATE_CAP_FEN,
        value_fen=sum(amount_fen for _, amount_fen in lines),
        lines=[LotLine(line=line, amount_fen=amount_fen) for line, amount_fen in lines],
        area=area,
    )
