"""`sunledger witness`: be a witness of ledgers, or have a ledger cosigned by its witnesses."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import Column
from api.cli.options import Db, Json, Keys, Policy, example
from api.cli.session import Session, now_ms
from api.text import _
from ledger.errors import LedgerError
from ledger.times import format_instant

if TYPE_CHECKING:
    from api.witness import WitnessServer
    from ledger.cosigning import NotCosigned
    from ledger.policy import Policy as Trusted
    from ledger.replay.following import Following
    from ledger.replay.sources import Source
    from ledger.tlog import Checkpoint
    from ledger.witness.asking import Asked

SECONDS_A_MINUTE = 60
MOST_MINUTES = 10
"""A ledger with witnesses that asks more seldom is told so by `verify`."""


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        name="witness",
        help=_("Be a witness of ledgers, or ask the witnesses of a ledger."),
        no_args_is_help=True,
    )
    group.command(
        "serve",
        help=_(
            "Cosign the checkpoints of the logs in a policy file, each only when it continues the "
            "one before; with --replay only what was replayed here as well."
        ),
        epilog=example(
            "sunledger witness serve audit-2026 --replay --key audit.example.gov.cn "
            "--policy ledger.db.policy"
        ),
    )(serve)
    group.command(
        "ask",
        help=_(
            "Have the newest checkpoint cosigned by the witnesses in the policy file, and keep "
            "what they sign."
        ),
        epilog=example("sunledger witness ask --policy ledger.db.policy --every 5"),
    )(ask)
    app.add_typer(group)


def serve(
    ctx: typer.Context,
    history: Annotated[
        str | None,
        typer.Argument(
            help=_(
                "With --replay, what is followed: an archive folder, an SQLite file or a "
                "database; else the one set."
            )
        ),
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help=_("Cosign only what was replayed here."))
    ] = False,
    listen: Annotated[
        str | None, typer.Option("--listen", help=_("Address and port to listen at."))
    ] = None,
    memory: Annotated[
        Path | None,
        typer.Option("--memory", help=_("Folder of what was cosigned last; keep it.")),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help=_("The witness's key: its name, or its file."))
    ] = None,
    policy: Policy = None,
    db: Db = None,
    keys: Keys = None,
    as_json: Json = False,
) -> None:
    """Be a witness."""
    session = Session(
        ctx,
        as_json,
        db=db,
        keys=keys,
        policy=policy,
        key=key,
        witness_listen=listen,
        witness_memory=memory,
    )
    host, port = session.address(session.settings.witness_listen)
    trusted = trusted_logs(session)
    if history is not None and not replay:
        raise typer.BadParameter(session.console.tell(_("a history is followed with --replay")))
    signer = session.witness(key)
    from api.witness import WitnessServer
    from ledger.witness.memory import Memory
    from ledger.witness.witness import Witness

    logs = [log.key for log in trusted.logs]
    with (
        _followed(session, history or session.settings.db, trusted, replay=replay) as follower,
        Memory(session.settings.witness_memory, signer.verifier) as remembered,
    ):
        witness = Witness(signer, logs, remembered, now_ms, follower)
        with WitnessServer(host, port, witness, _teller(session)) as server:
            _serve_until_told(session, server, str(signer.verifier))


def ask(
    ctx: typer.Context,
    every: Annotated[
        int | None,
        typer.Option(
            min=1, max=MOST_MINUTES, help=_("Ask again every so many minutes, until stopped.")
        ),
    ] = None,
    policy: Policy = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Ask the witnesses of a ledger."""
    session = Session(ctx, as_json, policy=policy, db=db)
    trusted = trusted_logs(session)
    from ledger.witness.asking import ask_witnesses

    with session.open_store() as store:
        while True:
            asked = ask_witnesses(store, trusted, now_ms)
            _show(session, asked)
            if every is None:
                break
            time.sleep(every * SECONDS_A_MINUTE)
    if asked.is_late:
        raise LedgerError(
            "the witnesses answered too late each time, while the ledger went on: ask again"
        )
    if not asked.is_met:
        raise LedgerError(
            f"the checkpoint of size {asked.size} is not cosigned as the policy asks "
            f"(quorum {trusted.quorum}): see why above, and ask again"
        )


