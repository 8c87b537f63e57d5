"""The steps of an explanation as people read them: a title, and the lines of a small account.

Each line is what it is, how it comes about in words and numbers, and how much. What is taken away
has a minus sign.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from api.cli.console import Console
from api.text import _
from ledger.replay.explanation import (
    Asked,
    Borne,
    Ended,
    Ordered,
    Pledged,
    Reviewed,
    Share,
    Waived,
)
from ledger.replay.steps import (
    Accepted,
    Advanced,
    Answered,
    Awarded,
    Billed,
    Contested,
    Deducted,
    Granted,
    Line,
    Part,
    Released,
    Scored,
    SetOff,
    Step,
)

Row = tuple[str, str, str]

TITLES = {
    "claim.submitted": _("Visits to {until} are claimed: {claim}"),
    "claim.answered": _("Claim {claim} is answered"),
    "claim.deemed_accepted": _("Claim {claim} is accepted: nobody answered it in time"),
    "claim.agreed": _("Cuts of claim {claim} come back by agreement"),
    "dispute.opened": _("Cuts of claim {claim} are contested"),
    "dispute.settled": _("A dispute over claim {claim} is settled"),
    "dispute.ruled": _("A dispute over claim {claim} is ruled"),
    "retention.released": _("What was held back is released"),
    "guarantee.lodged": _("A guarantee takes the place of what was held back"),
    "advance.settled": _("Advance {advance} is paid"),
    "score.finalised": _("The score {score} of {from_date} to {to_date} is final"),
    "deduction.applied": _("The score {score} lowers the pay"),
    "bonus.granted": _("The score {score} raises the pay"),
    "penalty.imposed": _("A penalty is set off after notice {notice}: {ground}"),
    "receivable.requested": _("Confirmation of what is owed on {claim} is asked for"),
    "receivable.confirmed": _("What is owed on {claim} is confirmed: nothing lowers it any more"),
    "receivable.assigned": _("What is owed on {claim} is assigned to {lender}, account {account}"),
    "receivable.released": _("What is owed on {claim} is given back by {lender}"),
    "interest.accrued": _("Interest on {claim}, {days} days late so far"),
    "interest.waived": _("Interest on {claim} is waived"),
    "payment.requested": _("Payment {payment} is asked for, to account {payee} of {party}"),
    "payment.approved": _("Payment {payment} is approved"),
    "payment.returned": _("Payment {payment} is returned: {reason}"),
    "payment.ordered": _("Payment {payment} is ordered by bank message {message_id}"),
    "payment.settled": _("Payment {payment} is paid, of value {value_date}"),
    "payment.rejected": _("Payment {payment} is rejected by the bank: {reason}, {explanation}"),
    "payment.bounced": _("Payment {payment} comes back: {reason}, {explanation}"),
    "payment.diverted": _("Payment {payment} went to another account, of value {value_date}"),
}
"""What each step says, filled from its fields, by the type of its event."""


class Teller:
    """Tells steps in the user's language, amounts in one currency that is named once."""

    def __init__(self, console: Console, currency: str) -> None:
        """Tell on `console`."""
        self._console = console
        self._currency = currency

    def step(self, step: Step) -> None:
        """Print one step: what it says, where it stands in the log, and its account."""
        console, where = self._console, step.where
        facts = {name: getattr(step, name) for name in step.__struct_fields__ if name != "where"}
        console.line(console.tell(TITLES[where.type], **facts), style="bold")
        told = console.tell(
            _(
                "position {position}, statement {statement}, event {event}; at {at}, recorded "
                "{date}; signed by {signers}"
            ),
            position=where.position,
            statement=where.statement,
            event=where.event,
            at=where.at,
            date=where.date,
            signers=", ".join(where.signers),
        )
        console.line(f"  {told}", style="dim")
        console.account(list(_ROWS[type(step)](self, step)))

    def fen(self, fen: int) -> str:
        """Return an amount."""
        return self._console.figure(fen, self._currency)

    def row(self, what: str, fen: int | str, how: str = "", **facts: object) -> Row:
        """Return a line; `how` is filled with `facts`, amounts and rates among them by name."""
        shown = {name: self._fact(name, value) for name, value in facts.items()}
        amount = self.fen(fen) if isinstance(fen, int) else fen
        tell = self._console.tell
        return tell(what, **shown), tell(how, **shown) if how else "", amount

    def rate(self, ppm: int) -> str:
        """Return a rate or factor."""
        return self._console.rate(ppm)

    def _fact(self, name: str, value: object) -> object:
        if isinstance(value, int) and name.endswith("_fen"):
            return self.fen(value)
        if isinstance(value, int) and name.endswith("_ppm"):
            return self.rate(value)
        return value


