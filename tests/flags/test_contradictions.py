"""F42: what is reported of a process contradicts itself, and what only looks like it."""

import json
from typing import Any

import pytest
from flags.publishing import process
from published import items_of, reports_of

from projections.flags.rules.f42 import contradictions
from projections.reported_facts import facts_of


def release(**parts: Any) -> str:
    """Return a release of a process whose tender, award and contract fit together."""
    made: dict[str, Any] = {
        "ocid": "ocds-1",
        "date": "2026-01-01T00:00:00Z",
        "tag": ["contract"],
        "tender": {
            "tenderPeriod": {"startDate": "2026-01-01T00:00:00Z", "endDate": "2026-02-01T00:00:00Z"}
        },
        "awards": [
            {
                "id": "a",
                "date": "2026-02-10T00:00:00Z",
                "value": {"amount": 100, "currency": "USD"},
            }
        ],
        "contracts": [
            {
                "id": "c",
                "awardID": "a",
                "dateSigned": "2026-02-10T00:00:00Z",
                "value": {"amount": 100, "currency": "USD"},
                "period": {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-03-01T00:00:00Z"},
            }
        ],
    }
    for name, fields in parts.items():
        made[name] = [made[name][0] | fields] if isinstance(made[name], list) else fields
    return json.dumps(made)


def kinds(*releases: str, release_id: str | None = None) -> list[str]:
    """Return the kinds of the contradictions in releases of one process."""
    return [each.kind for each in contradictions(process(*releases, release_id=release_id))]


def test_what_fits_together_is_no_contradiction() -> None:
    """Equal sums, equal days: nothing is said."""
    assert kinds(release()) == []


USD = "USD"


def paying(*amounts: float, currency: str = USD, date: str = "2026-03-01T00:00:00Z") -> Any:
    """Return a contract's implementation of payments."""
    return {
        "transactions": [
            {"id": str(n), "date": date, "value": {"amount": amount, "currency": currency}}
            for n, amount in enumerate(amounts)
        ]
    }


def period(start: str, end: str) -> dict[str, str]:
    """Return a period of whole days."""
    return {"startDate": f"{start}T00:00:00Z", "endDate": f"{end}T00:00:00Z"}


CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    # what is changed in a release that fits together: the kind, what is said, and against what
    "paid in full": ({"contracts": {"implementation": paying(60, 40)}}, []),
    "paid a cent more": (
        {"contracts": {"implementation": paying(60, 40.01)}},
        [("paid", "100.01 USD", "100.00 USD")],
    ),
    "paid too much and back": ({"contracts": {"implementation": paying(150, -50)}}, []),
    "more paid back than paid": (
        {"contracts": {"implementation": paying(10, -15)}},
        [("paid", "-5.00 USD", "0.00 USD")],
    ),
    "contract above the award": (
        {"contracts": {"value": {"amount": 100.01, "currency": USD}}},
        [("value", "100.01 USD", "100.00 USD")],
    ),
    "cancelled contract above the award": (
        {"contracts": {"value": {"amount": 101, "currency": USD}, "status": "cancelled"}},
        [],
    ),
    "contract in another currency than the award": (
        {"contracts": {"value": {"amount": 101, "currency": "CAD"}}},
        [("currency", "USD", "CAD")],
    ),
    "payment in another currency": (
        {"contracts": {"implementation": paying(1, currency="CAD")}},
        [("currency", "CAD", "USD")],
    ),
    "payment without currency": ({"contracts": {"implementation": paying(1, currency="")}}, []),
    "paid while pending": (
        {"contracts": {"status": "pending", "implementation": paying(1)}},
        [("status", "1.00 USD", "pending")],
    ),
    "paid after a cancellation": (
        {"contracts": {"status": "cancelled", "implementation": paying(1)}},
        [("status", "1.00 USD", "cancelled")],
    ),
    "cancelled with nothing paid": ({"contracts": {"status": "cancelled"}}, []),
    "paid, paid back, cancelled": (
        {"contracts": {"status": "cancelled", "implementation": paying(1, -1)}},
        [],
    ),
    "in force under a failed award": (
        {"contracts": {"status": "active"}, "awards": {"status": "unsuccessful"}},
        [("status", "contract active", "award unsuccessful")],
    ),
    "pending under a pending award": (
        {"contracts": {"status": "pending"}, "awards": {"status": "pending"}},
        [],
    ),
    "signed before the award": (
        {"contracts": {"dateSigned": "2026-02-09T00:00:00Z"}},
        [("dates", "2026-02-09", "2026-02-10")],
    ),
    "paid before the signing": (
        {"contracts": {"implementation": paying(1, date="2026-02-09T00:00:00Z")}},
        [("dates", "2026-02-09", "2026-02-10")],
    ),
    "nothing paid before the signing": (
        {"contracts": {"implementation": paying(0, date="2026-02-09T00:00:00Z")}},
        [],
    ),
    "ended before begun": (
        {"contracts": {"period": period("2026-03-01", "2026-02-28")}},
        [("dates", "2026-02-28", "2026-03-01")],
    ),
    "closed before opened": (
        {"tender": {"tenderPeriod": period("2026-02-01", "2026-01-31")}},
        [("dates", "tenderPeriod.endDate", "startDate")],
    ),
    "awarded before the tender closes": (
        {"tender": {"tenderPeriod": period("2026-01-01", "2026-02-11")}},
        [("dates", "2026-02-10", "2026-02-11")],
    ),
    "awarded on the day the tender closes": (
        {"tender": {"tenderPeriod": period("2026-01-01", "2026-02-10")}},
        [],
    ),
    "ended and active": (
        {"contracts": {"status": "active"}, "date": "2026-03-02T00:00:00Z"},
        [("open", "active, 2026-03-02", "2026-03-01")],
    ),
    "active on its last day": (
        {"contracts": {"status": "active"}, "date": "2026-03-01T23:59:59Z"},
        [],
    ),
    "ended and terminated": (
        {"contracts": {"status": "terminated"}, "date": "2026-03-02T00:00:00Z"},
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_contradiction_is_told_by_its_kind(name: str) -> None:
    """With both statements; what comes just short of it is none."""
    parts, expected = CASES[name]
    found = contradictions(process(release(**parts)))
    assert [(each.kind, each.said, each.against) for each in found] == expected


def test_a_contract_that_changes_its_currency_is_told_once_for_each_change() -> None:
    """Of several releases the order of dates counts; a repeated currency is no change."""
    dollars, euros = (
        release(date=date, awards={}, contracts={"value": {"amount": 90, "currency": currency}})
        for date, currency in (("2026-01-01T00:00:00Z", USD), ("2026-01-02T00:00:00Z", "EUR"))
    )
    assert kinds(dollars, dollars) == []
    found = contradictions(process(euros, dollars))
    told = [(each.kind, each.said, each.against) for each in found]
    assert told == [("currency", "EUR", "USD"), ("currency", "USD", "EUR")]


def test_a_release_that_changed_under_its_id_is_told_with_both_reports() -> None:
    """A sum that changed is; the same again is not, nor one without an id."""
    changed = release(awards={"value": {"amount": 200, "currency": "USD"}})
    (found,) = contradictions(process(release(), changed, release_id="r-1"))
    assert (found.kind, found.what, found.evidence) == ("release", "r-1", (0, 1))
    assert kinds(release(), release(), release_id="r-1") == []
    assert kinds(release(), changed) == []


def test_another_spelling_of_a_release_is_no_change() -> None:
    """A buyer's name, a party list, white space: what counts for status and money is the same."""
    spelled = json.dumps({**json.loads(release()), "buyer": {"name": "B"}, "parties": []}, indent=1)
    assert kinds(release(), spelled, release_id="r-1") == []
    again = release(awards={"value": {"amount": 100.0, "currency": "USD"}})
    assert kinds(release(), again, release_id="r-1") == []
    again = release(awards={"date": "2026-02-10T08:00:00+08:00"})
    assert kinds(release(), again, release_id="r-1") == []
    again = release(awards={"date": "2026-02-10T08:00:00Z"})
    assert kinds(release(), again, release_id="r-1") == ["release"]


def test_a_copy_in_another_version_of_ocds_is_no_change() -> None:
    """Real releases as published in 1.0, and the same upgraded to 1.1."""
    files = ("real/mexico-cdmx.raw.json", "real/mexico-cdmx.upgraded-1.1.json")
    by_ocid = reports_of(items_of(*files))
    assert by_ocid
    for reports in by_ocid.values():
        assert len({report.position for report in reports}) > len({r.release_id for r in reports})
        assert facts_of(reports).rewritten == ()
