"""What a command works with: settings, console, keys, and the ledger they open.

session = Session(ctx, as_json, db=db, keys=keys)
with session.open_ledger() as ledger: ...
"""

import getpass
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.cli.console import Console
from api.text import Language, _, language_of
from ledger.errors import Conflict, LedgerError, Malformed
from ledger.keys import WITNESS, KeyFile, KeyUnavailable, key_path, load_key_file
from ledger.note import Ed25519Signer, VerifierKey
from ledger.policy import Policy

if TYPE_CHECKING:
    from ledger.app import Ledger
    from ledger.bank.accounts import Accounts
    from ledger.settings import Settings
    from ledger.store.store import Store
    from projections.engine import Projections

PASSWORD_VARIABLE = "SUNLEDGER_KEY_PASSWORD"  # noqa: S105 (a name, not a password)
_SQLITE = "sqlite:///"


class Session:
    """One run of one command."""

    def __init__(self, ctx: typer.Context, as_json: bool = False, **options: object) -> None:
        """Settle the settings; options that are None were not given."""
        self.settings = _settings(**options)
        language: Language = ctx.obj or self.settings.lang or language_of(os.environ, None)
        self.console = Console(language, as_json=as_json)
        self._passwords: dict[str, str] = {}

    # -- keys ----------------------------------------------------------------------------------

    def key_file(self, name_or_path: str | None) -> KeyFile:
        """Return a key file by its name in the folder of keys, or by its path.

        Raises:
            KeyUnavailable: there is none, or no key was named.

        """
        asked = name_or_path or self.settings.key
        if asked is None:
            raise KeyUnavailable("no key was named: say which one signs, by `--key`")
        path = Path(asked)
        return load_key_file(path if path.is_file() else key_path(self.settings.keys, asked))

    def signer(self, name_or_path: str | None) -> Ed25519Signer:
        """Return the signer of a key file, its password asked for where needed.

        Raises:
            KeyUnavailable: there is no such key, or its password is wrong.

        """
        key = self.key_file(name_or_path)
        if key.use == WITNESS:
            raise KeyUnavailable(
                f"the key {key.name} is a witness's: it cosigns checkpoints and signs nothing else"
            )
        return key.unlock(self.password(key.name))

    def witness(self, name_or_path: str | None) -> Ed25519Signer:
        """Return the signer of a witness's key file.

        Raises:
            KeyUnavailable: there is no such key, it is no witness's, or its password is wrong.

        """
        key = self.key_file(name_or_path)
        if key.use != WITNESS:
            raise KeyUnavailable(
                f"the key {key.name} is not a witness's; `sunledger key new NAME --use witness` "
                "makes one"
            )
        return key.unlock(self.password(key.name))

    def password(self, name: str, *, new: bool = False) -> str:
        """Return the password of the key `name`: as set, or asked for.

        Raises:
            KeyUnavailable: it is not set, and there is no terminal to ask on.

        """
        if self.settings.key_password is not None:
            return self.settings.key_password.get_secret_value()
        if name not in self._passwords:
            self._passwords[name] = self._ask(name, new=new)
        return self._passwords[name]

    def _ask(self, name: str, *, new: bool) -> str:
        if not sys.stdin.isatty():
            raise KeyUnavailable(
                f"the password of {name} is needed: set {PASSWORD_VARIABLE}, or run this on a "
                "terminal"
            )
        tell = self.console.tell
        password = getpass.getpass(tell(_("Password of {key}: "), key=name))
        if new and getpass.getpass(tell(_("Again, to be sure: "))) != password:
            raise KeyUnavailable("the two passwords differ; nothing was written")
        return password

    # -- the ledger ----------------------------------------------------------------------------

    def open_store(self) -> "Store":
        """Open the database for reading what is in it.

        Raises:
            StoreUnavailable: there is none, or it cannot serve.

        """
        from ledger.store.store import open_store

        return open_store(self.settings.db)

    def open_ledger(self) -> "Ledger":
        """Open the ledger for writing; its own key is needed, for it signs every checkpoint.

        Raises:
            StoreUnavailable, KeyUnavailable, Unverified: see `ledger.app.open_ledger`.

        """
        from api.cli.snapshots import NOT_USED, REASONS
        from ledger.app import open_ledger

        with self.open_store() as store:
            origin = store.head().origin
        signer = self.signer(self.settings.ledger_key or origin)
        with self.console.progress(_("Reading the ledger")):
            ledger = open_ledger(self.settings.db, signer)
        fault = ledger.start.fault
        if fault is not None:
            self.console.remark(NOT_USED, why=self.console.tell(REASONS[fault]))
        return ledger

    def projections(self, store: "Store") -> "Projections":
        """Open the read models of a ledger; they are brought up to date by `follow`."""
        from projections.catalogue import open_projections

        return open_projections(store, self.settings.projections)

    def accounts(self) -> "Accounts":
        """Return the account numbers that were given, or none.

        Raises:
            Malformed: the file is not what the keeper of the vault gives.

        """
        from ledger.bank.accounts import Accounts, read_accounts

        path = self.settings.accounts
        return Accounts() if path is None else read_accounts(path.read_bytes())

    def origin(self, stated: str | None) -> str:
        """Return the name of the ledger that a statement is for: as stated, or the database's.

        Raises:
            StoreUnavailable: none was stated, and there is no database.

        """
        if stated is not None:
            return stated
        with self.open_store() as store:
            return store.head().origin

    def address(self, listen: str) -> tuple[str, int]:
        """Return the host and port that a setting names.

        Raises:
            typer.BadParameter: it names none.

        """
        host, _colon, port = listen.rpartition(":")
        if not host or not port.isascii() or not port.isdecimal() or int(port) >= 1 << 16:
            told = self.console.tell(_("an address is written HOST:PORT, 127.0.0.1:8600 say"))
            raise typer.BadParameter(told, param_hint="--listen")
        return host.strip("[]"), int(port)

    def policy(self) -> Policy | None:
        """Return the policy that was given, or None without one.

        Raises:
            Malformed: it is not a policy file.

        """
        path = self.settings.policy
        if path is None:
            return None
        try:
            return Policy.parse(path.read_bytes().decode())
        except UnicodeDecodeError:
            raise Malformed(f"the policy {path} is not text") from None
        except Malformed as error:
            raise Malformed(f"the policy {path} cannot be used: {error}") from None

    def directory(self) -> dict[str, VerifierKey] | None:
        """Return every key that the ledger at hand has ever enrolled, or None without a ledger."""
        from ledger.store.errors import StoreUnavailable

        try:
            store = self.open_store()
        except StoreUnavailable:
            return None
        with store:
            return _enrolled(store)


