"""`sunledger rebuild` and `sunledger doctor`: the operator's care of a ledger."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from api.cli.console import Column
from api.cli.options import Db, Json, Keys, LedgerKey, ReadModels, example
from api.cli.session import Session, database_path, now_ms
from api.text import _
from ledger.errors import LedgerError
from ledger.events import decode_event
from ledger.events.parties import LedgerOpened
from ledger.note import VerifierKey
from ledger.times import MS_PER_MINUTE, format_instant

if TYPE_CHECKING:
    from ledger.store.store import Store
    from projections.deep import Difference
    from projections.engine import Projections

Level = Literal["ok", "warning", "wrong"]

MIN_FREE_BYTES = 1 << 30
"""Free disk below which the doctor warns: months of a city, or an hour of a runaway log file."""
MANY_EVENTS = 100_000
"""Events from which on starting a process for each processor costs less than it saves."""
MAX_AHEAD_MS = 5 * MS_PER_MINUTE
"""How far the last statement may lie ahead of this machine's clock (the skew admission allows)."""


class Finding(NamedTuple):
    """What the doctor looked at, and how it stands."""

    subject: str
    level: Level
    sentence: str


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(
        "rebuild",
        help=_("Fill the tables of read models anew beside the old ones, then switch."),
        epilog=example("sunledger rebuild contracts funds"),
    )(rebuild)
    app.command(
        "doctor",
        help=_(
            "Check keys, clock, disk, database, snapshot, read models and webhooks; with --deep "
            "compare every row of the read models with a rebuild."
        ),
        epilog=example("sunledger doctor --deep"),
    )(doctor)


def rebuild(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help=_("Read models; without one, all of them."))
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            help=_("In how many processes; one for each processor if it is worth it."),
        ),
    ] = None,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Rebuild read models."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    console, asked = session.console, tuple(names or ())
    with session.open_store() as store, session.projections(store) as projections:
        events = store.head().positions
        at_once = jobs or (os.cpu_count() or 1 if events >= MANY_EVENTS else 1)
        with console.progress(_("Rebuilding"), events * len(asked or projections.models)) as steps:
            if at_once > 1:
                from projections.rebuilding import rebuild_at_once

                rebuild_at_once(
                    store.url,
                    session.settings.projections,
                    asked,
                    at_once,
                    lambda _name: steps.done(events),
                )
            else:
                reached: dict[str, int] = {}

                def advance(name: str, position: int, _goal: int) -> None:
                    steps.done(position - reached.get(name, 0))
                    reached[name] = position

                projections.rebuild(*asked, progress=advance)
        status = projections.status(*asked)
    for each in status:
        console.say(
            _("{name} was rebuilt and reflects {events} events."),
            name=each.name,
            events=console.number(each.position),
        )
    console.document([{"name": each.name, "position": each.position} for each in status])


def doctor(
    ctx: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help=_("Compare read models with a rebuild, row by row."))
    ] = False,
    db: Db = None,
    read_models: ReadModels = None,
    keys: Keys = None,
    ledger_key: LedgerKey = None,
    as_json: Json = False,
) -> None:
    """Check a ledger's health."""
    session = Session(
        ctx, as_json, db=db, projections=read_models, keys=keys, ledger_key=ledger_key
    )
    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        findings = [
            *_look_at_ledger(session, store),
            *_look_at_read_models(session, projections, deep=deep),
            *_look_at_webhooks(session, projections),
        ]
    words = {"ok": _("in order"), "warning": _("look here"), "wrong": _("wrong")}
    console.table(
        _("Health"),
        [Column(_("what")), Column(_("state")), Column(_("finding"))],
        [[f.subject, console.tell(words[f.level]), f.sentence] for f in findings],
    )
    console.document([f._asdict() for f in findings])
    if any(finding.level == "wrong" for finding in findings):
        raise LedgerError("not all is well: see the lines marked wrong")


def _look_at_ledger(session: Session, store: "Store") -> Iterator[Finding]:
    tell = session.console.tell
    head = store.head()
    yield Finding(
        tell(_("database")),
        "ok",
        tell(
            _("{url} holds {events} events in {statements} statements of {origin}."),
            url=store.where,
            events=session.console.number(head.positions),
            statements=session.console.number(head.size),
            origin=head.origin,
        ),
    )
    if not head.size:
        yield Finding(
            tell(_("genesis")),
            "wrong",
            tell(_("It was created and never opened: delete it, and run `sunledger init` again.")),
        )
    yield _look_at_key(session, store, head.origin)
    yield _look_at_snapshot(session, store)
    last = store.statement(head.size - 1) if head.size else None
    if last is not None:
        ahead_ms = last.recorded_ms - now_ms()
        level: Level = "wrong" if ahead_ms > MAX_AHEAD_MS else "ok"
        yield Finding(
            tell(_("clock")),
            level,
            tell(
                _("The last statement was recorded at {recorded}; this machine has {now}."),
                recorded=format_instant(last.recorded_ms),
                now=format_instant(now_ms()),
            ),
        )
    path = database_path(session.settings.db)
    if path is not None:
        free = shutil.disk_usage(path.resolve().parent).free
        yield Finding(
            tell(_("disk")),
            "ok" if free >= MIN_FREE_BYTES else "warning",
            tell(_("{free} MiB are free."), free=session.console.number(free >> 20)),
        )


