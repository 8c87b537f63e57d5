"""Precision and recall, what an auditor brings along, and the arithmetic of first digits."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Malformed
from ledger.simulate import truth
from projections.flags.asking import Flag
from projections.flags.extracts import Label, read_labels, read_persons
from projections.flags.rule import Rule
from projections.flags.rules.f41 import BENFORD_PPM, chi_square
from projections.flags.rules.f46 import F46
from projections.flags.statistics import MATCHES, measure

SIMULATION = Path(__file__).resolve().parents[2] / "docs" / "simulation.md"
COLUMNS = len(["", "label", "what it is", "flag", ""])


def case(rule: str, subject: str, *evidence: str, contract: str | None = None) -> Flag:
    """Return a case."""
    return Flag(
        flagged=f"{rule}/x/{subject}",
        rule=rule,
        version=1,
        subject=subject,
        contract=contract,
        party=None,
        position=1,
        evidence=evidence,
        facts={},
    )


def rule(name: str) -> Rule[Any]:
    """Return a rule that is known by a name; what it judges is not asked."""
    return F46._replace(id=name)


def test_recall_counts_labels_and_precision_counts_cases() -> None:
    """Two labels, three cases.

    case of f02                 labels it matches
    visits e-1 and e-9          the one on e-1
    visits e-1 and e-8          the same one: true, and nothing new is found
    visits e-7                  none: honest
    """
    labels = [Label("e-1", "overlap", {}), Label("e-2", "overlap", {})]
    cases = [
        case("f02", "worker/a", "e-1", "e-9"),
        case("f02", "worker/a", "e-1", "e-8"),
        case("f02", "worker/b", "e-7"),
        case("f03", "beneficiary/c", "e-2"),
    ]
    (measured,) = measure([rule("f02")], cases, labels)
    assert (measured.labels, measured.found, measured.cases, measured.true) == (2, 1, 3, 2)
    assert (measured.recall_ppm, measured.precision_ppm) == (500_000, 666_666)


def test_a_pattern_is_found_by_its_subject() -> None:
    """A tender of a ring is found though the labelled event is not among the evidence."""
    labels = [Label("e-1", "bid_ring", {"tender": "t-1"})]
    found, other = measure([rule("f28"), rule("f01")], [case("f28", "tender/t-1", "e-5")], labels)
    assert (found.recall_ppm, found.precision_ppm) == (1_000_000, 1_000_000)
    assert (other.recall_ppm, other.precision_ppm) == (None, None)


def test_every_label_of_a_flag_is_in_the_table() -> None:
    """Each label that docs/simulation.md names with a flag is matched for these flags."""
    rows = [line.split("|") for line in SIMULATION.read_text().splitlines()]
    told = {
        cells[1].strip(" `"): {each.strip().lower() for each in cells[3].split(",")}
        for cells in rows
        if len(cells) == COLUMNS and cells[3].strip().startswith("F")
    }
    assert told == {label: {m.rule for m in matches} for label, matches in MATCHES.items()}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"token":"a"}', "line 2: not"),
        (b'{"token":"a","person":"p","name":"x"}', "line 2: not"),
        (b'{"token":"","person":"p"}', "line 2: the token or the person is empty"),
        (b'{"token":"t","person":"q"}', "line 2: the token t stands for two persons"),
        (b"\xff", "line 2: not"),
        (b"[" * 10_000, "line 2: not"),
    ],
)
def test_a_bad_line_of_an_extract_is_refused_by_its_number(line: bytes, why: str) -> None:
    """Whoever judges by an extract judges by all of it, or not at all."""
    with pytest.raises(Malformed, match=why):
        read_persons(b'{"token":"t","person":"p"}\n' + line + b"\n")


def test_an_extract_may_say_a_thing_twice() -> None:
    """Empty lines and the same line again change nothing."""
    line = b'{"person":"p","token":"t"}\n'
    assert read_persons(line + b"\n" + line) == {"t": "p"}


def test_labels_are_read_as_the_simulator_writes_them() -> None:
    """What `Truth` writes comes back, amounts as text."""
    written: list[bytes] = []
    labels = truth.Truth(written.append)
    labels.label("cut", "e-1", claim="k-1", amount_fen=7)
    assert read_labels(b"".join(written)) == [
        Label("e-1", "cut", {"label": "cut", "event": "e-1", "claim": "k-1", "amount_fen": "7"})
    ]
    with pytest.raises(Malformed, match="line 1"):
        read_labels(b'{"label":"cut"}\n')


@given(st.lists(st.integers(0, 10_000), min_size=9, max_size=9).filter(any))
def test_chi_square_is_pearsons(observed: list[int]) -> None:
    """The fraction is the sum of (o − n·p)² / (n·p), exactly."""
    total = sum(observed)
    expected = [Fraction(total * each, 1_000_000) for each in BENFORD_PPM]
    pearson = sum(
        (found - wanted) ** 2 / wanted for found, wanted in zip(observed, expected, strict=True)
    )
    square = chi_square(observed, BENFORD_PPM)
    assert Fraction(square.numerator, square.denominator) == pearson
    assert square.exceeds(26_125) == (pearson > Fraction(26_125, 1_000))


def test_benford_probabilities_are_one_million() -> None:
    """Rounded to parts per million they still add up."""
    assert sum(BENFORD_PPM) == 1_000_000
