"""What an answer takes, on the read models of a large ledger: the median of several, and the worst.

Asked is what `sunledger show` asks, of the contract with the longest history, and of all payments
and lines in turn; the past at a third of the history, and a timeline at its deepest pages.
"""

import statistics
import time
from collections.abc import Callable

from projections.contracts import find_contracts, list_contracts
from projections.contracts.past import contracts_as_of
from projections.engine import Projections
from projections.funds import fund, fund_months, list_funds
from projections.overview import overview
from projections.payments import list_payments, payment
from projections.points import point_of
from projections.search import find_text
from projections.timeline import timeline

RUNS = 21
_MS = 1_000


def main(projections: Projections) -> None:
    """Measure the answers of read models that are up to date."""
    contracts = list_contracts(projections).items
    largest = max(contracts, key=lambda each: each.visits)
    payments = [each.payment for each in list_payments(projections, limit=RUNS).items]
    lines = [each.line for each in list_funds(projections).items]
    head = projections.feed.store.head().positions
    third = point_of(projections.feed, str(head // 3))
    subject = f"contract/{largest.contract}"
    turns = range(RUNS)
    answers: dict[str, Callable[[int], object]] = {
        "show contract": lambda n: find_contracts(
            projections, contracts[n % len(contracts)].contract
        ),
        "show fund": lambda n: fund(projections, lines[n % len(lines)]),
        "its months": lambda n: fund_months(projections, lines[n % len(lines)]),
        "show payment": lambda n: payment(projections, payments[n % len(payments)]),
        "contract as of a third": lambda _: contracts_as_of(projections, largest.contract, third),
        "list of contracts": lambda _: list_contracts(projections),
        "first page": lambda _: overview(projections),
        "search": lambda _: find_text(projections, "养老"),
        f"timeline of {largest.visits:,} visits": lambda n: timeline(
            projections, subject, after=head * n // RUNS, limit=100
        ),
    }
    for name, answer in answers.items():
        took_ms = [_took_ms(answer, n) for n in turns]
        print(
            f"  {name:<34} median {statistics.median(took_ms):7.1f} ms"
            f"   worst {max(took_ms):7.1f} ms",
            flush=True,
        )


def _took_ms(answer: Callable[[int], object], turn: int) -> float:
    start = time.perf_counter()
    answer(turn)
    return (time.perf_counter() - start) * _MS
