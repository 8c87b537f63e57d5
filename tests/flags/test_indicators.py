"""Cardinal's other indicators, by their published definitions: R025, R028, R036, R038, R048, R058.

And what both kinds of a rule do at their edges: quartiles that meet, currencies, consortia.
"""

from fractions import Fraction

import pytest
from flags.buying import award, bid, buying, contested, market, purchase

from projections.flags.fences import fences
from projections.flags.procurement import Bid, contest_of, percent
from projections.flags.rule import Thresholds
from projections.flags.rules.f24 import F24
from projections.flags.rules.f25 import F25
from projections.flags.rules.f28 import equal_bids
from projections.flags.rules.f30 import all_others_out, lowest_out
from projections.flags.rules.f31 import often_out, often_putting_out, serial_losers
from projections.flags.rules.f32 import discounts, mixed_suppliers

FENCE_PPM = 1_500_000


def shares(*numbers: int) -> list[Fraction]:
    """Return whole numbers as shares."""
    return [Fraction(number) for number in numbers]


def test_quartiles_lie_between_values_in_proportion() -> None:
    """Type 8 of Hyndman and Fan, as the worked example of Cardinal's own documentation has it."""
    found = fences(shares(0, 0, *[100] * 7), FENCE_PPM)
    assert found is not None
    assert [found.q1, found.q3, found.lower] == [Fraction(200, 3), Fraction(100), Fraction(50, 3)]
    found = fences(shares(1, 2, 3, 4, 5, 6, 7), FENCE_PPM)
    assert found is not None
    assert (found.q1, found.q3) == (Fraction(13, 6), Fraction(35, 6))
    assert fences([], FENCE_PPM) is None


def test_a_value_like_the_rest_is_no_outlier() -> None:
    """Where the quartiles and fences meet, their own value is not flagged, and one beyond it is."""
    found = fences(shares(*[5] * 9, 6, 4), FENCE_PPM)
    assert found is not None
    assert found.lower == found.upper == 5
    assert not found.is_low(Fraction(5))
    assert not found.is_high(Fraction(5))
    assert found.is_low(Fraction(4))
    assert found.is_high(Fraction(6))


def test_a_top_bidder_that_hardly_wins_is_flagged() -> None:
    """R025: F bids in ten, wins two; one that bids once and loses is not flagged for that."""
    bought = [purchase(bid("F"), bid(f"{n}"), awards=[award(f"{n}")], number=n) for n in range(8)]
    bought.append(purchase(bid("F"), bid("N"), awards=[award("F")], number=8))
    bought.append(purchase(bid("F"), bid("F"), awards=[award("F")], number=9))
    off = purchase(bid("F"), bid("0"), awards=[award("0")], number=10, cancelled=True)
    (found,) = serial_losers([*bought, off], FENCE_PPM)
    assert (found.name, found.share) == ("F", Fraction(1, 5))


def test_equal_bids_are_of_different_bidders_in_one_currency() -> None:
    """R028: disqualified bids count; the same bidders, other currencies and other prices do not."""
    two = bid("B", 100, "disqualified")
    assert equal_bids(purchase(bid("A", 100), two)) == [("CNY", 100, [bid("A", 100), two])]
    together = Bid("valid", ("A", "Z"), 100, "CNY", None, (2,))
    for others in (
        [bid("A", 100, "disqualified")],
        [bid("B", 100)._replace(currency="CAD")],
        [bid("B", 110)],
        [bid("B", 100, "withdrawn")],
        [bid("B", 100)._replace(tenderers=())],
    ):
        assert equal_bids(purchase(bid("A", 100), *others)) == []
    assert equal_bids(purchase(together, together._replace(tenderers=("Z", "A")))) == []
    assert equal_bids(purchase(bid("A", 100), two, cancelled=True)) == []
    assert equal_bids(purchase(bid("A", 100), two, details="NPC"), ["NPC"]) == []


def test_the_lowest_bid_that_was_handed_in_counts() -> None:
    """R036: invited and withdrawn bids are no lower ones, pending and valid ones are."""
    out = bid("D", 10, "disqualified")
    won = [award("A")]
    assert lowest_out(purchase(out, awards=won)) == out
    for status, lower in (("invited", False), ("withdrawn", False), ("pending", True)):
        other = bid("O", 1, status)
        assert (lowest_out(purchase(out, other, awards=won)) is None) == lower
    assert lowest_out(purchase(out, bid("O", 1), awards=won)) is None
    assert lowest_out(purchase(out, awards=[award("A", status="pending")])) is None


