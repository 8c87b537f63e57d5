"""Who takes part: providers with their figures, and all parties with roles and keys."""

from typing import Annotated

from msgspec import Struct

from api.http.parameters import After, missing
from api.http.questions import Asked
from api.portal.asking import EMPTY_IS_NONE, Word
from api.portal.views import Pages, View
from ledger.events.parties import PartyKind
from projections.contracts import Contract, list_contracts
from projections.parties import list_parties, party_file
from projections.providers import ProviderFile, list_providers, provider

pages = Pages()

ROWS = 50
"""Providers, parties or contracts a page."""

Kind = Annotated[PartyKind | None, EMPTY_IS_NONE]


class ProviderPage(Struct, frozen=True):
    """A provider with all that is known of it.

    Attributes:
        position: how many events of the ledger all of this reflects.
        file: the provider, its months, scores and sanctions.
        contracts: its contracts.
        contracts_next: what to ask the following page of contracts `after`, or None.

    """

    position: int
    file: ProviderFile
    contracts: tuple[Contract, ...]
    contracts_next: str | None


@pages.page("/providers")
def providers(question: Asked, text: Word = None, after: After = None) -> View:
    """List providers."""
    page = list_providers(question.projections, text=text, after=after, limit=ROWS)
    return View("providers.html", page, page.position, {"asked": {"text": text}})


@pages.page("/providers/{party}")
def provider_page(question: Asked, party: str, after: After = None) -> View:
    """Show one provider."""
    found = provider(question.projections, party)
    if found is None:
        raise missing("provider", party)
    contracts = list_contracts(question.projections, provider=party, after=after, limit=ROWS)
    position = min(found.position, contracts.position)
    document = ProviderPage(position, found, contracts.items, contracts.next)
    return View("provider.html", document, position)


@pages.page("/parties")
def parties(
    question: Asked,
    kind: Kind = None,
    role: Word = None,
    text: Word = None,
    after: After = None,
) -> View:
    """List parties."""
    page = list_parties(
        question.projections, kind=kind, role=role, text=text, after=after, limit=ROWS
    )
    asked = {"kind": kind, "role": role, "text": text}
    return View("parties.html", page, page.position, {"asked": asked})


@pages.page("/parties/{party}")
def party_page(question: Asked, party: str) -> View:
    """Show one party."""
    found = party_file(question.projections, party)
    if found is None:
        raise missing("party", party)
    return View("party.html", found, found.position)
