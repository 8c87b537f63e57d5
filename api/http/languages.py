"""Which language a request wants: its path's, else what its `Accept-Language` says first."""

from starlette.requests import HTTPConnection

from api.text import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")
"""The languages of the portal; the first is for who asks for neither."""

TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
"""Their tags (BCP 47), as pages state them."""


def language_wanted(request: HTTPConnection) -> Language:
    """Return the language of a page's path (`/en/…`), else of `Accept-Language`.

    Programs that say nothing read English.
    """
    accepted: str = request.headers.get("accept-language", "")
    return language_of(request.scope["path"]) or language_accepted(accepted, "en")


def language_of(path: str) -> Language | None:
    """Return the language that a path begins with, as those of the portal's pages do."""
    first = path[1:].partition("/")[0]
    return next((language for language in LANGUAGES if language == first), None)


def language_accepted(header: str, otherwise: Language) -> Language:
    """Return the language that `Accept-Language` (RFC 9110, 12.5.4) prefers, else `otherwise`."""
    best, weight = otherwise, 0
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = _quality(parameters)
        primary = tag.strip().lower().split("-", 1)[0]
        for language in LANGUAGES:
            if primary == language and quality > weight:
                best, weight = language, quality
    return best


def _quality(parameters: str) -> int:
    """Return `q` in thousandths; 1,000 where it is not said, none where it cannot be read."""
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1_000
    whole, _, part = value.strip().partition(".")
    if not (whole.isdecimal() and (part or "0").isdecimal()):
        return 0
    return min(int(whole[:4]) * 1_000 + int(f"{part[:3]:0<3}"), 1_000)