def now_ms() -> int:
    """Return the time by this machine's clock, milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def database_path(url: str) -> Path | None:
    """Return the file of an SQLite URL, or None for another database."""
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


def write_file(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a file whole or not at all; without `replace`, never over another.

    Raises:
        Conflict: there is one, and it is not to be replaced.

    """
    write_lines(path, [data], replace=replace)


def write_lines(path: Path, parts: Iterable[bytes], *, replace: bool = False) -> int:
    """Write a file as `write_file` does, part by part; return its bytes.

    Raises:
        Conflict: there is one, and it is not to be replaced.

    """
    size = 0
    if path.exists() and not replace:
        raise Conflict(f"there is a file {path} already; choose another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            for part in parts:
                size += file.write(part)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return size


def read_input(path: Path) -> bytes:
    """Return what a file holds, or what comes in on stdin for `-`."""
    return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()


def confirm(console: Console, question: str, *, yes: bool) -> None:
    """Ask whether to go on, unless that was said before.

    Raises:
        LedgerError: the answer is no, or there is nobody to ask.

    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise LedgerError("nobody can be asked here: say `--yes` to agree beforehand")
    if not typer.confirm(console.tell(question), err=True):
        raise LedgerError("nothing was signed")


def _settings(**options: object) -> "Settings":
    from ledger.settings import load_settings

    return load_settings(options)


def _enrolled(store: "Store") -> dict[str, VerifierKey]:
    from ledger.events import decode_event
    from ledger.events.parties import KeyEnrolled, KeyRecovered, LedgerOpened

    keys: dict[str, VerifierKey] = {}
    for row in store.events():
        if row.type not in {"key.enrolled", "key.recovered", "ledger.opened"}:
            continue
        event = decode_event(row.body)
        texts: Sequence[str] = ()
        if isinstance(event, KeyEnrolled | KeyRecovered):
            texts = (event.vkey,)
        elif isinstance(event, LedgerOpened):
            texts = [key.vkey for key in event.keys]
        for text in texts:
            key = VerifierKey.parse(text)
            keys.setdefault(key.name, key)
    return keys
