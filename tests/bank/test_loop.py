"""The bank loop on a real ledger: orders out, the bank's word in, nothing twice."""

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec
import needs
import pytest
from bank_cases import NUMBER, ORDERED_ON, OTHER_NUMBER, SALT, Loop, approved, at_the_bank
from histories import assert_same_however_batched, busy_city, keep
from lxml import etree

from ledger.bank.accounts import Accounts, commitment_of, read_accounts
from ledger.bank.grammar import VERSIONS
from ledger.bank.pain001 import write
from ledger.errors import LedgerError, Malformed, Refused
from ledger.events import decode_event
from ledger.events.payment import PaymentBounced, PaymentDiverted, PaymentRejected, PaymentSettled
from ledger.store.store import open_store
from projections.bank_orders import list_order_files
from projections.bank_transfers import Choice, new_orders, ordered_files
from projections.catalogue import open_projections
from projections.deep import deep_check

PAID, BACK = "2026-02-11", "2026-02-13"


@pytest.fixture
def loop(database_url: str, tmp_path: Path) -> Iterator[Loop]:
    """Give a ledger with three payments at the bank."""
    with at_the_bank(database_url, tmp_path) as found:
        yield found


def validate(data: bytes, name: str) -> bytes:
    """Return a message after holding it against its published schema."""
    schema = etree.XMLSchema(etree.parse(needs.data(f"iso20022/xsd/{name}.xsd")))
    assert schema.validate(etree.fromstring(data)), schema.error_log
    return data


def counted(taken_counts: dict[str, int]) -> dict[str, int]:
    """Return the outcomes that there were."""
    return {outcome: count for outcome, count in taken_counts.items() if count}


def reported(loop: Loop, kind: type) -> list[object]:
    """Return the events of a type in the ledger."""
    events = (decode_event(row.body) for row in loop.kept.ledger.store.events())
    return [event for event in events if isinstance(event, kind)]


# -- out ---------------------------------------------------------------------------------------


def test_an_ordered_file_is_given_again_to_the_byte(loop: Loop) -> None:
    """Its hash is the one that the orders state, also after the bank spoke of some of it."""
    for _ in range(2):
        ((file, stated),) = ordered_files(loop.projections, Choice(), loop.accounts)
        data = validate(write(file), "pain.001.001.09")
        assert hashlib.sha256(data).hexdigest() == stated
        assert file.day == ORDERED_ON
        loop.take(loop.bank.notify([loop.bank.paid("p-1", PAID)]))
        loop.projections.follow()


def test_payments_are_chosen_by_id_contract_day_and_file(loop: Loop) -> None:
    """What is answered or does not fit is left out; a wrong id is told."""
    (waiting,) = list_order_files(loop.projections).items
    assert (waiting.payments, waiting.waiting, waiting.amount_fen) == (3, 3, 15_000)
    message = waiting.message_id
    for choice, found in (
        (Choice(payments=["p-2"]), 1),
        (Choice(contracts={"c-1"}), 1),
        (Choice(contracts={"c-9"}), 0),
        (Choice(day=ORDERED_ON), 1),
        (Choice(day="2026-02-09"), 0),
        (Choice(message=message), 1),
        (Choice(message="other"), 0),
    ):
        assert len(list(ordered_files(loop.projections, choice, loop.accounts))) == found, choice
    with pytest.raises(LedgerError, match="p-9 was not ordered"):
        list(ordered_files(loop.projections, Choice(payments=["p-9"]), loop.accounts))
    with pytest.raises(LedgerError, match="p-1 is ordered"):
        new_orders(loop.projections, Choice(payments=["p-1"]), loop.accounts)
    loop.take(loop.bank.notify([loop.bank.paid(name, PAID) for name in loop.bank.ordered]))
    loop.projections.follow()
    assert list_order_files(loop.projections).items == ()
    assert list(ordered_files(loop.projections, Choice(), loop.accounts)) == []
    (answered,) = list_order_files(loop.projections, waiting=False).items
    assert answered.waiting == 0


