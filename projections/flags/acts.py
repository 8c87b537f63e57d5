"""Scopes of single acts: a payment that went astray, interest let go, a score.

The key of a group is the position of its act, or the id of its score. What is judged here is told
whole by the act itself, so what changed since a position is what was done since.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, or_, select

from projections.acts import ACTS
from projections.acts.tables import CREDIT, INTEREST, SCORE
from projections.chunks import chunks
from projections.contracts import CONTRACTS
from projections.flags.rule import Facts, Scope
from projections.flags.sides import sides_of
from projections.shape import Shape
from projections.streaming import BATCH_ROWS

T = TypeVar("T")


class Credit(NamedTuple):
    """A payment that a bank made: `kind` is settled, or diverted to another account."""

    key: str
    position: int
    payment: str
    contract: str
    provider: str
    kind: str


class Interest(NamedTuple):
    """Interest on late payment: `kind` is accrued, or waived by the provider."""

    key: str
    position: int
    claim: str
    contract: str
    provider: str
    kind: str
    amount_fen: int


class Score(NamedTuple):
    """A final score, beside what the evaluator had proposed; parts per million."""

    key: str
    contract: str
    provider: str
    proposed_position: int
    proposed_ppm: int
    final_position: int
    final_ppm: int


def selected(
    facts: Facts, query: Select[Any], column: Any, keys: Sequence[Any] | None
) -> Iterator[Any]:
    """Yield the rows of a query, or those alone whose column is one of the keys."""
    # The option is each query's own: the connection serves others, too.
    options = {"yield_per": BATCH_ROWS}
    wanted = [query] if keys is None else [query.where(column.in_(part)) for part in chunks(keys)]
    for each in wanted:
        yield from facts.sources.connection.execute(each, execution_options=options)


def _since(shape: Shape[Any]) -> Callable[[Facts, int], list[str]]:
    def changed(facts: Facts, since: int) -> list[str]:
        column = facts.sources.table(ACTS, shape).c.position
        query = select(column).where(column >= since).order_by(column)
        return [str(position) for position in facts.sources.connection.scalars(query)]

    return changed


def _positioned(facts: Facts, shape: Shape[Any], keys: Sequence[str] | None) -> Iterator[Any]:
    table = facts.sources.table(ACTS, shape)
    positions = None if keys is None else [int(key) for key in keys]
    return selected(facts, select(table).order_by(table.c.position), table.c.position, positions)


def _credits(facts: Facts, keys: Sequence[str] | None) -> Iterator[Credit]:
    sides = sides_of(facts)
    for row in _positioned(facts, CREDIT, keys):
        provider = sides[row.contract].provider
        yield Credit(str(row.position), row.position, row.payment, row.contract, provider, row.kind)


def _interest(facts: Facts, keys: Sequence[str] | None) -> Iterator[Interest]:
    sides = sides_of(facts)
    for row in _positioned(facts, INTEREST, keys):
        provider = sides[row.contract].provider
        yield Interest(
            key=str(row.position),
            position=row.position,
            claim=row.claim,
            contract=row.contract,
            provider=provider,
            kind=row.kind,
            amount_fen=row.amount_fen,
        )


def _scored(facts: Facts, since: int) -> list[str]:
    table = facts.sources.table(ACTS, SCORE)
    recent = or_(table.c.proposed_position >= since, table.c.final_position >= since)
    query = select(table.c.score).where(recent).order_by(table.c.score)
    return list(facts.sources.connection.scalars(query))


def _scores(facts: Facts, keys: Sequence[str] | None) -> Iterator[Score]:
    table = facts.sources.table(ACTS, SCORE)
    sides = sides_of(facts)
    query = select(table).where(table.c.final_position.is_not(None)).order_by(table.c.score)
    for row in selected(facts, query, table.c.score, keys):
        yield Score(
            key=row.score,
            contract=row.contract,
            provider=sides[row.contract].provider,
            proposed_position=row.proposed_position,
            proposed_ppm=row.proposed_ppm,
            final_position=row.final_position,
            final_ppm=row.final_ppm,
        )


CREDITS = Scope("credit", (ACTS, CONTRACTS), _since(CREDIT), _credits)
INTERESTS = Scope("interest", (ACTS, CONTRACTS), _since(INTEREST), _interest)
SCORES = Scope("score", (ACTS, CONTRACTS), _scored, _scores)