# -- from visits to what is owed ---------------------------------------------------------------


def _billed(tell: Teller, step: Billed) -> Iterator[Row]:
    for each in step.units:
        yield tell.row(
            _("service {service}"),
            each.fen,
            _("{units} units × {rate_fen}"),
            service=each.service,
            units=each.units,
            rate_fen=each.rate_fen,
        )
    yield tell.row(_("gross, {visits} visits"), step.gross_fen, visits=step.visits)
    if step.denied:
        yield tell.row(_("visits denied and left out"), str(step.denied))
    for capped in step.capped:
        yield tell.row(
            _("self-pay of {person} in {month}"),
            -capped.self_pay_fen,
            _("worth {worth_fen} − {left_fen} left of the monthly cap"),
            person=capped.beneficiary,
            month=capped.month,
            worth_fen=capped.worth_fen,
            left_fen=capped.left_fen,
        )
    yield tell.row(_("claimed"), step.claim_fen, _("gross − self-pay"))


def _answered(tell: Teller, step: Answered) -> Iterator[Row]:
    yield tell.row(_("claimed"), step.claim_fen)
    for cut in step.cuts:
        yield tell.row(
            _("cut: {reason}"), -cut.fen, _("visit {visit}"), reason=cut.reason, visit=cut.visit
        )
    yield from _lines(tell, _("in dispute"), step.disputed, sign=-1)
    yield from _accepted(tell, _("accepted"), step.accepted)


def _lines(tell: Teller, what: str, lines: Iterable[Line], sign: int = 1) -> Iterator[Row]:
    for line in lines:
        yield tell.row(what, sign * line.fen, _("visit {visit}"), visit=line.visit)


def _accepted(tell: Teller, what: str, accepted: Accepted) -> Iterator[Row]:
    """Yield an accepted sum, what is taken of it, and what is left to pay."""
    accepted_fen = accepted.accepted_fen
    yield tell.row(what, accepted_fen)
    left_fen = accepted_fen - accepted.recovered_fen
    if accepted.recovered_fen:
        yield tell.row(
            _("advance recovered"),
            -accepted.recovered_fen,
            _(
                "min(prepaid {prepaid_fen}, {accepted_fen}, max({recovery_ppm} × {accepted_fen}, "
                "{accepted_fen} − committed {committed_fen}))"
            ),
            prepaid_fen=accepted.prepaid_fen,
            accepted_fen=accepted_fen,
            recovery_ppm=accepted.recovery_ppm,
            committed_fen=accepted.committed_fen,
        )
    if accepted.retained_fen:
        yield tell.row(
            _("held back"),
            -accepted.retained_fen,
            _("min({retention_ppm} × {accepted_fen}, {left_fen} left)"),
            retention_ppm=accepted.retention_ppm,
            accepted_fen=accepted_fen,
            left_fen=left_fen,
        )
    if accepted.deducted_fen:
        yield tell.row(
            _("left open by earlier deductions"),
            -accepted.deducted_fen,
            _("min(open {memo_fen}, {left_fen} left)"),
            memo_fen=accepted.memo_fen,
            left_fen=left_fen - accepted.retained_fen,
        )
    yield tell.row(_("payable"), accepted.payable_fen)


def _contested(tell: Teller, step: Contested) -> Iterator[Row]:
    yield from _lines(tell, _("contested"), step.lines)


def _awarded(tell: Teller, step: Awarded) -> Iterator[Row]:
    yield from _lines(tell, _("decided on"), step.lines)
    yield from _accepted(tell, _("awarded"), step.accepted)


def _released(tell: Teller, step: Released) -> Iterator[Row]:
    for sign, what, parts in ((1, _("held back"), step.held), (-1, _("taken since"), step.taken)):
        for part in parts:
            yield tell.row(what, sign * part.fen, _("by event {event}"), event=part.of)
    yield tell.row(_("still held back"), step.held_fen)
    yield tell.row(_("released"), step.amount_fen)


def _advanced(tell: Teller, step: Advanced) -> Iterator[Row]:
    yield tell.row(_("paid before anything was delivered"), step.amount_fen)


def _scored(tell: Teller, step: Scored) -> Iterator[Row]:
    for each in step.found:
        yield tell.row(
            _("indicator {indicator}"),
            tell.rate(each.score_ppm),
            _("weight {weight_ppm}"),
            indicator=each.indicator,
            weight_ppm=each.weight_ppm,
        )
    yield tell.row(_("score"), tell.rate(step.total_ppm), _("the sum of weight × score"))
    yield tell.row(
        _("factor"),
        tell.rate(step.band_factor_ppm),
        _("{rule}: from a score of {band_ppm}"),
        rule=step.rule,
        band_ppm=step.band_ppm,
    )
    if step.factor_ppm != step.band_factor_ppm:
        yield tell.row(_("factor"), tell.rate(step.factor_ppm), _("by the reviewer's decision"))


