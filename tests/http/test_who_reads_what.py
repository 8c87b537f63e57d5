"""Who may see which route: every route of the application has a row here, and is asked so.

A row is a route, an address of it, and who sees it: a letter a reader in the order of `READERS`
(y: 200, n: 404), or the status that all get, or the public's and that of whoever is signed in.
`other` is a provider with a contract of its own, `party` the provider of {contract}.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from city_readers import Readers, events_of
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from api.application import routed
from api.http.release import RELEASE
from api.http.service import Service
from api.rights import AUDIENCES, Audience
from ledger.events.budget import BudgetAppropriated, ProgrammeEstablished
from ledger.events.claim import ClaimSubmitted
from ledger.events.delivery import (
    CareplanAgreed,
    SpotcheckDone,
    VisitConfirmed,
    VisitRecorded,
    WorkerEnrolled,
)
from ledger.events.payment import PaymentOrdered
from ledger.events.tender import TenderPublished
from projections.flags.asking import all_flags

READERS = ("public", "operator", "other", "party", "purchaser", "finance", "auditor")

TABLE = """
route                                  | address                                | seen
GET /                                  | /                                      | 307
GET /openapi.json                      | /openapi.json                          | 200
MOUNT /static                          | /static/x/style.css                    | 200
GET /v1/sessions                       | /v1/sessions                           | 200
POST /v1/sessions                      | /v1/sessions                           | 400
GET /v1/sessions/mine                  | /v1/sessions/mine                      | 401/200
DELETE /v1/sessions                    | /v1/sessions                           | 401/204
GET /v1/statements/{name}.stmt         | /v1/statements/0.stmt                  | 200
GET /v1/statements/{name}.stmt         | /v1/statements/{visits}.stmt           | nnnyyyy
GET /v1/statements/{name}.stmt         | /v1/statements/999999.stmt             | 404
GET /v1/statements/{name}              | /v1/statements/0                       | 200
GET /v1/statements/{name}              | /v1/statements/{visits}                | 200
GET /v1/statements/{name}              | /v1/statements/999999                  | 404
GET /v1/events/{event_id}              | /v1/events/{signed}                    | 200
GET /v1/events/{event_id}              | /v1/events/{visit}                     | nnnyyyy
GET /v1/events/{event_id}              | /v1/events/{confirmed}                 | nnnyyyy
GET /v1/events/{event_id}              | /v1/events/{careplan}                  | nnnyyyy
GET /v1/events/{event_id}              | /v1/events/{spotcheck}                 | nnnyyyy
GET /v1/events/{event_id}              | /v1/events/{enrolled}                  | nnnyyyy
GET /v1/events/{event_id}              | /v1/events/{worker}                    | nnnynyy
GET /v1/contracts/{name}/timeline      | /v1/contracts/{contract}/timeline      | 200
GET /v1/contracts/{name}/timeline      | /v1/contracts/none/timeline            | 404
GET /v1/beneficiaries                  | /v1/beneficiaries                      | nnyyyyy
GET /v1/beneficiaries/{token}          | /v1/beneficiaries/{person}             | nnnyyyy
GET /v1/approvers                      | /v1/approvers                          | nnnnyyy
GET /v1/approvers                      | /v1/approvers?party=lushan-finance     | nnnnnyy
GET /v1/contracts                      | /v1/contracts                          | 200
GET /v1/contracts/{name:path}          | /v1/contracts/{contract}               | 200
GET /problems/{code}                   | /problems/not_found                    | 307
PAGE /problems/{code}                  | /problems/not_found                    | 200
PAGE /overview                         | /overview                              | 200
PAGE /contracts                        | /contracts                             | 200
PAGE /contracts/{name:path}            | /contracts/{contract}                  | 200
PAGE /funds                            | /funds                                 | 200
PAGE /funds/{line}                     | /funds/{line}                          | 200
PAGE /programmes                       | /programmes                            | 200
PAGE /programmes/{name}                | /programmes/{programme}                | 200
PAGE /payments                         | /payments                              | 200
PAGE /payments/{name}                  | /payments/{payment}                    | 200
PAGE /claims/{name}                    | /claims/{claim}                        | 200
PAGE /overdue                          | /overdue                               | 200
PAGE /providers                        | /providers                             | 200
PAGE /providers/{party}                | /providers/{provider}                  | 200
PAGE /parties                          | /parties                               | 200
PAGE /parties/{party}                  | /parties/{provider}                    | 200
PAGE /tenders                          | /tenders                               | 200
PAGE /tenders/{name:path}              | /tenders/{tender}                      | 200
PAGE /search                           | /search?text=care                      | 200
PAGE /flags                            | /flags                                 | 200
PAGE /flags                            | /flags?status=raised                   | nnnnnyy
PAGE /flags/rules                      | /flags/rules                           | 200
PAGE /flags/cases                      | /flags/cases                           | nnnnnyy
PAGE /flags/cases/{flagged:path}       | /flags/cases/{case}                    | nnnnnyy
PAGE /flags/{flag}                     | /flags/none                            | 404
PAGE /log                              | /log                                   | 200
PAGE /statements/{name}                | /statements/{visits}                   | 200
PAGE /statements/{name}                | /statements/999999                     | 404
PAGE /events/{event_id}                | /events/{signed}                       | 200
PAGE /events/{event_id}                | /events/{visit}                        | nnnyyyy
PAGE /events/{event_id}                | /events/{careplan}                     | nnnyyyy
PAGE /events/{event_id}                | /events/{worker}                       | nnnynyy
PAGE /workbench                        | /workbench                             | nnnnnyy
PAGE /workbench                        | /workbench?kind=line&id={line}&then=60 | nnnnnyy
GET /v1/overview                       | /v1/overview                           | 200
GET /v1/events/{event_id}/proof        | /v1/events/{signed}/proof              | 200
GET /v1/events/{event_id}/proof        | /v1/events/{visit}/proof               | nnnyyyy
GET /v1/statements/{statement}/proof   | /v1/statements/{visits}/proof          | 200
GET /v1/contracts/{name}/proof         | /v1/contracts/{contract}/proof         | 200
GET /v1/contracts/{name}/history-proof | /v1/contracts/{contract}/history-proof | nnnyyyy
GET /v1/funds/{line}/proof             | /v1/funds/{line}/proof                 | 200
GET /v1/funds/{line}/history-proof     | /v1/funds/{line}/history-proof         | 200
GET /v1/claims/{claim}/proof           | /v1/claims/{unpaid}/proof              | 200
GET /v1/funds                          | /v1/funds                              | 200
GET /v1/funds/{line}                   | /v1/funds/{line}                       | 200
GET /v1/funds/{line}/months            | /v1/funds/{line}/months                | 200
GET /v1/payments                       | /v1/payments                           | 200
GET /v1/payments/{payment_id}          | /v1/payments/{payment}                 | 200
GET /v1/payments/{payment_id}/explain  | /v1/payments/{payment}/explain         | 200
GET /v1/contracts/{name:path}/payments | /v1/contracts/{contract}/payments      | 200
GET /v1/claims                         | /v1/claims                             | 200
GET /v1/claims/{claim_id}              | /v1/claims/{claim}                     | 200
GET /v1/overdue                        | /v1/overdue                            | 200
GET /v1/providers                      | /v1/providers                          | 200
GET /v1/providers/{party}              | /v1/providers/{provider}               | 200
GET /v1/parties                        | /v1/parties                            | 200
GET /v1/parties/{party}                | /v1/parties/{provider}                 | 200
GET /v1/programmes                     | /v1/programmes                         | 200
GET /v1/programmes/{programme_id}      | /v1/programmes/{programme}             | 200
GET /v1/tenders                        | /v1/tenders                            | 200
GET /v1/tenders/{name:path}            | /v1/tenders/{tender}                   | 200
GET /v1/processes                      | /v1/processes                          | 200
GET /v1/rules                          | /v1/rules                              | 200
GET /v1/search                         | /v1/search?text=care                   | 200
GET /v1/flags                          | /v1/flags                              | 200
GET /v1/flags                          | /v1/flags?status=raised                | nnnnnyy
GET /v1/flags/rules                    | /v1/flags/rules                        | 200
GET /v1/flags/cases                    | /v1/flags/cases                        | nnnnnyy
GET /v1/flags/cases/{flagged:path}     | /v1/flags/cases/{case}                 | nnnnnyy
GET /v1/flags/{flag}                   | /v1/flags/none                         | 404
GET /checkpoint                        | /checkpoint                            | 200
GET /tile/{path:path}                  | /tile/0/000.p/1                        | 200
GET /healthz                           | /healthz                               | 200
GET /readyz                            | /readyz                                | 200
GET /metrics                           | /metrics                               | 200
GET /docs                              | /docs                                  | 200
GET /docs/{release}/{name}             | /docs/none/none                        | 404
POST /add-checkpoint                   | /add-checkpoint                        | 404
GET /{language:language}/session       | /en/session                            | 200
POST /{language:language}/session      | /en/session                            | 403
POST /{language:language}/session/end  | /en/session/end                        | 403
GET /{language:language}/session/staff | /en/session/staff                      | 404
GET /session/callback                  | /session/callback                      | 404
GET /v1/events/{event_id}/proof        | /v1/events/{worker}/proof              | nnnynyy
GET /v1/exports/ocds-releases.json     | /v1/exports/ocds-releases.json         | 200
GET /v1/exports/ocds-records.json      | /v1/exports/ocds-records.json          | 200
GET /v1/exports/ocds-compiled.jsonl    | /v1/exports/ocds-compiled.jsonl        | 200
GET /v1/ocds/releases                  | /v1/ocds/releases                      | 200
GET /v1/ocds/releases                  | /v1/ocds/releases?after=999999         | 204
GET /v1/ocds/releases/{event}          | /v1/ocds/releases/{signed}             | 200
GET /v1/ocds/releases/{event}          | /v1/ocds/releases/{visit}              | 404
GET /v1/ocds/records/{ocid:path}       | /v1/ocds/records/{tender}              | 200
GET /v1/ocds/extension/{name}          | /v1/ocds/extension/extension.json      | 200
GET /v1/exports/journal.csv            | /v1/exports/journal.csv                | 200
GET /v1/exports/journal.xlsx           | /v1/exports/journal.xlsx               | 200
GET /v1/exports/journal.parquet        | /v1/exports/journal.parquet            | 200
GET /v1/exports/journal.beancount      | /v1/exports/journal.beancount          | 200
GET /v1/exports/pain001                | /v1/exports/pain001                    | nnnnnyn
GET /v1/exports/pain001.xml            | /v1/exports/pain001.xml?message={message} | nnnnnyn
GET /v1/exports/pain001.xml            | /v1/exports/pain001.xml?payment={payment} | nnnnnyn
GET /v1/exports/pain001.xml            | /v1/exports/pain001.xml?payment=none   | 404
GET /v1/exports/pain001.xml            | /v1/exports/pain001.xml?message=none   | 404
GET /v1/funds/{line}/journal           | /v1/funds/{line}/journal               | 200
GET /v1/feed                           | /v1/feed                               | 200
POST /v1/statements                    | /v1/statements                         | 503
POST /v1/drafts                        | /v1/drafts                             | 503
GET /v1/drafts                         | /v1/drafts                             | 401/200
GET /v1/drafts/{draft}                 | /v1/drafts/{none}                      | 404
POST /v1/drafts/{draft}/signatures     | /v1/drafts/{none}/signatures           | 404
GET /docs/{release}/{name}             | /docs/{release}/x                      | 404
PAGE /inbox                            | /inbox                                 | 401/200
PAGE /inbox/{draft}                    | /inbox/{none}                          | 401/404
POST /{language:language}/inbox/{draft}/signatures | /en/inbox/{none}/signatures            | 403
PAGE /sign                             | /sign                                  | 200
PAGE /keys                             | /keys                                  | 200
PAGE /verify                           | /verify                                | 200
"""
BELOW = ("proof", "history-proof", "timeline")
"""What stands behind a thing's name in addresses."""
ABSENT = "019b0000-0000-7000-8000-000000000000"

