"""How fast order files are written, and the bank's answer is read and booked.

10,000 payments, each on its own. *Written* is from the orders to the bytes of a pain.001; *read
back* from the bytes of the bank's camt.054, which books each of them, to the findings: parsed,
matched with what was ordered, and made into the events that the treasury signs. Submitting these
is measured by `bench append`.
"""

import time
from collections.abc import Callable
from statistics import median

from bench.simulated_bank import SimulatedBank
from ledger.bank.findings import BOOKED
from ledger.bank.known import Known
from ledger.bank.matching import match
from ledger.bank.orders import Order, Side, Transfer, files_of
from ledger.bank.pain001 import write
from ledger.bank.reading import read
from ledger.bank.references import end_to_end_of, group_id_of, uetr_of
from ledger.bank.reporting import report_of
from ledger.events import encode_event

PAYMENTS = 10_000
_ORIGIN, _DAY = "bench.example", "2026-03-05"
_OFFSET, _CURRENCY = "+08:00", "CNY"
_SALT, _HASH, _AT = "00" * 16, "ab" * 32, "2026-03-06T02:00:00.000Z"


def main(runs: int) -> None:
    """Print both rates."""
    transfers = [_transfer(number) for number in range(PAYMENTS)]
    written = _measure(runs, lambda: _write(transfers))
    (data,) = _write(transfers)
    (file,) = files_of(_ORIGIN, _DAY, _OFFSET, _CURRENCY, transfers)
    bank = SimulatedBank(data)
    answer = bank.notify([bank.paid(name, _DAY) for name in bank.ordered])
    orders = [_order(each, file.message_id) for each in file.transfers]
    back = _measure(runs, lambda: _read(answer, orders))
    print(f"{PAYMENTS:,} payments, the median of {runs} runs")
    print(f"  pain.001 written      {written:6.2f} s   {len(data) / 1e6:5.1f} MB")
    print(f"  camt.054 read back    {back:6.2f} s   {len(answer) / 1e6:5.1f} MB")


def _measure(runs: int, act: Callable[[], object]) -> float:
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)


def _write(transfers: list[Transfer]) -> list[bytes]:
    return [write(file) for file in files_of(_ORIGIN, _DAY, _OFFSET, _CURRENCY, transfers)]


def _read(answer: bytes, orders: list[Order]) -> int:
    """Return the bytes of the events that an answer makes."""
    file = read([answer[start : start + 65_536] for start in range(0, len(answer), 65_536)])
    known = Known(_ORIGIN, _CURRENCY, _DAY, orders)
    matched = match([file], known, lambda: _SALT)
    booked = [each for each in matched.findings if each.outcome in BOOKED]
    assert len(booked) == PAYMENTS
    return sum(len(encode_event(report_of(each, _SALT, _AT, _HASH))) for each in booked)


def _transfer(number: int) -> Transfer:
    buyer = f"buyer-{number % 20}"
    return Transfer(
        f"c-2026-{number % 300:03}-p{number:05}",
        f"c-2026-{number % 300:03}",
        100_000 + number,
        Side(buyer, f"Bureau {number % 20}", buyer, "102551000017", by_token=True),
        Side("provider", "Évergreen", f"account-{number}", "102100099996", by_token=True),
    )


def _order(transfer: Transfer, message_id: str) -> Order:
    return Order(
        payment=transfer.payment,
        buyer=transfer.debtor.party,
        status="ordered",
        amount_fen=transfer.amount_fen,
        message_id=message_id,
        group_id=group_id_of(message_id, transfer.debtor.party),
        end_to_end=end_to_end_of(transfer.payment),
        uetr=uetr_of(_ORIGIN, transfer.payment),
        account=transfer.creditor.account,
        creditor=_HASH,
        since=_DAY,
        reports=(),
    )