@pytest.mark.parametrize("message", ["20269999-abc", "２０２６0101-abc", "20260230-abc"])
def test_a_name_like_a_day_that_there_is_not_gives_a_valid_file(
    tmp_path: Path, message: str
) -> None:
    """Of a file that was not named here the day is that of its first order."""
    world = approved(1)
    world.order("p-1", message_id=message, creditor=commitment_of(SALT, NUMBER))
    kept = keep(f"sqlite:///{tmp_path / 'ledger.db'}", world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        ((file, _stated),) = ordered_files(projections, Choice(), Accounts())
    validate(write(file), "pain.001.001.09")
    assert file.day == ORDERED_ON


@pytest.mark.parametrize(
    "line",
    [
        {"account": "account-2", "number": "6222\x01", "salt": SALT},
        {"pays_for": "BUY", "number": "1", "bank": "icbkcnbj"},
        {"pays_for": "BUY", "number": "1", "bank": "１０２５５１００００１７"},
        {"pays_for": "BUY", "number": "1", "bank": "1" * 40},
    ],
)
def test_accounts_that_no_bank_file_could_name_are_refused(line: dict[str, str]) -> None:
    """With the line: else the file would not be one."""
    with pytest.raises(Malformed, match="line 2 of the accounts"):
        read_accounts(b"\n" + msgspec.json.encode(line))


def test_without_numbers_a_file_names_accounts_by_token(loop: Loop) -> None:
    """The bank that keeps the numbers echoes the token, and that is the account ordered."""
    ((file, stated),) = ordered_files(loop.projections, Choice(), Accounts())
    data = validate(write(file), "pain.001.001.09")
    assert NUMBER.replace(" ", "").encode() not in data
    assert b"<Id>account-2</Id><SchmeNm><Prtry>TOKEN</Prtry></SchmeNm>" in data
    assert hashlib.sha256(data).hexdigest() != stated
    echoed = loop.bank.paid("p-1", PAID, account="account-2")
    assert counted(loop.take(loop.bank.notify([echoed]), accounts=Accounts()).counts()) == {
        "settled": 1
    }


# -- in ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS["camt.054"])
@pytest.mark.parametrize("status_version", VERSIONS["pain.002"])
def test_the_bank_s_word_is_booked_in_every_version(
    tmp_path: Path, version: str, status_version: str
) -> None:
    """One is paid, one rejected, one paid and sent back; each event keeps its file's hash."""
    with at_the_bank(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path) as loop:
        bank = loop.bank
        statuses = {"p-1": ("ACSC", ""), "p-2": ("RJCT", "AC01"), "p-3": ("PDNG", "")}
        answer = validate(bank.report(statuses, status_version), f"pain.002.{status_version}")
        paid = [bank.paid("p-1", PAID), bank.paid("p-3", PAID)]
        notified = validate(bank.notify(paid, version), f"camt.054.{version}")
        stated = validate(
            bank.state([bank.returned("p-3", BACK, "AC04")], version), f"camt.053.{version}"
        )
        taken = loop.take(answer, notified, stated)
        assert counted(taken.counts()) == {
            "settled": 2, "rejected": 1, "bounced": 1, "provisional": 2
        }  # fmt: skip
        assert loop.statuses() == {"p-1": "settled", "p-2": "rejected", "p-3": "bounced"}
        (rejected,) = reported(loop, PaymentRejected)
        assert isinstance(rejected, PaymentRejected)
        assert (rejected.reason, rejected.sha256) == ("AC01", hashlib.sha256(answer).hexdigest())
        for settled in reported(loop, PaymentSettled):
            assert isinstance(settled, PaymentSettled)
            assert settled.value_date == PAID
            assert settled.sha256 == hashlib.sha256(notified).hexdigest()
        (bounced,) = reported(loop, PaymentBounced)
        assert isinstance(bounced, PaymentBounced)
        assert (bounced.value_date, bounced.reason) == (BACK, "AC04")
        assert bounced.sha256 == hashlib.sha256(stated).hexdigest()


def test_whatever_comes_twice_or_in_another_order_is_booked_once(tmp_path: Path) -> None:
    """Four files with repeated entries, in several orders, one by one: one ledger in the end."""
    for number, order in enumerate(list(itertools.permutations(range(4)))[::5]):
        folder = tmp_path / str(number)
        folder.mkdir()
        with at_the_bank(f"sqlite:///{folder / 'ledger.db'}", folder) as loop:
            bank = loop.bank
            files = [
                bank.report({"p-2": ("RJCT", "AC04")}),
                bank.notify([bank.paid("p-1", PAID), bank.paid("p-3", PAID)]),
                bank.state([bank.paid("p-3", PAID), bank.paid("p-1", PAID)]),
                bank.state([bank.returned("p-3", BACK)], "001.02"),
            ]
            for _ in range(2):  # a bounce that came before its payment is booked the second time
                for each in order:
                    assert loop.take(files[each]).files[0].refused is None
            assert loop.statuses() == {"p-1": "settled", "p-2": "rejected", "p-3": "bounced"}
            assert len(reported(loop, PaymentSettled)) == 2
            before = loop.size()
            taken = loop.take(*(files[each] for each in order))
            assert counted(taken.counts()) == {"known": 6}
            assert loop.size() == before


def test_a_batch_settles_all_of_its_payments(loop: Loop) -> None:
    """Booked in one entry of which only number and sum are said."""
    (group,) = {each.group for each in loop.bank.ordered.values()}
    batch = loop.bank.notify_batch(group, PAID)
    taken = loop.take(validate(batch, "camt.054.001.08"))
    assert counted(taken.counts()) == {"settled": 3}
    assert counted(loop.take(batch).counts()) == {"known": 3}


def test_a_rejected_message_rejects_every_payment_in_it(loop: Loop) -> None:
    """Each once; the one that has a line of its own by that line's reason."""
    answer = loop.bank.report({"p-2": ("RJCT", "AM04")}, group_status="RJCT")
    assert counted(loop.take(answer).counts()) == {"rejected": 3}
    reasons = {
        event.payment: event.reason
        for event in reported(loop, PaymentRejected)
        if isinstance(event, PaymentRejected)
    }
    assert reasons == {"p-1": "MS03", "p-2": "AM04", "p-3": "MS03"}


def test_money_on_another_account_is_diverted_and_comes_back(loop: Loop) -> None:
    """Its number is kept for the vault; given back, the payment ends as rejected."""
    wrong = loop.bank.notify([loop.bank.paid("p-1", PAID, account=OTHER_NUMBER)])
    taken = loop.take(wrong)
    assert counted(taken.counts()) == {"diverted": 1}
    (finding,) = taken.findings
    assert finding.opening is not None
    (diverted,) = reported(loop, PaymentDiverted)
    assert isinstance(diverted, PaymentDiverted)
    assert diverted.creditor == commitment_of(finding.salt, OTHER_NUMBER)
    assert counted(loop.take(wrong).counts()) == {"known": 1}
    back = loop.bank.notify([loop.bank.returned("p-1", BACK)])
    assert counted(loop.take(back).counts()) == {"rejected": 1}
    assert loop.statuses()["p-1"] == "rejected"


def test_a_diverted_payment_is_not_rejected_by_a_status(loop: Loop) -> None:
    """The money is away until an entry brings it back; till then nothing is paid again."""
    bank = loop.bank
    wrong = bank.notify([bank.paid("p-1", PAID, account=OTHER_NUMBER)])
    answer = bank.report({"p-1": ("RJCT", "AC04")})
    assert counted(loop.take(answer, wrong).counts()) == {"diverted": 1, "unmatched": 1}
    assert loop.statuses()["p-1"] == "diverted"


def test_what_comes_back_after_a_diverted_payment_was_paid_right_is_for_a_person(
    loop: Loop,
) -> None:
    """It may be the first money: booked as a bounce the claims would be paid again."""
    bank = loop.bank
    loop.take(bank.notify([bank.paid("p-1", PAID, "WRONG", account=OTHER_NUMBER)]))
    right = bank.notify([bank.paid("p-1", "2026-02-24", "RIGHT")])
    assert counted(loop.take(right, on="2026-02-26").counts()) == {"settled": 1}
    (finding,) = loop.take(bank.notify([bank.returned("p-1", "2026-02-25")])).findings
    assert finding.why is not None
    assert finding.why.code == "return_unclear"
    assert loop.statuses()["p-1"] == "settled"


def test_only_the_treasury_books_what_the_bank_says(loop: Loop) -> None:
    """The law refuses any other key; nothing is written."""
    before = loop.size()
    with pytest.raises(Refused) as refused:
        loop.take(loop.bank.notify([loop.bank.paid("p-1", PAID)]), by="FIN/one")
    assert refused.value.code == "signer_lacks_role"
    assert loop.size() == before


# -- refused, and for a person -----------------------------------------------------------------

BAD = [
    ("currency_differs", b'"CNY"', b'"EUR"'),
    ("entries_differ", b"<NbOfNtries>2", b"<NbOfNtries>3"),
    ("entries_sum_differs", b"<Sum>100.00", b"<Sum>100.01"),
    ("balance_differs", b'<Amt Ccy="CNY">9999999900.00', b'<Amt Ccy="CNY">9999999900.01'),
    ("not_xml", b"</Stmt>", b""),
    ("not_xml", b"</Document>", b""),
    ("element_missing", b"<BkTxCd>", b"<BkTxCx>"),
    ("has_doctype", b"<Document ", b'<!DOCTYPE Document [<!ENTITY a "b">]><Document '),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new"), BAD)
def test_nothing_of_a_bad_file_is_booked(tmp_path: Path, code: str, old: bytes, new: bytes) -> None:
    """A statement that pays two; beside it a sound file is booked all the same."""
    with at_the_bank(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path) as loop:
        bank = loop.bank
        sound = bank.state([bank.paid("p-1", PAID), bank.paid("p-2", PAID)])
        assert old in sound
        before = loop.size()
        taken = loop.take(sound.replace(old, new))
        refused = taken.files[0].refused
        assert refused is not None
        assert refused.code in {code, "element_unknown"}
        assert refused.sentence.endswith(".")
        assert loop.size() == before
        assert taken.findings == ()
        taken = loop.take(sound.replace(old, new), bank.notify([bank.paid("p-3", PAID)]))
        assert counted(taken.counts()) == {"settled": 1}
        assert loop.statuses() == {"p-1": "ordered", "p-2": "ordered", "p-3": "settled"}


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("count_differs", b"<OrgnlNbOfTxs>3", b"<OrgnlNbOfTxs>2"),
        ("sum_differs", b"<OrgnlCtrlSum>150.00", b"<OrgnlCtrlSum>150.01"),
    ],
)
def test_an_answer_with_other_totals_than_were_ordered_is_refused(
    loop: Loop, code: str, old: bytes, new: bytes
) -> None:
    """Also in lenient mode: the bank speaks of another file."""
    answer = loop.bank.report({"p-1": ("RJCT", "AC04")}).replace(old, new)
    for strict in (True, False):
        taken = loop.take(answer, strict=strict)
        assert taken.files[0].refused is not None
        assert taken.files[0].refused.code == code
    assert loop.statuses()["p-1"] == "ordered"


