"""A random city against a model of plain integers: what is admitted, what is refused, what is left.

Hypothesis drives budgets, tenders, contracts over one to three lines, visits, claims, answers,
disputes, advances, what is held back, payments, receivables, refunds, penalties, amendments and
endings through `Ledger.submit`. The model (city_model.py, and the tables in machine/) knows what
each act must do, and by which code it must be refused, from the design's words; it shares no code
with the postings. After every step each balance equals the model's and I0 to I8 hold; at the end
the ledger is opened anew, which gives the same state (I9), and the whole log verifies.

In CI the examples are always the same. With `--hypothesis-seed N` they are those of a seed, and
ten times as many (`make soak`); a failure prints the steps as a program.
"""

from collections.abc import Callable

import pytest
from city_model import MONTHS, PICK, TERMS, Month, Terms
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from machine.payments import Payments

from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.budget import BudgetTransferred
from ledger.events.contract import ContractSigned
from ledger.events.payment import PaymentSettled
from ledger.postings import CHART, Posting
from ledger.rules.admission import RULES
from ledger.state import State

EXAMPLES = 330
STEPS = 80
WANTED_STEPS = 20_000
WANTED_KINDS = 30


class City(Payments):
    """Acts on a small ledger, each with the outcome that the model foretells."""

    @initialize(
        budgets=st.lists(st.integers(100_000, 900_000), min_size=3, max_size=3),
        terms=st.lists(TERMS, min_size=3, max_size=3),
    )
    def found(self, budgets: list[int], terms: list[Terms]) -> None:
        """Open the ledger with three lines, people of three caps, and three contracts."""
        self.open()
        self.awards, self.asked, self.ordered, self.settled = {}, {}, {}, {}
        for name, amount in zip("abc", budgets, strict=True):
            self.appropriate(name, amount)
            self.allot(name, amount)
        self.come_to(terms)

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, month=MONTHS)
    def month(self, choice: int, month: Month) -> None:
        """Go the whole way from visits over cuts and disputes to the bank's answer."""
        self.visit(choice, month.made)
        self.claim(choice, "2026-12-31")
        if self.claims:
            self.answer(choice, month.cut, month.dispute)
        if self.cuts:
            self.contest(choice, month.share, agreed=month.agreed)
        if self.disputes:
            self.decide(choice, month.share, ruled=month.agreed)
        if self.payable:
            self.request(choice, many=True, astray=False)
        if self.asked:
            self.order(choice)
        if self.ordered:
            self.report(choice, paid=month.paid)


def test_a_random_city_is_as_the_model_has_it(request: pytest.FixtureRequest) -> None:
    """At least 20,000 steps of at least 30 kinds of acts agree with the model, to the fen."""
    soak = request.config.getoption("--hypothesis-seed") is not None
    for tally in (City.acts, City.refusals, City.steps):
        tally.clear()
    run_state_machine_as_test(
        City,
        settings=settings(
            max_examples=EXAMPLES * 10 if soak else EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not soak,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
    assert City.steps["all"] >= WANTED_STEPS
    often = [kind for kind, times in City.acts.items() if times >= WANTED_KINDS]
    assert len(often) >= WANTED_KINDS, City.acts
    assert len(City.refusals) >= WANTED_KINDS - 10, City.refusals


Change = Callable[[list[Posting]], list[Posting]]


def _a_fen_less(postings: list[Posting]) -> list[Posting]:
    """Move a fen less in every posting, so that the two books still agree."""
    return [p._replace(amount_fen=max(p.amount_fen - 1, 1)) for p in postings]


def _other_lines(postings: list[Posting]) -> list[Posting]:
    """Move everything on the line that comes next."""
    following = {"a": "b", "b": "c", "c": "a"}
    return [p._replace(line=following[p.line]) for p in postings]


def _straight_across(postings: list[Posting]) -> list[Posting]:
    """Let authority change its line without a source on either side: the taker gets it only."""
    return postings[1:2] + postings[3:]


PLANTED: dict[str, tuple[type[Event], Change]] = {
    "a wrong posting": (PaymentSettled, _a_fen_less),
    "a posting on another line": (ContractSigned, _other_lines),
    "a transfer straight across lines": (BudgetTransferred, _straight_across),
}


def fails() -> None:
    """Run the machine until it finds something, which it must."""
    found = (AssertionError, LedgerError, pytest.fail.Exception)
    with pytest.raises(found):
        run_state_machine_as_test(
            City,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                phases=[Phase.generate],  # that it fails is enough: no example is made smaller
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            ),
        )


@pytest.mark.parametrize("fault", PLANTED)
def test_the_machine_finds_a_planted_posting(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the books themselves do not show, the model does."""
    event_type, change = PLANTED[fault]
    rule_of = RULES[event_type]

    def planted(state: State, event: Event) -> list[Posting]:
        return change(rule_of.postings(state, event) if rule_of.postings else [])

    monkeypatch.setitem(RULES, event_type, rule_of._replace(postings=planted))
    fails()


@pytest.mark.parametrize("account", ["appropriated", "allotted"])
def test_the_machine_finds_a_dropped_guard(account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that may fall below zero lets in what the model says is refused."""
    monkeypatch.setitem(CHART, account, CHART[account]._replace(guarded=False))
    fails()
