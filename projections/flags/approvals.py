"""The scope `approval`: how fast one key confirms visits, or answers claims."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from projections.approvers.model import ACT, APPROVERS, GAP
from projections.flags.rule import Facts, Scope


class Approvals(NamedTuple):
    """A key's acts of one kind.

    Attributes:
        key: the key's name and the kind of act.
        name: the key's name.
        party: whose key it is.
        kind: confirmation, answer and others.
        acts: how many.
        first_position: position of the first.
        last_position: position of the last.
        gaps: how many gaps between one act and the next fall into the bucket that begins at so
            many seconds, by the time that the signer states, in order.

    """

    key: str
    name: str
    party: str
    kind: str
    acts: int
    first_position: int
    last_position: int
    gaps: Sequence[tuple[int, int]]

    def median_gap_s(self) -> int | None:
        """Return the lower median of the gaps, to the second up to a minute; None without any."""
        total = sum(number for _, number in self.gaps)
        seen = 0
        for seconds, number in self.gaps:
            seen += number
            if 2 * seen >= total and number:
                return seconds
        return None


def _changed(facts: Facts, since: int) -> list[str]:
    act = facts.sources.table(APPROVERS, ACT)
    query = select(act.c.key, act.c.kind).where(act.c.last_position >= since)
    return [f"{key}/{kind}" for key, kind in facts.sources.connection.execute(query)]


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[Approvals]:
    connection = facts.sources.connection
    act, gap = (facts.sources.table(APPROVERS, shape) for shape in (ACT, GAP))
    gaps: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in connection.execute(select(gap).order_by(gap.c.seconds)):
        gaps.setdefault((row.key, row.kind), []).append((row.seconds, row.claimed))
    wanted = None if keys is None else set(keys)
    for row in connection.execute(select(act).order_by(act.c.key, act.c.kind)):
        key = f"{row.key}/{row.kind}"
        if wanted is None or key in wanted:
            yield Approvals(
                key,
                row.key,
                row.party,
                row.kind,
                row.acts,
                row.first_position,
                row.last_position,
                gaps.get((row.key, row.kind), ()),
            )


APPROVALS = Scope("approval", (APPROVERS,), _changed, _groups)
