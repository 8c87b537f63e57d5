"""The page docs/life-of-a-contract.md is executed: its steps are played, its balances compared.

A section has a table of steps, `by | event | fields` as in `scenario`, and a table of what the
fund line's accounts hold after them, a book in each half of the row.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import scenario
from pages import DOCS
from replay.histories import archive
from world import World

from ledger.postings import CHART
from ledger.replay.explaining import explain
from ledger.replay.sources import ArchiveSource

PAGE = DOCS / "life-of-a-contract.md"
LINE = "care-2026"
STEPS = ["by", "event", "fields"]
BALANCES = ["authority book", "yuan", "proprietary book", "yuan"]
PAID_FEN = {"p-1": 6_814_250, "p-2": 40_886, "p-3": 75_112_500, "p-4": 1_800, "p-5": 5_468_250}
"""What the bank was ordered to pay, as the page's steps state it."""


def sections() -> Iterator[tuple[str, list[list[str]], list[list[str]]]]:
    """Yield each section's heading, its steps, and the balances after them."""
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        steps, balances = (_table(section, header) for header in (STEPS, BALANCES))
        yield heading, steps, balances


def _table(section: str, header: list[str]) -> list[list[str]]:
    """Return the rows of the table with a header."""
    tables = re.findall(r"(?:^\|.*\|\n)+", section + "\n", re.MULTILINE)
    for table in tables:
        first, _, *rows = (
            [cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in table.splitlines()
        )
        if first == header:
            return list(rows)
    raise ValueError(f"no table {header} in section {section[:40]!r}")


def play(world: World, steps: list[list[str]]) -> None:
    """Play the steps of a section; every one must be admitted."""
    for by, event, fields in steps:
        if event == "days pass":
            scenario.wait(world, scenario.Row("later", by, event, fields))
        else:
            scenario.play_row(world, scenario.Row("ok", by, event, fields))


def held(world: World) -> list[dict[str, str]]:
    """Return what the accounts of either book hold, as the page writes it."""
    balances = world.state.line_balances(LINE) if LINE in world.state.lines else {}
    books: dict[str, dict[str, str]] = {"authority": {}, "proprietary": {}}
    for name, fen in balances.items():
        if fen:
            sign = "−" if fen < 0 else ""
            books[CHART[name].book][name] = f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02}"
    return list(books.values())


def test_every_step_of_the_page_is_admitted_and_leaves_the_balances_it_shows() -> None:
    """From the budget to the closing, account by account, in both books, to the fen."""
    world = World.cast()
    told = list(sections())
    assert len(told) == 12
    for heading, steps, rows in told:
        play(world, steps)
        shown = [
            {name: yuan for name, yuan in (row[place : place + 2] for row in rows) if name}
            for place in (0, 2)
        ]
        assert shown == held(world), heading
    assert world.state.contracts["c-1"].status == "closed"


def test_the_page_s_payments_are_explained_to_the_fen(tmp_path: Path) -> None:
    """What the formulas give of its history is what the page says was paid."""
    world = World.cast()
    for _, steps, _ in sections():
        play(world, steps)
    history = archive(tmp_path / "archive", world.statements)
    for payment, fen in PAID_FEN.items():
        explanation = explain(ArchiveSource(history), payment)
        assert explanation.differences == ()
        assert explanation.principal_fen + explanation.interest_fen == fen
        assert explanation.paid_fen == fen
        standing = explanation.standing
        assert (standing.interest_open_fen, standing.interest_unbooked_fen) == (0, 0)
