"""Pages are made of templates that were made ready, and of few looks into the databases."""

from collections.abc import Callable
from functools import partial
from types import ModuleType

import pytest
from jinja2 import DictLoader
from plans import statements_of
from starlette.testclient import TestClient

from api import codes, register_codes
from api.http.service import Service
from api.portal import charts, pictures
from api.portal.site import Links
from api.portal.teller import PageTeller
from api.portal.templating import Templates, templates
from projections.contracts import list_contracts
from projections.payments import list_claims

MAX_STATEMENTS = 28
"""Queries of a contract's page with claims and payments, however many; 19 where there are none."""

FOLLOWER = ("FROM head", "sum(projection.generation)")
"""What the thread that follows the ledger asks meanwhile, and a page does not."""


def test_what_needs_no_facts_is_said_when_a_template_is_compiled() -> None:
    """Nobody is asked for a sentence without facts; one with facts, or known late, is asked for."""
    template = templates("zh").from_string(
        "{{ _('Contracts') }} {{ _('{count} days', count=3) }} {{ _(late) }}"
    )
    asked: list[str] = []

    def ask(message: str, **_facts: object) -> str:
        asked.append(message)
        return "…"

    assert template.render(_=ask, late="Contracts") == "合同 … …"
    assert asked == ["{count} days", "Contracts"]


def test_what_is_said_at_compiling_is_escaped() -> None:
    """A sentence is text, whenever it is looked up."""
    made = Templates("en")
    assert made.from_string("{{ _('Profit & <loss>') }}").render() == "Profit &amp; &lt;loss&gt;"


def test_macros_are_run_once_a_page_and_see_the_page_alone() -> None:
    """What the importing template has set is not seen; the next page's facts are."""
    made = Templates("en")
    made.loader = DictLoader(
        {
            "page": "{% from 'macros' import told with context %}{% set word = 'set' %}"
            "{{ told() }}{% include 'part' %}",
            "part": "{% from 'macros' import told with context %}{{ told() }}",
            "macros": "{{ run() }}{% macro told() %}<{{ word }}>{% endmacro %}",
        }
    )
    runs: list[None] = []
    for word in ("first", "second"):
        runs.clear()
        shown = made.show("page", {"word": word, "run": lambda: runs.append(None)})
        assert shown == f"<{word}><{word}>"
        assert len(runs) == 1


@pytest.mark.parametrize("what", [charts, pictures, codes, register_codes, PageTeller, Links])
def test_nothing_that_templates_call_wants_to_see_their_context(what: ModuleType | type) -> None:
    """For `Templates` gives it to nobody."""
    called: list[Callable[..., object]] = [each for each in vars(what).values() if callable(each)]
    assert called
    assert not [each for each in called if hasattr(each, "jinja_pass_arg")]


def test_a_contract_page_asks_as_often_whatever_happened(
    client: TestClient, service: Service
) -> None:
    """The number of queries does not grow with claims, payments and events."""
    projections = service.projections
    asked: dict[str, int] = {}
    sizes = set()
    for each in list_contracts(projections).items:
        path = f"/en/contracts/{each.contract}?counted=1"
        heard = statements_of(projections, partial(client.get, path))
        asked[path] = len([one for one in heard if not any(own in one.text for own in FOLLOWER)])
        sizes.add(len(list_claims(projections, contract=each.contract).items))
    assert len(sizes) > 1
    assert min(asked.values()) > 0
    assert max(asked.values()) <= MAX_STATEMENTS, asked
