"""Money is never stranded: a contract over several lines can be used to the last fen."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from world import World

from ledger.events.claim import ClaimAgreed, ClaimAnswered, Cut, Disputed, Returned
from ledger.events.contract import Item
from ledger.events.delivery import VisitRecorded
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.money import split

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
    _check_closed(world, committed)


class Terms(NamedTuple):
    """What a random contract agrees on, parts per million of its value or of what is accepted."""

    advance_ppm: int
    recovery_ppm: int
    retention_ppm: int


class Month(NamedTuple):
    """A claim as it may go: parts per million of what is left, of the claim, and of its lines."""

    advanced: int
    claimed: int
    cut: int
    disputed: int
    back: int
    contested: int
    awarded: int
    rejected: bool
    settled: bool


LAWFUL_ADVANCE = st.integers(0, 300_000)  # the published incentive rule allows no more
PPM = st.one_of(st.integers(0, 1_000_000), st.sampled_from([0, 1, 333_333, 1_000_000]))
LAWFUL_RECOVERY = st.one_of(st.integers(1, 1_000_000), st.sampled_from([1, 333_333, 1_000_000]))
LAWFUL_RETENTION = st.one_of(st.integers(0, 100_000), st.sampled_from([0, 1, 33_333, 100_000]))
TERMS = st.builds(Terms, LAWFUL_ADVANCE, LAWFUL_RECOVERY, LAWFUL_RETENTION)
MONTHS = st.lists(
    st.builds(Month, PPM, PPM, PPM, PPM, PPM, PPM, PPM, st.booleans(), st.booleans()), max_size=4
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    value_fen=st.integers(1_000, 10**7),
    weights=st.lists(st.integers(1, 1_000), min_size=3, max_size=3),
    terms=TERMS,
    months=MONTHS,
)
def test_advances_cuts_disputes_and_what_is_held_back_strand_nothing(
    value_fen: int, weights: list[int], terms: Terms, months: list[Month]
) -> None:
    """Whatever is advanced, cut, contested, awarded and held back, the last fen is paid in the end.

    After random months all that is left is claimed and accepted, what is held back is released,
    every sum owed is paid; the advance is recovered, each line paid what was committed on it.
    """
    world = World.founded(dict.fromkeys(LINES, 10**8))
    shares = split(1_000_000, weights)
    agreed = {**terms._asdict(), "retention_release": "2026-01-05", "items": BY_THE_FEN}
    world.contract("c", value_fen, dict(zip(LINES, shares, strict=True)), **agreed)
    committed = world.state.holdings("committed", world.state.contracts["c"])
    for number, month in enumerate(months):
        _advance(world, f"v-{number}", month)
        _month(world, f"k-{number}", month)
    if _left(world):
        world.do(world.make(VisitRecorded, contract="c", units=_left(world)))
        world.claim("k", "c")
        world.answer("k")
    if sum(world.state.holdings("retained", world.state.contracts["c"])):
        world.release("c")
    if world.owed("c"):
        world.pay("p", "c", world.owed("c"))
    _check_closed(world, committed)


def _left(world: World) -> int:
    """Return what can still be promised: committed and prepaid, less open claims and disputes."""
    record = world.state.contracts["c"]
    held = [sum(world.state.holdings(name, record)) for name in ("committed", "prepaid")]
    return sum(held) - record.promised_fen


def _advance(world: World, name: str, month: Month) -> None:
    record = world.state.contracts["c"]
    limit_fen = record.advance_ppm * record.value_fen // 1_000_000 - record.advanced_fen
    committed_fen = sum(world.state.holdings("committed", record))
    amount_fen = min(limit_fen, committed_fen) * month.advanced // 1_000_000
    if amount_fen:
        world.advance(name, "c", amount_fen)


def _month(world: World, claim: str, month: Month) -> None:
    """Claim, cut, dispute, decide and pay; the bank may refuse first."""
    state = world.state
    units = _left(world) * month.claimed // 1_000_000
    if not units:
        return
    world.do(world.make(VisitRecorded, contract="c", units=units))
    world.claim(claim, "c")
    cut_fen = units * month.cut // 1_000_000
    disputed_fen = (units - cut_fen) * month.disputed // 1_000_000
    (visit,) = state.claimed[claim]
    cuts = [Cut(visit=visit, reason="OTHER", amount_fen=cut_fen)] if cut_fen else []
    disputed = [Disputed(visit=visit, amount_fen=disputed_fen)] if disputed_fen else []
    accepted_fen = units - cut_fen - disputed_fen
    answer = {"accepted_fen": accepted_fen, "cuts": cuts, "disputed": disputed}
    world.do(world.make(ClaimAnswered, claim=claim, **answer))
    back_fen = cut_fen * month.back // 1_000_000
    if back_fen:
        returned = [Returned(visit=visit, amount_fen=back_fen)]
        world.do(world.make(ClaimAgreed, claim=claim, returned=returned))
    contested_fen = (cut_fen - back_fen) * month.contested // 1_000_000
    if contested_fen:
        lines = [Disputed(visit=visit, amount_fen=contested_fen)]
        world.do(world.make(DisputeOpened, claim=claim, lines=lines))
    if month.rejected and world.owed("c"):
        world.request(f"r-{claim}", "c", world.owed("c"))
        world.order(f"r-{claim}")
        world.reject(f"r-{claim}")
    if claim in state.disputes:
        (line,) = world.lines(state.disputes, claim)
        awarded_fen = line.amount_fen * month.awarded // 1_000_000
        decided = DisputeSettled if month.settled else DisputeRuled
        world.do(world.make(decided, claim=claim, lines=[line], awarded_fen=awarded_fen))
    if month.settled and world.owed("c"):
        world.pay(f"p-{claim}", "c", world.owed("c"))


def _check_closed(world: World, committed: list[int]) -> None:
    """Close the contract; each line has paid what was committed on it, and holds nothing more."""
    assert world.state.holdings("paid", world.state.contracts["c"]) == committed
    assert world.state.contracts["c"].promised_fen == 0
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
