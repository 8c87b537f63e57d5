"""Statuses and money of real publishers, each figure computed by hand from the raw JSON."""

from collections.abc import Callable

import pytest
from published import facts, items_of, money, mxn, reports_of

from projections.reported_facts import ContractFacts, Money, ProcessFacts, facts_of

Facts = dict[str, ProcessFacts]


def contract(facts_by_ocid: Facts, ocid: str, key: str = "") -> ContractFacts:
    """Return a process's contract with this key, or its only one."""
    contracts = {one.key: one for one in facts_by_ocid[ocid].contracts}
    if key:
        return contracts[key]
    (only,) = contracts.values()
    return only


def codes(one: ContractFacts) -> set[str]:
    """Return the codes of a contract's defects."""
    return {found.code for found in one.defects}


def test_mexico_city_counts_payments_that_every_release_repeats_once() -> None:
    """Mexico City (CDMX): each release of a contract repeats all its payments, by id.

    | ocid      | releases | read in the raw JSON                                  | paid         |
    |-----------|----------|-------------------------------------------------------|--------------|
    | …063-2015 | 01 02    | ten payments of 109,272 and one of 218,544            | 1,311,264.00 |
    | …066-2015 | 01 02    | three payments of 255,821.76                          |   767,465.28 |
    | …A-001…   | 01 02 03 | eleven of 82,033.24; value 492,199.44, from 02 double |   902,365.64 |
    | …A-004…   | 01 02 03 | eleven of 53,611.36; value 643,336.32 in the last     |   589,724.96 |
    """
    city = facts("real/mexico-cdmx.raw.json", "real/mexico-cdmx-2016.raw.json")
    one = contract(city, "OCDS-87SD3T-AD-SF-DRM-063-2015")
    assert (one.status, one.payments) == ("active", 11)
    assert (one.value, one.paid) == (mxn("1,311,264.00"), (mxn("1,311,264.00"),))
    assert (one.signed_on, one.starts_on, one.ends_on) == (
        "2015-12-30",
        "2016-01-01",
        "2016-12-31",
    )
    assert one.suppliers == ("COMUNIC@RTE & CONSULTING SA DE C",)
    assert codes(one) == {"field_deprecated"}  # paid in full is not paid too much
    process = city["OCDS-87SD3T-AD-SF-DRM-063-2015"]
    assert process.planned == process.committed == process.paid == (mxn("1,311,264.00"),)
    assert (process.stage, process.tags, process.tender_status) == (
        "implementation",
        ("tender",),
        "planned",
    )
    two = contract(city, "OCDS-87SD3T-AD-SF-DRM-066-2015")
    assert (two.value, two.paid, two.payments) == (mxn("767,465.28"), (mxn("767,465.28"),), 3)
    three = contract(city, "OCDS-87SD3T-SEFIN-DRM-A-001-2016")
    assert (three.status, three.value) == ("pending", mxn("984,398.88"))
    assert three.paid == (mxn("902,365.64"),)
    four = contract(city, "OCDS-87SD3T-SEFIN-DRM-A-004-2016")
    assert (four.status, four.value, four.paid) == (
        "active",
        mxn("643,336.32"),
        (mxn("589,724.96"),),
    )


def test_mexico_city_keeps_dollars_apart_from_pesos() -> None:
    """…065-2015 plans 1,471,566.72 MXN, and contracts and pays 75,464.96 USD in one payment."""
    city = facts("real/ocdskit-realdata/record-package_versioned.json")
    process = city["OCDS-87SD3T-AD-SF-DRM-065-2015"]
    dollars = (money("75,464.96", "USD"),)
    assert process.planned == (mxn("1,471,566.72"),)
    assert process.committed == process.paid == dollars