PAGE = "/{language:language}"


class Row(NamedTuple):
    """A route, an address of it, and the status that each reader gets."""

    route: str
    address: str
    statuses: tuple[int, ...]


def rows() -> list[Row]:
    """Return the table."""
    found = []
    for line in TABLE.strip().splitlines()[1:]:
        route, address, told = (part.strip() for part in line.split("|"))
        if told.isalpha():
            statuses = [{"y": 200, "n": 404}[letter] for letter in told]
        else:
            public, _, others = told.partition("/")
            statuses = [int(public), *[int(others or public)] * (len(READERS) - 1)]
        assert len(statuses) == len(READERS), line
        found.append(Row(route, address, tuple(statuses)))
    return found


def test_every_route_has_a_row(service: Service) -> None:
    """A route that is added says here who may not see it, or that everybody may."""
    contexts = list(iter_route_contexts(routed(service).routes))
    paths = {str(context.path) for context in contexts}
    served = set()
    for context in contexts:
        path = str(context.path).removesuffix(".json")
        methods = getattr(context, "methods", None) or {"MOUNT"}
        if path.startswith(PAGE) and f"{path}.json" in paths:
            served.add(f"PAGE {path.removeprefix(PAGE)}")
        else:
            served |= {f"{method} {context.path}" for method in methods - {"HEAD"}}
    assert served == {row.route for row in rows()}


