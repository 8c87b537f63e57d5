"""Every page of the portal, in both languages and widths: for everybody, and within the screen."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from browser.conftest import Visit
from browser.town import Town
from browser.visitor import NARROW, WIDE, Language, Visitor
from fastapi.routing import iter_route_contexts

from api.application import described
from ledger.simulate.cast import FINANCE

EACH = 2
"""How many pages of a kind are looked at, as another may stand wider; of those that are asked with
something, half as many. axe-core judges the first of each kind."""


def kinds() -> dict[str, re.Pattern[str]]:
    """Return the addresses of all kinds of pages that people open."""
    found = {}
    for context in iter_route_contexts(described().routes):
        path = str(context.path)
        if "GET" in (context.methods or ()) and path.startswith("/{language:language}/"):
            own = path.removeprefix("/{language:language}/")
            if not own.endswith(".json") and own != "session/staff":
                whole = re.sub(r"\\{[^}]*:path\\}", ".+", re.escape(own))
                found[own] = re.compile(re.sub(r"\\{.*?\\}", "[^/]+", whole))
    return found


def walk(visitor: Visitor, *starts: str) -> Iterator[str]:
    """Open the pages that lead from one to the other, some of each kind; yield the kind of each."""
    patterns = kinds()
    seen: Counter[str] = Counter()
    met, waiting = set(starts), deque(starts)
    while waiting:
        path = waiting.popleft()
        plain, _, query = path.partition("?")
        kind = next((name for name, each in patterns.items() if each.fullmatch(plain)), "none")
        assert kind != "none", f"a link leads to {path}, where no page is registered"
        counted = kind + ("?" if query else "")
        seen[counted] += 1
        if seen[counted] > (EACH // 2 if query else EACH):
            continue
        page = visitor.goto(path)
        yield kind
        for link in page.eval_on_selector_all("a[href]", "all => all.map((each) => each.href)"):
            address = urlsplit(link)
            if not address.path.startswith(f"/{visitor.language}/") or ".json" in address.path:
                continue
            found = address.path.removeprefix(f"/{visitor.language}/")
            found += f"?{address.query}" if address.query else ""
            if found not in met:
                met.add(found)
                waiting.append(found)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_for_everybody(sqlite_town: Town, visit: Visit, language: Language) -> None:
    """axe-core finds no barrier, at a desk and on a telephone, signed in or not; none is too wide.

    Every kind of page that is registered is looked at: all but those of problems are found by
    following links from the first page.
    """
    visitor = visit(sqlite_town, language)
    event = {
        "type": "programme.established",
        "programme": f"meals-{language}",
        "titles": {"en": "Meals", "zh": "助餐"},
        "purpose": {"en": "Meals at home", "zh": "送餐上门"},
        "period": {"from": "2026-01-01", "to": "2026-12-31"},
    }
    draft = sqlite_town.statement(event, "purchaser", others=(FINANCE,))
    assert sqlite_town.server.ask("/v1/drafts", "POST", draft)[0] == 201
    barriers: list[str] = []
    looked_at: set[str] = set()

    def look(kind: str) -> None:
        for width in (WIDE, NARROW):
            visitor.resize(width)
            visitor.picture(f"{kind}-{width}")
            if kind not in looked_at:
                barriers.extend(visitor.barriers())
        looked_at.add(kind)

    visitor.goto("session")
    look("session to sign in")
    visitor.sign_in("finance")
    for kind in walk(visitor, "overview", "session", "problems/not_found"):
        look(kind)
    assert barriers == []
    raised = {"flags/{flag}"}  # no auditor raised a flag in this town
    assert looked_at | raised == {*kinds(), "session to sign in"}
