"""A page: one function that asks the read models, shown as HTML or as its `.json` twin.

    pages = Pages()

    @pages.page("/contracts")
    def contracts(question: Asked, status: str | None = None) -> View:
        page = list_contracts(question.projections, status=status)
        return View("contracts.html", page, page.position)

serves `/zh/contracts` and `/en/contracts`, and the same document at `/zh/contracts.json`.
"""

import functools
from collections.abc import Awaitable, Callable, Mapping
from threading import BoundedSemaphore
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.routing import Match
from starlette.types import Scope

from api.http.languages import LANGUAGES
from api.http.questions import Answer, Question, answer_once
from api.portal.site import KINDS, LISTS, render

HTML = "text/html; charset=utf-8"

MADE_AT_ONCE = 2
"""Pages made at once: they share one interpreter, and sixteen take turns at half the rate of one.

Not one alone, so that a page that takes long is not in the way of all others.
"""

_at_work = BoundedSemaphore(MADE_AT_ONCE)


class View(NamedTuple):
    """What a page shows.

    Attributes:
        template: the template that shows it.
        document: the records it shows, named `document` in the template; also its `.json` twin.
        position: how many events they reflect.
        facts: what the template needs besides, by name; nothing that is not in the records.
        once: whether it is of this moment: what it shows may change while the ledger does not, so
            it is never kept.

    """

    template: str
    document: Any
    position: int
    facts: Mapping[str, object] = {}
    once: bool = False


class _LanguageConvertor(StringConvertor):
    regex = "|".join(LANGUAGES)


register_url_convertor("language", _LanguageConvertor())

_LANGUAGE = "{language:language}"


class Pages(APIRouter):
    """Pages in each language, each with its twin."""

    def __init__(self, **options: Any) -> None:
        """Have no page yet."""
        self._places: set[str] = set()
        super().__init__(**options)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add a route, and its place."""
        self._places.add(_place_of(path))
        super().add_api_route(path, endpoint, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether one of them takes a request; only what is at its place is tried."""
        if _place_of(scope["path"]) not in self._places:
            return Match.NONE, {}
        return super().matches(scope)

    def page(self, path: str) -> Callable[[Callable[..., View]], Callable[..., View]]:
        """Serve a function's views at `path`, behind the language."""
        first, _, rest = path.strip("/").partition("/")
        (KINDS if rest.startswith("{") else LISTS).add(first)

        def add(function: Callable[..., View]) -> Callable[..., View]:
            for suffix, show in ((".json", _as_json), ("", _as_html)):
                self.add_api_route(
                    f"/{_LANGUAGE}{path}{suffix}",
                    _endpoint(function, show),
                    methods=["GET"],
                    response_model=None,
                    include_in_schema=False,
                )
            return function

        return add


def _place_of(path: str) -> str:
    """Return the part of a path that is the same for all that belongs to a list: `contracts`."""
    _, first, *rest = path.split("/", 3)
    if rest and (first in LANGUAGES or first == _LANGUAGE):
        return rest[0].removesuffix(".json")
    return f"/{first}"


def _endpoint(
    function: Callable[..., View], show: Callable[[Question, View], Answer[Any]]
) -> Callable[..., Awaitable[Answer[Any]]]:
    def make(question: Question, asked: Mapping[str, Any]) -> Answer[Any]:
        with _at_work:
            with question.projections.one_moment():
                view = function(question=question, **asked)
            return show(question, view)

    @functools.wraps(function)  # so that FastAPI reads the parameters of the function
    async def answer(question: Question, **asked: Any) -> Answer[Any]:
        if question.service.one_at_a_time:
            return make(question, asked)
        return await run_in_threadpool(make, question, asked)

    return answer


def _as_html(question: Question, view: View) -> Answer[Any]:
    facts = {"document": view.document, "position": view.position, **view.facts}
    page = render(view.template, question.request, question.language, facts)
    if view.once:
        return Answer(page.encode(), 200, {"Cache-Control": "no-store"}, HTML)
    return question.answer_bytes(page.encode(), view.position, HTML)


def _as_json(question: Question, view: View) -> Answer[Any]:
    return (
        answer_once(view.document) if view.once else question.answer(view.document, view.position)
    )