def test_the_airport_pays_in_the_contract_s_currency_without_ids() -> None:
    """GACM: payments without id, date and currency; their places and contracts tell them apart.

    | ocid | read in the raw JSON                                          | paid           |
    |------|---------------------------------------------------------------|----------------|
    | 165  | one payment of 42,796,981.22 on 42,798,015.58                 |  42,796,981.22 |
    | 10   | one contract: nothing in March's release, 550,000 in October's |     550,000.00 |
    | 287  | three of 68,163,716.2, alike, on 57,742,619.43                | 204,491,148.60 |
    | 170  | one of 0                                                      |           0.00 |
    """
    airport = facts("real/mexico-gacm-airport.raw.json")
    assert len(airport) == 146
    one = contract(airport, "165")
    assert (one.contract_id, one.status) == ("LPN-O-DCAGI-SC-014/2014", "terminated")
    assert (one.value, one.paid) == (mxn("42,798,015.58"), (mxn("42,796,981.22"),))
    assert one.suppliers == ("GEXIC, S. A. de C. V.",)
    assert {"currency_missing", "currency_assumed", "id_missing", "date_missing"} <= codes(one)
    ten = contract(airport, "10")
    assert (ten.status, ten.value, ten.paid) == (
        "terminated",
        mxn("550,000.00"),
        (mxn("550,000.00"),),
    )
    assert airport["10"].planned == (mxn("638,000.00"),)
    thrice = contract(airport, "287")
    assert (thrice.status, thrice.payments) == ("active", 3)
    assert thrice.paid == (mxn("204,491,148.60"),)
    assert {"paid_exceeds_value", "payments_alike"} <= codes(thrice)
    nothing = contract(airport, "170")
    assert nothing.paid == (mxn("0.00"),)
    assert "amount_zero" in codes(nothing)


def test_the_airport_adds_up() -> None:
    """GACM as a whole, summed apart from our code: the last release of each of 146 processes."""
    airport = facts("real/mexico-gacm-airport.raw.json").values()
    paid = sum(money.amount_minor for process in airport for money in process.paid)
    committed = sum(money.amount_minor for process in airport for money in process.committed)
    assert Money("MXN", paid) == mxn("11,835,240,421.37")
    assert Money("MXN", committed) == mxn("106,545,434,030.98")


def test_the_transparency_institute_pays_more_than_a_contract_s_value() -> None:
    """INAI: most payments have no id, four contracts have none, one id names two contracts.

    | ocid    | read in the raw JSON                                                  | paid       |
    |---------|-----------------------------------------------------------------------|------------|
    | PC-0001 | contract without id, 62,000; one payment of 62,097.7                  |  62,097.70 |
    | PC-0005 | 6,960 + 11,600 + 11,832 + 38,860 + 15,080 + 2,900 + 539,980 + 3,480   | 630,692.00 |
    | PC-0025 | two of 140,070, on 27 February and 28 March                           | 280,140.00 |
    | PC-0087 | contract 1360250 of award A087: 338,952, and of A088: 435,305.54      |          – |
    | PC-0015 | contract cancelled, award of 350,000 unsuccessful: nothing committed  |          – |
    """
    institute = facts("real/mexico-inai.raw.json")
    one = contract(institute, "PC-0001", "#1")
    assert (one.contract_id, one.status, one.value) == (None, "terminated", mxn("62,000.00"))
    assert one.paid == (mxn("62,097.70"),)
    (exceeds,) = (found for found in one.defects if found.code == "paid_exceeds_value")
    assert dict(exceeds.facts) == {"paid": "62097.70", "currency": "MXN", "value": "62000.00"}
    five = contract(institute, "PC-0005")
    assert (five.status, five.value) == ("active", mxn("5,000,000.00"))
    assert (five.paid, five.payments) == ((mxn("630,692.00"),), 8)
    assert institute["PC-0005"].planned == (mxn("1,200,000.00"),)
    assert contract(institute, "PC-0025").paid == (mxn("280,140.00"),)
    two = institute["PC-0087"]
    assert [(one.contract_id, one.award_id) for one in two.contracts] == [
        ("1360250", "OA/A087"),
        ("1360250", "OA/A088"),
    ]
    assert two.committed == (mxn("774,257.54"),)
    failed = institute["PC-0015"]
    assert [one.status for one in failed.contracts] == ["cancelled"]
    assert (failed.planned, failed.committed, failed.paid) == ((mxn("350,000.00"),), (), ())


