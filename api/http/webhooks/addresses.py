"""Where webhooks may be posted to: https, at an address of the public internet.

A server that posts wherever it is told can be made to ask what only it can reach: its own ports, a
neighbour without a password, a cloud's metadata (OWASP: server-side request forgery). So the name
is resolved here, every address that it has is checked, and the connection goes to one that was:
resolving twice would let a name change between check and use. How an address is written does not
matter (`2130706433`, `0x7f.1`, `::ffff:127.0.0.1`): what is checked is what is connected to.

    check_url("https://bureau.example.gov.cn/ledger", private=False)
    Guarded(context, private=False, seconds=15)      a transport of httpx2

Where the setting `webhook_private` says so, http and private networks are fine, for a receiver in
the next room.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpcore2
import httpx2

from ledger.errors import LedgerError

MAX_URL = 1_000
"""Characters of an address: browsers and proxies take more, nobody needs it."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052): the last 32 bits count."""
_SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)


class AddressForbidden(LedgerError):
    """A webhook's address is none that may be posted to."""


def check_url(text: str, *, private: bool) -> str:
    """Return the address of a webhook in the form in which it is kept.

    Raises:
        AddressForbidden: it is no address, or none that may be posted to.

    """
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise AddressForbidden(f"{text!r} is not an address: {error}") from None
    if len(text) > MAX_URL:
        raise AddressForbidden(f"the address has more than {MAX_URL} characters")
    if not url.host or url.scheme not in {"https", "http"}:
        raise AddressForbidden(f"{text!r} is not an address of the kind https://HOST/PATH")
    if url.userinfo or url.fragment:
        raise AddressForbidden(
            "the address holds a name, a password or a #: the signature says who sends"
        )
    if url.port is not None and not 0 < url.port < 1 << 16:
        raise AddressForbidden(f"the address has the port {url.port}, which none is")
    if url.scheme == "http" and not private:
        raise AddressForbidden(
            f"{text!r} is not https, so anybody on the way could read and change what is posted; "
            "the setting webhook_private allows it"
        )
    if not private and (found := _written(url.raw_host.decode())) is not None:
        check_address(found)
    return str(url)


def check_address(text: str) -> None:
    """Check that an IP address is one of the public internet.

    Raises:
        AddressForbidden: it is not.

    """
    address = _behind(ip_address(text.partition("%")[0]))
    tunnelled = isinstance(address, IPv6Address) and (
        address.sixtofour is not None or address.teredo is not None or address.is_site_local
    )
    if not address.is_global or address.is_multicast or address.is_reserved or tunnelled:
        raise AddressForbidden(
            f"{text} is no address of the public internet; the setting webhook_private allows it"
        )


def _behind(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _written(host: str) -> str | None:
    """Return the address that a host is written as, in any form there is; None for a name."""
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return str(found[0][4][0])


class Guarded(httpx2.HTTPTransport):
    """Connects to addresses that were checked, and has only so long for all of it."""

    def __init__(self, context: ssl.SSLContext, *, private: bool, seconds: float) -> None:
        """Check the other side's certificate by `context`; take `seconds` at most."""
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_connections=1,
            network_backend=_Checked(time.monotonic() + seconds, private=private),
        )


class _Checked(httpcore2.SyncBackend):
    """Resolves a name once, and connects only where that is allowed."""

    def __init__(self, deadline: float, *, private: bool) -> None:
        self._deadline = deadline
        self._private = private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (the deadline counts)
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of a host that answers; all must be allowed."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} has no address: {error}") from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if not self._private:
            for each in addresses:
                check_address(each)
        for each in addresses[:-1]:
            try:
                return self._connect(each, port, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port, local_address, socket_options)

    def _connect(
        self,
        address: str,
        port: int,
        local_address: str | None,
        socket_options: Iterable[_SocketOption] | None,
    ) -> httpcore2.NetworkStream:
        left = _left(self._deadline, httpcore2.ConnectTimeout)
        stream = super().connect_tcp(address, port, left, local_address, socket_options)
        return _Timed(stream, self._deadline)


class _Timed(httpcore2.NetworkStream):
    """A connection all of whose steps share one deadline: one byte a second does not hold us."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (the same)
        return self._stream.read(max_bytes, _left(self._deadline, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 (the same)
        self._stream.write(buffer, _left(self._deadline, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 (the same)
    ) -> httpcore2.NetworkStream:
        left = _left(self._deadline, httpcore2.ConnectTimeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Timed(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _left(deadline: float, late: type[httpcore2.TimeoutException]) -> float:
    """Return the seconds that are left.

    Raises:
        TimeoutException: none are; as `late`.

    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise late("the time is over")
    return left
