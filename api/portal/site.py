"""The templates, and what they may use.

`_` says a message of the catalogue in the page's language, with facts; `say` tells money, numbers
and names. A template computes nothing: what it shows was asked of the read models.

    <h1>{{ _("Contract {number}", number=contract.number) }}</h1>
    <td class="amount">{{ say.money(contract.paid_minor, contract.currency) }}</td>
    <a href="{{ link('contracts', contract.contract) }}">…</a>

Everything that is not markup of our own is escaped; there is no `safe` but for charts, which are
made of escaped text (`markupsafe.Markup`).
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import msgspec
from fastapi import Request

from api import codes, register_codes
from api.http.languages import LANGUAGES, TAGS
from api.http.questions import service_of
from api.http.release import RELEASE
from api.portal import charts, pictures
from api.portal.teller import PageTeller
from api.portal.templating import templates
from api.rights import PUBLIC
from api.telling import NOTHING
from api.text import Language
from ledger.errors import LedgerError
from ledger.events.parties import LedgerOpened
from ledger.times import parse_offset

NATIVE_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}
"""What each language calls itself."""

_LANGUAGES = [(each, TAGS[each], NATIVE_NAMES[each]) for each in LANGUAGES]

LISTS: set[str] = set()
"""Places of the portal: the first part of the address of each list, as `Pages.page` made it."""
KINDS: set[str] = set()
"""The first part of the address of each thing that has a page of its own, by its id."""


_is_plain = re.compile("[A-Za-z0-9_.~-]*").fullmatch
"""Whether a part of an address stands in it as it is, as most do (RFC 3986, 2.3)."""


class Links:
    """Makes the addresses of pages in one language."""

    def __init__(self, request: Request, language: Language) -> None:
        """Make addresses as seen from the page of `request`."""
        self._path = request.url.path
        self._query = list(request.query_params.multi_items())
        self._language = language
        self._place = next(iter(self._path.split("/")[2:3]), None)

    def __call__(self, *parts: str, **query: object) -> str:
        """Return the address of a page: its parts, then what it is asked with."""
        path = "/".join(part if _is_plain(part) else quote(part, safe="") for part in parts)
        if not query:
            return f"/{self._language}/{path}"
        asked = {name: value for name, value in query.items() if value not in (None, "")}
        return f"/{self._language}/{path}" + (f"?{urlencode(asked)}" if asked else "")

    def here(self, **changed: object) -> str:
        """Return this page's address, asked with something else besides."""
        query = {name: value for name, value in self._query if name not in changed}
        query |= {name: str(value) for name, value in changed.items() if value not in (None, "")}
        return self._path + (f"?{urlencode(query)}" if query else "")

    def is_place(self, place: str) -> bool:
        """Tell whether there is such a list."""
        return place in LISTS

    def leads_to(self, kind: str) -> bool:
        """Tell whether things of a kind have pages of their own."""
        return kind in KINDS

    def asked(self, name: str) -> str | None:
        """Return what this page is asked with under a name, or None."""
        return dict(self._query).get(name)

    def is_filtered(self) -> bool:
        """Tell whether this page is asked for less than all."""
        return any(value for name, value in self._query)

    def is_within(self, *places: str) -> bool:
        """Tell whether this page is one of some places in the portal."""
        return self._place in places

    def json(self) -> str:
        """Return the address of this page's `.json` twin."""
        query = f"?{urlencode(self._query)}" if self._query else ""
        return f"{self._path.rstrip('/')}.json{query}"

    def other(self, language: Language) -> str:
        """Return the address of this page in another language."""
        rest = self._path.split("/", 2)[2:]
        query = f"?{urlencode(self._query)}" if self._query else ""
        return "/".join(["", language, *rest]) + query


class NoLedger(msgspec.Struct, frozen=True):
    """Stands for a ledger whose genesis is not there yet."""

    origin: str = ""
    title: Mapping[str, str] = {}
    simulated: bool = False
    currency: str = ""
    utc_offset: str = "+08:00"


def ledger_of(request: Request) -> LedgerOpened | NoLedger:
    """Return the terms of the ledger behind a page, from its genesis."""
    try:
        return service_of(request).projections.feed.genesis
    except LedgerError:
        return NoLedger()


def render(template: str, request: Request, language: Language, facts: Mapping[str, object]) -> str:
    """Return a page as HTML."""
    ledger = ledger_of(request)
    say = PageTeller(language, parse_offset(ledger.utc_offset))
    common = {
        "_": say.tell,
        "say": say,
        "codes": codes,
        "register": register_codes,
        "charts": charts,
        "pictures": pictures,
        "ledger": ledger,
        "link": Links(request, language),
        "language": language,
        "languages": _LANGUAGES,
        "tags": TAGS,
        "reader": getattr(request.state, "reader", PUBLIC),
        "release": RELEASE,
        "NOTHING": NOTHING,
    }
    return templates(language).show(template, {**facts, **common})
