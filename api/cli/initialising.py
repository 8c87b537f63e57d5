"""`sunledger init`: a new ledger, its keys and its policy file."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import Db, Json, Keys, example
from api.cli.session import Session, database_path, now_ms, write_file
from api.text import _
from ledger.drafting import sign_statement
from ledger.errors import Conflict, LedgerError
from ledger.events import Event
from ledger.events.base import Identifier
from ledger.events.parties import (
    FoundingKey,
    FoundingParty,
    KeyEnrolled,
    LedgerOpened,
    PartyRegistered,
    RoleGranted,
    Scope,
)
from ledger.identity import Ids
from ledger.keys import KeyFile, create_key_file, key_path, load_key_file
from ledger.note import Ed25519Signer, Signer
from ledger.rulebook import LAW
from ledger.statement import check_origin
from ledger.times import format_instant

LABEL = "office"
_ORG_ID = re.compile(r"([A-Z]{2}-[A-Z0-9]+)-(.+)")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "init",
        help=_("Open a new ledger: make its keys, its first statement and its policy file."),
        epilog=example(
            "sunledger init --origin ledger.example.gov.cn --title 'Home care' --authority city"
        ),
    )(init)


def init(
    ctx: typer.Context,
    origin: Annotated[str, typer.Option(help=_("The ledger's name in the log, for ever."))],
    title: Annotated[str, typer.Option(help=_("What the ledger is called."))],
    authority: Annotated[str, typer.Option(help=_("The party that grants roles."))],
    operator: Annotated[str, typer.Option(help=_("The party that runs the ledger."))] = "operator",
    reporter: Annotated[
        str | None, typer.Option(help=_("A party that reports what others published."))
    ] = None,
    currency: Annotated[str, typer.Option(help=_("ISO 4217 code of all amounts."))] = "CNY",
    utc_offset: Annotated[
        str, typer.Option(help=_("Local time, by which dates are judged."))
    ] = "+08:00",
    out: Annotated[
        Path | None, typer.Option("--out", help=_("Where the policy file goes."))
    ] = None,
    db: Db = None,
    keys: Keys = None,
    as_json: Json = False,
) -> None:
    """Open a new ledger."""
    session = Session(ctx, as_json, db=db, keys=keys)
    check_origin(origin)
    founding = _Founding(session, origin, reporter)
    policy_path = _policy_path(session.settings.db, out)
    if policy_path.exists():
        raise Conflict(f"there is a policy file {policy_path} already; this ledger was opened")
    _check_absent(session.settings.db)
    founding.make_keys(authority, operator)
    from ledger.app import create_ledger
    from ledger.policy import Policy

    genesis = founding.genesis(title, currency, utc_offset, authority, operator)
    with create_ledger(session.settings.db, genesis, founding.signer(origin)) as ledger:
        for statement in founding.reporter_statements(authority):
            ledger.submit(statement)
        first = ledger.store.statement(0)
    if first is None:
        raise LedgerError("the ledger lost its first statement; do not use this database")
    policy = Policy.of(founding.signer(origin).verifier, first.leaf)
    write_file(policy_path, policy.encode().encode())
    _report(session, founding, policy_path, first.leaf)


class _Founding:
    """The keys and the first statements of a ledger."""

    def __init__(self, session: Session, origin: str, reporter: str | None) -> None:
        self._session = session
        self.origin = origin
        self.reporter = reporter
        self._ids = Ids()
        self.files: list[KeyFile] = []
        self._signers: dict[str, Ed25519Signer] = {}

    def make_keys(self, authority: str, operator: str) -> None:
        """Make the key files; those that are there already are used."""
        parties = [authority, operator, *([] if self.reporter is None else [self.reporter])]
        if len(set(parties)) < len(parties):
            raise LedgerError("authority, operator and reporter are different parties")
        for name, use in (
            (self.origin, "ledger"),
            *((f"{party}/{LABEL}", "admin") for party in parties),
        ):
            password = self._session.password(name, new=True)
            folder = self._session.settings.keys
            if key_path(folder, name).exists():
                file = load_key_file(key_path(folder, name))
            else:
                file = create_key_file(
                    folder,
                    name,
                    self._ids.seed(),
                    use=use,
                    holder=self._ids.token("holder"),
                    password=password,
                )
            self.files.append(file)
            self._signers[name] = file.unlock(password)

    def signer(self, name: str) -> Signer:
        """Return the signer of a key that was made."""
        return self._signers[name]

    def genesis(
        self, title: str, currency: str, utc_offset: str, authority: str, operator: str
    ) -> bytes:
        """Return the ledger's first statement."""
        keys = {file.name: file for file in self.files}
        roles = ((authority, "authority"), (operator, "operator"))
        language = self._session.console.language
        opened = self._event(
            LedgerOpened,
            origin=self.origin,
            title={language: title},
            currency=currency,
            utc_offset=utc_offset,
            law=LAW,
            ledger_key=str(self.signer(self.origin).verifier),
            parties=[
                FoundingParty(
                    party=party,
                    names={language: party},
                    identifier=_identifier(party),
                    kind="government",
                )
                for party, _role in roles
            ],
            keys=[
                FoundingKey(
                    vkey=str(keys[f"{party}/{LABEL}"].verifier),
                    role="authority" if role == "authority" else "operator",
                    holder=keys[f"{party}/{LABEL}"].holder,
                )
                for party, role in roles
            ],
        )
        return self._sign([opened], f"{authority}/{LABEL}", f"{operator}/{LABEL}")

    def reporter_statements(self, authority: str) -> list[bytes]:
        """Return the statements that let a reporter report, if there is to be one."""
        if self.reporter is None:
            return []
        party, by, own = self.reporter, f"{authority}/{LABEL}", f"{self.reporter}/{LABEL}"
        file = next(file for file in self.files if file.name == own)
        registered = self._event(
            PartyRegistered,
            party=party,
            names={self._session.console.language: party},
            identifier=_identifier(party),
            kind="institution",
        )
        enrolled = self._event(
            KeyEnrolled, party=party, vkey=str(file.verifier), use="admin", holder=file.holder
        )
        granted = self._event(RoleGranted, party=party, role="reporter", scope=Scope(all=True))
        return [
            self._sign([registered], by),
            self._sign([enrolled], by, own),
            self._sign([granted], by),
        ]

    def _event(self, event_class: Callable[..., Event], **fields: object) -> Event:
        at_ms = now_ms()
        return event_class(
            v=1,
            id=self._ids.event_id(at_ms),
            salt=self._ids.salt(),
            at=format_instant(at_ms),
            **fields,
        )

    def _sign(self, events: list[Event], *names: str) -> bytes:
        signers = [self._signers[name] for name in names]
        return sign_statement(events, self.origin, now_ms(), signers)


