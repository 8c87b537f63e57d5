"""What the codes of problems mean: the pages that `type` of problem details leads to."""

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from msgspec import Struct

from api.http.languages import LANGUAGES, language_accepted
from api.http.problems import KINDS, Problem, is_known
from api.http.questions import Asked
from api.portal.views import Pages, View
from ledger.refusals import REFUSALS

pages = Pages(include_in_schema=False)


class ProblemMeaning(Struct, frozen=True):
    """What a code means.

    Attributes:
        code: the code.
        sentence: what was wrong, with placeholders for the facts.
        cure: what to do about it.
        is_refusal: whether the ledger's law says it, not this server.

    """

    code: str
    sentence: str
    cure: str
    is_refusal: bool


@pages.get("/problems/{code}", include_in_schema=False)
async def in_no_language(code: str, request: Request) -> Response:
    """Lead to the page in the reader's language."""
    if not is_known(code):
        raise Problem("not_found", f"there is no problem {code}")
    language = language_accepted(request.headers.get("accept-language", ""), LANGUAGES[0])
    return RedirectResponse(f"/{language}/problems/{code}", 307, {"Vary": "Accept-Language"})


@pages.page("/problems/{code}")
def meaning(question: Asked, code: str) -> View:
    """Tell what a code means and what to do."""
    if code in KINDS:
        found = ProblemMeaning(code, KINDS[code].title, KINDS[code].cure, is_refusal=False)
    elif code in REFUSALS:
        refusal = REFUSALS[code]
        found = ProblemMeaning(code, refusal.sentence, refusal.cure, is_refusal=True)
    else:
        raise Problem("not_found", f"there is no problem {code}")
    return View("problem_meaning.html", found, question.service.position)
