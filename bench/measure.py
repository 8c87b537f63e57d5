"""Measuring honestly: paired runs in one process, medians, and ratios of pairs.

Machines drift; so what is compared runs turn by turn, and the ratio is taken pair by pair.
"""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple


class Rates(NamedTuple):
    """What several runs of one thing gave, in things a second."""

    name: str
    rates: list[float]

    @property
    def median(self) -> float:
        """The median rate."""
        return statistics.median(self.rates)


def peak_mib() -> int:
    """Return the most memory that this process had, in MiB.

    Not by `ru_maxrss`, which Linux hands down from the process that started this one.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def timed(count: int, run: Callable[[], object]) -> float:
    """Return how many of `count` things a second `run` does."""
    start = time.perf_counter()
    run()
    return count / (time.perf_counter() - start)


def by_clients(clients: int, work: Sequence[bytes], serve: Callable[[int, bytes], object]) -> None:
    """Let `clients` threads do their shares of `work`, each one item after the other."""
    failures: list[BaseException] = []

    def client(number: int) -> None:
        try:
            for item in work[number::clients]:
                serve(number, item)
        except BaseException as error:  # noqa: BLE001 (told by the main thread)
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def turn_by_turn(runs: int, *contenders: tuple[str, Callable[[int], float]]) -> list[Rates]:
    """Run each contender `runs` times, in turn; a contender gets the run's number."""
    results = [Rates(name, []) for name, _ in contenders]
    for run in range(runs):
        for rates, (_, contender) in zip(results, contenders, strict=True):
            rates.rates.append(contender(run))
    return results


def show(title: str, unit: str, results: Sequence[Rates], *, bar: float | None = None) -> None:
    """Print a table: medians, spread, and the first's ratio to each other, pair by pair."""
    ours = results[0]
    print(f"\n{title}  ({len(ours.rates)} runs, {unit} a second, median [min – max])")
    for each in results:
        low, high = min(each.rates), max(each.rates)
        line = f"  {each.name:<42}{each.median:>12,.0f}  [{low:,.0f} – {high:,.0f}]"
        if each is not ours:
            ratios = [a / b for a, b in zip(ours.rates, each.rates, strict=True)]
            line += f"   ours ÷ this: {statistics.median(ratios):.2f}"
        print(line)
    if bar is not None:
        print(f"  (asked for: at least {bar} × the second row)")
