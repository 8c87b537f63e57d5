"""Advances on the bank loop: ordered by a file, answered by the bank, nothing twice."""

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import needs
import pytest
from bank_cases import ORDERED_ON, OTHER_NUMBER, Loop, at_the_bank
from histories import assert_same_however_batched
from lxml import etree

from bench.simulated_bank import SimulatedBank
from ledger.bank.advances import WantedAdvance, read_advances
from ledger.bank.orders import files_of
from ledger.bank.pain001 import write
from ledger.bank.references import advance_in, advance_name, end_to_end_of
from ledger.errors import LedgerError, Malformed
from ledger.events.advance import AdvanceRefunded, AdvanceRejected, AdvanceSettled
from ledger.events.payment import PaymentBounced, PaymentSettled
from projections.bank_orders import list_order_files
from projections.bank_transfers import Choice, new_advances, ordered_files, terms_of

PAID, BACK = "2026-02-11", "2026-02-13"
WANTED = (
    WantedAdvance("v-1", "c-1", 20_000, "account-2"),
    WantedAdvance("v-2", "c-1", 30_000, "account-2"),
    WantedAdvance("p-1", "c-1", 7_000, "account-2"),
)
"""Three advances; the last has the id of a payment, which is no advance's."""

LIMIT = 200_000
"""What may be advanced under the contract, in fen."""


@pytest.fixture
def loop(database_url: str, tmp_path: Path) -> Iterator[Loop]:
    """Give a ledger with a payment and three advances at the bank."""
    with at_the_bank(database_url, tmp_path, 1, WANTED) as found:
        yield found


def counted(loop: Loop, *datas: bytes) -> dict[str, int]:
    """Import files; return the outcomes that there were."""
    counts = loop.take(*datas).counts()
    return {outcome: count for outcome, count in counts.items() if count}


def why(loop: Loop, data: bytes) -> str | None:
    """Import a file of one entry; return why it is for a person, or None."""
    (finding,) = loop.take(data).findings
    assert finding.why is None or "{" not in finding.why.sentence
    return finding.why and finding.why.code


def standing(loop: Loop) -> dict[str, tuple[str, int]]:
    """Return how far the law has each advance, and how much of it came back."""
    advances = loop.kept.ledger.state.advances
    return {name: (each.status, each.refunded_fen) for name, each in advances.items()}


# -- out ---------------------------------------------------------------------------------------


def test_an_advance_is_in_the_order_file_under_a_name_of_its_own(loop: Loop) -> None:
    """Beside a payment of the same id; the file is valid, and given again to the byte."""
    assert {name: each.amount_fen for name, each in loop.bank.ordered.items()} == {
        "advance/p-1": 7_000, "advance/v-1": 20_000, "advance/v-2": 30_000, "p-1": 5_000
    }  # fmt: skip
    assert len({each.uetr for each in loop.bank.ordered.values()}) == 4
    ((file, stated),) = ordered_files(loop.projections, Choice(), loop.accounts)
    data = write(file)
    schema = etree.XMLSchema(etree.parse(needs.data("iso20022/xsd/pain.001.001.09.xsd")))
    assert schema.validate(etree.fromstring(data)), schema.error_log
    assert hashlib.sha256(data).hexdigest() == stated


def test_order_files_count_their_advances(loop: Loop) -> None:
    """As readers see them, until the bank has said its last word on each."""
    (waiting,) = list_order_files(loop.projections).items
    assert (waiting.payments, waiting.waiting, waiting.amount_fen) == (4, 4, 62_000)
    bank = loop.bank
    loop.take(bank.notify([bank.paid("advance/v-1", PAID)]))
    loop.take(bank.report({"advance/v-2": ("RJCT", "AC04")}))
    loop.projections.follow()
    (waiting,) = list_order_files(loop.projections).items
    assert (waiting.payments, waiting.waiting) == (4, 2)


def test_an_advance_is_chosen_by_its_name(loop: Loop) -> None:
    """One that was not ordered is told, and so is a second order of one that was."""
    chosen = Choice(payments=["advance/v-1"])
    assert len(list(ordered_files(loop.projections, chosen, loop.accounts))) == 1
    with pytest.raises(LedgerError, match="advance v-9 was not ordered"):
        list(ordered_files(loop.projections, Choice(payments=["advance/v-9"]), loop.accounts))
    for wanted, told in (
        (WANTED[0], "v-1 is ordered already"),
        (WantedAdvance("v-3", "c-9", 1, "account-2"), "c-9, which is no contract"),
        (WantedAdvance("v-3", "c-1", 1, "nowhere"), "nowhere, which nobody declared"),
    ):
        with pytest.raises(LedgerError, match=told):
            new_advances(loop.projections, [wanted], loop.accounts)


def test_a_name_with_the_bank_fits_and_is_no_payment_s() -> None:
    """No id holds a slash; a long one is cut as that of a payment is."""
    assert advance_in(advance_name("v-1")) == "v-1"
    assert advance_in("v-1") is None
    names = {end_to_end_of(advance_name(f"{'v' * 63}{each}")) for each in "ab"}
    assert len(names) == 2
    assert {len(each) for each in names} == {35}