def test_what_fits_no_order_is_for_a_person(loop: Loop) -> None:
    """Unknown payments, other amounts, second entries, contradictions: each with its sentence."""
    bank = loop.bank
    assert counted(loop.take(bank.notify([bank.paid("p-1", PAID)])).counts()) == {"settled": 1}
    one = bank.notify([bank.paid("p-2", PAID)])
    back = bank.notify([bank.returned("p-2", BACK)])
    uetrs = {name: each.uetr.encode() for name, each in bank.ordered.items()}
    unknown = one.replace(b">p-2<", b">p-9<").replace(uetrs["p-2"], uetrs["p-2"][::-1])
    cases = {
        "payment_unknown": unknown,
        "references_contradict": one.replace(uetrs["p-2"], uetrs["p-3"]),
        "amount_differs": one.replace(b"50.00", b"49.99"),
        "settled_already": bank.notify([bank.paid("p-1", BACK, "ANOTHER")]),
        "value_date_outside": bank.notify([bank.paid("p-2", "2026-02-09")]),
        "value_date_missing": one.replace(b"ValDt", b"Val").replace(b"BookgDt", b"Bookg"),
        "not_settled_yet": back,
        "money_came_in": back.replace(b"RtrInf", b"Rtr"),
        "ended_already": bank.report({"p-1": ("RJCT", "AC04")}),
        "message_differs": bank.report({"p-2": ("RJCT", "AC04")}).replace(
            bank.message_id.encode(), b"another"
        ),
    }
    before = loop.size()
    for code, data in cases.items():
        taken = loop.take(data, strict=False)
        (finding,) = [each for each in taken.findings if each.why is not None]
        assert finding.why is not None
        assert finding.why.code == code, finding
        assert finding.why.sentence[-1] in ".?`"
        assert "{" not in finding.why.sentence
    later = bank.notify([bank.paid("p-2", "2026-03-30")])
    assert [each.why and each.why.code for each in loop.take(later).findings] == [
        "value_date_outside"
    ]
    assert loop.size() == before


