"""The auditor's workbench: one thing as it was at two points, side by side, and its proofs."""

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Struct

from api.http.parameters import missing, point_asked
from api.http.questions import Asked, Question
from api.portal.asking import EMPTY_IS_NONE, Word
from api.portal.comparing import Figure, Kind, compare, of_contract, of_line, of_payment
from api.portal.views import Pages, View
from ledger.times import format_instant
from projections.contracts import ContractFile
from projections.contracts.past import contract_as_of
from projections.engine import Projections
from projections.funds import FundFile
from projections.funds.past import fund_as_of
from projections.payments import PaymentFile
from projections.payments.past import payment_as_of
from projections.points import Point

pages = Pages()

OfKind = Annotated[Kind | None, EMPTY_IS_NONE]


class At(Struct, frozen=True):
    """A point of the history.

    Attributes:
        asked: as it was asked for.
        position: how many events there were.
        recorded: when the last statement by then was recorded (RFC 3339, UTC), or None.
        is_there: whether the thing was there.

    """

    asked: str
    position: int
    recorded: str | None
    is_there: bool


class Compared(Struct, frozen=True):
    """A thing at two points.

    Attributes:
        kind: contract, line or payment.
        id: its id.
        currency: ISO 4217 of the amounts.
        then: the first point.
        now: the second.
        figures: every figure at both.
        differing: how many differ.

    """

    kind: Kind
    id: str
    currency: str
    then: At
    now: At
    figures: tuple[Figure, ...]
    differing: int


class Workbench(Struct, frozen=True):
    """What is on the workbench.

    Attributes:
        position: how many events of the ledger there are.
        compared: what was asked for, or None.

    """

    position: int
    compared: Compared | None


@pages.page("/workbench")
def workbench(
    question: Asked,
    kind: OfKind = None,
    id: Word = None,  # noqa: A002 (the field's name in the form)
    then: Word = None,
    now: Word = None,
) -> View:
    """Compare a thing at two points; for the finance bureau and auditors."""
    question.check_reads_all()
    position = question.service.position
    found = None
    if kind is not None and id is not None:
        latest = now or str(position)
        found = _compare(question, kind, id, then or latest, latest)
    asked = {"kind": kind or "contract", "id": id, "then": then, "now": now}
    document = Workbench(position, found)
    return View("workbench.html", document, position, {"asked": asked})


def _compare(question: Question, kind: Kind, name: str, then: str, now: str) -> Compared:
    """Return a thing at two points.

    Raises:
        Problem: `not_found`: it was there at neither.

    """
    look, tell = _KINDS[kind]
    points = [(asked, point_asked(question, asked)) for asked in (then, now)]
    files = [look(question.projections, name, point) for _, point in points]
    newest = next((file for file in reversed(files) if file is not None), None)
    if newest is None:
        raise missing(kind, name, now)
    figures = compare(*(None if file is None else tell(file) for file in files))
    before, after = (
        At(
            asked,
            point.place.position,
            format_instant(point.recorded_ms) if point.place.size else None,
            file is not None,
        )
        for (asked, point), file in zip(points, files, strict=True)
    )
    return Compared(
        kind=kind,
        id=name,
        currency=_currency(newest),
        then=before,
        now=after,
        figures=figures,
        differing=sum(1 for each in figures if each.differs),
    )


def _line(projections: Projections, name: str, point: Point) -> FundFile | None:
    return fund_as_of(projections, name, point)[0]


def _currency(file: ContractFile | FundFile | PaymentFile) -> str:
    if isinstance(file, ContractFile):
        return file.contract.currency
    return file.fund.currency if isinstance(file, FundFile) else file.payment.currency


_KINDS: dict[Kind, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "contract": (contract_as_of, of_contract),
    "line": (_line, of_line),
    "payment": (payment_as_of, of_payment),
}
"""How a thing of each kind is found at a point, and its figures."""
