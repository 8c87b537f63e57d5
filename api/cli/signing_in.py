"""`sunledger session`: sign in to a server by a key file.

With `--url` it asks the server for a nonce, signs, and prints the token. Where the key is kept on a
machine without network, or the portal's page is signed in by pasting, `--nonce` and `--host` give
the signed note instead. The text is built here, from what the command line says: of the server's
own it takes 32 hex digits and nothing else.
"""

import http.client
import json
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from api.cli.options import Db, Json, Key, Keys, Origin, example
from api.cli.session import Session, now_ms
from api.session_note import sign_session
from api.text import _
from ledger.errors import LedgerError

TIMEOUT_SECONDS = 30
MAX_ANSWER_BYTES = 65_536


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "session",
        help=_("Sign in to a server by a key, and print the token; or sign the text to paste."),
        epilog=example("sunledger session --url http://127.0.0.1:8600 --key audit/office-2025"),
    )(sign_in)


def sign_in(
    ctx: typer.Context,
    url: Annotated[
        str | None, typer.Option(help=_("The server, https://portal.example.gov.cn."))
    ] = None,
    nonce: Annotated[
        str | None, typer.Option(help=_("The nonce that the page shows: print the signed text."))
    ] = None,
    host: Annotated[
        str | None, typer.Option(help=_("With a nonce: the server as the browser shows it."))
    ] = None,
    key: Key = None,
    origin: Origin = None,
    db: Db = None,
    keys: Keys = None,
    as_json: Json = False,
) -> None:
    """Sign in."""
    session = Session(ctx, as_json, db=db, keys=keys, key=key)
    if (nonce is None) != (host is None) or (nonce is None) == (url is None):
        raise typer.BadParameter(
            session.console.tell(_("say either --url, or --nonce and --host")), param_hint="--url"
        )
    signer = session.signer(key)
    if nonce is not None and host is not None:
        note = sign_session(session.origin(origin), host, nonce, now_ms(), signer).decode()
        for line in note.removesuffix("\n").split("\n"):
            session.console.line(line)
        session.console.document({"note": note})
        return
    server = _Server(url or "")
    offered = server.ask("GET", None, 200)
    ledger = origin if origin is not None else str(offered.get("origin"))
    text = str(offered.get("nonce"))
    note = sign_session(ledger, server.host, text, now_ms(), signer).decode()
    opened = server.ask("POST", note, 201)
    session.console.line(str(opened["token"]))
    session.console.remark(
        _("Signed in to {origin} as {party} until {until}"),
        origin=ledger,
        party=opened["session"]["party"],
        until=opened["session"]["expires"],
    )
    session.console.document(opened)


class _Server:
    """A server, asked for a session."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url.lower())
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise LedgerError(
                f"{url!r} is not the address of a server: write https://portal.example.gov.cn"
            )
        self._parts = parts
        usual = {"http": ":80", "https": ":443"}[parts.scheme]
        self.host = parts.netloc.removesuffix(usual)

    def ask(self, method: str, body: str | None, expected: int) -> dict[str, Any]:
        """Return what the server answers.

        Raises:
            LedgerError: it cannot be reached, or it refuses.

        """
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        connect = kinds[self._parts.scheme]
        connection = connect(self._parts.hostname or "", self._parts.port, timeout=TIMEOUT_SECONDS)
        try:
            headers = {"Content-Type": "text/plain; charset=utf-8"} if body else {}
            connection.request(method, "/v1/sessions", body and body.encode(), headers)
            answer = connection.getresponse()
            data = json.loads(answer.read(MAX_ANSWER_BYTES))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise LedgerError(f"the server {self.host} does not answer as one: {error}") from None
        finally:
            connection.close()
        if not isinstance(data, dict) or answer.status != expected:
            told = data.get("detail") or data.get("title") if isinstance(data, dict) else data
            raise LedgerError(f"the server {self.host} opened no session: {told}")
        return data
