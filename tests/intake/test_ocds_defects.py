"""Each defect is found where it is, says what it is, and clean data have none."""

import json
from typing import Any

import pytest
from published import one, package, read, release

from ledger.intake.defects import SENTENCES, defect, sentence
from ledger.intake.ocds import MAX_RELEASE_BYTES, Reported
from projections.reported_facts import facts_of
from projections.reported_standing import Report

CLEAN = release(
    planning={"budget": {"amount": {"amount": 100, "currency": "MXN"}}},
    tender={
        "status": "complete",
        "procurementMethod": "open",
        "value": {"amount": 0, "currency": "MXN"},
    },
    awards=[{"id": "a", "status": "active", "value": {"amount": 5.5, "currency": "MXN"}}],
    contracts=[
        {
            "id": "c",
            "awardID": "a",
            "status": "active",
            "dateSigned": "2024-01-01T00:00:00-06:00",
            "value": {"amount": 5.5, "currency": "MXN"},
            "implementation": {
                "transactions": [
                    {
                        "id": "t",
                        "date": "2024-01-02T00:00:00.1234567Z",
                        "value": {"amount": 1, "currency": "MXN"},
                    }
                ],
                "milestones": [{"id": "m", "status": "met"}],
            },
        }
    ],
)


def paying(**members: Any) -> dict[str, Any]:
    """Return the clean release with other members in its payment."""
    (contract,) = CLEAN["contracts"]
    (payment,) = contract["implementation"]["transactions"]
    return contracting(implementation={"transactions": [payment | members]})


def contracting(**members: Any) -> dict[str, Any]:
    """Return the clean release with other members in its contract."""
    (contract,) = CLEAN["contracts"]
    return CLEAN | {"contracts": [contract | members]}


