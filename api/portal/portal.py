"""The portal put together: its pages, its files, and how it tells of problems."""

from functools import partial
from importlib import resources
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.http.cache import IMMUTABLE
from api.http.languages import LANGUAGES, language_accepted, language_wanted
from api.http.problems import ProblemDetails
from api.http.release import RELEASE
from api.portal.pages import (
    contracts,
    flags,
    funds,
    log,
    overdue,
    overview,
    parties,
    payments,
    problems,
    programmes,
    search,
    session,
    signing,
    tenders,
    workbench,
)
from api.portal.site import render
from api.portal.templating import templates

_home = APIRouter(include_in_schema=False)


@_home.get("/")
async def home(request: Request) -> Response:
    """Lead to the first page in the reader's language."""
    language = language_accepted(request.headers.get("accept-language", ""), LANGUAGES[0])
    return RedirectResponse(f"/{language}/overview", 307, {"Vary": "Accept-Language"})


class _Files(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file without the release that its address begins with.

        What stands under this release's address never changes. While servers are replaced one by
        one, a page of another release may ask here, and shall ask again.
        """
        release, _, name = path.partition("/")
        response = await super().get_response(name, scope)
        response.headers["Cache-Control"] = IMMUTABLE if release == RELEASE else "no-cache"
        return response


def install(app: FastAPI) -> None:
    """Serve the portal by `app`."""
    app.state.show_problem = partial(show_problem, app)
    app.include_router(_home)
    areas = (
        overview,
        contracts,
        funds,
        payments,
        overdue,
        parties,
        tenders,
        programmes,
        search,
        flags,
        log,
        workbench,
        problems,
        session,
        signing,
    )
    for area in areas:
        app.include_router(area.pages)
    folder = Path(str(resources.files("api.portal"))) / "static"
    app.mount("/static", _Files(directory=folder), name="static")
    for language in LANGUAGES:
        templates(language).compile_all()


def show_problem(app: FastAPI, request: Request, details: ProblemDetails) -> Response:
    """Return the page that tells a person of a problem, also of one that `app` never saw."""
    request.scope.setdefault("app", app)
    facts = {"problem": details, "position": None}
    page = render("problem.html", request, language_wanted(request), facts)
    return HTMLResponse(page, details.status, {"Cache-Control": "no-store"})
