"""Staff sign in at their issuer: a real provider on this machine, real keys, real HTTP."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from doors import HOST, Door, open_door
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.testclient import TestClient
from world import World

from api.application import create_app
from api.http.access import Access, OpenId
from api.http.openid import OpenIdClient
from ledger.errors import LedgerError

CLIENT, SECRET = "sunledger-portal", "s3cret of the test"


class Provider:
    """An issuer: it signs in whoever comes as the party that is set, and checks what it is sent.

    Attributes:
        claims: what the next token says besides the usual.
        algorithm: how it is signed.
        verifier_of: by code, the challenge that its verifier must meet.

    """

    def __init__(self) -> None:
        """Listen at a free port."""
        self.keys: dict[str, RSAKey | ECKey] = {
            "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
            "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
        }
        self.published = dict(self.keys)
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.begun: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.endswith("openid-configuration"):
                    self.tell(200, provider.configuration())
                elif self.path == "/keys":
                    published = [k.as_dict(private=False) for k in provider.published.values()]
                    self.tell(200, {"keys": published})
                else:
                    self.tell(404, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, told = provider.exchange(
                    dict(parse_qsl(body)), self.headers.get("Authorization", "")
                )
                self.tell(status, told)

            def tell(self, status: int, document: object) -> None:
                data = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def configuration(self) -> dict[str, str]:
        """Return what the issuer publishes of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def authorize(self, url: str) -> str:
        """Return the code for what a browser was sent with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["scope"].split() == ["openid"]
        code = f"code-{len(self.begun)}"
        self.begun[code] = asked
        return code

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Return a token for a code, once, to the client that proves to have begun."""
        asked = self.begun.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or asked["code_challenge"] != challenge or known not in authorization:
            return 400, {"error": "invalid_grant"}
        now_s = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "zhang.wei",
            "iat": now_s,
            "exp": now_s + 300,
            "nonce": asked["nonce"],
            "sunledger_party": "AUD",
        } | self.claims
        key = self.keys[self.algorithm]
        header = {"alg": self.algorithm, "kid": key.kid}
        token = jwt.encode(header, claims, key, algorithms=[self.algorithm])
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Run an issuer."""
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Open a ledger."""
    folder = tmp_path_factory.mktemp("door")
    with open_door(f"sqlite:///{folder / 'ledger.db'}", World.contracted()) as door:
        yield door


@pytest.fixture
def client(door: Door, provider: Provider) -> Iterator[TestClient]:
    """Give a browser at a server that knows the issuer."""
    openid = OpenId(provider.issuer, CLIENT, SECRET, "sunledger_party")
    app = create_app(door.services[0], access=Access(f"https://{HOST}", openid=openid))
    with TestClient(app, base_url=f"https://{HOST}", follow_redirects=False) as client:
        yield client


def go(client: TestClient, provider: Provider, **changed: str) -> Any:
    """Sign in at the issuer; `changed` is what the answer says otherwise."""
    sent = client.get("/zh/session/staff")
    assert sent.status_code == 303
    assert "SameSite=lax" in sent.headers["Set-Cookie"]
    url = sent.headers["Location"]
    code = provider.authorize(url)
    state = parse_qs(urlsplit(url).query)["state"][0]
    assert SECRET not in url
    return client.get("/session/callback", params={"code": code, "state": state} | changed)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_person_of_the_staff_reads_what_its_party_may(
    client: TestClient, provider: Provider, algorithm: str
) -> None:
    """The token names the party; the ledger says what that may read."""
    provider.algorithm = algorithm
    assert client.get("/v1/beneficiaries").status_code == 404
    answer = go(client, provider)
    assert answer.status_code == 200, answer.text
    assert 'http-equiv="refresh" content="0; url=/zh/session"' in answer.text
    assert "SameSite=strict" in answer.headers["Set-Cookie"]
    mine = client.get("/v1/sessions/mine").json()
    assert (mine["party"], mine["person"], mine["key"]) == ("AUD", "zhang.wei", None)
    assert mine["roles"] == ["auditor"]
    assert client.get("/v1/beneficiaries").status_code == 200


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"aud": "another-client"}, "another client"),
        ({"aud": [CLIENT, "another"]}, "for others"),
        ({"exp": 1}, "out of date"),
        ({"iat": 2**40}, "of the future"),
        ({"nonce": "another"}, "not of this sign-in"),
        ({"sunledger_party": None}, "no claim sunledger_party"),
        ({"sunledger_party": "NOBODY"}, "no party NOBODY"),
    ],
)
def test_a_token_that_does_not_hold_opens_nothing(
    client: TestClient, provider: Provider, claims: dict[str, Any], why: str
) -> None:
    """Every claim that OpenID Connect asks to be checked is."""
    provider.claims = claims
    answer = go(client, provider)
    assert answer.status_code == 401
    assert why in answer.text
    assert client.get("/v1/sessions/mine").status_code == 401


def test_a_token_of_a_stranger_or_of_our_secret_opens_nothing(
    client: TestClient, provider: Provider
) -> None:
    """A key that the issuer does not publish, or an algorithm that is none of its."""
    provider.keys["RS256"] = RSAKey.generate_key(2048, {"kid": "rsa"})
    answer = go(client, provider)
    assert answer.status_code == 401
    assert "signature" in answer.text


def test_an_answer_of_another_browser_opens_nothing(client: TestClient, provider: Provider) -> None:
    """State, cookie and verifier bind the code to whoever began."""
    assert go(client, provider, state="another").status_code == 401
    assert go(client, provider, iss="https://evil.example").status_code == 401
    assert go(client, provider, error="access_denied").status_code == 401
    assert go(client, provider, code="code-never").status_code == 401
    client.cookies.clear()
    assert client.get("/session/callback?code=x&state=y").status_code == 401


def test_an_issuer_that_does_not_answer_is_told(client: TestClient, provider: Provider) -> None:
    """Nobody waits for long, and nobody sees an exception."""
    provider.server.shutdown()
    provider.server.server_close()
    answer = client.get("/zh/session/staff")
    assert answer.status_code == 401
    assert "cannot be asked" in answer.text


def test_an_issuer_is_reached_by_https() -> None:
    """Where others could listen, a code and a secret are not sent in the clear."""
    with pytest.raises(LedgerError, match="https"):
        OpenIdClient(OpenId("http://issuer.example", CLIENT, SECRET, "p"), f"https://{HOST}/c")