def test_who_is_often_put_out_is_an_outlier() -> None:
    """R038: per bidder of two bids or more, and per buyer."""
    bought = [
        purchase(bid("W"), bid("X"), number=1, buyer="1"),
        purchase(bid("W"), bid("X"), number=2, buyer="2"),
        purchase(bid("Y"), bid("Z"), number=3, buyer="3"),
        purchase(bid("Y"), bid("Z"), number=4, buyer="4"),
        purchase(bid("W"), bid("D", None, "disqualified"), number=5, buyer="B"),
        purchase(bid("W"), bid("D", None, "disqualified"), number=6, buyer="B"),
    ]
    (bidder,) = often_out(bought, FENCE_PPM)
    assert (bidder.name, bidder.share) == ("D", Fraction(1))
    (buyer,) = often_putting_out(bought, FENCE_PPM, least=1)
    assert (buyer.name, buyer.share) == ("B", Fraction(1, 2))
    assert often_out(bought[:1], FENCE_PPM) == []


def test_a_supplier_of_many_categories_is_an_outlier() -> None:
    """R048: only awards in force to one supplier count."""
    bought = [
        purchase(awards=[award(f"{number}", categories=["10"])], number=number)
        for number in range(4)
    ]
    bought += [
        purchase(awards=[award("F", categories=["10", "11"])], number=5),
        purchase(awards=[award("S", status="pending", categories=["10", "11"])], number=6),
        purchase(awards=[award("S", "T", categories=["10", "11"])], number=7),
    ]
    (found,) = mixed_suppliers(bought, FENCE_PPM)
    assert (found.supplier, found.categories, found.fence) == ("F", 2, 2)


def test_a_deep_discount_is_an_outlier() -> None:
    """R058: the difference of the one that is far above all others."""
    bought = [contested(1, 101_000), *(contested(number, 1_000) for number in range(2, 6))]
    ((found, contest, _),) = discounts(bought, FENCE_PPM)
    assert (found.subject, contest.difference) == ("tender/t-1", Fraction(100))


@pytest.mark.parametrize(
    "spoiled",
    [
        {"awards": (award("W"), award("W"))},
        {"awards": (award("W", "X"),)},
        {"awards": (award("W"), award("P", status="pending"))},
        {"cancelled": True},
        {"bids": (bid("W", 100), bid("L", 90))},
        {"bids": (bid("W", 100), bid("L", 110)._replace(currency="CAD"))},
        {"bids": (bid("W", 100), bid("L", 110)._replace(tenderers=("L", "M")))},
        {"bids": (bid("W", 0), bid("L", 110))},
    ],
)
def test_prices_compare_where_one_award_went_to_the_lowest_bid(
    spoiled: dict[str, object],
) -> None:
    """Several awards or suppliers, a pending award, a lower loser, other currencies: no contest."""
    fair = purchase(bid("W", 100), bid("L", 110), awards=[award("W")])
    assert contest_of(fair) is not None
    assert contest_of(fair._replace(**spoiled)) is None  # type: ignore[arg-type]


def test_all_others_are_out_only_where_the_winner_is_left() -> None:
    """Two valid bidders, another supplier, or nobody put out: not flagged."""
    out, won = bid("D", None, "disqualified"), [award("V")]
    assert all_others_out(purchase(out, bid("V"), awards=won)) is not None
    assert all_others_out(purchase(out, bid("V"), bid("U"), awards=won)) is None
    assert all_others_out(purchase(out, bid("V"), awards=[award("S")])) is None
    assert all_others_out(purchase(bid("V"), awards=won)) is None


@pytest.mark.parametrize(
    ("valid", "failed", "flagged"),
    [(0, True, False), (1, True, True), (2, True, False), (2, False, True), (3, False, False)],
)
def test_too_few_bids_are_flagged_unless_the_tender_failed(
    valid: int, failed: bool, flagged: bool
) -> None:
    """One bid always, two where it went on; under methods without competition never."""
    thresholds: Thresholds = {"count": 3}
    bought = purchase(*(bid(f"{n}") for n in range(valid)), failed=failed)
    assert bool(list(F25.judge(bought, thresholds))) == flagged
    assert not list(F25.judge(bought._replace(method="limited"), thresholds))
    assert not list(F25.judge(bought._replace(judged=False), thresholds))


def test_parts_of_a_purchase_are_of_one_buyer_line_category_and_year() -> None:
    """A part elsewhere, an open tender, or one that reaches the limit alone is no part."""
    thresholds: Thresholds = {"amount_fen": 100}
    parts = [buying(1, 60), buying(2, 60)]
    assert list(F24.judge(market(buyings=parts), thresholds))
    assert list(F24.judge(market(buyings=[*parts, buying(3, 90, method="open")]), thresholds))
    for other in (
        {"buyer": "GO2"},
        {"line": "line-2"},
        {"category": "meals"},
        {"year": "2027"},
        {"method": "open"},
        {"whole_fen": 100},
    ):
        apart = [buying(1, 60), buying(2, 60, **other)]
        assert not list(F24.judge(market(buyings=apart), thresholds))


def test_shares_are_told_with_two_decimals() -> None:
    """Cut off, never rounded up to a fence."""
    assert percent(Fraction(2, 3)) == "66.66"
    assert percent(Fraction(-1, 400)) == "-0.25"
    assert percent(Fraction(100)) == "10000.00"
