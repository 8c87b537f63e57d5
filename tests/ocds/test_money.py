"""What releases say of money is what the fund accounts hold, to the fen."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from bidding import awarded, revealed, sealed
from exported import own_processes, processes_of
from histories import busy_city, keep, unusual_contract
from sqlalchemy import func, select

from ledger.events.advance import AdvanceOrdered, AdvanceRefunded, AdvanceSettled
from ledger.postings import CONTRACT_STAGES
from ledger.store import schema
from projections.catalogue import open_projections
from projections.contracts import contract as contract_file
from projections.engine import Projections
from projections.ocds.packages import PublishedProcess, compiled_of
from projections.ocds.values import encode

THREE = {"PRO": 900, "PR2": 950, "PR3": 990}


def compiled(process: PublishedProcess) -> Any:
    """Return a compiled release as it is written, its numbers as decimals."""
    return json.loads(encode(compiled_of(process)), parse_float=Decimal)


def fen(value: Any) -> int:
    """Return an amount in yuan as fen; a part of a fen is an error."""
    exact = Decimal(value["amount"]).scaleb(2)
    assert exact == exact.to_integral_value()
    assert value["currency"] == "CNY"
    return int(exact)


def contracts_of(found: list[PublishedProcess]) -> dict[str, Any]:
    """Return the compiled contracts by id."""
    return {
        contract["id"]: contract
        for process in found
        for contract in compiled(process).get("contracts", ())
    }


def credited(projections: Projections, contract: str, *accounts: str) -> int:
    """Return what a contract's postings credited to accounts, less what they debited."""
    posting = schema.posting.c
    sums = [
        projections.feed.store.fetch(
            select(func.coalesce(func.sum(posting.amount_fen), 0)).where(
                column.in_(accounts), posting.contract == contract
            )
        )[0][0]
        for column in (posting.credit, posting.debit)
    ]
    return int(sums[0]) - int(sums[1])


def check_money(projections: Projections, found: list[PublishedProcess]) -> Counter[str]:
    """Check every contract's transactions, value and lines; return how many there were of what."""
    seen: Counter[str] = Counter()
    for key, told in contracts_of(found).items():
        file = contract_file(projections, key)
        assert file is not None
        transactions = told.get("implementation", {}).get("transactions", ())
        paid_fen = sum(fen(each["value"]) for each in transactions)
        assert paid_fen == credited(projections, key, "cash"), key
        assert fen(told["value"]) == file.contract.value_minor, key
        borne_fen = sum(fen(each["value"]) for each in told["finance"])
        assert borne_fen == credited(projections, key, *CONTRACT_STAGES), key
        if "finalValue" in told.get("implementation", {}):
            seen["closed"] += 1
        milestones = {each["id"] for each in told.get("implementation", {}).get("milestones", ())}
        for transaction in transactions:
            seen["below zero"] += fen(transaction["value"]) < 0
            seen["interest"] += "/interest" in transaction["id"]
            link = transaction.get("relatedImplementationMilestone")
            if link is not None:
                seen["linked"] += 1
                assert link["id"] in milestones
            for each in transaction.get("relatedImplementationMilestones", ()):
                seen["several"] += 1
                assert each["id"] in milestones
    return seen


def test_transactions_of_a_demo_city_are_the_cash_that_left_its_fund_lines(
    city: Projections,
) -> None:
    """Bounced payments, interest and advances included; each payment names what it pays for."""
    seen = check_money(city, processes_of(city))
    assert all(seen[kind] for kind in ("closed", "below zero", "linked"))


def test_transactions_agree_with_the_accounts_after_whatever_happens(database_url: str) -> None:
    """Rejected and repeated payments, amendments, terminations, an advance that comes back."""
    world = busy_city()
    unusual_contract(world)
    world.contract("c-9", 100_000, {"line-1": 1_000_000}, advance_ppm=300_000)
    world.do(world.make(AdvanceOrdered, advance="v-1", contract="c-9", amount_fen=20_000))
    world.do(world.make(AdvanceSettled, advance="v-1"))
    world.do(world.make(AdvanceRefunded, advance="v-1", amount_fen=1_234))
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        seen = check_money(projections, own_processes(projections))
        contract = contracts_of(own_processes(projections))["c-9"]
    assert seen["below zero"] == 1
    assert [
        (each["id"].rpartition("/")[0], fen(each["value"]))
        for each in contract["implementation"]["transactions"]
    ] == [("advance", 20_000), ("advance/v-1", -1_234)]


@pytest.mark.parametrize(
    ("world", "shown"), [(sealed, 0), (revealed, len(THREE))], ids=["sealed", "revealed"]
)
def test_what_bids_ask_is_told_when_all_are_in(database_url: str, world: Any, shown: int) -> None:
    """Sealed bids are told without their prices, and all prices by one release."""
    kept = keep(database_url, world(THREE))
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        (process,) = own_processes(projections)
    details = compiled(process)["bids"]["details"]
    assert len(details) == len(THREE)
    assert sum("value" in bid for bid in details) == shown
    telling = [
        release
        for release in process.releases
        if any("value" in bid for bid in release.get("bids", {}).get("details", ()))
    ]
    assert len(telling) == (shown > 0)


def test_the_award_says_which_bid_won(database_url: str) -> None:
    """Ranked bids are valid, the lot is no longer open, and the award waits to be signed."""
    kept = keep(database_url, awarded())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        (process,) = own_processes(projections)
    told = compiled(process)
    assert {bid["status"] for bid in told["bids"]["details"]} == {"valid"}
    assert told["tender"]["status"] == told["tender"]["lots"][0]["status"] == "complete"
    (award,) = told["awards"]
    assert (award["relatedBid"], award["status"]) == ("b-PRO", "pending")
    assert fen(award["value"]) == 900