def test_the_transparency_institute_adds_up() -> None:
    """INAI as a whole, summed apart from our code over its 44 releases."""
    processes = facts("real/mexico-inai.raw.json").values()
    paid = sum(money.amount_minor for process in processes for money in process.paid)
    committed = sum(money.amount_minor for process in processes for money in process.committed)
    assert Money("MXN", paid) == mxn("7,418,808.32")
    assert Money("MXN", committed) == mxn("46,249,563.14")


def test_nigeria_writes_budget_and_payments_in_odd_places() -> None:
    """Nigeria: a payment's money is under `amount`, the budget's under `value`; awards mismatch.

    | ocid     | value and only payment | budget     |
    |----------|------------------------|------------|
    | …-27yetd | 54,389,500.0           | 16,000,000 |
    | …-tm8tgr | 13,594,736.84          | 50,000,000 |
    """
    nigeria = facts("real/nigeria-bpp.raw.json")
    ocid = "ocds-gyl66f-borbda-27yetd"
    one = contract(nigeria, ocid)
    value = money("54,389,500.00", "NGN")
    assert (one.status, one.value, one.paid) == ("active", value, (value,))
    assert nigeria[ocid].planned == (money("16,000,000.00", "NGN"),)
    assert nigeria[ocid].buyer == "benin-owena river basin development authority"
    assert one.suppliers == ("dtec nigeria limited",)
    assert "award_unknown" in codes(one)
    two = contract(nigeria, "ocds-gyl66f-borbda-tm8tgr")
    assert two.paid == (money("13,594,736.84", "NGN"),)
    assert (two.starts_on, two.ends_on) == ("2014-09-29", "2014-12-15")


def test_portugal_pays_terminated_contracts_in_full() -> None:
    """Portugal: of 50 contracts four have a payment, 53,590.39 EUR together.

    | ocid                      | status     | value and only payment |
    |---------------------------|------------|------------------------|
    | ocds-px0z7d-11082-11003-1 | terminated | 25,642.19              |
    | ocds-px0z7d-3025-3003-1   | terminated | 4,188.2                |
    | ocds-px0z7d-6083-6003-1   | active     | 14,700; no payment     |
    """
    portugal = facts("real/portugal-base.json")
    for ocid, amount in (
        ("ocds-px0z7d-11082-11003-1", "25,642.19"),
        ("ocds-px0z7d-3025-3003-1", "4,188.20"),
    ):
        one = contract(portugal, ocid)
        value = money(amount, "EUR")
        assert (one.status, one.value, one.paid) == ("terminated", value, (value,))
        assert portugal[ocid].stage == "implementation"
    unpaid = contract(portugal, "ocds-px0z7d-6083-6003-1")
    assert (unpaid.status, unpaid.paid) == ("active", ())
    assert portugal["ocds-px0z7d-6083-6003-1"].stage == "contract"
    paid = [money for process in portugal.values() for money in process.paid]
    assert (len(paid), sum(one.amount_minor for one in paid)) == (4, 53_590_39)
    assert sum(one.amount_minor for p in portugal.values() for one in p.committed) == 639_645_30


