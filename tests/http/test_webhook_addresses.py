"""Where webhooks may be posted to: what is checked is what is connected to."""

import contextlib
import socket
import ssl
import threading
import time
from typing import Any

import pytest
from receiver import Receiver

from api.http.webhooks.addresses import AddressForbidden, check_address, check_url
from api.http.webhooks.posting import Batch, Outgoing, post
from api.http.webhooks.store import Webhook

BATCH = Batch("0" * 12, "ledger.test.example", 0, 0, ())
WITHIN_S = 10


def to(url: str) -> Webhook:
    """Return a webhook that is posted to an address."""
    return Webhook("0" * 12, url, "", "f" * 64, 0, 0, 0)


def outgoing(*, private: bool = False, seconds: float = 15) -> Outgoing:
    """Return how is posted, with no certificate trusted."""
    return Outgoing(private, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), seconds)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:0:53aa:64c::1",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_an_address_that_is_not_of_the_public_internet_is_forbidden(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, reserved, and tunnels to them."""
    with pytest.raises(AddressForbidden, match="webhook_private"):
        check_address(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "114.114.114.114", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"],
)
def test_an_address_of_the_public_internet_is_fine(address: str) -> None:
    """Also one of IPv4 behind a translator."""
    check_address(address)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://bureau.example/x", "not https"),
        ("ftp://bureau.example/x", "of the kind"),
        ("file:///etc/passwd", "of the kind"),
        ("bureau.example/x", "of the kind"),
        ("https://", "of the kind"),
        ("https://user:secret@bureau.example/", "a password"),
        ("https://bureau.example/#part", "a #"),
        ("https://bureau.example:99999/", "port"),
        ("https://bureau.example:0/", "port"),
        ("https://bureau.example/" + "x" * 1_000, "characters"),
        ("https://127.0.0.1/", "public internet"),
        ("https://2130706433/", "public internet"),
        ("https://0x7f.1/", "public internet"),
        ("https://0177.0.0.1/", "not an address"),
        ("https://127.1/", "public internet"),
        ("https://[::1]/", "public internet"),
        ("https://[::ffff:7f00:1]/", "public internet"),
        ("https://[::ffff:127.0.0.1]:8443/", "public internet"),
    ],
)
def test_an_address_that_cannot_be_is_refused_when_it_is_added(url: str, why: str) -> None:
    """However it is written; with what is wrong."""
    with pytest.raises(AddressForbidden, match=why):
        check_url(url, private=False)


def test_an_address_that_can_be_is_kept_in_one_form() -> None:
    """Names in other scripts as DNS has them; http and private networks where that is allowed."""
    assert check_url("https://Bureau.example/a b", private=False) == "https://bureau.example/a%20b"
    assert check_url("https://例え.cn/x", private=False) == "https://xn--r8jz45g.cn/x"
    assert check_url("http://127.0.0.1:1/x", private=True) == "http://127.0.0.1:1/x"


@pytest.mark.parametrize("host", ["localhost", "bureau.example", "2130706433", "[::ffff:7f00:1]"])
def test_a_name_that_leads_to_this_machine_is_not_connected_to(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is resolved once, and one private address among public ones is one too many."""
    real = socket.getaddrinfo

    def resolved(name: str, *arguments: Any, **options: Any) -> Any:
        if name != "bureau.example":
            return real(name, *arguments, **options)
        if options.get("flags"):
            raise socket.gaierror("not an address")
        stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*stream, (each, 443)) for each in ("1.1.1.1", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", _never)
    why = post(outgoing(), to(f"https://{host}/x"), BATCH, 0)
    assert why is not None
    assert "127.0.0.1 is no address" in why or "7f00:1 is no address" in why


def test_a_name_is_connected_to_by_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not by the name, which could lead elsewhere the second time."""
    connected: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_arguments: object, **_options: object) -> None:
        connected.append(address)
        raise ConnectionRefusedError("nobody is here")

    stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    found = [(*stream, (each, 443)) for each in ("1.1.1.1", "1.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_o: found)
    monkeypatch.setattr(socket, "create_connection", connect)
    why = post(outgoing(), to("https://bureau.example/x"), BATCH, 0)
    assert why == "nobody is here"
    assert connected == [("1.1.1.1", 443), ("1.0.0.1", 443)]


def test_a_kept_address_is_checked_again_before_each_post() -> None:
    """The setting may have been taken back since it was added."""
    why = post(outgoing(), to("http://127.0.0.1:1/x"), BATCH, 0)
    assert why is not None
    assert "not https" in why


def test_a_redirect_is_not_followed() -> None:
    """It is no success, and nothing is posted to where it leads."""
    with Receiver() as receiver, Receiver() as other:
        receiver.answers = lambda _request: 307
        receiver.answer_headers = {"Location": other.url}
        why = post(outgoing(private=True), to(receiver.url), BATCH, 0)
    assert why == "the receiver answered 307"
    assert other.requests == []


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would connect where we may not."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with Receiver() as receiver:
        assert post(outgoing(private=True), to(receiver.url), BATCH, 0) is None


@pytest.mark.parametrize("drip", [b"", b"H"])
def test_a_receiver_that_says_nothing_or_little_is_left_in_time(drip: bytes) -> None:
    """One byte now and then does not make the time longer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        begun = time.monotonic()
        if drip:
            _dripping(server, drip)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        why = post(outgoing(private=True, seconds=0.5), to(url), BATCH, 0)
        assert time.monotonic() - begun < WITHIN_S
    assert why == "the receiver did not answer within 0.5 seconds"


def test_nobody_there_is_told() -> None:
    """What the system says of the connection is why."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
    assert "refused" in str(post(outgoing(private=True), to(url), BATCH, 0))
    told = post(outgoing(private=True), to("http://nowhere.invalid/x"), BATCH, 0)
    assert str(told).startswith("nowhere.invalid has no address")


def _dripping(server: socket.socket, drip: bytes) -> None:
    def drop() -> None:
        with contextlib.suppress(OSError):
            connection, _ = server.accept()
            with connection:
                while True:
                    connection.sendall(drip)
                    time.sleep(0.1)

    threading.Thread(target=drop, daemon=True).start()


def _never(*_arguments: object, **_options: object) -> None:
    raise AssertionError("something was connected to")
