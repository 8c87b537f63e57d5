"""Money is never stranded: a contract over several lines can be used to the last fen."""

from hypothesis import given, settings
from hypothesis import strategies as st
from world import World

from ledger.events.contract import Item
from ledger.events.delivery import VisitRecorded

LINES = ("a", "b", "c")
BY_THE_FEN = [Item(service="care", unit="visit", rate_fen=1, units_max=10**9)]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    value_fen=st.integers(1_000, 10**7),
    weights=st.lists(st.integers(1, 1_000), min_size=3, max_size=3),
    steps=st.lists(st.tuples(st.integers(1, 999_999), st.booleans()), max_size=6),
    amended_ppm=st.integers(-100_000, 100_000),
)
def test_a_contract_over_three_lines_is_used_to_the_last_fen_and_closed(
    value_fen: int, weights: list[int], steps: list[tuple[int, bool]], amended_ppm: int
) -> None:
    """Claims of any size, some rejected by the bank first, then all that is left in one last claim.

    Nothing is refused on the way, each line pays exactly what was committed on it, and nothing
    is left anywhere. (Splitting each posting by the shares alone would strand money.)
    """
    world = World.founded(dict.fromkeys(LINES, 10**8))
    total = sum(weights)
    shares = [weight * 1_000_000 // total for weight in weights]
    shares[0] += 1_000_000 - sum(shares)
    world.contract("c", value_fen, dict(zip(LINES, shares, strict=True)), items=BY_THE_FEN)
    world.amend("c", value_fen * amended_ppm // 1_000_000)
    record = world.state.contracts["c"]
    committed = world.state.holdings("committed", record)
    amounts = [(sum(committed) * part // 1_000_000, again) for part, again in steps]
    for number, (amount_fen, again) in enumerate([*amounts, (sum(committed), False)]):
        left_fen = sum(world.state.holdings("committed", record))
        units = min(amount_fen, left_fen)
        if units:
            world.do(world.make(VisitRecorded, contract="c", units=units))
            world.claim(f"k-{number}", "c")
            world.answer(f"k-{number}")
            if again:
                world.request(f"r-{number}", "c", [f"k-{number}"])
                world.order(f"r-{number}")
                world.reject(f"r-{number}")
            world.pay(f"p-{number}", "c", [f"k-{number}"])
    assert world.state.holdings("paid", record) == committed
    world.close("c")
    for line, paid_fen in zip(LINES, committed, strict=True):
        balances = world.state.line_balances(line)
        held = {name: fen for name, fen in balances.items() if fen}
        assert held == {
            "source_original": -(10**8),
            "allotted": 10**8 - paid_fen,
            "paid": paid_fen,
            "cash": 10**8 - paid_fen,
            "equity": 10**8,
            "service_expense": paid_fen,
        }