def test_a_batch_in_another_currency_is_refused(loop: Loop) -> None:
    """As a single payment is: number and sum alone are not what was ordered."""
    (group,) = {each.group for each in loop.bank.ordered.values()}
    batch = loop.bank.notify_batch(group, PAID)
    taken = loop.take(batch.replace(b'"CNY"', b'"EUR"'))
    assert taken.files[0].refused is not None
    assert taken.files[0].refused.code == "currency_differs"
    assert set(loop.statuses().values()) == {"ordered"}


def details(*names: str, amount: str = "", reference: str = "R", number: int = 1) -> str:
    """Return an entry over 100.00 with a transaction for each payment named."""
    inside = "".join(
        f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs>{amount}</TxDtls>" for name in names
    )
    named = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    return (
        f'<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="CNY">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>{PAID}</Dt></ValDt>{named}<BkTxCd/>"
        f"<NtryDtls>{inside}</NtryDtls></Ntry>"
    )


def notified(*entries: str) -> bytes:
    """Return a notification of entries."""
    return validate(
        (
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">'
            "<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M</MsgId>"
            "<CreDtTm>2026-03-05T09:00:00</CreDtTm></GrpHdr><Ntfctn><Id>1</Id>"
            f"<Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>{''.join(entries)}"
            "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
        ).encode(),
        "camt.054.001.08",
    )


