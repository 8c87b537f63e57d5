"""Sessions: who signed a session text with a key in force is known by a short-lived token.

    GET  /v1/sessions      a nonce, 32 hex digits
    POST /v1/sessions      the signed text (see `api.session_note`): a token
    GET  …                 with `Authorization: Bearer <token>`, or the portal's cookie

What a session may read is asked anew each time: the key must still be in force, and the roles are
those that the party holds now. So a revoked key ends its sessions as soon as the read models know.

What is asked often is kept in memory: a session for `RECENT_SECONDS`, so that signing out in one
process is felt in the others within that time, and what a party holds until the ledger moves.
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

import structlog
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from api.http.access import Access
from api.http.problems import Problem
from api.http.service import Service
from api.http.session_store import SessionRow, SessionStore
from api.rights import PUBLIC, Reader
from api.session_note import SessionNote, parse_session
from ledger.errors import Unverified
from ledger.note import VerifierKey, open_note
from ledger.times import format_instant
from projections.parties.authority import Authority, authority

NONCE_SECONDS = 300
"""How old a nonce may be: time to copy a text to the machine that keeps the key, and back."""
CLOCK_SECONDS = 300
"""How far the client's clock may be from ours."""
RECENT_SECONDS = 2.0
"""How long a session is believed without looking again."""
MOST_KEPT = 10_000
"""Sessions and parties kept in memory: some MB."""

_TIME_BYTES, _RANDOM_BYTES, _MAC_BYTES = 4, 6, 6
_TOKEN_BYTES = 32
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="sunledger"'}

_log = structlog.get_logger()
V = TypeVar("V")


class Offer(Struct, frozen=True):
    """What a client needs to build its session text.

    Attributes:
        origin: the ledger's name; check that it is the one you mean.
        nonce: 32 hex digits, to be used once.
        expires: until when, RFC 3339, UTC.

    """

    origin: str
    nonce: str
    expires: str


class Known(Struct, frozen=True):
    """Who is signed in.

    Attributes:
        party: the party it asks for.
        key: name of the key that signed, or None where staff came in by OpenID Connect.
        person: who that was, as the issuer names people, or None.
        roles: roles of the party that are in force, sorted.
        expires: when the session ends, RFC 3339, UTC.

    """

    party: str
    key: str | None
    person: str | None
    roles: tuple[str, ...]
    expires: str


class Opened(Struct, frozen=True):
    """A session that was opened.

    Attributes:
        token: what to send as `Authorization: Bearer`; keep it secret.
        session: who is signed in by it.

    """

    token: str
    session: Known


