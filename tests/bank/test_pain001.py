"""Order files: valid by the published schema, the same for the same orders, split where large."""

import itertools
from functools import cache

import needs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bench.simulated_bank import SimulatedBank
from ledger.bank import orders
from ledger.bank.amounts import format_fen, format_units, units_of
from ledger.bank.orders import OrderFile, Side, Transfer, files_of
from ledger.bank.pain001 import write
from ledger.bank.references import MAX_ID_CHARS, end_to_end_of, group_id_of, report_id_of, uetr_of
from ledger.events.base import HEADING
from ledger.money import MAX_AMOUNT_FEN

ORIGIN = "ledger.test.example"


@cache
def schema(name: str) -> etree.XMLSchema:
    """Return a published schema."""
    return etree.XMLSchema(etree.parse(needs.data(f"iso20022/xsd/{name}.xsd")))


def assert_valid(data: bytes, name: str) -> None:
    """Check a message against its published schema."""
    found = schema(name)
    assert found.validate(etree.fromstring(data)), found.error_log


def side(party: str, account: str, bank: str = "102100099996", *, name: str = "名") -> Side:
    """Return a side of a transfer."""
    return Side(party, name, account, bank, by_token=False)


def transfer(number: int, buyer: str = "BUY", amount_fen: int = 5_000) -> Transfer:
    """Return a transfer."""
    creditor = side("PRO", f"62220{number}", name="Évergreen & Care <长青>")
    return Transfer(f"p-{number}", "c-1", amount_fen, side(buyer, f"1100{buyer}"), creditor)


def files(*transfers: Transfer, day: str = "2026-03-05") -> list[OrderFile]:
    """Return the order files of transfers."""
    return list(files_of(ORIGIN, day, "+08:00", "CNY", transfers))


def test_an_order_file_is_valid_and_says_what_it_was_told() -> None:
    """Two buyers are two PmtInf; numbers and sums stand on both levels."""
    (file,) = files(transfer(1), transfer(2, "BU2", 1), transfer(3, "BU2"))
    data = write(file)
    assert_valid(data, "pain.001.001.09")
    document = etree.fromstring(data)

    def texts(path: str) -> list[str]:
        return [str(each.text) for each in document.iterfind(f".//{{*}}{path}")]

    assert texts("NbOfTxs") == ["3", "2", "1"]
    assert texts("CtrlSum") == ["100.01", "50.01", "50.00"]
    assert texts("MsgId") == [file.message_id]
    assert texts("PmtInfId") == [group_id_of(file.message_id, buyer) for buyer in ("BU2", "BUY")]
    assert texts("EndToEndId") == ["p-2", "p-3", "p-1"]
    assert set(texts("ClrSysMmbId/{*}ClrSysId/{*}Cd")) == {"CNAPS"}
    assert set(texts("Cdtr/{*}Nm")) == {"Évergreen & Care <长青>"}
    assert not texts("IBAN")


def test_the_same_orders_give_the_same_files_in_whatever_order_they_come() -> None:
    """A bank that checks for duplicates sees one; another day or amount is another file."""
    three = [transfer(1), transfer(2, "BU2"), transfer(3)]
    written = {tuple(map(write, files(*each))) for each in itertools.permutations(three)}
    assert len(written) == 1
    (file,) = files(*three)
    others = [files(*three, day="2026-03-06"), files(*three[:2]), files(transfer(1, "BUY", 1))]
    assert file.message_id not in {other.message_id for (other,) in others}


def test_a_large_order_is_split_and_every_part_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """No payment is in two files, none is left out, and each file has its own id."""
    monkeypatch.setattr(orders, "MAX_TRANSFERS", 4)
    parts = files(*(transfer(number, f"B{number % 3}") for number in range(10)))
    assert [len(each.transfers) for each in parts] == [4, 4, 2]
    assert len({each.message_id for each in parts}) == 3
    banks = [SimulatedBank(write(each)) for each in parts]
    names = [name for bank in banks for name in bank.ordered]
    assert sorted(names) == sorted(f"p-{number}" for number in range(10))


@pytest.mark.parametrize(
    ("bank", "element"),
    [
        ("102100099996", "ClrSysMmbId/{*}MmbId"),
        ("ICBKCNBJ", "BICFI"),
        ("ICBKCNBJ123", "BICFI"),
        ("123456789", "Othr/{*}Id"),
        ("", "Othr/{*}Id"),
    ],
)
def test_a_bank_is_named_by_its_number_its_bic_or_not_at_all(bank: str, element: str) -> None:
    """Whatever code an account was declared with, the file is valid."""
    (file,) = files(transfer(1)._replace(creditor=side("PRO", "1", bank)))
    data = write(file)
    assert_valid(data, "pain.001.001.09")
    agent = etree.fromstring(data).find(f".//{{*}}CdtrAgt/{{*}}FinInstnId/{{*}}{element}")
    assert agent is not None
    assert agent.text == (bank or "NOTPROVIDED")


@settings(max_examples=60, deadline=None)
@given(
    name=st.text(max_size=200),
    payment=st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"),
    message=st.text(min_size=1, max_size=35),
    fen=st.integers(min_value=1, max_value=MAX_AMOUNT_FEN),
    account=st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,33}\Z"),
)
def test_whatever_the_ledger_lets_through_makes_a_valid_file(
    name: str, payment: str, message: str, fen: int, account: str
) -> None:
    """Names of any characters, ids of any length, amounts up to the largest."""
    creditor = Side("PRO", name, account, "102100099996", by_token=True)
    told = Transfer(payment, "c-1", fen, side("BUY", "1", name=name), creditor)
    file = OrderFile(ORIGIN, message, "2026-03-05", "-03:30", "CNY", (told,))
    assert_valid(write(file), "pain.001.001.09")


@given(st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"))
def test_names_with_the_bank_fit_and_tell_payments_apart(payment: str) -> None:
    """A short id is its own name; of longer ones the rest is not lost."""
    name = end_to_end_of(payment)
    assert len(name) <= MAX_ID_CHARS
    assert (name == payment) == (len(payment) <= MAX_ID_CHARS)
    if len(payment) < 64:
        assert end_to_end_of(f"{payment}0") != name
    assert uetr_of(ORIGIN, payment) != uetr_of("other.example", payment)
    event_id = report_id_of(ORIGIN, "booked", payment, "REF", 1_772_352_000_000)
    assert HEADING.fullmatch(f"{event_id}\n{'0' * 32}\n2026-03-01T00:00:00.000Z")
    assert event_id != report_id_of(ORIGIN, "booked", payment, "REF2", 1_772_352_000_000)


@given(st.integers(min_value=0, max_value=MAX_AMOUNT_FEN))
def test_an_amount_is_read_as_it_was_written(fen: int) -> None:
    """To the fen, without a binary fraction."""
    assert units_of(format_fen(fen)) == fen * 1_000
    assert format_units(fen * 1_000) == format_fen(fen)


@pytest.mark.parametrize("text", ["", "-1", "1,00", "1e2", "1.000001", " ", "١", "1.2.3", "0x1"])
def test_what_is_no_amount_is_not_guessed_at(text: str) -> None:
    """Signs, separators, exponents, other digits, more decimals than there are."""
    assert units_of(text) is None