FIFTY = '<Amt Ccy="CNY">50.00</Amt><CdtDbtInd>{}</CdtDbtInd>'


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        ([details("p-1", "p-2")], ["amount_missing", "amount_missing"]),
        ([details("p-1", amount=FIFTY.format("CRDT"))], ["money_came_in"]),
        (
            [details("p-1", "p-1", amount=FIFTY.format("DBIT"))],
            [None, "twice_in_statement"],
        ),
        (
            [
                details("p-1", "p-2", amount=FIFTY.format("DBIT"), reference="", number=number)
                for number in (1, 2)
            ],
            [None, None, "twice_in_statement", "twice_in_statement"],
        ),
    ],
)
def test_an_entry_with_details_settles_what_each_of_them_says(
    loop: Loop, entries: list[str], codes: list[str | None]
) -> None:
    """Its own amount, its own way, and once in a statement; the same when it comes again."""
    for _ in range(2):
        taken = loop.take(notified(*entries))
        assert [each.why and each.why.code for each in taken.findings] == codes
    assert len(reported(loop, PaymentSettled)) == codes.count(None)


@pytest.mark.parametrize("missing", [b' Ccy="CNY"', b'<Amt Ccy="CNY">50.00</Amt>'])
def test_an_amount_that_is_not_said_settles_nothing(loop: Loop, missing: bytes) -> None:
    """Nor one without its currency, in lenient mode either."""
    data = loop.bank.notify([loop.bank.paid("p-1", PAID)])
    (finding,) = loop.take(data.replace(missing, b""), strict=False).findings
    assert finding.why is not None
    assert finding.why.code == "amount_missing"
    assert loop.statuses()["p-1"] == "ordered"


