"""Red flags by who asks: the public, those that supervise, finance and auditors."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flags.conspicuous import conspicuous_city
from histories import keep
from starlette.requests import Request

from api.http.problems import Problem
from api.http.questions import Answer, Question
from api.http.routes.flags import case_file, cases, flag_file, flags
from api.http.service import Service
from api.rights import PUBLIC, Reader
from ledger.events.supervision import FlagRaised, FlagReleased, FlagResolved
from projections.catalogue import open_projections

AUDITOR = Reader("AUD", "AUD/one", frozenset({"auditor"}))
REVIEWER = Reader("REV", "REV/one", frozenset({"reviewer"}))
PROVIDER = Reader("PRO", "PRO/one", frozenset({"provider"}))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give a ledger with one flag of each status, among them one that is a case of a rule.

    | flag | status   |
    | fl-1 | released |
    | fl-2 | resolved |
    | fl-3 | raised   |
    """
    world = conspicuous_city()
    evidence = [world.last["interest.waived"]]
    for number in (1, 2, 3):
        rule = "flag/f45@1" if number == 1 else "flag/f20@1"
        made = {"flag": f"fl-{number}", "rule": rule, "about": {"party": "PRO"}}
        world.do(world.make(FlagRaised, **made, evidence=evidence))
    world.do(world.make(FlagResolved, flag="fl-1"))
    world.do(world.make(FlagResolved, flag="fl-2", verdict="FALSE_ALARM"))
    world.do(world.make(FlagReleased, flag="fl-1"))
    folder: Path = tmp_path_factory.mktemp("flags")
    kept = keep(f"sqlite:///{folder / 'ledger.db'}", world)
    with (
        kept.ledger,
        open_projections(kept.ledger.store) as projections,
        Service(kept.ledger.store, projections) as service,
    ):
        yield service


def answered(ask: Callable[[Question], Answer[Any]], service: Service, reader: Reader) -> Any:
    """Return the document that a route answers `reader` with; the status of a problem."""
    request = Request({"type": "http", "method": "GET", "path": "/v1", "headers": []})
    try:
        return msgspec.json.decode(ask(Question(request, service, reader)).body)
    except Problem as problem:
        return problem.code, problem.detail


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (PUBLIC, ["fl-1"]),
        (PROVIDER, ["fl-1"]),
        (REVIEWER, ["fl-1", "fl-2", "fl-3"]),
        (AUDITOR, ["fl-1", "fl-2", "fl-3"]),
    ],
)
def test_a_flag_is_public_once_it_is_released(
    service: Service, reader: Reader, expected: list[str]
) -> None:
    """Until then who does not supervise hears what is said of a flag that is not there."""
    listed = answered(flags, service, reader)
    assert [each["flag"] for each in listed["items"]] == expected
    for flag in ("fl-1", "fl-2", "fl-3"):
        shown = answered(partial(flag_file, flag=flag), service, reader)
        if flag in expected:
            assert shown["flag"] in listed["items"]
            assert shown["titles"]["zh"]
        else:
            assert shown == ("not_found", f"there is no flag {flag}")


def test_what_a_flag_tells(service: Service) -> None:
    """What it is about, what it rests on, and what was made of it."""
    released, resolved, _ = answered(flags, service, AUDITOR)["items"]
    assert (released["rule"], released["version"], released["party"]) == ("f45", 1, "PRO")
    assert (released["auditor"], released["contract"], len(released["evidence"])) == (
        "AUD",
        None,
        1,
    )
    assert (resolved["status"], resolved["verdict"]) == ("resolved", "FALSE_ALARM")
    only = answered(lambda q: flags(q, status="raised"), service, AUDITOR)
    assert [each["flag"] for each in only["items"]] == ["fl-3"]
    assert answered(lambda q: flags(q, status="raised"), service, PROVIDER) == ("not_found", None)


def test_cases_are_for_finance_and_auditors(service: Service) -> None:
    """With a sentence in both languages, and with the flag that was made of one."""
    (case,) = answered(lambda q: cases(q, rule="f45"), service, AUDITOR)["items"]
    assert case["sentences"]["en"] == "The provider let go of CN¥0.01 interest on claim k-1."
    assert "放弃" in case["sentences"]["zh"]
    assert (case["raised"]["flag"], case["raised"]["status"]) == ("fl-1", "released")
    name = case["case"]["flagged"]
    assert answered(lambda q: case_file(q, name), service, AUDITOR)["case"] == case
    for reader in (PUBLIC, PROVIDER, REVIEWER):
        assert answered(cases, service, reader) == ("not_found", None)
        assert answered(lambda q: case_file(q, name), service, reader) == ("not_found", None)
    assert answered(lambda q: case_file(q, "f45/x"), service, AUDITOR) == ("not_found", None)
