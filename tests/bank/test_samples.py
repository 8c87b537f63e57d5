"""Messages that banks published: read in strict mode, or refused with a sentence and then read."""

import needs
import pytest
from lxml import etree

from ledger.bank.accounts import Accounts
from ledger.bank.faults import FileRefused
from ledger.bank.grammar import GRAMMAR, SEQUENCES, VERSIONS
from ledger.bank.known import Known
from ledger.bank.matching import match
from ledger.bank.reading import read

TABLE = """
sample                                                | message         | words | strict
genkgo_camt053.001.02_all_balance_types.xml           | camt.053.001.02 | 1     |
genkgo_camt053.001.02_multi_statement.xml             | camt.053.001.02 | 2     |
genkgo_camt053.001.08.xml                             | camt.053.001.08 | 1     |
genkgo_camt054.001.02.xml                             | camt.054.001.02 | 3     |
genkgo_camt054.001.08.xml                             | camt.054.001.08 | 3     |
genkgo_camt054.001.08_uetr.xml                        | camt.054.001.08 | 1     |
iso20022js_abn_amro_example_camt.xml                  | camt.053.001.02 | 29    | text_too_long
iso20022js_cross_river_pain_002_batch_rejected.xml    | pain.002.       | 1     | namespace_missing
iso20022js_cross_river_pain_002_transaction_rejected.xml | pain.002.    | 5     | namespace_missing
iso20022js_goldman_sachs_camt_053_us_v2_sample.xml    | camt.053.001.02 | 15    |
iso20022js_goldman_sachs_pain_002_v3_accepted.xml     | pain.002.001.03 | 1     | element_missing
iso20022js_goldman_sachs_pain_002_v3_payment_accepted.xml | pain.002.001.03 | 1 |
iso20022js_ing_example_camt.xml                       | camt.053.001.02 | 9     |
iso20022js_nordea_example_camt.xml                    | camt.053.001.02 | 6     |
iso20022js_nordea_pain_002_v3_group_reject.xml        | pain.002.001.03 | 1     |
iso20022js_nordea_pain_002_v3_payment_reject.xml      | pain.002.001.03 | 1     |
iso20022js_nordea_pain_002_v3_txn_reject.xml          | pain.002.001.03 | 3     |
pain001pkg_pain002_sample.xml                         | pain.002.001.03 | 3     |
pain001pkg_pain002_v15_sample.xml                     | pain.002.001.15 | 3     | version_unknown
prowide_camt.053.001.07.xml                           | camt.053.001.07 | 0     |
"""
"""What each published sample is, how many words it has, and what strict mode refuses it for."""


def rows() -> list[list[str]]:
    """Return the table."""
    return [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]


@pytest.mark.parametrize(("sample", "message", "words", "strict"), rows())
def test_a_published_sample_is_imported_or_refused_with_a_sentence(
    sample: str, message: str, words: str, strict: str
) -> None:
    """Fifteen are read; five only in lenient mode; none speaks of a payment of ours."""
    data = needs.data(f"iso20022/samples/{sample}").read_bytes()
    if strict:
        with pytest.raises(FileRefused) as refused:
            read([data], strict=True)
        assert refused.value.code == strict
        assert str(refused.value).endswith(".")
    file = read([data], strict=not strict)
    assert f"{file.kind}.{file.version}" == message
    assert len(file.words) == int(words)
    assert bool(file.remarks) == bool(strict)
    nothing = Known("ledger.test.example", "CNY", "2026-03-05", [], Accounts())
    matched = match([file], nothing, lambda: "00" * 16)
    assert matched.refused == {}
    assert [each.why and each.why.code for each in matched.findings] == ["payment_unknown"] * int(
        words
    )


def test_every_sample_is_in_the_table() -> None:
    """Twenty, of which fifteen are in their form."""
    folder = needs.data("iso20022/samples")
    assert sorted(path.name for path in folder.iterdir()) == [row[0] for row in rows()]
    assert sum(not row[3] for row in rows()) == 15


SCHEMA = "{http://www.w3.org/2001/XMLSchema}"


def _contents(name: str) -> dict[str, list[tuple[str, bool, bool]]]:
    """Return each element's own elements in a published schema: name, optional, repeats."""
    root = etree.parse(needs.data(f"iso20022/xsd/{name}.xsd")).getroot()
    types = {each.get("name"): each for each in root.iterfind(f"{SCHEMA}complexType")}
    found: dict[str, list[tuple[str, bool, bool]]] = {}

    def walk(element: str, type_name: str) -> None:
        if element in found or type_name not in types:
            return
        own = list(types[type_name].iter(f"{SCHEMA}element"))
        found[element] = [
            (
                each.get("name"),
                each.get("minOccurs") == "0",
                each.get("maxOccurs", "1") != "1",
            )
            for each in own
        ]
        for each in own:
            walk(each.get("name"), each.get("type"))

    top = root.find(f"{SCHEMA}element")
    walk(top.get("name"), top.get("type"))
    return found


@pytest.mark.parametrize(
    "name", [f"{kind}.{version}" for kind, versions in VERSIONS.items() for version in versions]
)
def test_the_grammar_takes_whatever_a_published_version_takes(name: str) -> None:
    """Every element that is checked: in the schema's order, never stricter than the schema."""
    contents = _contents(name)
    checked = set(GRAMMAR) & set(contents)
    assert len(checked) >= 6
    for parent in checked - {"Document"}:
        grammar, last = GRAMMAR[parent], -1
        for element, optional, repeats in contents[parent]:
            place = grammar.places[element]
            assert place.rank > last, (parent, element)
            assert place.repeats or not repeats, (parent, element)
            assert optional or grammar.required[place.rank] in (None, element)
            last = place.rank
        known = {element for element, _, _ in contents[parent]}
        needed = {element for element in grammar.required if element is not None}
        assert needed <= known, parent


def test_what_every_version_requires_is_required() -> None:
    """The grammar is the union of the versions, and no looser than that."""
    required: dict[str, list[set[str]]] = {}
    for kind, versions in VERSIONS.items():
        for version in versions:
            for parent, own in _contents(f"{kind}.{version}").items():
                if parent in SEQUENCES:
                    needed = {element for element, optional, _ in own if not optional}
                    required.setdefault(parent, []).append(needed)
    for parent, each in required.items():
        if parent != "Document":
            known = {name for name in GRAMMAR[parent].required if name is not None}
            assert known == set.intersection(*each), parent
