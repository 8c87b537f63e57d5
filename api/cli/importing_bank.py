"""`sunledger import bank`: what the bank made of orders, signed by the treasury."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, get_args

import typer

from api.cli.console import Column
from api.cli.options import Accounts, Db, Json, Key, Keys, LedgerKey, example
from api.cli.session import Session, now_ms
from api.text import _
from ledger.bank.advances import used_advances
from ledger.bank.faults import SENTENCES, Fault, FileRefused, fault
from ledger.bank.findings import BOOKED, WHYS, Finding, Outcome
from ledger.bank.known import Known
from ledger.bank.matching import match
from ledger.bank.references import advance_in
from ledger.bank.reporting import report_of
from ledger.bank.words import BankFile
from ledger.drafting import sign_statement
from ledger.events import Event
from ledger.identity import Ids
from ledger.times import format_instant, local_date

if TYPE_CHECKING:
    from ledger.app import Ledger
    from ledger.bank.accounts import Accounts as AccountNumbers
    from ledger.note import Signer
    from projections.engine import Projections

CHUNK_BYTES = 64 << 10
"""Bytes read of a file at a time."""


def add_to(group: typer.Typer) -> None:
    """Add the command to the group `import`."""
    group.command(
        "bank",
        help=_(
            "Book what the bank says of orders: status reports (pain.002), statements (camt.053) "
            "and notifications (camt.054). Importing a file again books nothing twice; what fits "
            "no order is listed for a person."
        ),
        epilog=example("sunledger import bank statement.xml --key treasury/office"),
    )(bank)


def bank(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(dir_okay=False, help=_("The bank's files."))],
    key: Key = None,
    lenient: Annotated[
        bool,
        typer.Option("--lenient", help=_("Read also what is not in the form of the standard.")),
    ] = False,
    accounts: Accounts = None,
    db: Db = None,
    keys: Keys = None,
    ledger_key: LedgerKey = None,
    as_json: Json = False,
) -> None:
    """Import bank files."""
    session = Session(
        ctx, as_json, db=db, keys=keys, key=key, ledger_key=ledger_key, accounts=accounts
    )
    numbers, treasury = session.accounts(), session.signer(key)
    with (
        session.open_ledger() as ledger,
        session.projections(ledger.store) as projections,
        session.console.progress(_("Importing")),
    ):
        loop = BankLoop(ledger, projections, treasury, numbers)
        loop.batch_events = session.settings.import_events
        taken = loop.take(files, strict=not lenient, at_ms=now_ms())
    _report(session, taken)
    if any(each.refused for each in taken.files):
        raise typer.Exit(1)


class Read(NamedTuple):
    """A file that was looked at.

    Attributes:
        path: where it is.
        sha256: its hash; empty where it could not be read.
        content: what it says, or None where it is refused.
        refused: why it is refused, or None.

    """

    path: Path
    sha256: str
    content: BankFile | None
    refused: Fault | None


class Taken(NamedTuple):
    """What became of files.

    Attributes:
        files: each of them, in the order given.
        findings: what became of every word of those that were not refused.
        statements: how many statements were admitted.

    """

    files: tuple[Read, ...]
    findings: tuple[Finding, ...]
    statements: int

    def counts(self) -> dict[str, int]:
        """Return how many words had each outcome."""
        counted = Counter(each.outcome for each in self.findings)
        return {outcome: counted[outcome] for outcome in get_args(Outcome)}


class BankLoop:
    """Books what bank files say, with the treasury's key."""

    def __init__(
        self,
        ledger: "Ledger",
        projections: "Projections",
        treasury: "Signer",
        accounts: "AccountNumbers",
        ids: Ids | None = None,
    ) -> None:
        """Work on a ledger that stays the caller's to close."""
        self._ledger = ledger
        self._projections = projections
        self._treasury = treasury
        self._accounts = accounts
        self._ids = ids or Ids()
        self.batch_events = 500

    def take(self, paths: Sequence[Path], *, strict: bool, at_ms: int) -> Taken:
        """Book what files say at the time `at_ms` (milliseconds since the epoch).

        If we stop half way, what was admitted stays; the next run finds it there and goes on.

        Raises:
            Refused: the ledger does not admit it: the key is not the treasury's.

        """
        files = [_read(path, strict=strict) for path in paths]
        readable = [number for number, each in enumerate(files) if each.content is not None]
        contents = [content for each in files if (content := each.content) is not None]
        matched = match(contents, self._known(contents, at_ms), self._ids.salt)
        for number, refused in matched.refused.items():
            files[readable[number]] = files[readable[number]]._replace(refused=refused)
        findings = tuple(each._replace(file=readable[each.file]) for each in matched.findings)
        return Taken(tuple(files), findings, self._book(files, findings, at_ms))

    def _known(self, files: Sequence[BankFile], at_ms: int) -> Known:
        """Return what is known of all that the files name."""
        from projections.bank_orders import BANK_ORDERS, orders_named

        self._projections.follow(BANK_ORDERS.name)
        words = [word for file in files for word in file.words]
        orders = orders_named(
            self._projections,
            names=_said(name for word in words for name in (word.end_to_end, word.instruction)),
            uetrs=_said(word.uetr and word.uetr.lower() for word in words),
            messages={
                *_said(word.message for word in words if word.scope != "transaction"),
                *(control.message for file in files for control in file.controls),
            },
            groups=_said(word.group for word in words if word.scope == "group"),
        )
        if any(advance_in(each.payment) is not None for each in orders):
            used = used_advances(self._ledger.state)
            orders = [each._replace(is_whole=each.payment not in used) for each in orders]
        terms = self._ledger.state.ledger
        today = local_date(at_ms, int(terms["offset_minutes"]))
        return Known(self._ledger.origin, str(terms["currency"]), today, orders, self._accounts)

    def _book(self, files: Sequence[Read], findings: Iterable[Finding], at_ms: int) -> int:
        """Sign and admit what is to be booked; return in how many statements."""
        at = format_instant(at_ms)
        events: list[Event] = [
            report_of(each, self._ids.salt(), at, files[each.file].sha256)
            for each in findings
            if each.outcome in BOOKED
        ]
        starts = range(0, len(events), self.batch_events)
        for start in starts:
            part = events[start : start + self.batch_events]
            self._ledger.submit(sign_statement(part, self._ledger.origin, at_ms, [self._treasury]))
        return len(starts)


