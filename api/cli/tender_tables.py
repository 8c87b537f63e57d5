"""The tables of tenders, for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.cli.console import Column, Console
from api.cli.register_tables import minute, word
from api.telling import NOTHING
from api.text import _

if TYPE_CHECKING:
    from projections.tenders import Tender, TenderFile


def show_tenders(console: Console, tenders: Sequence["Tender"]) -> None:
    """Print the list of tenders; those that others published are marked."""
    console.table(
        _("Tenders"),
        [
            Column(_("tender"), style="bold", whole=True),
            Column(_("title")),
            Column(_("buyer")),
            Column(_("method")),
            Column(_("status")),
            Column(_("closes"), whole=True),
            Column(_("bids"), "right"),
            Column(_("value"), "right"),
        ],
        [
            [
                each.ocid or each.tender,
                console.name(each.titles, NOTHING),
                NOTHING if each.buyer is None else console.name(each.buyer.names, each.buyer.id),
                each.method or NOTHING,
                _tender_status(console, each),
                minute(each.closes_ms),
                console.number(each.bids) if each.origin == "native" else NOTHING,
                _amount(console, each.value_minor, each.currency),
            ]
            for each in tenders
        ],
    )


def show_tender(console: Console, found: "TenderFile") -> None:
    """Print all that is known of one tender."""
    each = found.tender
    show_tenders(console, [each])
    facts = {
        _("programme"): each.programme,
        _("published by"): ", ".join(each.publishers),
        _("opens"): minute(each.opens_ms),
        _("first close"): minute(each.first_closes_ms) if each.amendments else None,
        _("amendments"): console.number(each.amendments) if each.amendments else None,
        _("questions"): f"{each.questions} / {each.answered}" if each.questions else None,
        _("ground"): None if each.ground is None else str(each.ground),
        _("reason"): console.name(each.reasons, None),
        _("justification"): console.name(found.justification, None),
        _("criteria"): ", ".join(
            f"{criterion} {console.rate(ppm)}" for criterion, ppm in found.criteria.items()
        ),
        _("signed by"): ", ".join(found.keys),
    }
    rows = [[console.tell(name), value] for name, value in facts.items() if value]
    console.table(_("Facts"), [Column(_("what")), Column(_("value"))], rows)
    if each.origin == "native":
        _show_lots(console, found)
        _show_bids(console, found)
        _show_awards(console, found)


def _show_lots(console: Console, found: "TenderFile") -> None:
    currency = found.tender.currency
    console.table(
        _("Lots, in {currency}"),
        [
            Column(_("lot"), style="bold"),
            Column(_("service")),
            Column(_("area")),
            Column(_("status")),
            Column(_("value"), "right"),
            Column(_("lines")),
            Column(_("reserved"), "right"),
            Column(_("valid bids"), "right"),
            Column(_("contract")),
        ],
        [
            [
                lot.lot,
                lot.service,
                lot.area or NOTHING,
                word(console, lot.status),
                console.figure(lot.value_fen, currency),
                ", ".join(line.line for line in lot.lines) or NOTHING,
                console.figure(sum(line.reserved_fen for line in lot.lines), currency),
                f"{lot.valid} / {lot.sealed}",
                lot.contract or NOTHING,
            ]
            for lot in found.lots
        ],
        currency=currency,
    )


def _show_bids(console: Console, found: "TenderFile") -> None:
    if not found.bids:
        return
    currency = found.tender.currency
    console.table(
        _("Bids, in {currency}"),
        [
            Column(_("bid"), style="bold"),
            Column(_("lot")),
            Column(_("bidder")),
            Column(_("status")),
            Column(_("price"), "right"),
            Column(_("reason")),
            Column(_("scores"), "right"),
        ],
        [
            [
                bid.bid,
                bid.lot,
                console.name(bid.bidder.names, bid.bidder.id),
                word(console, bid.status),
                NOTHING if bid.value_fen is None else console.figure(bid.value_fen, currency),
                bid.reason or NOTHING,
                console.number(len(bid.scores)),
            ]
            for bid in found.bids
        ],
        currency=currency,
    )


def _show_awards(console: Console, found: "TenderFile") -> None:
    currency = found.tender.currency
    if found.awards:
        console.table(
            _("Awards, in {currency}"),
            [
                Column(_("award"), style="bold"),
                Column(_("lot")),
                Column(_("winner")),
                Column(_("status")),
                Column(_("value"), "right"),
                Column(_("decided"), whole=True),
                Column(_("contract")),
            ],
            [
                [
                    award.award,
                    award.lot,
                    console.name(award.winner.names, award.winner.id),
                    word(console, award.status),
                    console.figure(award.value_fen, currency),
                    award.decided_on,
                    award.contract or NOTHING,
                ]
                for award in found.awards
            ],
            currency=currency,
        )
    if found.challenges:
        console.table(
            _("Challenges"),
            [
                Column(_("challenge"), style="bold"),
                Column(_("award")),
                Column(_("challenger")),
                Column(_("ground")),
                Column(_("status")),
                Column(_("filed"), whole=True),
                Column(_("complaint")),
            ],
            [
                [
                    one.challenge,
                    one.award or NOTHING,
                    console.name(one.challenger.names, one.challenger.id),
                    one.ground,
                    word(console, one.status),
                    minute(one.filed_ms),
                    one.complaint or NOTHING,
                ]
                for one in found.challenges
            ],
        )


def _tender_status(console: Console, each: "Tender") -> str:
    if each.origin == "native":
        return word(console, each.status)
    return console.tell(_("{status} (reported)"), status=each.status or NOTHING)


def _amount(console: Console, amount: int | None, currency: str) -> str:
    return NOTHING if amount is None else console.money(amount, currency)
