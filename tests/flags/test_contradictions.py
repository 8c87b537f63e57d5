"""F42: what is reported of a process contradicts itself, and what only looks like it."""

import json
from typing import Any

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


def test_each_contradiction_is_told_by_its_kind() -> None:
    """Contracts above the award, signed before it, ended before begun, closed before opened."""
    more = {"value": {"amount": 100.01, "currency": "USD"}}
    assert kinds(release(contracts=more)) == ["value"]
    assert kinds(release(contracts={"value": {"amount": 101, "currency": "CAD"}})) == []
    assert kinds(release(contracts={"dateSigned": "2026-02-09T00:00:00Z"})) == ["dates"]
    period = {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-02-28T00:00:00Z"}
    assert kinds(release(contracts={"period": period})) == ["dates"]
    assert kinds(release(tender={"tenderPeriod": period})) == ["dates"]


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