def _said(texts: Iterable[str | None]) -> set[str]:
    return {text for text in texts if text}


def _read(path: Path, *, strict: bool) -> Read:
    from ledger.bank.reading import read

    digest = hashlib.sha256()

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                yield chunk

    try:
        content = read(chunks(), strict=strict)
    except FileRefused as error:
        return Read(path, "", None, error.fault)
    except OSError as error:
        return Read(path, "", None, fault("file_unreadable", why=error.strerror or error))
    return Read(path, digest.hexdigest(), content, None)


def _report(session: Session, taken: Taken) -> None:
    console = session.console
    headings = {
        "settled": _("settled"),
        "rejected": _("rejected"),
        "bounced": _("bounced"),
        "diverted": _("diverted"),
        "known": _("in the ledger already"),
        "provisional": _("provisional"),
        "pending": _("not booked yet"),
        "unmatched": _("for a person"),
    }
    counts = taken.counts()
    console.table(
        _("Import"),
        [Column(heading, "right") for heading in headings.values()],
        [[console.number(counts[name]) for name in headings]],
    )
    unmatched = [each for each in taken.findings if each.why is not None]
    if unmatched:
        console.table(
            _("For a person"),
            [Column(_("file")), Column(_("place")), Column(_("why"))],
            [
                [
                    str(taken.files[each.file].path),
                    each.word.place,
                    console.tell(WHYS[each.why.code], **dict(each.why.facts)),
                ]
                for each in unmatched
                if each.why is not None
            ],
        )
    for each in taken.findings:
        if each.opening is not None:
            console.remark(
                _("{payment} was paid to another account; --json gives its number for the vault."),
                payment=each.payment,
            )
    for file in taken.files:
        if file.refused is not None:
            why = console.tell(SENTENCES[file.refused.code], **dict(file.refused.facts))
            console.remark(_("{file} is refused: {why}"), file=file.path, why=why)
    console.document(_document(taken, counts, unmatched))


def _document(
    taken: Taken, counts: dict[str, int], unmatched: Sequence[Finding]
) -> dict[str, object]:
    return {
        **counts,
        "statements": taken.statements,
        "files": [_file_document(each) for each in taken.files],
        "for_a_person": [
            {
                "file": str(taken.files[each.file].path),
                "place": each.word.place,
                "code": each.why.code,
                "why": each.why.sentence,
                "payment": each.payment,
                "end_to_end": each.word.end_to_end,
                "reference": each.word.reference or each.word.entry or None,
                "status": each.word.status,
            }
            for each in unmatched
            if each.why is not None
        ],
        "openings": [
            {
                "payment": each.payment,
                "number": each.opening.number,
                "salt": each.salt,
                "commitment": each.opening.commitment,
            }
            for each in taken.findings
            if each.opening is not None
        ],
    }


def _file_document(file: Read) -> dict[str, object]:
    refused, content = file.refused, file.content
    return {
        "file": str(file.path),
        "sha256": file.sha256 or None,
        "message": None if content is None else f"{content.kind}.{content.version}".rstrip("."),
        "message_id": None if content is None else content.message_id or None,
        "refused": None if refused is None else {"code": refused.code, "why": refused.sentence},
        "remarks": []
        if content is None
        else [each.sentence for each in (*content.remarks, *content.disagreements)],
    }
