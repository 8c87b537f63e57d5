"""F25 to F30 and F27 on Cardinal's published fixtures: the same results, process by process.

Cardinal (Open Contracting Partnership) publishes compiled releases and what its indicators give on
them. Where a default of its tests is another than ours it is set as theirs: R003 asks for 15 days
and of every method; R018 knows one bid only; R024 leaves out two methods by their details.
"""

import json
from fractions import Fraction
from typing import Any

import needs
from flags.publishing import process

from ledger.times import MS_PER_DAY
from projections.flags.procurement import Purchase
from projections.flags.rules.f25 import F25
from projections.flags.rules.f26 import open_ms
from projections.flags.rules.f27 import close_prices
from projections.flags.rules.f29 import late_winners
from projections.flags.rules.f30 import all_others_out

FENCE_PPM = 1_500_000
NOT_COMPARED = ("NPC", "EXC")
"""Methods that Cardinal's own tests exclude, by their details."""


def purchases(indicator: str) -> dict[str, Purchase]:
    """Return the purchases of an indicator's fixture, by ocid."""
    path = needs.data("ocds/cardinal-jsonl") / f"{indicator}.jsonl"
    lines = [line for line in path.read_text().splitlines() if line.strip()]
    found = {
        json.loads(line)["ocid"]: process(line, key=json.loads(line)["ocid"]) for line in lines
    }
    assert len(found) == len(lines)
    return {ocid: each.purchase() for ocid, each in found.items()}


def expected(indicator: str, group: str) -> dict[str, Fraction]:
    """Return what Cardinal gives, by ocid or tenderer."""
    path = needs.data("ocds/cardinal-jsonl") / f"{indicator}.expected"
    found: dict[str, Any] = json.loads(path.read_text()).get(group, {})
    return {key: Fraction(str(values[indicator])) for key, values in found.items()}


def test_short_windows_are_cardinals() -> None:
    """R003: fewer than 15 days, whatever the method; unreadable dates are left out."""
    windows = {ocid: open_ms(each, ()) for ocid, each in purchases("R003").items()}
    short = {ocid for ocid, ms in windows.items() if ms is not None and ms < 15 * MS_PER_DAY}
    assert short == set(expected("R003", "OCID"))


def test_single_bids_are_cardinals() -> None:
    """R018: one tenderer, under a competitive method."""
    found = {
        ocid for ocid, each in purchases("R018").items() if list(F25.judge(each, {"count": 2}))
    }
    assert found == set(expected("R018", "OCID"))


def test_close_prices_are_cardinals() -> None:
    """R024: the same differences below the same fence, and the same two bidders."""
    found = close_prices(purchases("R024").values(), FENCE_PPM, NOT_COMPARED)
    assert {each.key: contest.difference for each, contest, _ in found} == expected("R024", "OCID")
    tenderers = {
        name: contest.difference
        for _, contest, _ in found
        for name in (contest.winner, contest.second)
    }
    assert tenderers == expected("R024", "Tenderer")


def test_late_winners_are_cardinals() -> None:
    """R030: the same processes, and the same winner."""
    found = {ocid: late_winners(each) for ocid, each in purchases("R030").items()}
    late = {ocid: bids for ocid, bids in found.items() if bids}
    assert set(late) == set(expected("R030", "OCID"))
    assert {t for bids in late.values() for bid in bids for t in bid.tenderers} == set(
        expected("R030", "Tenderer")
    )


def test_only_winners_left_are_cardinals() -> None:
    """R035: the same numbers of others put out, and the same winner."""
    outed = {ocid: all_others_out(each) for ocid, each in purchases("R035").items()}
    found = {ocid: each for ocid, each in outed.items() if each is not None}
    numbers = {ocid: Fraction(len(each.others)) for ocid, each in found.items()}
    assert numbers == expected("R035", "OCID")
    assert {each.winner for each in found.values()} == set(expected("R035", "Tenderer"))
