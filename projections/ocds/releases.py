"""From the history of a process to its releases, in order: a pure function of the history.

Every release has the id of its event, and the instant at which that was recorded, in microseconds
and always of one width, because dates of releases are sorted as text. Of two events of a process
recorded at one instant the later has the next microsecond, so that no two dates are equal.

    {"ocid": "ocds-abc123-t-1", "id": "019b…", "date": "2026-01-05T01:00:00.000000Z",
     "tag": ["planning", "tender"], "initiationType": "tender", "language": "zh", "parties": […],
     "tender": {…}, "ledgerEvent": {"id": "019b…", "type": "tender.published", "position": 17,
     "statementIndex": 9, "proof": "https://…/v1/events/019b…/proof"}}
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from projections.merge_rules import OMIT, RULES_1_1, Rules
from projections.ocds import contracting, implementing, tendering
from projections.ocds.process import Entry, Process
from projections.ocds.register import Register
from projections.ocds.tendering import Teller
from projections.ocds.values import LANGUAGE, Release, fixed_instant

DEFAULT_PREFIX: Final = "ocds-000000"
"""The prefix of ocids where none is set: nobody's, since prefixes are given out."""

_US_PER_MS: Final = 1_000

TYPES: Final = frozenset(
    tendering.TELLERS.keys() | contracting.TELLERS.keys() | implementing.TELLERS.keys()
)
"""Types of the events that releases are made of."""

EXPORT_RULES: Final[Rules] = RULES_1_1 | {("ledgerEvent",): OMIT}
"""How our releases are merged: as OCDS 1.1 says, and our extension speaks of one release each."""


class Publication(NamedTuple):
    """How releases are published.

    Attributes:
        prefix: prefix of the ocids, `ocds-` and six letters or digits.
        base: the address that links begin with, without a slash at its end.

    """

    prefix: str
    base: str

    def ocid(self, tender: str) -> str:
        """Return the ocid of the process that a tender began."""
        return f"{self.prefix}-{tender}"


def releases_of(
    register: Register,
    publication: Publication,
    tender: str,
    buyer: str,
    history: Iterable[Entry],
) -> Iterator[tuple[int, Release]]:
    """Yield the releases of a process, each with the position of its event."""
    process = Process(register, tender, buyer)
    last_us = -1
    for entry in history:
        teller = _teller(entry)
        if teller is None:
            continue
        process.entry = entry
        told = teller(process, entry.event)
        if told is None:
            continue
        last_us = max(entry.recorded_ms * _US_PER_MS, last_us + 1)
        release: Release = {
            "ocid": publication.ocid(tender),
            "id": entry.event.id,
            "date": fixed_instant(last_us),
            "tag": list(told.tags),
            "initiationType": "tender",
            "language": LANGUAGE,
        }
        if parties := list(process.parties()):
            release["parties"] = parties
        release |= told.sections
        release["ledgerEvent"] = {
            "id": entry.event.id,
            "type": entry.type,
            "position": entry.position,
            "statementIndex": entry.statement_index,
            "proof": f"{publication.base}/v1/events/{entry.event.id}/proof",
        }
        yield entry.position, release


def _teller(entry: Entry) -> Teller | None:
    if entry.contract is None:
        return tendering.TELLERS.get(entry.type)
    return contracting.TELLERS.get(entry.type) or implementing.TELLERS.get(entry.type)