def test_a_return_that_is_taken_back_is_for_a_person(loop: Loop) -> None:
    """The bank reverses the credit: the payment may be paid after all."""
    bank = loop.bank
    loop.take(bank.notify([bank.paid("p-1", PAID)]), bank.notify([bank.returned("p-1", BACK)]))
    again = bank.notify([bank.paid("p-1", BACK, "AGAIN")])
    reversal = again.replace(
        b"DBIT</CdtDbtInd><Sts>", b"DBIT</CdtDbtInd><RvslInd>true</RvslInd><Sts>"
    )
    (finding,) = loop.take(validate(reversal, "camt.054.001.08")).findings
    assert finding.why is not None
    assert finding.why.code == "credit_reversed"


def test_a_long_reason_of_the_bank_is_cut(loop: Loop) -> None:
    """A proprietary code has no limit that we could rely on."""
    answer = loop.bank.report({"p-1": ("RJCT", "X" * 1_500)})
    assert counted(loop.take(answer).counts()) == {"rejected": 1}


def test_an_account_that_cannot_be_compared_is_for_a_person(loop: Loop) -> None:
    """Without the numbers nobody can tell whether the right account was paid."""
    paid = loop.bank.notify([loop.bank.paid("p-1", PAID)])
    (finding,) = loop.take(paid, accounts=Accounts()).findings
    assert finding.why is not None
    assert finding.why.code == "account_not_compared"
    opening = loop.accounts.opening(NUMBER)
    assert opening is not None
    wrong = Accounts([opening._replace(commitment="0" * 64)])
    with pytest.raises(Malformed, match="is not the one that was declared"):
        loop.take(paid, accounts=wrong)
    assert loop.statuses()["p-1"] == "ordered"


def test_an_entry_that_is_not_booked_waits(loop: Loop) -> None:
    """PDNG is no settlement; the booked one later is."""
    pending = loop.bank.notify([loop.bank.paid("p-1", PAID, is_booked=False)])
    assert counted(loop.take(pending).counts()) == {"pending": 1}
    assert loop.statuses()["p-1"] == "ordered"
    assert counted(loop.take(loop.bank.notify([loop.bank.paid("p-1", PAID)])).counts()) == {
        "settled": 1
    }


# -- the read model ----------------------------------------------------------------------------


def test_rows_are_the_same_whatever_batches_they_came_in(loop: Loop, tmp_path: Path) -> None:
    """After every kind of report, and in a year with unusual payments."""
    bank = loop.bank
    loop.take(bank.notify([bank.paid("p-1", PAID), bank.paid("p-2", PAID, account=OTHER_NUMBER)]))
    loop.take(bank.notify([bank.returned("p-1", BACK)]))
    assert_same_however_batched(loop.kept, "bank_orders")
    assert_same_however_batched(
        keep(f"sqlite:///{tmp_path / 'busy.db'}", busy_city()), "bank_orders"
    )


def test_rows_of_a_demo_city_are_those_of_a_rebuild(demo_ledger: str, tmp_path: Path) -> None:
    """Folded as it is followed, and again whole."""
    url = f"sqlite:///{tmp_path / 'models.db'}"
    with open_store(demo_ledger) as store, open_projections(store, url) as projections:
        projections.follow("bank_orders")
        report = deep_check(projections, "bank_orders")
        assert report.differences == ()
        assert report.rows > 100


def test_orders_are_the_law_s(database_url: str) -> None:
    """How far each got, when the bank may speak of it next, and over how much: the state's own."""
    kept = keep(database_url, busy_city())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        shown = list_order_files(projections, waiting=False).items
        ordered = [each for each in kept.ledger.state.payments.values() if each.lines]
        assert sum(each.payments for each in shown) == len(ordered)
        assert sum(each.amount_fen for each in shown) == sum(
            each.principal_fen + sum(each.interest) for each in ordered
        )
