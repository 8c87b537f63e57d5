"""The checkpoint accepted last: what a verifier remembers from one verification to the next.

A verifier that remembers cannot be shown a shorter or a rewritten history: what it accepted is
given as `since` the next time. One small file a ledger, named by the hash of the ledger's name,
holds the note as it was published. Where it lies is for the caller to say.
"""

from hashlib import sha256

from ledger.note import parse_note
from ledger.replay.report import Report
from ledger.tlog import Checkpoint


def file_name(origin: str) -> str:
    """Return the name of the file that remembers the ledger named `origin`."""
    return f"{sha256(origin.encode()).hexdigest()[:32]}.checkpoint"


def to_remember(report: Report, remembered: bytes | None) -> bytes:
    """Return the note to remember after a verification: the one of the larger size.

    `remembered` was given as `since`, so that the two are of one history. A report that is not
    anchored is to be remembered only by who takes the ledger on trust at first use.

    Raises:
        Malformed: what was remembered is no checkpoint.

    """
    if remembered is None:
        return report.checkpoint
    size = Checkpoint.parse(parse_note(remembered).text).size
    return remembered if size > report.statements else report.checkpoint