@pytest.mark.parametrize(
    "line",
    [
        b'{"advance": "v/1", "contract": "c-1", "amount_fen": 1, "payee": "account-2"}',
        b'{"advance": "v-2", "contract": "c-1", "amount_fen": 0, "payee": "account-2"}',
        b'{"advance": "v-2", "contract": "c-1", "amount_fen": 1.5, "payee": "account-2"}',
        b'{"advance": "v-2", "contract": "c-1", "amount_fen": 1}',
        b'{"advance": "v-1", "contract": "c-1", "amount_fen": 1, "payee": "account-2"}',
        b'{"advance": "v-2", "contract": "c-1", "amount_fen": 1, "payee": "a", "more": 1}',
        b"\xff",
    ],
)
def test_a_line_that_is_no_advance_is_refused(line: bytes) -> None:
    """With its number, and what is wrong with it; one id twice is refused as well."""
    sound = b'{"advance": "v-1", "contract": "c-1", "amount_fen": 1, "payee": "account-2"}'
    assert read_advances(sound + b"\n\n") == [WantedAdvance("v-1", "c-1", 1, "account-2")]
    with pytest.raises(Malformed, match="line 2 of the advances"):
        read_advances(sound + b"\n" + line)


# -- in ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["001.02", "001.08"])
def test_the_bank_s_word_on_an_advance_is_booked(tmp_path: Path, version: str) -> None:
    """One is paid, one rejected, one sent back, which is a refund of the whole; with evidence."""
    with at_the_bank(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path, 1, WANTED) as loop:
        bank = loop.bank
        answer = bank.report({"advance/v-2": ("RJCT", "AC04"), "advance/v-1": ("ACSC", "")})
        paid = [bank.paid(name, PAID) for name in ("advance/v-1", "advance/p-1", "p-1")]
        notified = bank.notify(paid, version)
        stated = bank.state([bank.returned("advance/p-1", BACK)], version)
        assert counted(loop, answer, notified, stated) == {
            "settled": 3, "rejected": 1, "bounced": 1, "provisional": 1
        }  # fmt: skip
        assert standing(loop) == {
            "v-1": ("settled", 0), "v-2": ("rejected", 0), "p-1": ("settled", 7_000)
        }  # fmt: skip
        assert loop.statuses() == {"p-1": "settled"}
        (rejected,) = loop.booked(AdvanceRejected)
        assert (rejected.reason, rejected.sha256) == ("AC04", hashlib.sha256(answer).hexdigest())
        number = loop.accounts.opening("6222020200112233")
        assert number is not None
        for settled in loop.booked(AdvanceSettled):
            assert (settled.value_date, settled.creditor) == (PAID, number.commitment)
            assert settled.sha256 == hashlib.sha256(notified).hexdigest()
        (refunded,) = loop.booked(AdvanceRefunded)
        assert (refunded.advance, refunded.amount_fen) == ("p-1", 7_000)
        assert (refunded.value_date, refunded.sha256) == (BACK, hashlib.sha256(stated).hexdigest())
        assert loop.booked(PaymentBounced) == []


def test_what_came_back_or_was_rejected_may_be_advanced_again(loop: Loop) -> None:
    """Under another id, up to the contract's limit; nothing of the first is left in the way."""
    bank = loop.bank
    names = [advance_name(each.advance) for each in WANTED]
    loop.take(bank.notify([bank.paid(name, PAID) for name in names[:2]]))
    back = bank.notify([bank.returned(name, BACK) for name in names[:2]])
    assert counted(loop, bank.report({names[2]: ("RJCT", "AC04")}), back) == {
        "rejected": 1, "bounced": 2
    }  # fmt: skip
    state = loop.kept.ledger.state
    assert state.contracts["c-1"].advanced_fen == 0
    assert sum(state.holdings("prepaid", state.contracts["c-1"])) == 0


def test_whatever_comes_twice_or_in_another_order_is_booked_once(tmp_path: Path) -> None:
    """Four files with repeated entries, in several orders, one by one: one ledger in the end."""
    for number, order in enumerate(list(itertools.permutations(range(4)))[::5]):
        folder = tmp_path / str(number)
        folder.mkdir()
        with at_the_bank(f"sqlite:///{folder / 'ledger.db'}", folder, 1, WANTED) as loop:
            bank = loop.bank
            paid = [bank.paid(name, PAID) for name in ("advance/v-1", "advance/p-1")]
            files = [
                bank.report({"advance/v-2": ("RJCT", "AC04")}),
                bank.notify(paid),
                bank.state(paid[::-1]),
                bank.state([bank.returned("advance/p-1", BACK)], "001.02"),
            ]
            for _ in range(2):  # what came back before it was paid is booked the second time
                for each in order:
                    assert loop.take(files[each]).files[0].refused is None
            assert standing(loop) == {
                "v-1": ("settled", 0), "v-2": ("rejected", 0), "p-1": ("settled", 7_000)
            }  # fmt: skip
            assert loop.booked(PaymentSettled) == []
            before = loop.size()
            assert counted(loop, *(files[each] for each in order)) == {"known": 6}
            assert loop.size() == before