PAYMENT = "/contracts/0/implementation/transactions/0"
VALUE = {"currency": "MXN"}
RELEASES: dict[str, tuple[dict[str, Any], str, str]] = {  # code: release, path, sentence
    "replacement_characters": (
        CLEAN | {"x": ["\ufffd\ufffd"]},
        "",
        "2 characters were lost before publication (U+FFFD).",
    ),
    "question_marks": (
        CLEAN | {"x": ["M?XICO", "http://a?b", "why?"]},
        "",
        "1 texts hold a question mark within a word, a lost letter perhaps.",
    ),
    "doubly_encoded": (
        CLEAN | {"x": "AdjudicaciÃ³n"},
        "",
        "1 texts look like UTF-8 that was encoded twice.",
    ),
    "ocid_not_text": (
        CLEAN | {"ocid": 10},
        "/ocid",
        "The ocid is a number; it is kept as spelled.",
    ),
    "ocid_spaced": (
        CLEAN | {"ocid": " ocds-abcdef-1 "},
        "/ocid",
        "White space around the ocid was not taken for a part of it.",
    ),
    "ocid_unregistered": (
        CLEAN | {"ocid": "OCDS-87SD-1"},
        "/ocid",
        "The ocid OCDS-87SD-1 does not begin with a registered prefix (ocds-…).",
    ),
    "release_id_missing": (CLEAN | {"id": ""}, "", "The release has no id."),
    "date_missing": (paying(date=None), PAYMENT, "There is no date."),
    "date_invalid": (
        contracting(dateSigned="2015-06-03"),
        "/contracts/0/dateSigned",
        "2015-06-03 is not a date and time with its offset (RFC 3339).",
    ),
    "tag_missing": (CLEAN | {"tag": []}, "", "The release has no tag."),
    "code_unknown": (
        contracting(status="signed"),
        "/contracts/0/status",
        "signed is not in the closed codelist status.",
    ),
    "type_wrong": (
        CLEAN | {"planning": []},
        "/planning",
        "a list stands where an object is expected.",
    ),
    "field_deprecated": (
        contracting(amendment={"date": "x"}),
        "/contracts/0/amendment",
        "contracts.amendment (1 times) is no longer used since OCDS 1.1.",
    ),
    "id_missing": (
        paying(id=""),
        PAYMENT,
        "An item of transactions has no id; it is told apart by its place.",
    ),
    "id_repeated": (
        CLEAN | {"contracts": CLEAN["contracts"] * 2},
        "/contracts",
        "The id c stands 2 times in one list.",
    ),
    "payments_alike": (
        contracting(implementation={"transactions": [{"value": {"amount": 1} | VALUE}] * 3}),
        "/contracts/0/implementation/transactions",
        "3 payments without id are alike; each of them is counted.",
    ),
    "award_id_missing": (
        contracting(awardID=None),
        "/contracts/0",
        "The contract names no award.",
    ),
    "award_unknown": (
        contracting(awardID="z"),
        "/contracts/0/awardID",
        "The contract names the award z, which is not in the release.",
    ),
    "amount_missing": (paying(value=VALUE), f"{PAYMENT}/value", "There is no amount."),
    "amount_misplaced": (
        CLEAN | {"planning": {"budget": {"value": {"amount": 1} | VALUE}}},
        "/planning/budget/value",
        "The budget's amount stands under value instead of amount.",
    ),
    "amount_text": (
        paying(value={"amount": "1.50"} | VALUE),
        f"{PAYMENT}/value",
        "The amount 1.50 is text, not a number.",
    ),
    "amount_invalid": (
        paying(value={"amount": "1,234"} | VALUE),
        f"{PAYMENT}/value",
        "The amount 1,234 cannot be read and is not counted.",
    ),
    "amount_rounded": (
        paying(value={"amount": 0.005} | VALUE),
        f"{PAYMENT}/value",
        "The amount 0.005 has more decimals than MXN; it is rounded.",
    ),
    "amount_negative": (
        paying(value={"amount": -5.0} | VALUE),
        f"{PAYMENT}/value",
        "The amount -5.0 is negative.",
    ),
    "amount_zero": (
        paying(value={"amount": 0} | VALUE),
        f"{PAYMENT}/value",
        "The transaction's amount is zero.",
    ),
    "currency_missing": (
        paying(value={"amount": 7}),
        f"{PAYMENT}/value",
        "The amount 7 names no currency.",
    ),
}
FILES: dict[str, str | bytes] = {  # code: a file of one report that shows it
    "publisher_missing": json.dumps({"releases": [CLEAN]}),
    "source_shortened": package(CLEAN, uri="u" * 2001),
    "releases_linked": json.dumps(
        {"records": [{"releases": [{"url": "u"}], "compiledRelease": CLEAN}]}
    ),
    "versioned_left_out": json.dumps(
        {"records": [{"versionedRelease": {}, "compiledRelease": CLEAN}]}
    ),
    "compiled_without_tag": json.dumps({"records": [{"compiledRelease": CLEAN}]}),
    "ocid_differs": json.dumps({"records": [{"ocid": "ocds-abcdef-2", "releases": [CLEAN]}]}),
    "not_utf8": package(CLEAN | {"x": "ñ"}).encode().decode("unicode_escape").encode("latin-1"),
    "control_characters": package(CLEAN).replace('"r1"', '"r\n1"'),
    "white_space_removed": package(CLEAN).replace(": ", ":" + " " * (MAX_RELEASE_BYTES // 20)),
    "key_repeated": package(CLEAN).replace('"id": "r1"', '"id": "r0", "id": "r1"'),
}
PROCESSES = {  # code: payments and value of a contract, or two publishers, that show it
    "several_publishers": [Report(1, "P", "1", "{}"), Report(2, "Q", "1", "{}")],
    "paid_exceeds_value": [Report(1, "P", "1", json.dumps(paying(value={"amount": 9} | VALUE)))],
    "currencies_differ": [
        Report(1, "P", "1", json.dumps(paying(value={"amount": 1, "currency": "USD"})))
    ],
    "currency_assumed": [Report(1, "P", "1", json.dumps(paying(value={"amount": 1})))],
    "total_too_large": [
        Report(
            1,
            "P",
            "1",
            json.dumps(
                contracting(
                    implementation={
                        "transactions": [
                            {"id": str(n), "value": {"amount": 2**46} | VALUE} for n in range(2)
                        ]
                    }
                )
            ),
        )
    ],
}


def test_a_clean_release_has_no_defect() -> None:
    """What OCDS 1.1 asks for is enough."""
    item = one(package(CLEAN))
    assert item.defects == ()


@pytest.mark.parametrize("code", RELEASES)
def test_a_defect_is_found_and_told(code: str) -> None:
    """The code, the place inside the release, and the sentence with its facts."""
    dirty, path, told = RELEASES[code]
    found = [each for each in one(package(dirty)).defects if each.code == code]
    assert [(each.path, sentence(each)) for each in found] == [(path, told)]


@pytest.mark.parametrize("code", FILES)
def test_a_defect_of_a_file_is_told_on_its_report(code: str) -> None:
    """What is wrong around a release stands with the release, because it explains it."""
    (item,) = read(FILES[code])
    assert isinstance(item, Reported)
    (found,) = (each for each in item.defects if each.code == code)
    assert sentence(found).endswith(".")


@pytest.mark.parametrize("code", PROCESSES)
def test_a_contradiction_between_figures_is_told(code: str) -> None:
    """What only the whole process shows is told with its facts."""
    process = facts_of(PROCESSES[code])
    told = [*process.defects, *(each for one in process.contracts for each in one.defects)]
    (found,) = (each for each in told if each.code == code)
    assert sentence(found).endswith(".")


def test_every_defect_is_shown_here() -> None:
    """No code without a case, no case without a code."""
    assert set(RELEASES) | set(FILES) | set(PROCESSES) == set(SENTENCES)


def test_a_defect_without_a_sentence_cannot_be_made() -> None:
    """A code is listed before it is used."""
    with pytest.raises(KeyError):
        defect("odd")


def test_a_long_published_value_is_shortened_in_a_defect() -> None:
    """A report of defects must not carry the publisher's novels."""
    (found,) = (
        each
        for each in one(package(contracting(status="s" * 5000))).defects
        if each.code == "code_unknown"
    )
    assert len(dict(found.facts)["value"]) == 80
