"""OpenID Connect for people of the staff: the code flow with PKCE, nonce and state.

    begin     where to send the browser, and what it keeps in a cookie until it comes back
    finish    the code is exchanged for an identity token, and that is verified

The issuer says who somebody is; which party that person works for is a claim of the token, and what
that party may do the ledger says. (OpenID Connect Core 1.0; RFC 7636; RFC 9700, 2.1: the state
binds the answer to the browser, the verifier to this server, the nonce to the token.)
"""

import hmac
import secrets
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2
import msgspec
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from api.http.access import LOOPBACK, OpenId
from api.http.problems import Problem
from ledger.errors import LedgerError

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures that an identity token may have: by a key of the issuer's that is not ours as well."""
TIMEOUT_SECONDS = 10
KEEP_SECONDS = 3600
"""How long the issuer's addresses and keys are kept."""
LOOK_AGAIN_SECONDS = 60
"""How often they are asked for again, at most, because a key is not known."""
LEEWAY_SECONDS = 60
"""How far the issuer's clock may be from ours."""
MAX_TOKEN_BYTES = 16_384

_ENTROPY_BYTES = 32


class Flow(Struct, frozen=True):
    """What the browser keeps while its user is at the issuer's.

    Attributes:
        state: comes back with the answer.
        nonce: comes back in the token.
        verifier: proves to the issuer that we began this (RFC 7636).
        language: of the page to come back to.

    """

    state: str
    nonce: str
    verifier: str
    language: str


class Person(NamedTuple):
    """Who came in: the issuer's name of the person, and the party worked for."""

    subject: str
    party: str


class _Issuer(NamedTuple):
    """What the issuer publishes of itself, and when it was asked."""

    asked_s: float
    authorization: str
    token: str
    keys: KeySet


class OpenIdClient:
    """This server as a client of the issuer. Safe to use from several threads."""

    def __init__(self, openid: OpenId, redirect_uri: str) -> None:
        """Come back to `redirect_uri`; the issuer is asked when somebody signs in.

        Raises:
            LedgerError: the issuer is reached neither by https nor on this machine.

        """
        parts = urlsplit(openid.issuer)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise LedgerError(f"the issuer {openid.issuer} is to be an https:// address")
        self._openid = openid
        self._redirect_uri = redirect_uri
        self._known: _Issuer | None = None
        self._turn = Lock()

    def begin(self, language: str) -> tuple[str, Flow]:
        """Return where to send the browser, and what it is to keep.

        Raises:
            Problem: `not_signed_in`: the issuer cannot be asked.

        """
        state, nonce, verifier = (secrets.token_urlsafe(_ENTROPY_BYTES) for _ in range(3))
        issuer = self._issuer(KEEP_SECONDS)
        with self._client() as client:
            url, _ = client.create_authorization_url(
                issuer.authorization, state=state, nonce=nonce, code_verifier=verifier
            )
        return url, Flow(state, nonce, verifier, language)

    def finish(self, answer: Mapping[str, str], flow: Flow) -> Person:
        """Return who came back.

        Raises:
            Problem: `not_signed_in`: the issuer refused, the answer is not of this browser's flow,
                or the token does not hold or names no party.

        """
        if not hmac.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
            raise _refused("the answer does not belong to a sign-in that began in this browser")
        if answer.get("iss", self._openid.issuer) != self._openid.issuer:
            raise _refused("the answer is of another issuer")  # RFC 9207
        if "error" in answer or "code" not in answer:
            raise _refused("the issuer did not sign anybody in")
        claims = self._verified(self._exchange(answer["code"], flow), flow.nonce)
        party, subject = claims.get(self._openid.party_claim), claims.get("sub")
        if not isinstance(party, str) or not isinstance(subject, str):
            raise _refused(f"the token has no claim {self._openid.party_claim} that names a party")
        return Person(subject, party)

    def _exchange(self, code: str, flow: Flow) -> str:
        """Return the identity token that a code is good for."""
        try:
            with self._client() as client:
                token = client.fetch_token(
                    self._issuer(KEEP_SECONDS).token,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=flow.verifier,
                )
        except (OAuthError, httpx2.HTTPError, ValueError) as error:
            raise _refused("the issuer did not take the code") from error
        found = token.get("id_token")
        if not isinstance(found, str) or len(found) > MAX_TOKEN_BYTES:
            raise _refused("the issuer gave no identity token")
        return found

    def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an identity token (OpenID Connect Core 1.0, 3.1.3.7)."""
        claims = self._opened(token)
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now_s = time.time()
        for holds, wrong in (
            (claims.get("iss") == self._openid.issuer, "is of another issuer"),
            (self._openid.client_id in audiences, "is for another client"),
            (len(audiences) == 1 or claims.get("azp") == self._openid.client_id, "is for others"),
            (_number(claims.get("exp")) > now_s - LEEWAY_SECONDS, "is out of date"),
            (_number(claims.get("iat")) < now_s + LEEWAY_SECONDS, "is of the future"),
            (hmac.compare_digest(str(claims.get("nonce")), nonce), "is not of this sign-in"),
        ):
            if not holds:
                raise _refused(f"the identity token {wrong}")
        return claims

    def _opened(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that a key of the issuer signed; a new key is asked for."""
        for kept_s in (KEEP_SECONDS, LOOK_AGAIN_SECONDS):
            try:
                return dict(jwt.decode(token, self._issuer(kept_s).keys, list(ALGORITHMS)).claims)
            except (JoseError, ValueError, TypeError) as error:
                wrong = error
        raise _refused("the signature of the identity token does not hold") from wrong

    def _issuer(self, kept_s: float) -> _Issuer:
        """Return what the issuer publishes; asked again where that is older than `kept_s`."""
        with self._turn:
            known = self._known
            if known is None or time.monotonic() - known.asked_s > kept_s:
                known = self._known = self._asked()
            return known

    def _asked(self) -> _Issuer:
        address = f"{self._openid.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            with httpx2.Client(timeout=TIMEOUT_SECONDS) as client:
                found = msgspec.json.decode(client.get(address).raise_for_status().content)
                if found["issuer"] != self._openid.issuer:
                    raise _refused("the issuer calls itself otherwise than it was set")
                keys = msgspec.json.decode(client.get(found["jwks_uri"]).raise_for_status().content)
            return _Issuer(
                asked_s=time.monotonic(),
                authorization=str(found["authorization_endpoint"]),
                token=str(found["token_endpoint"]),
                keys=KeySet.import_key_set(keys),
            )
        except (httpx2.HTTPError, msgspec.DecodeError, JoseError, KeyError, TypeError) as error:
            raise _refused("the issuer cannot be asked at the moment") from error

    def _client(self) -> Any:
        return OAuth2Client(
            client_id=self._openid.client_id,
            client_secret=self._openid.client_secret,
            scope="openid",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
        )


def _number(value: object) -> int:
    """Return a claim that is a time, or a time that never was."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _refused(why: str) -> Problem:
    return Problem("not_signed_in", why)