@pytest.fixture(scope="module")
def facts(service: Service, readers: Readers) -> dict[str, str]:
    """Give the names that stand in the addresses."""
    contract, store = readers.contract, service.store
    visit = next(e for e in events_of(service, VisitRecorded) if e.contract == contract)
    confirmed = next(e for e in events_of(service, VisitConfirmed) if e.contract == contract)
    plan = next(e for e in events_of(service, CareplanAgreed) if e.contract == contract)
    worker = next(e for e in events_of(service, WorkerEnrolled) if e.provider == readers.party)
    by_type = {row.type: row for row in store.history(f"contract/{contract}")}
    checked = next(
        e
        for e in events_of(service, SpotcheckDone)
        if e.id.replace("-", "") in {row.id.hex() for row in store.history(f"contract/{contract}")}
    )
    enrolled = next(row for row in store.events() if plan.beneficiary.encode() in row.body)
    assert enrolled.type == "beneficiary.enrolled"
    of_visit = store.statement_of_event(bytes.fromhex(visit.id.replace("-", "")))
    assert of_visit is not None
    ordered = next(e for e in events_of(service, PaymentOrdered))
    claimed = next(e for e in events_of(service, ClaimSubmitted) if e.contract == contract)
    programme = events_of(service, ProgrammeEstablished)[0].programme
    return {
        "contract": contract,
        "provider": readers.party,
        "payment": ordered.payment,
        "message": ordered.message_id,
        "claim": claimed.claim,
        "unpaid": events_of(service, ClaimSubmitted)[-1].claim,
        "line": events_of(service, BudgetAppropriated)[0].line,
        "programme": programme,
        "tender": events_of(service, TenderPublished)[0].tender,
        "release": RELEASE,
        "none": "0" * 64,
        "case": next(all_flags(service.projections)).flagged,
        "visit": visit.id,
        "visits": str(of_visit.index),
        "confirmed": confirmed.id,
        "careplan": plan.id,
        "spotcheck": checked.id,
        "person": plan.beneficiary,
        "enrolled": _name(enrolled.id),
        "worker": worker.id,
        "signed": _name(by_type["contract.signed"].id),
    }


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.route} {row.address}")
def test_a_route_is_seen_by_those_it_is_for(
    client: TestClient, readers: Readers, facts: dict[str, str], row: Row
) -> None:
    """The table above; whoever may not see a thing gets what a thing that is not there gets."""
    kind = row.route.split(" ", 1)[0]
    address = row.address.format(**facts)
    addresses = [address]
    if kind == "PAGE":
        addresses = [f"/{language}{address}" for language in ("zh", "en")]
        addresses += [_twin(each) for each in addresses]
    method = {"PAGE": "GET", "MOUNT": "GET"}.get(kind, kind)
    for who, status in zip(READERS, row.statuses, strict=True):
        headers = readers.sign_in(client, who)
        for each in addresses:
            answer = client.request(method, each, headers=headers, follow_redirects=False)
            assert answer.status_code == status, (who, each, answer.text)
            if status == 404 and method == "GET" and each.startswith("/v1/"):
                _check_nothing_is_told(client, headers, each, answer.json())


