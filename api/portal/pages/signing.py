"""What people sign and check in their browser: the inbox, proposing, keys, verifying.

The pages say what is agreed and offer the files; signing and verifying are done by modules of ours
(`static/js`) or by the command line, so no private key comes here.
"""

from typing import Annotated
from urllib.parse import parse_qs

import msgspec
from fastapi import Depends, Path, Request
from fastapi.responses import RedirectResponse
from msgspec import Struct

from api.http.draft_records import Draft
from api.http.drafts import Drafts, drafts_of
from api.http.parameters import After
from api.http.problems import Problem
from api.http.questions import Asked, Question
from api.http.routes.drafts import DraftPage
from api.portal.teller import PageTeller
from api.portal.views import Pages, View
from api.words import describe
from ledger.errors import LedgerError
from ledger.events import TYPES, decode_event, version_of
from ledger.note import VerifierKey
from ledger.policy import Policy
from ledger.statement import decode_statement_file

pages = Pages(include_in_schema=False)

ROWS = 50
"""Drafts a page."""
MAX_SHOWN = 200
"""Events of a draft told in words on a page; one with more is not signed on it."""

Kept = Annotated[Drafts, Depends(drafts_of)]
Id = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


class Here(Struct, frozen=True):
    """What signs and checks must know of this ledger.

    Attributes:
        origin: its name.
        policy: the policy that this server offers: the ledger's key, the genesis hash and the
            witnesses it asks. It is not independent: who wants to trust nobody has it from others.

    """

    origin: str
    policy: str


@pages.page("/inbox")
def inbox(question: Asked, drafts: Kept, after: After = None) -> View:
    """List the drafts that name the party signed in."""
    items, following = drafts.of_party(_party(question), after, ROWS)
    page = DraftPage(items, following)
    return View("inbox.html", page, question.service.position, once=True)


@pages.page("/inbox/{draft}")
def draft(question: Asked, drafts: Kept, draft: Id) -> View:
    """Show what a draft's signers agree to, and who has signed."""
    found = drafts.find(draft, _party(question))
    position = question.service.position
    return View("inbox_draft.html", found, position, {"told": _told(found, question)}, once=True)


@pages.post("/{language:language}/inbox/{draft}/signatures")
async def sign(request: Request, question: Asked, drafts: Kept, draft: Id) -> RedirectResponse:
    """Take the signature that was made elsewhere, and show the draft again."""
    drafts.find(draft, _party(question))
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    pasted = "".join(form.get("signature", ())).replace("\r\n", "\n")
    await drafts.sign(draft, pasted.encode())
    return RedirectResponse(f"/{question.language}/inbox/{draft}", 303)


@pages.page("/sign")
def propose(question: Asked) -> View:
    """Sign a statement in the browser, and send it on."""
    later = {name: version for name in TYPES if (version := version_of(name)) != 1}
    return _here("sign.html", question, versions=msgspec.json.encode(later).decode())


@pages.page("/keys")
def keys(question: Asked) -> View:
    """Make keys in the browser."""
    return _here("keys.html", question)


@pages.page("/verify")
def verify(question: Asked) -> View:
    """Verify a proof file in the browser."""
    return _here("verify.html", question)


def _here(template: str, question: Question, **facts: object) -> View:
    service = question.service
    policy = service.policy
    if policy is None:
        genesis = service.store.statement(0)
        if genesis is None:
            raise LedgerError("the ledger has no genesis")
        key = VerifierKey.parse(service.projections.feed.genesis.ledger_key)
        policy = Policy.of(key, genesis.leaf)
    return View(template, Here(service.origin, policy.encode()), service.position, facts)


def _party(question: Question) -> str:
    party = question.reader.party
    if party is None:
        raise Problem("not_signed_in", "drafts are shown to the parties that they name")
    return party


def _told(found: Draft, question: Question) -> list[list[str]]:
    """Return each event in words: a sentence, and every field that it does not say.

    A draft that is settled has none: they are no longer kept here.
    """
    if not isinstance(found.statement, str):
        return []
    teller = PageTeller(question.language)
    _, bodies = decode_statement_file(found.statement.encode())
    return [list(describe(decode_event(body), teller)) for body in bodies[:MAX_SHOWN]]
