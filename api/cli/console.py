"""What a command says, and where: results on stdout, progress and remarks on stderr.

A command prints tables and lines for people, or with `--json` one JSON document and nothing else.
Progress is shown only where stderr is a terminal.
"""

import errno
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import orjson
from rich import box
from rich.cells import cell_len
from rich.console import Console as RichConsole
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from api.telling import NOTHING, Teller
from api.text import Language, _, refusal, share
from ledger.errors import LedgerError, Refused

PIPE_COLUMNS = 200
"""Width of a table that no terminal shows: wide enough that no cell is cut."""
MAX_TABLE_COLUMNS = 10_000
"""Wider than any table: measured against it, a table tells how much it needs."""
BAR_CELLS = 10
_FULL, _EMPTY = "█", "░"
_PPM = 1_000_000

Justify = Literal["left", "right"]


# Characters that move the cursor, colour, hide or turn text round: control and format characters.
_UNSEEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Return `text` with every character that a terminal would obey or hide written as its code.

    What is shown before a signature was written by the other side, and what is imported by
    anybody: neither may paint over the screen.
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class Column:
    """A column of a table: its heading, and how its cells stand."""

    def __init__(
        self, heading: str, justify: Justify = "left", style: str = "", *, whole: bool = False
    ) -> None:
        """Name a column; `heading` is a message of the catalogue, `whole` cells do not wrap."""
        self.heading = heading
        self.whole = whole
        self.justify: Justify = justify
        self.style = style


class Console(Teller):
    """Speaks the user's language on the two streams."""

    def __init__(self, language: Language, *, as_json: bool = False) -> None:
        """Speak `language`; with `as_json` only `document` prints on stdout."""
        super().__init__(language)
        self.as_json = as_json
        columns = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPE_COLUMNS
        self._out = RichConsole(width=columns, highlight=False, markup=False, emoji=False)
        self._err = RichConsole(stderr=True, highlight=False, markup=False, emoji=False)

    # -- saying --------------------------------------------------------------------------------

    def say(self, message: str, **facts: object) -> None:
        """Print a sentence on stdout, unless JSON is wanted."""
        self.line(self.tell(message, **facts))

    def line(self, text: str, style: str = "") -> None:
        """Print a line on stdout as it is, unless JSON is wanted."""
        if not self.as_json:
            told = visible(text).replace("\n", "\\n")
            self._out.print(Text(told, style=style), soft_wrap=True)

    def remark(self, message: str, **facts: object) -> None:
        """Print a sentence on stderr."""
        told = visible(self.tell(message, **facts))
        self._err.print(Text(told, style="dim"), soft_wrap=True)

    def document(self, value: object) -> None:
        """Print `value` as one JSON document, if JSON is wanted."""
        if self.as_json:
            options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
            sys.stdout.write(orjson.dumps(value, option=options).decode())

    def table(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str | Text]],
        **facts: object,
    ) -> None:
        """Print a table; `title`, with its facts, and headings are messages of the catalogue."""
        if self.as_json:
            return
        if not rows:
            self.say(_("{title}: none."), title=self.tell(title, **facts))
            return
        headings = [self.tell(column.heading) for column in columns]
        cells = [
            [cell if isinstance(cell, Text) else Text(visible(cell)) for cell in row]
            for row in rows
        ]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
        for place, (column, heading) in enumerate(zip(columns, headings, strict=True)):
            # Words may wrap; a figure that is cut is a wrong figure.
            whole = column.whole or column.justify == "right"
            width = max([cell_len(heading), *(row[place].cell_len for row in cells)])
            table.add_column(
                heading,
                justify=column.justify,
                style=column.style or None,
                no_wrap=whole,
                min_width=width if whole else None,
            )
        for row in cells:
            table.add_row(*row)
        self._out.print(Text(visible(self.tell(title, **facts)), style="bold"))
        unbounded = self._out.options.update(max_width=MAX_TABLE_COLUMNS)
        if Measurement.get(self._out, unbounded, table).minimum <= self._out.width:
            self._out.print(table)
        else:
            self._cards(headings, cells)
        self._out.print()

    def account(self, lines: Sequence[tuple[str, str, str]]) -> None:
        """Print the lines of an account: what it is, how it comes about, and how much."""
        if self.as_json:
            return
        grid = Table.grid(padding=(0, 2))
        grid.add_column()
        grid.add_column()
        grid.add_column(justify="right", no_wrap=True)  # a figure that is cut is a wrong figure
        for what, how, amount in lines:
            cells = [Text(visible(cell)) for cell in (f"  {what}", how, amount)]
            cells[1].stylize("dim")
            grid.add_row(*cells)
        if lines:
            self._out.print(grid)
        self._out.print()

    def _cards(self, headings: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
        """Print each row as a card, where the table would not fit the terminal."""
        for row in rows:
            card = Table.grid(padding=(0, 2))
            for heading, cell in zip(headings, row, strict=True):
                card.add_row(Text(heading, style="dim"), cell)
            self._out.print(card)
            self._out.print()

    # -- figures -------------------------------------------------------------------------------

    def bar(self, part: int | None, whole: int | None) -> Text:
        """Return a bar of how much of `whole` `part` is, and the share in figures."""
        if part is None or not whole:
            return Text(NOTHING)
        ppm = max(part, 0) * _PPM // whole
        cells = min(ppm * BAR_CELLS // _PPM, BAR_CELLS)
        # More than the whole is contradictory, and is for people to see.
        bar = Text(_FULL * cells, style="green" if ppm <= _PPM else "red")
        bar.append(_EMPTY * (BAR_CELLS - cells), style="dim")
        bar.append(f" {share(ppm, self.language):>6}", style="")
        return bar

    # -- progress and errors -------------------------------------------------------------------

    @contextmanager
    def progress(self, message: str, total: int | None = None) -> Iterator["Steps"]:
        """Show progress on stderr while the block runs, where stderr is a terminal."""
        if not self._err.is_terminal:
            yield Steps(None, None)
            return
        count = (BarColumn(), MofNCompleteColumn()) if total else (SpinnerColumn(),)
        columns = (TextColumn("{task.description}"), *count, TimeElapsedColumn())
        with Progress(*columns, console=self._err, transient=True) as progress:
            yield Steps(progress, progress.add_task(self.tell(message), total=total))

    def error(self, error: LedgerError | OSError) -> None:
        """Print what went wrong on stderr, in one sentence; its notes say what it is about."""
        where = [visible(note) for note in getattr(error, "__notes__", ())]
        told = visible(sentence(error, self.language))
        self._err.print(Text(": ".join(["sunledger", *where, told])), soft_wrap=True)


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""What a system says where there is no room; no file is named, for it was open already."""


class Steps:
    """Counts what was done; does nothing where nobody watches."""

    def __init__(self, progress: Progress | None, task: TaskID | None) -> None:
        """Advance a task of a progress display, if there is one."""
        self._progress = progress
        self._task = task

    def done(self, steps: int = 1) -> None:
        """Tell that so many steps more are done."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, steps)


def sentence(error: LedgerError | OSError, language: Language) -> str:
    """Return an error as one sentence in the user's language, where there is one.

    What is not a refusal is for whoever runs the program, and is told in English.
    """
    if isinstance(error, Refused):
        return refusal(error, language)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        text = "the disk is full: make room there, or name another place, and run it again"
    elif isinstance(error, OSError):
        text = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    else:
        text = str(error)
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
