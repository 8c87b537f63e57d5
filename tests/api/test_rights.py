"""Whom each type of event is for."""

from collections import Counter

import pytest

from api.rights import AUDIENCES, PUBLIC, Audience, Reader, may_read_event
from ledger.events import TYPES

SIDES = ("buyer", "provider")
FINANCE = Reader("finance", "finance/k", frozenset({"finance"}))
AUDITOR = Reader("audit", "audit/k", frozenset({"auditor"}))
OPERATOR = Reader("data", "data/k", frozenset({"operator"}))
REVIEWER = Reader("court", "court/k", frozenset({"reviewer"}))
SIDE = Reader("provider", "provider/k", frozenset({"provider"}))
OTHER = Reader("rival", "rival/k", frozenset({"provider"}))

TABLE = """
audience  released  public  operator  other  side  reviewer  finance  auditor
public    no        yes     yes       yes    yes   yes       yes      yes
parties   no        no      no        no     yes   no        yes      yes
parties   yes       no      no        no     yes   no        yes      yes
case      no        no      no        no     yes   yes       yes      yes
case      yes       no      no        no     yes   yes       yes      yes
flag      no        no      no        no     no    yes       yes      yes
flag      yes       yes     yes       yes    yes   yes       yes      yes
bid       no        no      no        no     yes   no        yes      yes
bid       yes       yes     yes       yes    yes   yes       yes      yes
"""
READERS = {
    "public": PUBLIC,
    "operator": OPERATOR,
    "other": OTHER,
    "side": SIDE,
    "reviewer": REVIEWER,
    "finance": FINANCE,
    "auditor": AUDITOR,
}
ROWS = [line.split() for line in TABLE.strip().splitlines()]


def test_every_type_of_the_vocabulary_has_its_audience() -> None:
    """A type that is added to the vocabulary must be given to somebody before it can be served."""
    assert set(AUDIENCES) == set(TYPES)
    counted = Counter(AUDIENCES.values())
    assert counted == {
        Audience.PUBLIC: 95,
        Audience.PARTIES: 13,
        Audience.CASE: 10,
        Audience.FLAG: 2,
        Audience.BID: 1,
    }


@pytest.mark.parametrize("row", ROWS[1:], ids=lambda row: f"{row[0]}-{row[1]}")
def test_each_reader_reads_what_is_for_it(row: list[str]) -> None:
    """The table above, for every type of each audience."""
    audience, released, *answers = row
    names = [name for name, whose in AUDIENCES.items() if whose.value == audience]
    assert names
    for who, answer in zip(ROWS[0][2:], answers, strict=True):
        for name in names:
            may = may_read_event(READERS[who], name, SIDES, is_released=released == "yes")
            assert may == (answer == "yes"), (who, name)