def test_a_batch_settles_payments_and_advances_together(loop: Loop) -> None:
    """Booked in one entry of which only number and sum are said; and sent back whole."""
    (group,) = {each.group for each in loop.bank.ordered.values()}
    batch = loop.bank.notify_batch(group, PAID)
    assert counted(loop, batch) == {"settled": 4}
    assert counted(loop, batch) == {"known": 4}
    assert {status for status, _ in standing(loop).values()} == {"settled"}


# -- for a person ------------------------------------------------------------------------------


def test_an_advance_on_another_account_is_for_a_person(loop: Loop) -> None:
    """The law has no event for it; when the right account is paid after all, that is booked."""
    bank = loop.bank
    before = loop.size()
    wrong = bank.notify([bank.paid("advance/v-1", PAID, "WRONG", account=OTHER_NUMBER)])
    assert why(loop, wrong) == "advance_elsewhere"
    assert loop.size() == before
    assert why(loop, bank.notify([bank.paid("advance/v-1", PAID, "RIGHT")])) is None


def test_another_entry_or_amount_is_for_a_person(loop: Loop) -> None:
    """As it is of a payment: a second settlement, a wrong amount, a return before it was paid."""
    bank = loop.bank
    back = bank.notify([bank.returned("advance/v-1", BACK)])
    assert why(loop, back) == "not_settled_yet"
    paid = bank.notify([bank.paid("advance/v-1", PAID)])
    assert why(loop, paid.replace(b"200.00", b"199.99")) == "amount_differs"
    assert why(loop, paid) is None
    assert why(loop, bank.notify([bank.paid("advance/v-1", PAID, "ANOTHER")])) == "settled_already"
    assert why(loop, bank.report({"advance/v-1": ("RJCT", "AC04")})) == "ended_already"


def test_what_comes_back_after_a_recovery_is_for_a_person(loop: Loop) -> None:
    """An acceptance took part of what was advanced: the law would refuse the whole refund."""
    world, bank = loop.kept.world, loop.bank
    for name in ("v-1", "v-2"):
        world.do(world.make(AdvanceSettled, advance=name, value_date=PAID))
    world.visits("c-1")
    world.claim("k-2", "c-1")
    world.answer("k-2")
    loop.kept.catch_up()
    before = loop.size()
    back = bank.notify([bank.returned("advance/v-1", BACK)])
    assert why(loop, back) == "advance_used"
    assert loop.size() == before
    assert standing(loop)["v-1"] == ("settled", 0)


def test_what_comes_back_after_a_part_was_paid_back_is_for_a_person(loop: Loop) -> None:
    """And the rest of it by hand ends it; the other advance of the contract still comes back."""
    world, bank = loop.kept.world, loop.bank
    for name in ("v-1", "v-2"):
        world.do(world.make(AdvanceSettled, advance=name, value_date=PAID))
    world.do(world.make(AdvanceRefunded, advance="v-1", amount_fen=1_234, value_date=BACK))
    loop.kept.catch_up()
    assert why(loop, bank.notify([bank.returned("advance/v-1", BACK)])) == "advance_used"
    assert why(loop, bank.notify([bank.returned("advance/v-2", BACK)])) is None
    assert standing(loop)["v-2"] == ("settled", 30_000)


# -- the read model ----------------------------------------------------------------------------


def test_rows_are_the_same_whatever_batches_they_came_in(loop: Loop) -> None:
    """After every kind of report about an advance."""
    bank = loop.bank
    loop.take(bank.report({"advance/v-2": ("RJCT", "AC04")}))
    loop.take(bank.notify([bank.paid("advance/v-1", PAID), bank.paid("advance/p-1", PAID)]))
    loop.take(bank.notify([bank.returned("advance/v-1", BACK)]))
    assert_same_however_batched(loop.kept, "bank_orders")


def test_a_new_file_pays_what_is_wanted(loop: Loop) -> None:
    """On its day, to the provider's account, under the contract; no more than is wanted."""
    wanted = WantedAdvance("v-4", "c-1", LIMIT // 2, "account-2")
    (order,) = new_advances(loop.projections, [wanted], loop.accounts)
    assert (order.principal_fen, order.interest_fen) == (LIMIT // 2, 0)
    terms = terms_of(loop.projections)
    (file,) = files_of(terms.origin, ORDERED_ON, terms.offset, terms.currency, [order.transfer])
    (ordered,) = SimulatedBank(write(file)).ordered.values()
    assert (ordered.name, ordered.amount_fen) == ("advance/v-4", LIMIT // 2)
    assert ordered.account == "6222020200112233"