def _base(tell: Teller, parts: Iterable[Part], base_fen: int) -> Iterator[Row]:
    for part in parts:
        yield tell.row(_("accepted of claim {claim}"), part.fen, claim=part.of)
    yield tell.row(_("base"), base_fen)


def _deducted(tell: Teller, step: Deducted) -> Iterator[Row]:
    yield from _base(tell, step.base, step.base_fen)
    yield tell.row(
        _("deduction"),
        -step.amount_fen,
        _("{base_fen} × (100% − {factor_ppm})"),
        base_fen=step.base_fen,
        factor_ppm=step.factor_ppm,
    )
    for what, fen in (
        (_("of it from what is held back"), step.retained_fen),
        (_("of it from what is payable"), step.accrued_fen),
        (_("of it as recovery of the advance undone"), step.recovered_fen),
        (_("of it left for the next acceptance"), step.memo_fen),
    ):
        if fen:
            yield tell.row(what, -fen)
    yield from _borne_by(tell, step.taken)


def _borne_by(tell: Teller, parts: Iterable[Part]) -> Iterator[Row]:
    for part in parts:
        yield tell.row(_("borne by {sum}"), -part.fen, sum=part.of)


def _granted(tell: Teller, step: Granted) -> Iterator[Row]:
    yield from _base(tell, step.base, step.base_fen)
    yield tell.row(
        _("bonus"),
        step.amount_fen,
        _("min({base_fen} × ({factor_ppm} − 100%), {left_fen} left for bonuses)"),
        base_fen=step.base_fen,
        factor_ppm=step.factor_ppm,
        left_fen=step.left_fen,
    )


def _set_off(tell: Teller, step: SetOff) -> Iterator[Row]:
    yield tell.row(_("penalty"), -step.amount_fen)
    yield from _borne_by(tell, step.taken)


# -- from what is owed to the bank -------------------------------------------------------------


def _pledged(tell: Teller, step: Pledged) -> Iterator[Row]:
    yield tell.row(_("payable"), step.amount_fen)


def _borne(tell: Teller, step: Borne) -> Iterator[Row]:
    yield tell.row(
        _("interest since {due_on}"),
        step.total_fen,
        _("{principal_fen} × {late_ppm} × {days} days ÷ 365"),
        due_on=step.due_on,
        principal_fen=step.principal_fen,
        late_ppm=step.rate_ppm,
        days=step.days,
    )
    if step.before_fen:
        yield tell.row(_("booked before"), -step.before_fen)
    yield tell.row(_("booked now"), step.amount_fen)


def _waived(tell: Teller, step: Waived) -> Iterator[Row]:
    yield tell.row(_("interest owed"), step.owed_fen)
    yield tell.row(_("waived"), -step.amount_fen)


def shares(tell: Teller, parts: Iterable[Share]) -> Iterator[Row]:
    """Yield what each sum brings to a payment."""
    for share in parts:
        if share.principal_fen:
            yield tell.row(
                _("payable on {sum}"),
                share.principal_fen,
                _("to be paid by {date}"),
                sum=share.of,
                date=share.due_on,
            )
        if share.interest_fen:
            yield tell.row(_("interest on {sum}"), share.interest_fen, sum=share.of)


def _asked(tell: Teller, step: Asked) -> Iterator[Row]:
    yield from shares(tell, step.shares)
    yield tell.row(_("principal asked for"), step.principal_fen)


def _reviewed(tell: Teller, step: Reviewed) -> Iterator[Row]:
    if step.explanation is not None:
        yield tell.row(_("in words"), "", "{explanation}", explanation=step.explanation)


def _ordered(tell: Teller, step: Ordered) -> Iterator[Row]:
    yield from shares(tell, step.shares)
    yield tell.row(_("ordered"), step.principal_fen + step.interest_fen)
    for part in step.lines:
        yield tell.row(_("of the principal from line {line}"), part.fen, line=part.of)


def _ended(tell: Teller, step: Ended) -> Iterator[Row]:
    yield tell.row(_("principal and interest"), step.amount_fen)


_ROWS: dict[type[Step], Callable[[Teller, Any], Iterator[Row]]] = {
    Billed: _billed,
    Answered: _answered,
    Contested: _contested,
    Awarded: _awarded,
    Released: _released,
    Advanced: _advanced,
    Scored: _scored,
    Deducted: _deducted,
    Granted: _granted,
    SetOff: _set_off,
    Pledged: _pledged,
    Borne: _borne,
    Waived: _waived,
    Asked: _asked,
    Reviewed: _reviewed,
    Ordered: _ordered,
    Ended: _ended,
}
