"""Eight submitters at once ask for more than a fund line has: what it has is given, no fen more."""

from collections import Counter

from histories import keep
from world import World, lots_of

from bench.measure import by_clients
from ledger.errors import Refused
from ledger.events.tender import TenderPublished
from ledger.times import format_instant

CLIENTS, REQUESTS, ROOM = 8, 1_000, 400
EACH_FEN = 2_500


def test_of_a_thousand_requests_at_once_exactly_the_affordable_ones_are_admitted(
    database_url: str,
) -> None:
    """Each sets aside 25.00 of a line that has 10,000.00 and a fen less than one more."""
    world = World.founded({"line-1": ROOM * EACH_FEN + EACH_FEN - 1})
    now = format_instant(world.now_ms)
    requests = [
        world.sign(
            world.make(
                TenderPublished,
                tender=f"t-{number}",
                lots=lots_of({"1": {"line-1": EACH_FEN}}),
                opens=now,
                closes=now,
            ),
            by="BUY/one",
        )
        for number in range(REQUESTS)
    ]
    outcomes: list[str] = []
    with keep(database_url, world).ledger as ledger:

        def submit(_client: int, data: bytes) -> None:
            try:
                ledger.submit(data)
            except Refused as refused:
                outcomes.append(refused.code)
            else:
                outcomes.append("admitted")

        by_clients(CLIENTS, requests, submit)
        assert Counter(outcomes) == {"admitted": ROOM, "guard_broken": REQUESTS - ROOM}
        balances = ledger.state.line_balances("line-1")
        assert (balances["allotted"], balances["reserved"]) == (EACH_FEN - 1, ROOM * EACH_FEN)
        assert ledger.store.head().size == len(world.statements) + ROOM