def trusted_logs(session: Session) -> "Trusted":
    """Return the policy, which both sides need.

    Raises:
        LedgerError: none is named, or it names no log.

    """
    trusted = session.policy()
    if trusted is None or not trusted.logs:
        raise LedgerError(
            "name a policy file by `--policy`: its lines `log` say which ledgers are meant"
        )
    return trusted


# -- serving -----------------------------------------------------------------------------------


@contextmanager
def _followed(
    session: Session, history: str, trusted: "Trusted", *, replay: bool
) -> Iterator["Following | None"]:
    """Give the replay of a history, come as far as the history is by now."""
    if not replay:
        yield None
        return
    if len(trusted.logs) != 1:
        raise LedgerError("a replaying witness follows one ledger: the policy names several logs")
    from ledger.replay.following import Following

    with _source(history) as open_source, Following(open_source, trusted) as following:
        with session.console.progress(_("Replaying the history")):
            size = _size(open_source())
            following.follow(size)
        session.console.remark(_("{size} statements replayed."), size=size)
        yield following


@contextmanager
def _source(history: str) -> Iterator[Callable[[], "Source"]]:
    """Give the function that opens a history as it is at the time."""
    if Path(history).is_dir():
        from ledger.replay.sources import ArchiveSource

        yield lambda: ArchiveSource(Path(history))
        return
    from ledger.replay.database import DatabaseSource
    from ledger.store.store import open_store

    with open_store(history if "://" in history else f"sqlite:///{history}") as store:
        yield lambda: DatabaseSource(store)


def _size(source: "Source") -> int:
    """Return how many statements a history has, by its own word."""
    from ledger.note import parse_note
    from ledger.tlog import Checkpoint

    return Checkpoint.parse(parse_note(source.newest()).text).size


def _teller(session: Session) -> "Callable[[Checkpoint | NotCosigned], None]":
    """Return what tells the witness's keeper of each request."""
    from ledger.tlog import Checkpoint

    def tell(what: "Checkpoint | NotCosigned") -> None:
        now = format_instant(now_ms())
        if isinstance(what, Checkpoint):
            session.console.remark(
                _("{now} cosigned {size} statements of {origin}."),
                now=now,
                size=what.size,
                origin=what.origin,
            )
        else:
            session.console.remark(
                _("{now} declined ({status}): {reason}."),
                now=now,
                status=what.status,
                reason=what,
            )

    return tell


def _serve_until_told(session: Session, server: "WitnessServer", vkey: str) -> None:
    """Serve until the process is told to end; a log that was not answered asks again."""

    def end(_number: int, _frame: object) -> None:
        # `shutdown` waits for the loop, which runs in this very thread.
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    session.console.say(_("Witness {vkey} at {url}"), vkey=vkey, url=server.url)
    session.console.document({"url": server.url, "vkey": vkey})
    sys.stdout.flush()
    server.serve_forever()


# -- asking ------------------------------------------------------------------------------------


def _show(session: Session, asked: "Asked") -> None:
    console = session.console
    tell = console.tell
    console.table(
        _("Witnesses asked about {size} statements"),
        [Column(_("witness")), Column(_("answer"))],
        [
            [
                each.witness.name,
                each.reason if each.line is None else tell(_("cosigned")),
            ]
            for each in asked.answers
        ],
        size=console.number(asked.size),
    )
    console.document(
        {
            "size": asked.size,
            "late": asked.is_late,
            "met": asked.is_met,
            "witnesses": [
                {
                    "name": each.witness.name,
                    "cosigned": each.line is not None,
                    "reason": each.reason,
                }
                for each in asked.answers
            ],
        }
    )
