"""From the bytes of a bank's file to what it says.

    read([data], strict=True)  ->  BankFile("camt.054", "001.08", "MSG-7", words=(…), …)

Every version of pain.002, camt.053 and camt.054 is read by the same paths: the versions differ in
where few things stand, and each place is tried. Strict mode takes only what is in the form of a
version known here; lenient mode takes whatever says what it is about.
"""

from collections.abc import Iterable

from ledger.bank.entries import Entries
from ledger.bank.faults import FileRefused, fault
from ledger.bank.statuses import Statuses
from ledger.bank.stream import Unit, stream
from ledger.bank.words import BankFile

MAX_WORDS = 200_000
"""Entries of a file: a city's treasury has some thousand a day."""

MAX_UNITS = 4 * MAX_WORDS
"""Entries, transactions, batches and balances of a file together."""


def read(chunks: Iterable[bytes], *, strict: bool = True) -> BankFile:
    """Return what a bank's file says; memory grows with its entries, never with their text.

    Raises:
        FileRefused: see `faults`; of totals that do not agree `matching` decides.

    """
    entries, statuses = Entries(), Statuses()
    message_id, units = "", 0

    def take(unit: Unit) -> None:
        nonlocal message_id, units
        units += 1
        if unit.name == "GrpHdr":
            message_id = unit.first("MsgId") or ""
        elif unit.name in _OF_STATUSES:
            statuses.take(unit)
        else:
            entries.take(unit)
        if len(entries.words) + len(statuses.words) > MAX_WORDS or units > MAX_UNITS:
            raise FileRefused(fault("too_many_entries", limit=f"{MAX_WORDS:,}"))

    found = stream(chunks, take, strict=strict)
    return BankFile(
        found.kind,
        found.version,
        message_id,
        (*statuses.words, *entries.words),
        tuple(statuses.controls),
        tuple(entries.disagreements),
        tuple(found.remarks),
    )


_OF_STATUSES = frozenset({"OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts"})
