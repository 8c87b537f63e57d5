"""`sunledger import`: what others published, reported verbatim with what is wrong with it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Self

import orjson
import typer
from msgspec import UNSET

from api.cli import importing_bank
from api.cli.console import Column
from api.cli.options import Db, Json, Key, Keys, LedgerKey, example
from api.cli.session import Session, now_ms
from api.text import _
from ledger.drafting import sign_statement
from ledger.events import encode_event
from ledger.events.reported import ReleaseReported, ReleaseSource
from ledger.identity import Ids
from ledger.keys import find_key_files
from ledger.note import Signer
from ledger.statement import MAX_STATEMENT_BYTES
from ledger.times import format_instant

if TYPE_CHECKING:
    from ledger.app import Ledger
    from ledger.intake.ocds import Quarantined, Reported

MAX_BATCH_BYTES = MAX_STATEMENT_BYTES - (64 << 10)
"""Bytes of events in a statement: the rest is for its note and the newlines."""
DEFECTS, QUARANTINE = "defects.ndjson", "quarantine.ndjson"


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(name="import", help=_("Bring in what others say."), no_args_is_help=True)

    group.command(
        "ocds",
        help=_(
            "Report OCDS releases and records as their publishers wrote them; what is in the "
            "ledger already is left out, what cannot be read is set aside with the reason."
        ),
        epilog=example("sunledger import ocds downloads --key observatory/office"),
    )(ocds)
    importing_bank.add_to(group)
    app.add_typer(group)


def ocds(
    ctx: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(exists=True, help=_("Files, or folders with all below them."))
    ],
    key: Key = None,
    out: Annotated[
        Path, typer.Option("--out", help=_("The folder of the reports on defects and quarantine."))
    ] = Path("import-report"),
    db: Db = None,
    keys: Keys = None,
    ledger_key: LedgerKey = None,
    as_json: Json = False,
) -> None:
    """Import OCDS."""
    session = Session(ctx, as_json, db=db, keys=keys, key=key, ledger_key=ledger_key)
    with session.open_ledger() as ledger:
        reporter = session.signer(key or session.settings.key or _only_reporter(session, ledger))
        with _Import(ledger, reporter, out) as run:
            run.batch_events = session.settings.import_events
            with session.console.progress(_("Importing")) as steps:
                for _found in run.take(paths):
                    steps.done()
    _report(session, run, out)


def _only_reporter(session: Session, ledger: "Ledger") -> str | None:
    """Return the one key in the folder of keys that may report, or None where it is not one."""
    keys = ledger.state.keys
    names = [
        file.name
        for file in find_key_files(session.settings.keys)
        if file.name in keys and (keys[file.name].party, "reporter") in ledger.state.grants
    ]
    return names[0] if len(names) == 1 else None


class _Import:
    """One run: what was found, what of it was reported, what was set aside."""

    def __init__(self, ledger: "Ledger", reporter: Signer, out: Path) -> None:
        self._ledger = ledger
        self._reporter = reporter
        self._ids = Ids()
        self._batch: list[ReleaseReported] = []
        self._batch_bytes = 0
        self._seen: set[bytes] = set()
        self._files = ExitStack()
        self._out = out
        self.batch_events = 1
        self.counts = dict.fromkeys(
            ("found", "reported", "known", "defective", "quarantined", "statements"), 0
        )

    def __enter__(self) -> Self:
        self._out.mkdir(parents=True, exist_ok=True)
        self._defects: IO[bytes] = self._files.enter_context((self._out / DEFECTS).open("wb"))
        self._quarantine = self._files.enter_context((self._out / QUARANTINE).open("wb"))
        return self

    def __exit__(self, *_error: object) -> None:
        self._files.close()

    def take(self, paths: list[Path]) -> Iterator[None]:
        """Import what `paths` hold; yield after each object found."""
        from ledger.intake.ocds import Quarantined, read_paths

        for item in read_paths(paths):
            self.counts["found"] += 1
            if isinstance(item, Quarantined):
                self._set_aside(item)
            else:
                self._report(item)
            yield
        self._submit()

    def _set_aside(self, item: "Quarantined") -> None:
        self.counts["quarantined"] += 1
        _write_line(
            self._quarantine,
            {
                "file": item.file,
                "place": item.place,
                "reason": item.reason,
                "sentence": item.sentence,
                "excerpt": item.excerpt,
            },
        )

    def _report(self, item: "Reported") -> None:
        from ledger.intake.defects import sentence
        from ledger.rules.reported import report_key

        if item.defects:
            self.counts["defective"] += 1
            _write_line(
                self._defects,
                {
                    "file": item.file,
                    "place": item.place,
                    "ocid": item.ocid,
                    "release_id": item.release_id,
                    "defects": [
                        {"code": d.code, "path": d.path, "sentence": sentence(d)}
                        for d in item.defects
                    ],
                },
            )
        key = report_key(item.source.publisher, item.ocid, item.release_id, item.release)
        if key in self._seen or key in self._ledger.state.reports:
            self.counts["known"] += 1
            return
        self._seen.add(key)
        event = self._event(item)
        size = len(encode_event(event)) + 1
        if self._batch_bytes + size > MAX_BATCH_BYTES or len(self._batch) >= self.batch_events:
            self._submit()
        self._batch.append(event)
        self._batch_bytes += size

    def _event(self, item: "Reported") -> ReleaseReported:
        at_ms = now_ms()
        source = item.source
        return ReleaseReported(
            v=1,
            id=self._ids.event_id(at_ms),
            salt=self._ids.salt(),
            at=format_instant(at_ms),
            ocid=item.ocid,
            release=item.release,
            release_id=UNSET if item.release_id is None else item.release_id,
            source=ReleaseSource(
                publisher=source.publisher,
                sha256=source.sha256,
                url=UNSET if source.url is None else source.url,
                package_date=UNSET if source.package_date is None else source.package_date,
            ),
        )

    def _submit(self) -> None:
        """Admit what is collected; if we stop before, the next run finds it anew."""
        if not self._batch:
            return
        data = sign_statement(self._batch, self._ledger.origin, now_ms(), [self._reporter])
        self._ledger.submit(data)
        self.counts["reported"] += len(self._batch)
        self.counts["statements"] += 1
        self._batch, self._batch_bytes = [], 0


def _write_line(file: IO[bytes], value: dict[str, object]) -> None:
    file.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def _report(session: Session, run: _Import, out: Path) -> None:
    console, counts = session.console, run.counts
    headings = {
        "found": _("found"),
        "reported": _("reported"),
        "known": _("in the ledger already"),
        "defective": _("with defects"),
        "quarantined": _("set aside"),
        "statements": _("statements"),
    }
    console.table(
        _("Import"),
        [Column(heading, "right") for heading in headings.values()],
        [[console.number(counts[name]) for name in headings]],
    )
    if counts["defective"]:
        console.say(_("Defects: {path}"), path=out / DEFECTS)
    if counts["quarantined"]:
        console.say(_("Set aside, with the reasons: {path}"), path=out / QUARANTINE)
    console.document({**counts, "defects": str(out / DEFECTS), "quarantine": str(out / QUARANTINE)})
