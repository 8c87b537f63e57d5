"""The tables of payments, of the sums they pay, and of what is overdue, for people."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from api.cli.console import Column, Console, visible
from api.codes import PAYMENT_STATUS, WAITS_FOR, WAITS_TOLD, step_message
from api.telling import NOTHING
from api.text import _

if TYPE_CHECKING:
    from projections.context import Party
    from projections.payments import (
        ClaimFile,
        OverdueList,
        Payment,
        PaymentFile,
        Step,
    )

_COLOURS = {
    "requested": "",
    "approved": "",
    "returned": "red",
    "ordered": "yellow",
    "settled": "green",
    "rejected": "red",
    "bounced": "red",
    "diverted": "red",
}
_ENDED_UNPAID = ("returned", "rejected", "bounced")


def show_payments(console: Console, payments: Sequence["Payment"]) -> None:
    """Print the list of payments, each with how far it came, what it waits for, and till when."""
    console.table(
        _("Payments, in {currency}") if payments else _("Payments"),
        [
            Column(_("payment"), style="bold"),
            Column(_("contract")),
            Column(_("claims")),
            Column(_("principal"), "right"),
            Column(_("interest"), "right"),
            Column(_("requested")),
            Column(_("due")),
            Column(_("days late"), "right"),
            Column(_("paid")),
            Column(_("status")),
            Column(_("waits for")),
        ],
        [
            [
                payment.payment,
                payment.contract,
                ", ".join(payment.claims),
                console.figure(payment.principal_fen, payment.currency),
                console.figure(payment.interest_fen, payment.currency),
                payment.requested_on,
                payment.due_on or NOTHING,
                console.number(payment.days_late) if payment.days_late else NOTHING,
                payment.value_date or NOTHING,
                status,
                console.tell(WAITS_FOR[payment.waits_for]),
            ]
            for payment, status in _with_status(console, payments)
        ],
        currency=payments[0].currency if payments else "",
    )


def show_payment(console: Console, found: "PaymentFile") -> None:
    """Print one payment whole: its facts, its sums from what was claimed, and where it stands."""
    payment = found.payment
    show_payments(console, [payment])
    facts = {
        _("buyer"): _name(console, payment.buyer),
        _("provider"): _name(console, payment.provider),
        _("account"): payment.payee,
        _("approved"): payment.approved_on,
        _("ordered"): payment.ordered_on,
        _("ended"): payment.ended_on,
        _("reason"): payment.reason,
        _("explanation"): payment.explanation,
    }
    console.table(
        _("Facts"),
        [Column(_("what")), Column(_("value"))],
        [[console.tell(what), value] for what, value in facts.items() if value],
    )
    for file in found.claims:
        _show_sum(console, file)
    console.table(
        _("What each sum brings to it"),
        [
            Column(_("sum")),
            Column(_("principal"), "right"),
            Column(_("interest"), "right"),
            Column(_("due")),
        ],
        [
            [
                share.claim,
                console.figure(share.principal_fen, payment.currency),
                console.figure(share.interest_fen, payment.currency),
                share.due_on or NOTHING,
            ]
            for share in found.shares
        ],
    )
    for sentence in _standing(console, found):
        console.line(sentence)


def _show_sum(console: Console, file: "ClaimFile") -> None:
    """Print what became of a sum: each event that changed it, then what it comes to."""
    claim = file.claim

    def fen(amount: int) -> str:
        return console.figure(amount, claim.currency)

    rows = [
        [
            str(step.position),
            step.day,
            _told(console, step),
            fen(step.amount_fen),
            fen(step.change_fen) if step.change_fen else NOTHING,
        ]
        for step in file.steps
    ]
    for what, amount in (
        (_("to be paid"), claim.payable_fen),
        (_("of that, ordered"), claim.ordered_fen),
        (_("of that, paid"), claim.paid_fen),
    ):
        rows.append([NOTHING, NOTHING, console.tell(what), NOTHING, fen(amount)])
    own = claim.origin is None
    console.table(
        _("{claim}: from what was claimed to what was paid, in {currency}")
        if own
        else _("{claim}, of claim {origin}: what was paid of it, in {currency}"),
        [
            Column(_("position"), "right"),
            Column(_("recorded")),
            Column(_("what")),
            Column(_("amount"), "right"),
            Column(_("changes what is to be paid"), "right"),
        ],
        rows,
        claim=claim.claim,
        origin=claim.origin,
        currency=claim.currency,
    )


def _told(console: Console, step: "Step") -> str:
    return console.tell(step_message(step.kind, step.about), reason=step.reason, about=step.about)


def _standing(console: Console, found: "PaymentFile") -> Iterator[str]:
    """Yield sentences, those of `explain`: where the payment stands, and what it waits for."""
    payment = found.payment
    yield console.tell(WAITS_TOLD[payment.waits_for])
    if payment.days_late:
        yield console.tell(
            _("The last day to pay in time was {due_on}; {days} days late."),
            due_on=payment.due_on,
            days=payment.days_late,
        )
    else:
        yield console.tell(_("The last day to pay in time is {due_on}."), due_on=payment.due_on)
    if found.asked_again is not None:
        yield console.tell(
            _("What it was for is asked for again by payment {payment}."),
            payment=found.asked_again,
        )
    for message, fen in (
        (_("Interest that is booked and in no order: {fen}."), payment.interest_open_fen),
        (_("Still in dispute on its claims: {fen}."), found.disputed_fen),
    ):
        if fen:
            yield console.tell(message, fen=console.figure(fen, payment.currency))


def show_overdue(console: Console, found: "OverdueList") -> None:
    """Print what is overdue: each sum, then what each buyer owes in all."""
    console.table(
        _("Overdue at the end of {day}, in {currency}"),
        [
            Column(_("sum"), style="bold"),
            Column(_("contract")),
            Column(_("buyer")),
            Column(_("provider")),
            Column(_("principal"), "right"),
            Column(_("due")),
            Column(_("days late"), "right"),
            Column(_("interest booked"), "right"),
            Column(_("payment")),
        ],
        [
            [
                each.claim,
                each.contract,
                _name(console, each.buyer),
                _name(console, each.provider),
                console.figure(each.principal_fen, each.currency),
                each.due_on,
                console.number(each.days_late),
                console.figure(each.interest_fen, each.currency),
                each.payment or NOTHING,
            ]
            for each in found.items
        ],
        day=found.as_of,
        currency=found.currency,
    )
    if not found.totals:
        return
    console.table(
        _("Overdue by buyer, in {currency}"),
        [
            Column(_("buyer"), style="bold"),
            Column(_("sums"), "right"),
            Column(_("principal"), "right"),
            Column(_("interest booked"), "right"),
        ],
        [
            [
                _name(console, total.buyer),
                console.number(total.sums),
                console.figure(total.principal_fen, found.currency),
                console.figure(total.interest_fen, found.currency),
            ]
            for total in found.totals
        ],
        currency=found.currency,
    )


def _name(console: Console, party: "Party") -> str:
    return console.name(party.names, party.id)


def _with_status(
    console: Console, payments: Sequence["Payment"]
) -> Iterator[tuple["Payment", Text]]:
    """Yield each payment with its status in words: also which one it repeats."""
    ended: dict[str, str] = {}  # claim -> the payment it was in that did not pay it
    for payment in payments:
        status = console.tell(PAYMENT_STATUS[payment.status])
        earlier = next((ended[c] for c in payment.claims if c in ended), None)
        if earlier is not None:
            status = console.tell(
                _("{status}, requested again after {earlier}"), status=status, earlier=earlier
            )
        if payment.status in _ENDED_UNPAID:
            ended |= dict.fromkeys(payment.claims, payment.payment)
        if payment.explanation is not None:
            status = console.tell(
                _("{status}: {reason}"), status=status, reason=payment.explanation
            )
        yield payment, Text(visible(status), style=_COLOURS[payment.status])
