"""What releases say of money is what the fund accounts hold, to the fen."""

import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from bidding import awarded, revealed, sealed
from exported import own_processes, processes_of
from histories import busy_city, keep, unusual_contract
from sqlalchemy import func, select
from world import World

from ledger.events.advance import AdvanceOrdered, AdvanceRefunded, AdvanceSettled
from ledger.events.budget import BudgetAllotted, BudgetAppropriated
from ledger.postings import CONTRACT_STAGES
from ledger.store import schema
from ledger.times import MS_PER_DAY
from projections.catalogue import open_projections
from projections.contracts import contract as contract_file
from projections.engine import Projections
from projections.funds import list_funds
from projections.ocds.packages import PublishedProcess, compiled_of
from projections.ocds.values import encode
from projections.paging import MAX_LIMIT

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


def credited_by_owner(projections: Projections, contract: str) -> dict[str, int]:
    """Return what a contract cost the cash of each owner's fund lines, less what came back."""
    lines = list_funds(projections, limit=MAX_LIMIT).items
    owners = {each.line: str(each.owner.id) for each in lines}
    posting = schema.posting.c
    moved: Counter[str] = Counter()
    for sign, column in ((1, posting.credit), (-1, posting.debit)):
        asked = select(posting.line, posting.amount_fen).where(
            column == "cash", posting.contract == contract
        )
        for line, amount_fen in projections.feed.store.fetch(asked):
            moved[owners[line]] += sign * amount_fen
    return {owner: amount_fen for owner, amount_fen in moved.items() if amount_fen}


def paid_by(transactions: Iterable[Any]) -> dict[str, int]:
    """Return what transactions come to by payer, in fen."""
    moved: Counter[str] = Counter()
    for each in transactions:
        moved[each["payer"]["id"]] += fen(each["value"])
    return {payer: amount_fen for payer, amount_fen in moved.items() if amount_fen}


def check_money(projections: Projections, found: list[PublishedProcess]) -> Counter[str]:
    """Check every contract's transactions, value and lines; return how many there were of what."""
    seen: Counter[str] = Counter()
    for key, told in contracts_of(found).items():
        file = contract_file(projections, key)
        assert file is not None
        transactions = told.get("implementation", {}).get("transactions", ())
        paid_fen = sum(fen(each["value"]) for each in transactions)
        assert paid_fen == credited(projections, key, "cash"), key
        assert paid_by(transactions) == credited_by_owner(projections, key), key
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


def two_bureaus() -> World:
    """Return a world whose contract `c-1` is paid 60 to 40 from lines of two finance bureaus.

    5,000 fen of a claim are paid late and bounce; of an advance of 10,000 fen 1,001 are refunded.
    Another claim is open.
    """
    world = World.founded({"line-1": 10**9})
    world.do(world.make(BudgetAppropriated, line="line-2", amount_fen=10**9), by="FI2/one FI2/two")
    world.do(world.make(BudgetAllotted, line="line-2", amount_fen=10**9), by="FI2/one")
    shares = {"line-1": 600_000, "line-2": 400_000}
    world.contract("c-1", 1_000_000, shares, advance_ppm=200_000)
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.now_ms += 60 * MS_PER_DAY
    world.accrue("k-1")
    world.request("p-1", "c-1", ["k-1"])
    interest_fen = world.state.interest["k-1"].owed_fen
    world.order("p-1", interest_fen=interest_fen)
    world.settle("p-1")
    world.bounce("p-1")
    world.advance("v-1", "c-1", 10_000)
    world.do(world.make(AdvanceRefunded, advance="v-1", amount_fen=1_001))
    world.visits("c-1")
    world.claim("k-2", "c-1")
    return world


def test_each_payer_is_the_owner_of_the_lines_that_paid(database_url: str) -> None:
    """Lines of two bureaus are two payers, each with a transaction of what its lines paid."""
    kept = keep(database_url, two_bureaus())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        found = own_processes(projections)
        check_money(projections, found)
        contract = contracts_of(found)["c-1"]
    (refund,) = [
        each["id"]
        for each in found[0].releases
        if each["ledgerEvent"]["type"] == "advance.refunded"
    ]
    told = {
        each["id"]: (each["payer"]["id"], fen(each["value"]))
        for each in contract["implementation"]["transactions"]
    }
    assert told == {
        "p-1/by/FIN": ("FIN", 3_000), "p-1/by/FI2": ("FI2", 2_000),
        "p-1/interest/by/FIN": ("FIN", 20), "p-1/interest/by/FI2": ("FI2", 13),
        "p-1/bounced/by/FIN": ("FIN", -3_000), "p-1/bounced/by/FI2": ("FI2", -2_000),
        "p-1/interest/bounced/by/FIN": ("FIN", -20), "p-1/interest/bounced/by/FI2": ("FI2", -13),
        "advance/v-1/by/FIN": ("FIN", 6_000), "advance/v-1/by/FI2": ("FI2", 4_000),
        f"advance/v-1/{refund}/by/FIN": ("FIN", -601),
        f"advance/v-1/{refund}/by/FI2": ("FI2", -400),
    }  # fmt: skip
    payers = [party["id"] for party in compiled(found[0])["parties"] if "payer" in party["roles"]]
    assert sorted(payers) == ["FI2", "FIN"]


def test_lines_of_one_bureau_are_one_payer(database_url: str) -> None:
    """Two lines, and one transaction under the payment's own id."""
    world = World.contracted()
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.pay("p-1", "c-1", ["k-1"])
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        contract = contracts_of(own_processes(projections))["c-1"]
    told = [
        (each["id"], each["payer"]["id"], fen(each["value"]))
        for each in contract["implementation"]["transactions"]
    ]
    assert told == [("p-1", "FIN", 5_000)]


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
