"""Processes that others published, from the text of their releases."""

from projections.flags.processes import ReportedProcess
from projections.processes import file_of
from projections.reported_facts import facts_of
from projections.reported_standing import Report

PUBLISHER = "A publisher"


def process(*releases: str, key: str = "ocds-1", release_id: str | None = None) -> ReportedProcess:
    """Return what releases of one process say, reported one after the other."""
    reports = [
        Report(position, PUBLISHER, release_id, release, f"{position}")
        for position, release in enumerate(releases)
    ]
    facts = facts_of(reports)
    counted = tuple(one.position for one in facts.reports if one.standing == "counted")
    return ReportedProcess(key, (PUBLISHER,), counted, file_of(facts))
