"""Law of reports: one report of one release is one event, and nothing else is enforced on it."""

import hashlib
import re
from typing import Any

from msgspec import UNSET

from ledger.canonical import encode
from ledger.errors import Refused
from ledger.events import Event
from ledger.events.reported import ReleaseReported
from ledger.parties import Case, Seat
from ledger.rules.act import Act, Rule, authorise
from ledger.state import State

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def report_key(publisher: str, ocid: str, release_id: str | None, release: str) -> bytes:
    """Return what makes a report the same report: publisher, ocid, release id and content."""
    content = hashlib.sha256(release.encode()).hexdigest()
    return hashlib.sha256(encode([publisher, ocid, release_id or "", content])).digest()


def process_key(ocid: str) -> str:
    """Return the subject key of a reported process; an ocid outside our grammar is hashed."""
    if _ID.fullmatch(ocid):
        return f"reported/{ocid}"
    return f"reported/{hashlib.sha256(ocid.encode()).hexdigest()}"


def _key(event: ReleaseReported) -> bytes:
    release_id = None if event.release_id is UNSET else event.release_id
    return report_key(event.source.publisher, event.ocid, release_id, event.release)


def _authorise_report(state: State, event: ReleaseReported, act: Act) -> None:
    authorise(state, event, act, Case(), (Seat("reporter"),))


def _admit_report(state: State, event: ReleaseReported, act: Act) -> None:
    act.found = _key(event)
    if act.found in state.reports:
        raise Refused(
            "release_already_reported",
            release_id="without id" if event.release_id is UNSET else event.release_id,
            ocid=event.ocid,
        )


def _apply_report(state: State, _event: ReleaseReported, act: Act) -> None:
    state.put(state.reports, act.found, 1)


def _home(_state: State, event: ReleaseReported) -> tuple[str, ...]:
    return (process_key(event.ocid),)


RULES: dict[type[Event], Rule[Any]] = {
    ReleaseReported: Rule(_authorise_report, _admit_report, _apply_report, _home)
}
