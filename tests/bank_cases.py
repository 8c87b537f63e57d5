"""A ledger with orders at the bank, and the loop around it, for tests of the bank's files."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from histories import Kept, keep
from money import at
from world import E, World, signer

from api.cli.importing_bank import BankLoop, Taken
from bench.simulated_bank import SimulatedBank
from ledger.bank.accounts import Accounts, commitment_of, read_accounts
from ledger.bank.advances import WantedAdvance
from ledger.bank.orders import files_of
from ledger.bank.pain001 import write
from ledger.events import decode_event
from ledger.events.accounts import AccountDeclared
from ledger.events.advance import AdvanceOrdered
from ledger.times import MS_PER_DAY, parse_instant
from projections.bank_transfers import Choice, new_advances, new_orders, terms_of
from projections.catalogue import open_projections
from projections.engine import Projections
from projections.payments import list_payments

ORDERED_ON = "2026-02-10"
NUMBER, SALT = "6222 0202 0011 2233", "ab" * 16
OTHER_NUMBER = "6222020200999999"
EXTRACT = b"\n".join(
    msgspec.json.encode(line)
    for line in (
        {"account": "account-2", "number": NUMBER, "salt": SALT},
        {"pays_for": "BUY", "number": "110060149012", "bank": "102551000017", "name": "Treasury"},
    )
)
"""What the keeper of the vault gives: the number of `account-2`, and the buyer's own account."""


class Loop(NamedTuple):
    """A ledger with its orders at a bank.

    Attributes:
        kept: the ledger and its world.
        projections: its read models.
        accounts: the numbers that the treasury has.
        bank: the bank that got the order file.
        folder: where files are written.

    """

    kept: Kept
    projections: Projections
    accounts: Accounts
    bank: SimulatedBank
    folder: Path

    def take(
        self,
        *datas: bytes,
        strict: bool = True,
        accounts: Accounts | None = None,
        by: str = "TRE/one",
        on: str = "2026-02-20",
    ) -> Taken:
        """Import files on a day."""
        clock = self.kept.clock
        clock.set_ms = max(clock.set_ms, parse_instant(f"{on}T02:00:00.000Z")) + 1
        paths = []
        for number, data in enumerate(datas):
            paths.append(self.folder / f"bank-{number}.xml")
            paths[-1].write_bytes(data)
        loop = BankLoop(
            self.kept.ledger,
            self.projections,
            signer(by),
            self.accounts if accounts is None else accounts,
        )
        return loop.take(paths, strict=strict, at_ms=clock.set_ms)

    def size(self) -> int:
        """Return how many statements the ledger holds."""
        return self.kept.ledger.store.head().size

    def booked(self, *kinds: type[E]) -> list[E]:
        """Return the events of some types in the ledger, in order."""
        events = (decode_event(row.body) for row in self.kept.ledger.store.events())
        return [event for event in events if isinstance(event, kinds)]

    def statuses(self) -> dict[str, str]:
        """Return how far each payment got, as readers see it."""
        self.projections.follow()
        return {each.payment: each.status for each in list_payments(self.projections).items}


def approved(payments: int, **terms: Any) -> World:
    """Return a world with payments `p-1`, … of 5,000 fen each, approved, to `account-2`."""
    world = World.contracted(**terms)
    number = commitment_of(SALT, NUMBER)
    world.do(world.make(AccountDeclared, account="account-2", number=number))
    world.now_ms += 14 * MS_PER_DAY
    for each in range(1, payments + 1):
        world.visits("c-1")
        world.claim(f"k-{each}", "c-1")
        world.answer(f"k-{each}")
        world.request(f"p-{each}", "c-1", [f"k-{each}"], payee="account-2")
        world.approve(f"p-{each}")
    at(world, ORDERED_ON)
    return world


@contextmanager
def at_the_bank(
    url: str, folder: Path, payments: int = 3, wanted: Sequence[WantedAdvance] = ()
) -> Iterator[Loop]:
    """Give a ledger whose payments were exported, ordered by that file, and are at the bank.

    So are the advances that are `wanted`; the contract allows 200,000 fen of them.
    """
    world = approved(payments, advance_ppm=200_000) if wanted else approved(payments)
    kept = keep(url, world)
    accounts = read_accounts(EXTRACT)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        terms = terms_of(projections)
        found = new_orders(projections, Choice(), accounts)
        found += new_advances(projections, wanted, accounts)
        transfers = [each.transfer for each in found]
        (file,) = files_of(terms.origin, ORDERED_ON, terms.offset, terms.currency, transfers)
        data = write(file)
        sha256 = hashlib.sha256(data).hexdigest()
        names = {"message_id": file.message_id, "sha256": sha256}
        for each in found[: len(found) - len(wanted)]:
            world.order(each.transfer.payment, **names, creditor=each.creditor)
        for advance in wanted:
            fields = msgspec.structs.asdict(advance)
            world.do(world.make(AdvanceOrdered, **fields, **names))
        kept.catch_up()
        projections.follow()
        yield Loop(kept, projections, accounts, SimulatedBank(data), folder)
