"""The terms of a contract: as signed, and as amendments have made them."""

from histories import busy_city, keep, report

from ledger.events.contract import Item
from projections.catalogue import open_projections
from projections.contracts import list_contracts
from projections.payments import ClaimFile, claim, list_claim_files
from projections.terms import contract_terms


def test_terms_are_those_signed_with_what_amendments_changed(database_url: str) -> None:
    """An amendment changes what it lists and leaves all else as it was signed.

    step                                terms
    c-1 is signed                       its items
    c-1 costs less, ends earlier        the same items, one amendment
    c-1 gets a service at a new rate    that rate for it, all other items as they were
    a contract that is none             no terms
    """
    world = busy_city()
    before = world.state.contracts["c-1"].items
    service = next(iter(before))
    item = Item(service=service, unit="visit", rate_fen=4_321, units_max=77_000_000)
    world.amend("c-1", 0, reason="PRICE", items=[item])
    kept = keep(database_url, world)
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        found = contract_terms(projections, "c-1")
        assert found is not None
        assert found.position == kept.ledger.store.head().positions
        assert found.signed.contract == "c-1"
        assert [each.value_delta_fen for each in found.amendments] == [-12_345, 0]
        assert {each.service for each in found.items} == set(before)
        assert next(each for each in found.items if each.service == service) == item
        assert contract_terms(projections, "c-9") is None
    kept.ledger.close()


def test_claims_of_a_contract_come_page_by_page_with_their_steps(database_url: str) -> None:
    """Every sum owed under a contract, in order, with what the sum by itself is told to be."""
    world = busy_city()
    report(world, "ocds-213czf-2", '{"ocid":"ocds-213czf-2"}')
    kept = keep(database_url, world)
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        for contract in list_contracts(projections, origin="native").items:
            found: list[ClaimFile] = []
            after: str | None = None
            while True:
                page = list_claim_files(projections, contract.contract, after=after, limit=1)
                found += page.items
                after = page.next
                if after is None:
                    break
            assert [each.claim.claim for each in found][:1] == [f"k-{contract.contract[-1]}"]
            assert all(each == claim(projections, each.claim.claim) for each in found)
            assert all(each.steps for each in found)
    kept.ledger.close()
