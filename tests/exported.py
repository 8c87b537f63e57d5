"""Processes of a ledger as they are exported, for the tests of OCDS."""

from pathlib import Path

from projections.engine import Projections
from projections.ocds import packages
from projections.ocds.packages import PublishedProcess
from projections.ocds.releases import Publication

PUBLICATION = Publication("ocds-abc123", "https://ledger.test.example")


def processes_of(projections: Projections) -> list[PublishedProcess]:
    """Return all processes."""
    return list(packages.all_processes(projections, PUBLICATION))


def own_processes(projections: Projections) -> list[PublishedProcess]:
    """Return those that are the ledger's own."""
    ours = f"{PUBLICATION.prefix}-"
    return [each for each in processes_of(projections) if each.ocid.startswith(ours)]


def write_packages(
    projections: Projections, found: list[PublishedProcess], folder: Path
) -> dict[str, Path]:
    """Write the three kinds of package of processes into a folder; return the files by kind."""
    head = packages.heading(projections, "https://ledger.test.example/package")
    texts = {
        "releases": packages.release_package(head, found),
        "records": packages.record_package(head, found),
        "linked": packages.record_package(head, found, linked=True),
    }
    files = {}
    for kind, parts in texts.items():
        files[kind] = folder / f"{kind}.json"
        files[kind].write_bytes(b"".join(parts))
    return files
