"""What becomes of a contract between its signing and its end, as readers see it."""

from histories import assert_true_to, keep, unusual_contract
from world import World

from projections.catalogue import open_projections
from projections.contracts import list_contracts


def test_a_contract_s_status_and_lines_are_shown_as_they_change(sqlite_database: str) -> None:
    """Funded on a new line, borne by new shares, suspended, resumed, terminated: step by step."""
    world = World.contracted()
    kept = keep(sqlite_database, world)
    before = len(world.statements)
    unusual_contract(world)
    later = world.statements[before:]
    del world.statements[before:]
    seen = []
    with kept.ledger as ledger, open_projections(ledger.store) as projections:
        for statement in later:
            world.statements.append(statement)
            kept.catch_up()
            projections.follow()
            assert_true_to(ledger.state, projections)
            seen.append([each.status for each in list_contracts(projections).items])
    assert ["active", "suspended"] in seen
    assert seen[-1] == ["suspended", "terminated"]
