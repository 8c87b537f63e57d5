"""`sunledger key`: make keys, look at them, and have them enrolled or revoked."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.console import Column
from api.cli.options import Db, Json, Key, Keys, Origin, example
from api.cli.session import Session, now_ms, write_file
from api.text import _
from ledger.drafting import sign_statement
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.parties import KeyEnrolled, KeyRevoked
from ledger.identity import Ids
from ledger.keys import KeyFile, create_key_file, find_key_files
from ledger.note import Signer, VerifierKey
from ledger.statement import split_key_name
from ledger.times import format_instant, parse_instant

Use = Literal["admin", "sign", "session", "witness"]
Reason = Literal["LOST", "STOLEN", "HOLDER_LEFT", "REPLACED", "OTHER"]

Name = Annotated[str, typer.Argument(help=_("The key's name, PARTY/LABEL."))]
Out = Annotated[Path, typer.Option("--out", help=_("Where the statement file goes."))]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        name="key", help=_("Make, show, enrol and revoke keys."), no_args_is_help=True
    )
    group.command(
        "new",
        help=_("Make a key in a file of its own, encrypted by a password."),
        epilog=example("sunledger key new finance/budget-2026 --use sign"),
    )(new)
    group.command(
        "list", help=_("List the key files."), epilog=example("sunledger key list --keys keys")
    )(list_keys)
    group.command(
        "show",
        help=_("Print a key's public half, the verifier key."),
        epilog=example("sunledger key show finance/budget-2026"),
    )(show)
    group.command(
        "enroll",
        help=_(
            "Make the statement that enrols a key; a second key of its party, or of a registrar "
            "for a party's first, signs it too."
        ),
        epilog=example(
            "sunledger key enroll finance/review --key finance/budget --out enroll.stmt"
        ),
    )(enroll)
    group.command(
        "revoke",
        help=_(
            "Make the statement that revokes a key; an admin key of its party, or a registrar, "
            "signs it."
        ),
        epilog=example(
            "sunledger key revoke finance/review --reason LOST --key finance/budget --out r.stmt"
        ),
    )(revoke)
    app.add_typer(group)


def new(
    ctx: typer.Context,
    name: Name,
    use: Annotated[
        Use, typer.Option(help=_("What the key is for; a witness's is not enrolled."))
    ] = "sign",
    holder: Annotated[
        str | None, typer.Option(help=_("Token of the person who holds it; else a new one."))
    ] = None,
    keys: Keys = None,
    as_json: Json = False,
) -> None:
    """Make a key."""
    session = Session(ctx, as_json, keys=keys)
    split_key_name(name)
    ids = Ids()
    key = create_key_file(
        session.settings.keys,
        name,
        ids.seed(),
        use=use,
        holder=holder or ids.token("holder"),
        password=session.password(name, new=True),
    )
    session.console.line(str(key.verifier))
    session.console.document(_described(key))


def list_keys(ctx: typer.Context, keys: Keys = None, as_json: Json = False) -> None:
    """List key files."""
    session = Session(ctx, as_json, keys=keys)
    found = find_key_files(session.settings.keys)
    session.console.table(
        _("Key files"),
        [
            Column(_("key")),
            Column(_("use")),
            Column(_("holder")),
            Column(_("key id")),
            Column(_("file")),
        ],
        [
            [key.name, key.use, key.holder, key.verifier.key_id.hex(), str(key.path)]
            for key in found
        ],
    )
    session.console.document([_described(key) for key in found])


def show(ctx: typer.Context, name: Name, keys: Keys = None, as_json: Json = False) -> None:
    """Print a verifier key."""
    session = Session(ctx, as_json, keys=keys)
    key = session.key_file(name)
    session.console.line(str(key.verifier))
    session.console.document(_described(key))


def enroll(
    ctx: typer.Context,
    name: Name,
    out: Out,
    key: Key = None,
    by: Annotated[
        str | None,
        typer.Option(help=_("The party that will cosign, where its key is not at hand.")),
    ] = None,
    origin: Origin = None,
    db: Db = None,
    keys: Keys = None,
    as_json: Json = False,
) -> None:
    """Make the statement that enrols a key."""
    session = Session(ctx, as_json, db=db, keys=keys, key=key)
    file = session.key_file(name)
    if file.use not in {"admin", "sign", "session"}:
        raise LedgerError(f"the key {name} is a ledger's or a witness's own and is never enrolled")
    signers: list[Signer] = [file.unlock(session.password(file.name))]
    others = [] if by is None else [by]
    if by is None:
        signers.append(session.signer(key))
    event = _event(
        KeyEnrolled,
        party=split_key_name(file.name)[0],
        vkey=str(file.verifier),
        use=file.use,
        holder=file.holder,
    )
    _write(session, event, origin, signers, others, out)


def revoke(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help=_("The key: its name, or its verifier key."))],
    reason: Annotated[Reason, typer.Option(help=_("Why it is revoked."))],
    out: Out,
    since: Annotated[
        str | None,
        typer.Option(
            help=_("From when on its acts are in doubt, 2026-03-01T08:00:00.000Z; now if left out.")
        ),
    ] = None,
    key: Key = None,
    origin: Origin = None,
    db: Db = None,
    keys: Keys = None,
    as_json: Json = False,
) -> None:
    """Make the statement that revokes a key."""
    session = Session(ctx, as_json, db=db, keys=keys, key=key)
    since_ms = now_ms() if since is None else parse_instant(since)
    event = _event(
        KeyRevoked,
        vkey=str(_public_half(session, name)),
        reason=reason,
        since=format_instant(since_ms),
    )
    _write(session, event, origin, [session.signer(key)], [], out)


def _public_half(session: Session, name: str) -> VerifierKey:
    """Return the key that is meant: as written, as enrolled, or as its file says."""
    if "+" in name:
        return VerifierKey.parse(name)
    directory = session.directory()
    if directory is not None and name in directory:
        return directory[name]
    return session.key_file(name).verifier


def _write(
    session: Session,
    event: Event,
    origin: str | None,
    signers: list[Signer],
    others: list[str],
    out: Path,
) -> None:
    data = sign_statement([event], session.origin(origin), now_ms(), signers, others)
    write_file(out, data)
    session.console.say(_("Statement written: {path}"), path=out)
    for party in others:
        session.console.say(_("Still to sign: {party}"), party=party)
    session.console.document({"statement": str(out), "missing": others})


def _event(event_class: type[KeyEnrolled] | type[KeyRevoked], **fields: object) -> Event:
    ids, at_ms = Ids(), now_ms()
    heading = {"v": 1, "id": ids.event_id(at_ms), "salt": ids.salt(), "at": format_instant(at_ms)}
    return event_class(**heading, **fields)  # type: ignore[arg-type]  # checked by admission


def _described(key: KeyFile) -> dict[str, str]:
    return {
        "name": key.name,
        "use": key.use,
        "holder": key.holder,
        "vkey": str(key.verifier),
        "file": str(key.path),
    }