class Sessions:
    """The sessions of a server. Safe to use from several threads."""

    def __init__(self, service: Service, access: Access) -> None:
        """Keep sessions beside the read models of `service`.

        Raises:
            StoreUnavailable: their database cannot be written.

        """
        self.access = access
        self._service = service
        self._store = SessionStore(service.projections.database)
        self._rows: _Recent[bytes, tuple[float, SessionRow]] = _Recent()
        self._held: _Recent[tuple[str, str | None], tuple[int, Authority]] = _Recent()

    # -- signing in ----------------------------------------------------------------------------

    def offer(self) -> Offer:
        """Return a nonce that was not given before."""
        now_s = self._now_ms() // 1000
        body = now_s.to_bytes(_TIME_BYTES, "big") + secrets.token_bytes(_RANDOM_BYTES)
        expires = format_instant((now_s + NONCE_SECONDS) * 1000)
        return Offer(self._service.origin, (body + self._mac(body)).hex(), expires)

    def open(self, data: bytes) -> Opened:
        """Open a session for a signed session text.

        Raises:
            Malformed: it is none.
            Problem: `not_signed_in`: it is not for this ledger and server, its time is over, its
                nonce is not ours or was used, or no key in force signed it.

        """
        asked = parse_session(data)
        try:
            made_at_ms = self._check(asked)
            held = self._held_by(asked.party, asked.key)
            if held is None or held.key is None or not held.key_is_in_force(self._now_ms()):
                raise _refused(f"the key {asked.key} is not in force in this ledger")
            try:
                open_note(data, [VerifierKey.parse(held.key.vkey)])
            except Unverified as error:
                raise _refused(str(error)) from None
            return self._begin(asked.party, asked.key, None, (asked.nonce, made_at_ms))
        except Problem as problem:
            _log.warning("a session was refused", key=asked.key, why=problem.detail)
            raise

    def open_for(self, party: str, person: str) -> Opened:
        """Open a session for a person whom the issuer of OpenID vouches for.

        Raises:
            Problem: `not_signed_in`: there is no such party.

        """
        return self._begin(party, None, person, None)

    def end(self, token: str) -> None:
        """End a session; that there is none is no error."""
        hashed = _hash(token)
        self._rows.drop(hashed)
        self._store.end(hashed)

    # -- asking --------------------------------------------------------------------------------

    async def reader(self, request: HTTPConnection) -> Reader:
        """Return who asks.

        Raises:
            Problem: `not_signed_in`: a token was sent that opens nothing (any more). A cookie like
                that is passed over: a browser sends it whether its user means to or not.

        """
        token = token_of(request, self.access.cookie)
        if token is None:
            return PUBLIC
        known = self._recently_known(token)
        if known is None:
            known = await run_in_threadpool(self.known, token)
        if known is not None:
            return Reader(known.party, known.key, frozenset(known.roles))
        if "authorization" in request.headers:
            raise _refused("the token opens no session, or its key is no longer in force")
        return PUBLIC

    def known(self, token: str) -> Known | None:
        """Return who is signed in by a token, or None: it is none, or over, or its key is gone."""
        hashed = _hash(token)
        row = self._store.find(hashed)
        if row is None or row.until_ms <= self._now_ms():
            self._rows.drop(hashed)
            return None
        self._rows.put(hashed, (time.monotonic() + RECENT_SECONDS, row))
        held = self._held_by(row.party, row.key)
        return None if held is None else self._told(row, held)

    def _recently_known(self, token: str) -> Known | None:
        """Return the same from memory alone; None also where that does not know."""
        kept = self._rows.get(_hash(token))
        if kept is None or kept[0] < time.monotonic() or kept[1].until_ms <= self._now_ms():
            return None
        row = kept[1]
        held = self._held.get((row.party, row.key))
        if held is None or held[0] != self._service.position:
            return None
        return self._told(row, held[1])

    def _told(self, row: SessionRow, held: Authority) -> Known | None:
        now_ms = self._now_ms()
        if row.key is not None and not held.key_is_in_force(now_ms):
            return None
        roles = tuple(sorted(held.roles_at(now_ms)))
        return Known(row.party, row.key, row.person, roles, format_instant(row.until_ms))

    def _held_by(self, party: str, key: str | None) -> Authority | None:
        position = self._service.position
        kept = self._held.get((party, key))
        if kept is not None and kept[0] == position:
            return kept[1]
        held = authority(self._service.projections, party, key)
        if held is not None:
            self._held.put((party, key), (position, held))
        return held

    # -- helpers -------------------------------------------------------------------------------

    def _check(self, asked: SessionNote) -> int:
        """Check all but the signature; return when the nonce was given, milliseconds."""
        if asked.origin != self._service.origin:
            raise _refused(f"the text is for the ledger {asked.origin}, not {self._service.origin}")
        if asked.host not in self.access.hosts:
            raise _refused(
                f"the text is for the server {asked.host}; this one is {self.access.host}"
                if self.access.hosts
                else "this server was not told its own address: its operator sets `public_url`"
            )
        now_ms = self._now_ms()
        if abs(now_ms - asked.made_at_ms) > CLOCK_SECONDS * 1000:
            raise _refused(
                f"the text is of {format_instant(asked.made_at_ms)}; by this server's clock it is "
                f"{format_instant(now_ms)}, and {CLOCK_SECONDS} seconds may lie between"
            )
        nonce = bytes.fromhex(asked.nonce)
        body, mac = nonce[:-_MAC_BYTES], nonce[-_MAC_BYTES:]
        given_ms = int.from_bytes(body[:_TIME_BYTES], "big") * 1000
        if not hmac.compare_digest(mac, self._mac(body)):
            raise _refused("the nonce was not given by this server")
        if now_ms - given_ms > NONCE_SECONDS * 1000:
            raise _refused(f"the nonce is older than {NONCE_SECONDS} seconds: ask for another")
        return given_ms

    def _begin(
        self, party: str, key: str | None, person: str | None, nonce: tuple[str, int] | None
    ) -> Opened:
        held = self._held_by(party, key)
        if held is None:
            raise _refused(f"there is no party {party} in this ledger")
        token, now_ms = secrets.token_urlsafe(_TOKEN_BYTES), self._now_ms()
        until_ms = now_ms + self.access.session_minutes * 60_000
        row = SessionRow(_hash(token), party, key, person, now_ms, until_ms)
        text, given_ms = nonce or (None, 0)
        if not self._store.begin(row, text, given_ms + 2 * NONCE_SECONDS * 1000):
            raise _refused("the nonce was used before: ask for another")
        known = self._told(row, held)
        if known is None:
            raise _refused(f"the key {key} is not in force in this ledger")
        _log.info("signed in", party=party, key=key, person=person)
        return Opened(token, known)

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._store.secret, body, "sha256")[:_MAC_BYTES]

    def _now_ms(self) -> int:
        return self._service.clock.now_ms()


K = TypeVar("K")


class _Recent(Generic[K, V]):
    """The entries that were put in last, at most `MOST_KEPT`."""

    def __init__(self) -> None:
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._turn = Lock()

    def get(self, key: K) -> V | None:
        with self._turn:
            return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        with self._turn:
            self._kept[key] = value
            self._kept.move_to_end(key)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def drop(self, key: K) -> None:
        with self._turn:
            self._kept.pop(key, None)


def token_of(request: HTTPConnection, cookie: str) -> str | None:
    """Return the token that a request brings: `Authorization: Bearer` (RFC 6750), else a cookie's.

    Raises:
        Problem: `not_signed_in`: the header has another scheme.

    """
    header = request.headers.get("authorization")
    if header is None:
        return request.cookies.get(cookie)
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _refused("the header `Authorization` is to be `Bearer` and the token of a session")
    return token.strip()


def sessions_of(request: HTTPConnection) -> Sessions:
    """Return the sessions of the server."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _refused(why: str) -> Problem:
    return Problem("not_signed_in", why, _CHALLENGE)
