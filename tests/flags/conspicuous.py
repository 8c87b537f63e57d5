"""A history in which much is conspicuous: what the red flags about money and time look for."""

from money import at
from world import World

from ledger.events.accounts import AccountDeclared
from ledger.events.base import Period
from ledger.events.budget import BudgetSupplemented, BudgetTransferred, IndicatorReported
from ledger.events.delivery import VisitConfirmed
from ledger.events.interest import InterestWaived
from ledger.events.parties import KeyRecovered, KeyRevoked
from ledger.events.payment import PaymentDiverted
from ledger.events.score import IndicatorScore, ScoreFinalised, ScoreProposed
from ledger.events.supervision import GrievanceFiled


def conspicuous_city() -> World:
    """Return a year with late and diverted payments, an advance, a waiver and odd times."""
    world = World.founded()
    world.do(world.make(BudgetSupplemented, line="line-1", amount_fen=1_000))
    world.do(world.make(IndicatorReported, indicator="quality", actual=95))
    world.contract("c-1", 1_000_000, {"line-1": 600_000, "line-2": 400_000}, advance_ppm=300_000)
    world.advance("ad-1", "c-1", 200_000)
    world.visits("c-1", days=5)
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.do(world.make(GrievanceFiled, at="2025-11-01T00:00:00.000Z"))
    at(world, "2026-03-06")
    world.accrue("k-1")
    world.do(world.make(InterestWaived, claim="k-1", amount_fen=1))
    world.request("p-1", "c-1", ["k-1"])
    world.order("p-1")
    world.do(world.make(PaymentDiverted, payment="p-1", value_date=world.today()))
    world.settle("p-1")
    scored(world, 600_000, 950_000)
    world.do(world.make(AccountDeclared, account="acc-new"), by="PRO/one PRO/two")
    at(world, "2026-03-16")
    world.visits("c-1", month="2026-02", at="2026-12-01T00:00:00.000Z")
    visit = world.last["visit.recorded"]
    world.do(world.make(VisitConfirmed, at="2025-12-01T00:00:00.000Z", visits=[visit]))
    world.claim("k-2", "c-1")
    world.answer("k-2")
    world.request("p-2", "c-1", ["k-2"], payee="acc-new")
    world.do(world.make(KeyRevoked, since="2026-03-06T00:00:00.000Z"))
    world.do(world.make(KeyRecovered))
    return world


def spent_year() -> World:
    """Return a year with half the money spent, and one of two targets that are as near reached.

    Before anything is paid both seem to be, and a transfer brought no new authority.
    """
    world = World.founded({"line-1": 30_000, "line-2": 10_000})
    world.do(world.make(BudgetTransferred, from_line="line-1", to_line="line-2", amount_fen=1_000))
    world.contract("c-1", 30_000, {"line-1": 750_000, "line-2": 250_000})
    world.visits("c-1", days=4)
    world.claim("k-1", "c-1")
    world.answer("k-1")
    at(world, "2026-03-02")
    _reached(world, quality=95, reach=100)
    world.pay("p-1", "c-1", ["k-1"])
    at(world, "2026-04-02")
    _reached(world, until="2026-03-31", quality=28, reach=29)
    _reached(world, until="2026-03-31", quality=29)
    return world


def _reached(world: World, until: str = "2026-02-28", **indicators: int) -> None:
    """Report what indicators reached since January."""
    period = Period(from_date="2026-01-01", to_date=until)
    for name, actual in indicators.items():
        world.do(world.make(IndicatorReported, indicator=name, actual=actual, period=period))


def scored(world: World, proposed_ppm: int, final_ppm: int) -> None:
    """Propose a score of `c-1` and make it final as another."""
    for event_type, total_ppm in ((ScoreProposed, proposed_ppm), (ScoreFinalised, final_ppm)):
        weights = world.state.programmes[world.state.contracts["c-1"].programme].weights
        period = Period(from_date="2026-01-01", to_date="2026-02-28")
        found = [IndicatorScore(id=each, actual=1, score_ppm=total_ppm) for each in weights]
        fields = {"contract": "c-1", "period": period} if event_type is ScoreProposed else {}
        factor_ppm = 1_000_000 if total_ppm >= 900_000 else 700_000
        world.do(
            world.make(
                event_type, indicators=found, total_ppm=total_ppm, factor_ppm=factor_ppm, **fields
            )
        )