def _twin(address: str) -> str:
    """Return the address of a page's twin."""
    place, mark, query = address.partition("?")
    return f"{place}.json{mark}{query}"


def _check_nothing_is_told(
    client: TestClient, headers: dict[str, str], address: str, told: dict[str, object]
) -> None:
    """Compare with the answer to a thing that does not exist: only its name differs."""
    assert told["code"] == "not_found"
    if "?" in address or "detail" not in told:
        return
    parts = address.split("/")
    place = -2 if parts[-1] in BELOW else -1
    name, suffix = parts[place].partition(".")[::2]
    absent = "f" * len(name) if name.isdecimal() and len(name) == 64 else ABSENT
    parts[place] = absent + (f".{suffix}" if suffix else "")
    other = client.get("/".join(parts), headers=headers).json()
    own = {"detail": "", "request_id": ""}
    assert other | own == told | own
    assert str(other["detail"]).replace(absent, "") == str(told["detail"]).replace(name, "")


def _name(event_id: bytes) -> str:
    text = event_id.hex()
    return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])


def test_whatever_moves_money_is_public(service: Service) -> None:
    """Every event that posts can be read by anybody, so that every balance can be recomputed."""
    posting = "SELECT DISTINCT e.type FROM event e JOIN posting p ON p.position = e.position"
    found = {name for (name,) in service.store.fetch(posting)}
    assert len(found) > 10
    assert {AUDIENCES[name] for name in found} == {Audience.PUBLIC}


def test_a_proxy_is_told_of_every_route_that_writes(service: Service) -> None:
    """The page on operation sends each POST to the writer, and names those that need not."""
    text = (Path(__file__).parents[2] / "docs" / "operation.md").read_text()
    (told,) = re.findall(r"A proxy sends every `POST` to the writer, except (.*?)\.\s", text)
    posts = {
        str(context.path).replace("{language:language}", "{language}")
        for context in iter_route_contexts(routed(service).routes)
        if "POST" in (getattr(context, "methods", None) or ())
    }
    assert set(re.findall(r"`([^`]+)`", told)) == {path for path in posts if "/session" in path}
    assert "/{language}/inbox/{draft}/signatures" in posts
