"""Which reports count: supersession, summaries, and whatever else a publisher may write."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.reported_facts import Money, ProcessFacts, facts_of
from projections.reported_standing import Report

VALUE = {"amount": 10, "currency": "MXN"}
MAY, JUNE, JULY = (f"2024-{month}-01T00:00:00Z" for month in ("05", "06", "07"))


def said(
    position: int,
    release_id: str | None,
    date: str | None,
    *amounts: int,
    publisher: str = "P",
    file: str = "",
    tag: str = "contract",
    **members: Any,
) -> Report:
    """Return a report of one contract with payments, without ids, of these amounts in MXN."""
    payments = [{"value": {"amount": amount, "currency": "MXN"}} for amount in amounts]
    contract = {"id": "c", "value": VALUE, "implementation": {"transactions": payments}}
    release = {"ocid": "o", "id": release_id, "date": date, "tag": [tag], "contracts": [contract]}
    text = json.dumps(release | members)
    return Report(position, publisher, release_id, text, file)


def standings(*reports: Report) -> list[str]:
    """Return how the reports stand, by position."""
    return [str(report.standing) for report in facts_of(reports).reports]


def paid(process: ProcessFacts) -> list[int]:
    """Return what was paid, in minor units."""
    return [money.amount_minor for money in process.paid]


def test_the_latest_position_of_one_release_counts() -> None:
    """A corrected copy of release 1 replaces it, and the first stays visible."""
    first, second = said(1, "1", MAY, 5), said(2, "1", MAY, 7)
    process = facts_of([second, first])
    assert paid(process) == [700]
    assert [(one.position, one.standing) for one in process.reports] == [
        (1, "superseded"),
        (2, "counted"),
    ]
    assert process.position == 2


def test_releases_of_one_file_without_ids_all_count() -> None:
    """Two contracts in two releases of one date, or of none, are two; a later file replaces both.

    | reports (file: contract)      | standing                                      |
    |-------------------------------|-----------------------------------------------|
    | one: c, one: d                | counted, counted                              |
    | one: c, one: d, two: c        | superseded, superseded, counted               |
    """
    other = [{"id": "d", "value": VALUE}]
    for date in (MAY, None):
        one = said(1, None, date, 5, file="one")
        two = said(2, None, date, file="one", contracts=other)
        assert standings(one, two) == ["counted", "counted"]
        assert [each.key for each in facts_of([one, two]).contracts] == ["c", "d"]
        later = said(3, None, date, 6, file="two")
        assert standings(one, two, later) == ["superseded", "superseded", "counted"]


def test_release_ids_are_a_publisher_s_own() -> None:
    """Release 1 of another publisher is another release; both are merged, and that is told."""
    process = facts_of([said(1, "1", MAY, 5), said(2, "1", JUNE, 5, 6, publisher="Q")])
    assert [one.standing for one in process.reports] == ["counted", "counted"]
    assert paid(process) == [1100]
    (contract,) = process.contracts
    assert contract.publishers == ("P", "Q")


def test_releases_without_id_are_told_apart_by_their_dates() -> None:
    """Two of one date are one release; two of two dates are two."""
    same = standings(said(1, None, MAY, 5), said(2, None, MAY, 5))
    assert same == ["superseded", "counted"]
    assert standings(said(1, None, MAY, 5), said(2, None, JUNE, 5)) == ["counted", "counted"]


def test_a_later_list_repeats_the_payments_before_it() -> None:
    """Payments without id are known by place: 5, then 5 and 6, is 11 and not 16."""
    assert paid(facts_of([said(1, "1", MAY, 5), said(2, "2", JUNE, 5, 6)])) == [1100]


def test_dates_and_not_positions_order_the_releases() -> None:
    """June's release imported before May's still has the last word."""
    assert paid(facts_of([said(1, "2", JUNE, 9), said(2, "1", MAY, 5)])) == [900]
    assert paid(facts_of([said(1, "1", MAY, 5), said(2, "2", None, 9)])) == [500]


def test_the_latest_release_speaks_for_the_process() -> None:
    """Its tags and its defects are shown, although it was imported first."""
    june = said(1, "2", JUNE, tag="contractTermination", contracts=[{"id": "c", "awardID": "a"}])
    may = said(2, "1", MAY, 5)
    process = facts_of([june, may])
    assert process.tags == ("contractTermination",)
    (contract,) = process.contracts
    assert contract.defects == ()


def test_a_summary_in_the_file_of_its_releases_does_not_count() -> None:
    """A record's compiled release may repeat payments without id; its releases are what counts."""
    releases = [said(1, "1", MAY, 5, file="f"), said(2, "2", JUNE, 5, file="f")]
    summary = said(3, "c", JUNE, 5, 5, file="f", tag="compiled")
    process = facts_of([*releases, summary])
    assert [one.standing for one in process.reports] == ["counted", "counted", "summary"]
    assert paid(process) == [500]
    # ... even when the releases are superseded by copies from another file.
    copies = [said(4, "1", MAY, 5, file="g"), said(5, "2", JUNE, 5, file="g")]
    assert paid(facts_of([*releases, summary, *copies])) == [500]


