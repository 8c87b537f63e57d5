"""How readers come in: the server's own address, how long a session lasts, and for staff OpenID."""

from typing import NamedTuple
from urllib.parse import urlsplit

from ledger.errors import LedgerError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names of the machine itself, as they stand in an address."""
_ANY = ("0.0.0.0", "[::]")  # noqa: S104 (an address to be refused, not one to listen at)

SESSION_MINUTES = 60
"""How long a session lasts if nothing is set: most of a morning's work is shorter."""


class OpenId(NamedTuple):
    """Who vouches for people of the staff (OpenID Connect Core 1.0).

    Attributes:
        issuer: the issuer's address, as its tokens name it.
        client_id: what this server is called there.
        client_secret: what proves that it is it.
        party_claim: the claim of the identity token that names the person's party in the ledger.

    """

    issuer: str
    client_id: str
    client_secret: str
    party_claim: str


class Access(NamedTuple):
    """How readers come in.

    Attributes:
        url: the server's address as its users know it, without a path.
        session_minutes: how long a session lasts.
        openid: who vouches for people of the staff, or None.

    """

    url: str = "http://127.0.0.1:8600"
    session_minutes: int = SESSION_MINUTES
    openid: OpenId | None = None

    @property
    def is_secure(self) -> bool:
        """Whether users reach the server by https."""
        return self.url.startswith("https:")

    @property
    def host(self) -> str:
        """Name and port of the server, as a browser shows them."""
        return urlsplit(self.url).netloc

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names by which a session may mean this server; none where it does not know its own.

        A server that listens at this machine only is also reached by the machine's other names.
        """
        name, port = _split(self.host)
        if name in _ANY:
            return ()
        return tuple(each + port for each in LOOPBACK) if name in LOOPBACK else (self.host,)

    @property
    def cookie(self) -> str:
        """Name of the cookie that holds a portal session; browsers hold `__Host-` to this host."""
        return "__Host-sunledger" if self.is_secure else "sunledger"


LOCAL = Access()
"""Where nothing is set: a server of this machine alone."""


def access_url(text: str) -> str:
    """Return an address of a server in the one form that is compared.

    Raises:
        LedgerError: it is not `http://HOST[:PORT]` or `https://HOST[:PORT]`.

    """
    parts = urlsplit(text.lower())
    name, port = _split(parts.netloc)
    if (
        parts.scheme not in {"http", "https"}
        or not name
        or "@" in name
        or parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
    ):
        raise LedgerError(
            f"{text!r} is not the address of a server: write https://portal.example.gov.cn, "
            "with a port if it is not the usual one, and no path"
        )
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{name}{'' if port == usual else port}"


def _split(host: str) -> tuple[str, str]:
    """Return a host's name, and its port with the colon or nothing."""
    name, colon, port = host.rpartition(":")
    return (name, colon + port) if colon and port.isdecimal() else (host, "")
