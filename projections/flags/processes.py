"""The scope `process`: each published process, with what its publishers say of it.

Also how a published process is read as a purchase, for the rules of procurement.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import json
from sqlalchemy import ColumnElement, select

from projections.chunks import chunks
from projections.flags.procurement import REPORTED, Award, Bid, Purchase
from projections.flags.rule import Facts, Scope
from projections.processes import PROCESS, PROCESSES, ProcessFile, ProcessRow, decode_file

_BATCH_ROWS = 500
"""Rows fetched at once: a process may be long, so fewer than of others."""

_DIGITS = 2
"""Of a classification's code, those that tell its division (CPV) or segment (UNSPSC): R048."""

_positions = json.Decoder(tuple[int, ...])
_names = json.Decoder(tuple[str, ...])


class ReportedProcess(NamedTuple):
    """A published process.

    Attributes:
        key: its id among ours.
        publishers: who publishes it.
        evidence: positions of the reports of it that count.
        file: what they say.

    """

    key: str
    publishers: tuple[str, ...]
    evidence: tuple[int, ...]
    file: ProcessFile

    def purchase(self) -> Purchase:
        """Return it as the procurement rules see it; what was bought is one purchase."""
        facts, last = self.file.purchase, self.evidence[-1:]
        return Purchase(
            key=self.key,
            subject=f"process/{self.key}",
            origin=REPORTED,
            method=facts.method,
            details=facts.details,
            cancelled=facts.status == "cancelled",
            failed=facts.status == "unsuccessful",
            judged=True,
            buyer=facts.buyer,
            tenderers=facts.tenderers,
            opens_ms=facts.opens_ms,
            closes_ms=facts.closes_ms,
            bids=tuple(
                Bid(
                    status=bid.status,
                    tenderers=bid.tenderers,
                    amount_minor=bid.amount_minor,
                    currency=bid.currency,
                    received_ms=bid.received_ms,
                    evidence=last,
                )
                for bid in facts.bids
            ),
            awards=tuple(
                Award(
                    status=award.status,
                    suppliers=award.suppliers,
                    categories=tuple(dict.fromkeys(code[:_DIGITS] for code in award.codes)),
                    evidence=last,
                )
                for award in facts.awards
            ),
            evidence=last,
        )


def changed_processes(facts: Facts, since: int) -> list[str]:
    """Return the processes that were reported on since a position."""
    table = facts.sources.table(PROCESSES, PROCESS)
    query = select(table.c.process).where(table.c.last_position >= since)
    return list(facts.sources.connection.scalars(query))


def read_processes(facts: Facts, keys: Sequence[str] | None = None) -> Iterator[ReportedProcess]:
    """Yield processes, all for None."""
    table = facts.sources.table(PROCESSES, PROCESS)
    if keys is None:
        yield from _read(facts, ())
        return
    for chunk in chunks(keys):
        yield from _read(facts, (table.c.process.in_(chunk),))


def _read(facts: Facts, where: Sequence[ColumnElement[bool]]) -> Iterator[ReportedProcess]:
    table = facts.sources.table(PROCESSES, PROCESS)
    query = select(table).where(*where).order_by(table.c.process)
    connection = facts.sources.connection
    for row in connection.execute(query, execution_options={"yield_per": _BATCH_ROWS}):
        found: ProcessRow = tuple.__new__(ProcessRow, row)
        yield ReportedProcess(
            key=found.process,
            publishers=_names.decode(found.publishers),
            evidence=_positions.decode(found.positions),
            file=decode_file(found.file),
        )


REPORTED_PROCESSES = Scope("process", (PROCESSES,), changed_processes, read_processes)