def _look_at_snapshot(session: Session, store: "Store") -> Finding:
    """Look at what the next start can begin with, by the checks that it makes itself."""
    from api.cli.snapshots import REASONS
    from ledger.snapshot import SnapshotUnusable, open_snapshot

    tell, number = session.console.tell, session.console.number
    subject, events = tell(_("snapshot")), store.head().positions
    key = _ledger_key(store)
    try:
        opened = None if key is None else open_snapshot(store, key)
    except SnapshotUnusable as unusable:
        told = tell(
            _("It is not usable: {why}. A start replays everything; `sunledger close` mends it."),
            why=tell(REASONS[unusable.fault]),
        )
        return Finding(subject, "warning", told)
    if opened is None:
        told = tell(
            _("There is none yet; a start replays all {events} events."), events=number(events)
        )
        return Finding(subject, "ok", told)
    covered, _reached = opened
    told = tell(
        _("It holds up to closing {index}; of {events} events a start replays {after}."),
        index=covered.size,
        events=number(events),
        after=number(events - covered.positions),
    )
    return Finding(subject, "ok", told)


def _ledger_key(store: "Store") -> VerifierKey | None:
    """Return the key that the genesis names for checkpoints, or None before it."""
    first = store.event_at(0)
    opened = None if first is None else decode_event(first.body)
    return VerifierKey.parse(opened.ledger_key) if isinstance(opened, LedgerOpened) else None


def _look_at_key(session: Session, store: "Store", origin: str) -> Finding:
    """Look at the key file that signs checkpoints; it is not unlocked."""
    subject = session.console.tell(_("ledger key"))
    try:
        file = session.key_file(session.settings.ledger_key or origin)
    except LedgerError as error:
        return Finding(subject, "warning", str(error))
    named = _ledger_key(store)
    if named is not None and named != file.verifier:
        told = session.console.tell(
            _("{path} is not the key that this ledger was opened with."), path=file.path
        )
        return Finding(subject, "wrong", told)
    return Finding(subject, "ok", str(file.path))


def _look_at_read_models(
    session: Session, projections: "Projections", *, deep: bool
) -> Iterator[Finding]:
    tell = session.console.tell
    for status in projections.status():
        subject = tell(_("read model {name}"), name=status.name)
        if status.stopped_at is not None:
            told = tell(
                _("It stopped before the event at position {position}: {reason}."),
                position=status.stopped_at,
                reason=status.reason or "",
            )
            yield Finding(subject, "wrong", told)
        elif status.lag:
            yield Finding(
                subject,
                "warning",
                tell(
                    _("{lag} events and {seconds} s behind; the next `show` catches up."),
                    lag=session.console.number(status.lag),
                    seconds=session.console.number(status.lag_s),
                ),
            )
        else:
            yield Finding(subject, "ok", tell(_("up to date.")))
        if deep:
            yield from _compare(session, projections, status.name)


def _look_at_webhooks(session: Session, projections: "Projections") -> Iterator[Finding]:
    """Look at what the writer's server posts; one that was given up goes on when it is told to."""
    from api.http.webhooks.store import WebhookStore

    tell = session.console.tell
    for each in WebhookStore(projections.database).all():
        subject = tell(_("webhook {id}"), id=each.id)
        if each.stopped_ms is not None:
            told = tell(
                _("It was stopped at {when}: {why}; `sunledger webhook resume {id}` goes on."),
                when=format_instant(each.stopped_ms),
                why=each.error or "",
                id=each.id,
            )
            yield Finding(subject, "wrong", told)
        elif each.failing_since_ms is not None:
            told = tell(
                _("It has failed {times} times since {when}: {why}."),
                times=session.console.number(each.failures),
                when=format_instant(each.failing_since_ms),
                why=each.error or "",
            )
            yield Finding(subject, "warning", told)
        else:
            told = tell(
                _("It was told of {events} events."), events=session.console.number(each.position)
            )
            yield Finding(subject, "ok", told)


def _compare(session: Session, projections: "Projections", name: str) -> Iterator[Finding]:
    """Compare the rows of one read model with a rebuild's."""
    tell = session.console.tell
    subject = tell(_("rows of {name}"), name=name)
    from projections.deep import deep_check

    with session.console.progress(_("Comparing with a rebuild")):
        report = deep_check(projections, name)
    for difference in report.differences:
        yield Finding(subject, "wrong", _said(session, difference))
    if not report.count:
        yield Finding(
            subject,
            "ok",
            tell(
                _("{rows} rows, the same as a rebuild gives."),
                rows=session.console.number(report.rows),
            ),
        )


def _said(session: Session, difference: "Difference") -> str:
    """Return one difference as a sentence."""
    tell, where = session.console.tell, "/".join((difference.table, *difference.key))
    if difference.kind == "missing":
        return tell(_("{where} is missing; `sunledger rebuild` mends it."), where=where)
    if difference.kind == "superfluous":
        return tell(_("{where} is too many; `sunledger rebuild` mends it."), where=where)
    if difference.kind == "table":
        return tell(_("{where} is no table of ours; `sunledger rebuild` mends it."), where=where)
    columns = ", ".join(
        f"{column}: {holds!r} ≠ {should!r}"
        for column, (holds, should) in difference.columns.items()
    )
    return tell(
        _("{where} was changed ({columns}); `sunledger rebuild` mends it."),
        where=where,
        columns=columns,
    )
