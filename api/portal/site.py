"""The templates, and what they may use.

`_` says a message of the catalogue in the page's language, with facts; `say` tells money, numbers
and names. A template computes nothing: what it shows was asked of the read models.

    <h1>{{ _("Contract {number}", number=contract.number) }}</h1>
    <td class="amount">{{ say.money(contract.paid_minor, contract.currency) }}</td>
    <a href="{{ link('contracts', contract.contract) }}">…</a>

Everything that is not markup of our own is escaped; there is no `safe` but for charts, which are
made of escaped text (`markupsafe.Markup`).
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined

from api import codes, text
from api.http.languages import LANGUAGES, TAGS
from api.http.release import RELEASE
from api.rights import PUBLIC
from api.telling import NOTHING, Teller
from api.text import Language

NATIVE_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}
"""What each language calls itself."""

_PPM = 1_000_000

environment = Environment(
    loader=PackageLoader("api.portal"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


class PageTeller(Teller):
    """Tells figures and names to a page's reader."""

    def amount(self, amount: int | None, currency: str) -> str:
        """Return an amount in minor units as people write it; a dash where there is none."""
        return NOTHING if amount is None else self.money(amount, currency)

    def count(self, value: int | None) -> str:
        """Return a number with its thousands grouped; a dash where there is none."""
        return NOTHING if value is None else self.number(value)

    def share(self, part: int | None, whole: int | None) -> str:
        """Return how much of `whole` `part` is, as a percentage; a dash where nothing is."""
        if part is None or not whole:
            return NOTHING
        return text.share(part * _PPM // whole, self.language)

    def date(self, day: str | None) -> str:
        """Return a date as people write it; a dash where there is none."""
        return NOTHING if day is None else text.date(day, self.language)

    def instant(self, instant_ms: int | None) -> str:
        """Return an instant as China's clocks show it; a dash where there is none."""
        return NOTHING if instant_ms is None else text.instant(instant_ms, self.language)

    def message(self, message: str) -> str:
        """Return a message of the catalogue with its placeholders as they stand."""
        return text.message_in(message, self.language)

    def code(self, words: Mapping[str, str], code: str | None) -> str:
        """Return a code in words, or as it is where there are none for it."""
        return NOTHING if code is None else self.tell(words[code]) if code in words else code


class Links:
    """Makes the addresses of pages in one language."""

    def __init__(self, request: Request, language: Language) -> None:
        """Make addresses as seen from the page of `request`."""
        self._path = request.url.path
        self._query = list(request.query_params.multi_items())
        self._language = language

    def __call__(self, *parts: str, **query: object) -> str:
        """Return the address of a page: its parts, then what it is asked with."""
        path = "/".join(quote(part, safe="") for part in parts)
        asked = {name: value for name, value in query.items() if value not in (None, "")}
        return f"/{self._language}/{path}" + (f"?{urlencode(asked)}" if asked else "")

    def here(self, **changed: object) -> str:
        """Return this page's address, asked with something else besides."""
        query = {name: value for name, value in self._query if name not in changed}
        query |= {name: str(value) for name, value in changed.items() if value not in (None, "")}
        return self._path + (f"?{urlencode(query)}" if query else "")

    def is_within(self, place: str) -> bool:
        """Tell whether this page is one of a place in the portal."""
        return self._path.split("/")[2:3] == [place]

    def json(self) -> str:
        """Return the address of this page's `.json` twin."""
        query = f"?{urlencode(self._query)}" if self._query else ""
        return f"{self._path.rstrip('/')}.json{query}"

    def other(self, language: Language) -> str:
        """Return the address of this page in another language."""
        rest = self._path.split("/", 2)[2:]
        query = f"?{urlencode(self._query)}" if self._query else ""
        return "/".join(["", language, *rest]) + query


def render(template: str, request: Request, language: Language, facts: Mapping[str, object]) -> str:
    """Return a page as HTML."""
    say = PageTeller(language)
    return environment.get_template(template).render(
        facts,
        _=say.tell,
        say=say,
        codes=codes,
        link=Links(request, language),
        language=language,
        languages=[(each, TAGS[each], NATIVE_NAMES[each]) for each in LANGUAGES],
        tags=TAGS,
        reader=getattr(request.state, "reader", PUBLIC),
        release=RELEASE,
        NOTHING=NOTHING,
    )
