"""A server of `/v1`, asked from the command line."""

import http.client
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import orjson

from api.text import Language
from ledger.errors import LedgerError

PATIENCE_S = 60
"""How long an answer may take: a statement of ten thousand events is judged in a second."""
MAX_ANSWER_BYTES = 64 << 20
"""More is no answer of ours."""


class ServerRefused(LedgerError):
    """A server answered that it cannot do as asked.

    Attributes:
        code: the problem's code: a refusal of the ledger, or one of the server's.
        refusal: the operator's signed refusal, or None.

    """

    def __init__(self, sentence: str, code: str, refusal: bytes | None) -> None:
        """Tell what the server said."""
        super().__init__(sentence)
        self.code = code
        self.refusal = refusal


class Answered(NamedTuple):
    """An answer: its status and its body."""

    status: int
    body: bytes


class RemoteServer:
    """A server that is reached by an address, `https://ledger.example.gov.cn` say."""

    def __init__(self, url: str, language: Language) -> None:
        """Name a server; it is not asked yet.

        Raises:
            LedgerError: the address is none.

        """
        parts = urlsplit(url)
        kinds: dict[str, Callable[..., http.client.HTTPConnection]] = {
            "http": http.client.HTTPConnection,
            "https": http.client.HTTPSConnection,
        }
        if parts.scheme not in kinds or not parts.hostname or parts.query or parts.fragment:
            raise LedgerError(f"the server's address {url} is not one of http:// or https://")
        try:
            port = parts.port
        except ValueError as error:
            raise LedgerError(f"the server's address {url} cannot be used: {error}") from None
        self._url = url.rstrip("/")
        self._base = parts.path.rstrip("/")
        self._language = language
        self._http = kinds[parts.scheme](parts.hostname, port, timeout=PATIENCE_S)

    def __enter__(self) -> Self:
        """Ask it for a while, by one connection."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str) -> bytes:
        """Return what stands at `path`.

        Raises:
            ServerRefused: the server says why not.
            LedgerError: it cannot be reached.

        """
        return self._ask("GET", path, None, {}).body

    def post(self, path: str, body: bytes, media_type: str) -> Answered:
        """Send `body` to `path`; return the answer.

        Raises:
            ServerRefused: the server says why not.
            LedgerError: it cannot be reached, or broke off: whether it did what was asked is not
                known.

        """
        return self._ask("POST", path, body, {"Content-Type": media_type})

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answered:
        try:
            self._http.request(
                method,
                self._base + path,
                body,
                {"Accept-Language": self._language, **headers},
            )
            response = self._http.getresponse()
            answer = response.read(MAX_ANSWER_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise LedgerError(
                f"the server {self._url} does not answer: {reason}; what was sent may have "
                "arrived, and sending it again is harmless"
            ) from error
        if len(answer) > MAX_ANSWER_BYTES:
            raise LedgerError(f"the server {self._url} answers more than {MAX_ANSWER_BYTES} bytes")
        if response.status >= http.HTTPStatus.BAD_REQUEST:
            raise self._refused(response.status, answer)
        return Answered(response.status, answer)

    def _refused(self, status: int, answer: bytes) -> ServerRefused:
        try:
            problem: dict[str, Any] = orjson.loads(answer)
            told, code = problem["title"], problem["code"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return ServerRefused(f"the server {self._url} answers {status}", "unknown", None)
        detail, refusal = problem.get("detail"), problem.get("refusal")
        sentence = f"{told} ({detail})" if detail else str(told)
        return ServerRefused(sentence, code, None if refusal is None else refusal.encode())