def test_jalisco_s_compiled_releases_count_as_one_report_each() -> None:
    """Jalisco: records with links to their releases; the compiled release is what there is.

    | ocid             | contract | value       | payments                                      |
    |------------------|----------|-------------|-----------------------------------------------|
    | …-SFIN-03-0001-… | 1-16-17  | 9,396,000   | 4,698,000 + 2,959,740 + 1,738,260 + 1,879,200 |
    | …-02-0070-…      | 21-63970 | 55,463.776  | 53,799.86                                     |
    | …-02-0070-…      | 22-63969 | 259,658.286 | 259,658.29                                    |
    """
    jalisco = facts("real/jalisco-records")
    ocid = "ocds-xs1qbl-SFIN-03-0001-00-2017"
    one = contract(jalisco, ocid, "1-16-17")
    assert (one.status, one.value) == ("active", mxn("9,396,000.00"))
    assert one.paid == (mxn("11,275,200.00"),)
    assert "paid_exceeds_value" in codes(one)
    assert [report.standing for report in jalisco[ocid].reports] == ["counted"]
    two = jalisco["ocds-xs1qbl-02-0070-00-2017"]
    assert [(one.key, one.value, one.paid) for one in two.contracts] == [
        ("21-63970", mxn("55,463.78"), (mxn("53,799.86"),)),
        ("22-63969", mxn("259,658.29"), (mxn("259,658.29"),)),
    ]
    assert (two.planned, two.committed, two.paid) == (
        (mxn("330,848.20"),),
        (mxn("315,122.07"),),
        (mxn("313,458.15"),),
    )
    assert two.contracts[1].suppliers == ("TLAQUEPAQUE ESCOLAR, S.A. DE C.V.",)


Figures = Callable[[ProcessFacts], object]


def figures(process: ProcessFacts) -> object:
    """Return what must not change when a copy is imported as well."""
    return (
        process.planned,
        process.committed,
        process.paid,
        [(one.key, one.status, one.value, one.paid, one.payments) for one in process.contracts],
    )


@pytest.mark.parametrize("name", ["mexico-cdmx", "mexico-gacm-airport", "ukraine-prozorro"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0), (0, 0)])
def test_a_raw_and_an_upgraded_copy_of_one_file_count_once(
    name: str, order: tuple[int, ...]
) -> None:
    """Imported together, in either order, or twice, they say what the raw file says alone."""
    files = (f"real/{name}.raw.json", f"real/{name}.upgraded-1.1.json")
    alone = facts(files[0])
    together = facts(*(files[index] for index in order))
    assert {ocid: figures(one) for ocid, one in together.items()} == {
        ocid: figures(one) for ocid, one in alone.items()
    }
    copies = len(order)
    counted = sum(report.standing == "counted" for p in together.values() for report in p.reports)
    heard = sum(len(process.reports) for process in together.values())
    assert heard == copies * counted


def test_a_record_beside_its_releases_counts_once() -> None:
    """The same Mexico City contract from four files, one a record: still 1,311,264.00 MXN."""
    city = facts("real/mexico-cdmx.raw.json", "real/ocdskit-realdata")
    process = city["OCDS-87SD3T-AD-SF-DRM-063-2015"]
    assert process.paid == process.committed == (mxn("1,311,264.00"),)
    assert [report.standing for report in process.reports] == [
        "superseded",
        "superseded",
        "superseded",
        "superseded",
        "summary",
        "counted",
        "counted",
    ]


def test_several_bodies_report_one_process() -> None:
    """A department publishes the contract, finance the spending: one contract, both publishers.

    The worked example of the budget and spend extension: ten releases of one ocid, 10,000 USD.
    """
    (process,) = facts("extensions/budget-spend").values()
    assert process.committed == (money("10,000.00", "USD"),)
    (one,) = process.contracts
    assert one.publishers == ("Department of Education", "Finance Department")
    assert [found.code for found in process.defects] == ["several_publishers"]


def test_facts_do_not_depend_on_the_order_in_which_reports_are_given() -> None:
    """Positions decide, not the order of a query."""
    reports = reports_of(items_of("real/mexico-cdmx-2016.raw.json"))
    for given in reports.values():
        assert facts_of(given) == facts_of(given[::-1])