def test_a_compiled_release_stands_for_what_was_before_it() -> None:
    """Alone it is the process; releases dated later are added, earlier ones are in it."""
    compiled = said(3, "c", JUNE, 5, 6, file="f", tag="compiled")
    before = said(1, "1", MAY, 1, 2, 3, file="e")
    same = said(2, "2", JUNE, 1, 2, 3, file="e")
    after = said(4, "3", JULY, 5, 6, 7, file="g")
    assert paid(facts_of([before, same, compiled])) == [1100]
    assert standings(before, same, compiled) == ["summarised", "summarised", "counted"]
    assert paid(facts_of([before, same, compiled, after])) == [1800]
    assert standings(compiled, after) == ["counted", "counted"]


def test_the_later_of_two_compiled_releases_counts() -> None:
    """A record published again in July replaces June's, under whatever id."""
    june = said(2, "c1", JUNE, 5, file="f", tag="compiled")
    july = said(1, "c2", JULY, 6, file="g", tag="compiled")
    assert standings(june, july) == ["counted", "summarised"]
    assert paid(facts_of([june, july])) == [600]


def test_another_publisher_s_compiled_release_summarises_nobody_else() -> None:
    """Only one's own releases are in one's summary."""
    own = said(1, "1", MAY, 5, publisher="Q", file="e")
    assert standings(own, said(2, "c", JUNE, 5, file="f", tag="compiled")) == ["counted"] * 2


@pytest.mark.parametrize("text", ["", "nothing", "[]", "null", '"x"', "[" * 100_000])
def test_a_report_that_is_no_release_counts_for_nothing(text: str) -> None:
    """Anybody with the role may report anything; the read side must not stop at it."""
    process = facts_of([Report(1, "P", None, text), said(2, "1", MAY, 5)])
    assert [one.standing for one in process.reports] == ["unreadable", "counted"]
    assert paid(process) == [500]
    alone = facts_of([Report(1, "P", None, text)])
    assert (alone.stage, alone.contracts, alone.paid) == ("planning", (), ())


def test_a_process_needs_a_report() -> None:
    """Facts of nothing are a mistake of the caller."""
    with pytest.raises(ValueError, match="without reports"):
        facts_of([])


def test_a_budget_is_the_sum_of_its_breakdown_where_it_names_no_amount() -> None:
    """Two sources of 3 and 4; an amount of the budget itself would win."""
    parts = [{"id": str(n), "amount": {"amount": n, "currency": "MXN"}} for n in (3, 4)]
    budget = {"budgetBreakdown": parts}
    process = facts_of([said(1, "1", MAY, planning={"budget": budget})])
    assert [money.amount_minor for money in process.planned] == [700]
    whole = budget | {"amount": VALUE}
    process = facts_of([said(1, "1", MAY, planning={"budget": whole})])
    assert [money.amount_minor for money in process.planned] == [1000]


@pytest.mark.parametrize(
    ("status", "stated"), [("active", [300]), ("pending", []), ("cancelled", []), ("", [300])]
)
def test_awards_in_force_are_committed_while_no_contract_names_a_value(
    status: str, stated: list[int]
) -> None:
    """An award that is only proposed, or was cancelled, binds nobody."""
    award = {"id": "a", "status": status, "value": {"amount": 3, "currency": "MXN"}}
    process = facts_of([said(1, "1", MAY, awards=[award], contracts=[{"id": "c"}])])
    assert [money.amount_minor for money in process.committed] == stated


def test_a_cancelled_contract_commits_nothing() -> None:
    """Its value stays visible on the contract; what was paid on it was paid."""
    contract = {"id": "c", "status": "cancelled", "value": VALUE}
    process = facts_of([said(1, "1", MAY, contracts=[contract])])
    assert process.committed == ()
    assert process.contracts[0].value == Money("MXN", 1000)


def test_refunds_lower_what_was_paid() -> None:
    """A negative payment is a defect and still money that came back."""
    assert paid(facts_of([said(1, "1", MAY, 10, -4)])) == [600]


NAMES = (
    *("id", "value", "amount", "currency", "name", "title", "suppliers", "parties", "roles"),
    *("awardID", "status", "date", "tag", "implementation", "transactions", "budget"),
    *("budgetBreakdown", "period", "startDate"),
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["id", "c", "1", "active", "2024-01-01T00:00:00Z", "", "\x00", "MXN", "1.5"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
releases = st.dictionaries(
    st.sampled_from(["id", "date", "tag", "buyer", "parties", "planning", "tender", "awards"])
    | st.just("contracts"),
    json_values,
    max_size=6,
)


@given(st.lists(releases, min_size=1, max_size=4))
def test_nothing_a_publisher_writes_stops_the_facts(written: list[dict[str, Any]]) -> None:
    """Any JSON under the names that are read: facts come out, and the same ones again."""
    reports = [
        Report(position, "P", str(position), json.dumps(release))
        for position, release in enumerate(written)
    ]
    assert facts_of(reports) == facts_of(reports[::-1])
