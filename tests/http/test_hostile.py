"""What strangers send on purpose, to a real server: refused with a sentence, logged, survived."""

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving_process import ServingProcess

HOST = b"Host: ledger.example\r\n"
END = b"Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingProcess]:
    """Serve the demo city's ledger from a process of its own, with short times."""
    folder = tmp_path_factory.mktemp("hostile")
    options = ("--role", "reader", "--db", f"sqlite:///{city_file}")
    program = "import impatient; impatient.main()"
    with ServingProcess(folder, *options, program=program) as server:
        yield server


@pytest.fixture(autouse=True)
def _survived(server: ServingProcess, city_file: Path) -> Iterator[None]:
    """After each attack the server answers others, has logged no fault, and has stored nothing."""
    before = _digest(city_file)
    yield
    assert server.ask("/healthz")[0] == 200
    assert server.ask("/v1/contracts?limit=1")[0] == 200
    assert [line for line in server.log if line.get("level") in {"error", "critical"}] == []
    assert _digest(city_file) == before


def _digest(database: Path) -> str:
    """Hash a database in another process: to close its file here would drop SQLite's locks on it.

    This process may have it open (POSIX locks are a process's, not a file descriptor's); the server
    would then find nobody else at its end, and take the write-ahead log away from us.
    """
    return subprocess.run(
        ["sha256sum", database], capture_output=True, check=True, text=True
    ).stdout


def told(answer: bytes) -> tuple[int, Any]:
    """Return the status of an answer, and the problem that it tells."""
    head, _, body = answer.partition(b"\r\n\r\n")
    match = re.match(rb"HTTP/1\.1 ([0-9]{3}) ", head)
    assert match is not None, answer[:200]
    assert b"application/problem+json" in head, head
    return int(match[1]), json.loads(body)


def refused(answer: bytes, status: int, code: str) -> None:
    """Check that an answer refuses by a problem with a sentence."""
    found, problem = told(answer)
    assert (found, problem["code"]) == (status, code)
    assert problem["title"].endswith(".")
    assert problem["titles"]["zh"] != problem["titles"]["en"]


# -- heads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_line",
    [
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS greeting
        b"GET / HTTP/1.1\r\n" + HOST + b"Bad Header: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A: 1\x00\r\n\r\n",
        b"POST /v1/statements HTTP/1.1\r\n" + HOST + b"Content-Length: x\r\n\r\n",
        b"POST /v1/statements HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
        b"POST /v1/statements HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /v1/statements HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/other HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_hung_up_on(
    server: ServingProcess, request_line: bytes
) -> None:
    """One sentence, and the connection ends; two lengths or none that can be (smuggling), too."""
    refused(server.say(request_line), 400, "malformed")


@pytest.mark.parametrize(
    "host",
    [b"", b"Host: a\r\nHost: b\r\n", b"Host: a b\r\n", b"Host: a/../b\r\n", b"Host: \xff\r\n"],
)
def test_a_request_that_names_no_host_is_refused(server: ServingProcess, host: bytes) -> None:
    """None, two, or what is none: nothing is made of it."""
    refused(server.say(b"GET /v1/contracts HTTP/1.1\r\n" + host + END), 400, "malformed")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + HOST,
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 40_000 + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: 1\r\n" * 20_000,
        b"GET / HTTP/1.1\r\n" + HOST + b"X" * 40_000,  # and no end in sight
    ],
)
def test_a_flood_of_headers_is_refused(server: ServingProcess, head: bytes) -> None:
    """However it is made up, a head has 32 KiB."""
    refused(server.say(head + END), 431, "head_too_large")


def test_a_head_that_trickles_in_is_hung_up_on(server: ServingProcess) -> None:
    """The time is for the whole head: bytes that keep coming do not prolong it."""
    trickle = [b"GET / HTTP/1.1\r\n", *(b"X: %d\r\n" % n for n in range(60))]
    began = time.monotonic()
    refused(server.say(*trickle, pause_s=0.1), 408, "timed_out")
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("said", [b"", b"\r\n"])
def test_who_says_nothing_is_hung_up_on(server: ServingProcess, said: bytes) -> None:
    """Neither a silent connection nor one of empty lines stays open."""
    assert server.say(*[said] * 30, pause_s=0.1) == b""


def test_one_address_has_only_so_many_connections(server: ServingProcess) -> None:
    """The next hears so; when some have ended there is room again."""
    open_ones = [server.connect() for _ in range(20)]
    try:
        refused(server.say(b"GET / HTTP/1.1\r\n" + HOST + END), 429, "too_many_requests")
    finally:
        for each in open_ones:
            each.close()
    time.sleep(0.3)


# -- bodies --------------------------------------------------------------------------------------