def _identifier(party: str) -> Identifier:
    """Return a party's register and number where its id is an org-id (`CN-USCC-1143…`)."""
    match = _ORG_ID.fullmatch(party)
    return (
        Identifier(scheme=match[1], id=match[2]) if match else Identifier(scheme="local", id=party)
    )


def _policy_path(db: str, out: Path | None) -> Path:
    if out is not None:
        return out
    path = database_path(db)
    if path is None:
        raise LedgerError("say where the policy file goes, by `--out`")
    return path.with_name(path.name + ".policy")


def _check_absent(db: str) -> None:
    """Refuse an SQLite file that is there, before any key is made."""
    path = database_path(db)
    if path is not None and path.exists():
        raise Conflict(f"there is a database {path} already; a ledger is opened once")


def _report(session: Session, founding: _Founding, policy: Path, genesis: bytes) -> None:
    console = session.console
    console.say(_("The ledger {origin} is open."), origin=founding.origin)
    for file in founding.files:
        console.say(_("Key {name} ({use}): {path}"), name=file.name, use=file.use, path=file.path)
    console.say(_("Policy, to be given to whoever verifies: {path}"), path=policy)
    console.document(
        {
            "origin": founding.origin,
            "genesis": genesis.hex(),
            "policy": str(policy),
            "keys": [
                {"name": f.name, "use": f.use, "file": str(f.path), "vkey": str(f.verifier)}
                for f in founding.files
            ],
        }
    )
