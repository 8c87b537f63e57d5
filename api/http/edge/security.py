"""Headers that keep browsers strict (docs/security.md says what each is for).

Pages of ours need nothing from elsewhere and no script or style inside of them, so the policy
allows neither. A page that needs a policy of its own states it; what is stated is left alone.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
STRICT = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}
"""Said over https alone: a browser that heard it once comes over https for a year."""

Raw = list[tuple[bytes, bytes]]


def _raw(headers: dict[str, str]) -> Raw:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class Security:
    """Adds what a browser is to keep to."""

    def __init__(self, app: ASGIApp) -> None:
        """Add headers to the answers of `app`."""
        self._app = app
        self._plain = _raw(STRICT)
        self._secure = _raw({**STRICT, **OVER_TLS})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request strictly."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ours = self._secure if scope.get("scheme") == "https" else self._plain

        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                stated = {name.lower() for name, _ in message["headers"]}
                added = [each for each in ours if each[0] not in stated]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, strict)