def test_a_body_that_says_it_is_too_large_is_refused_unread(server: ServingProcess) -> None:
    """Not a byte of it is waited for."""
    head = b"POST /v1/statements HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999\r\n\r\n"
    refused(server.say(head), 413, "too_large")
    head = b"POST /v1/other HTTP/1.1\r\n" + HOST + b"Content-Length: 70000\r\n\r\n"
    refused(server.say(head), 413, "too_large")


def test_a_body_without_an_end_is_refused_at_its_limit(server: ServingProcess) -> None:
    """Chunks that go on for ever are read up to the limit, and not kept."""
    head = b"POST /v1/other HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    refused(server.say(head, *[chunk] * 200), 413, "too_large")


def test_a_body_that_trickles_in_is_refused(server: ServingProcess) -> None:
    """A few bytes a second: when the time is over the connection ends."""
    head = b"POST /v1/other HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n"
    refused(server.say(head, *[b"x"] * 60, pause_s=0.1), 408, "timed_out")


def test_slow_clients_keep_nobody_waiting(server: ServingProcess) -> None:
    """While ten bodies trickle in, others are answered at once."""
    head = b"POST /v1/other HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n"
    answers: list[bytes] = []

    def trickle() -> None:
        answers.append(server.say(head, *[b"x"] * 25, pause_s=0.1))

    slow = [threading.Thread(target=trickle) for _ in range(10)]
    for each in slow:
        each.start()
    asked = 0
    while any(each.is_alive() for each in slow):
        assert server.ask("/v1/contracts?limit=2")[0] == 200
        asked += 1
        time.sleep(0.05)  # or it would be refused as too many
    assert asked > 10
    assert {told(answer)[0] for answer in answers} == {408}


# -- paths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        b"/static/x/../../../../etc/passwd",
        b"/static/x/..%2f..%2f..%2f..%2fetc%2fpasswd",
        b"/static/x/%2e%2e/%2e%2e/portal.py",
        b"/static/x/..%5c..%5cportal.py",
        b"/static/x/%c0%ae%c0%ae/portal.py",  # overlong
        b"/static/x/style.css%00.svg",
        b"/static//etc/passwd",
        b"/static/x",
        b"/tile/entries/..%2f..%2fcheckpoint",
        b"/tile/0/%00",
        b"/v1/contracts/%00",
        b"/v1/contracts/..%2f..%2f",
        b"/v1/contracts/%ff%fe",
        b"/zh/contracts/%2e%2e%2f",
        b"/%00",
        b"//evil.example/%2f..",
        b"/\\evil.example",
        b"http://evil.example/v1/nothing",
        b"/zh/../en/../../etc/passwd",
    ],
)
def test_a_path_leads_nowhere_else(server: ServingProcess, path: bytes) -> None:
    """No file of the machine, no redirect to elsewhere; 404, or what the path says and no more."""
    answer = server.say(b"GET " + path + b" HTTP/1.1\r\n" + HOST + END)
    match = re.match(rb"HTTP/1\.1 ([0-9]{3}) ", answer)
    assert match is not None, answer[:100]
    assert match[1] in {b"404", b"400"}
    assert not re.search(rb"root:|FastAPI|location:", answer)


def test_a_redirect_never_leaves_the_server(server: ServingProcess) -> None:
    """A path that begins like another server's address is no such address."""
    for path in (b"//evil.example/zh/contracts/", b"/v1/contracts/../", b"//evil.example"):
        answer = server.say(b"GET " + path + b" HTTP/1.1\r\n" + HOST + END)
        for location in re.findall(rb"(?i)\r\nlocation: (\S+)", answer):
            assert not re.match(rb"(?i)(https?:)?//(?!ledger\.example)", location), location


# -- the log -------------------------------------------------------------------------------------


def test_nothing_that_is_sent_forges_a_line_of_the_log(server: ServingProcess) -> None:
    """Line breaks, quotes and escape codes in a path stay inside their field."""
    path = b"/v1/%0a%7b%22event%22%3a%22forged%22%7d%1b%5b31m"
    server.say(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b'X-Request-Id: a","b":"\r\n' + END)
    lines = server.stderr.splitlines()
    assert all(json.loads(line) for line in lines if line)
    assert "forged" not in {line["event"] for line in server.log}
    (line,) = [line for line in server.log if "forged" in line.get("path", "")]
    assert re.fullmatch("[0-9a-f]{16}", line["request_id"])
    assert "\x1b" not in server.stderr


def test_what_was_refused_stands_in_the_log(server: ServingProcess) -> None:
    """Each refusal below the application has its line, with the code."""
    server.say(b"nonsense\r\n\r\n")
    codes = [line.get("code") for line in server.log]
    assert "malformed" in codes
