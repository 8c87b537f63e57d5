"""The yearly list of overdue sums as a file for spreadsheets (SME Payment Regulation 18).

Each amount stands twice: in integer fen, and as people write it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.cli.console import Console
from api.spreadsheets import BYTE_ORDER_MARK, csv_line
from api.text import _

if TYPE_CHECKING:
    from projections.payments import Overdue

_HEADINGS = (
    _("day"),
    _("buyer"),
    _("name of the buyer"),
    _("provider"),
    _("name of the provider"),
    _("contract"),
    _("sum"),
    _("made by"),
    _("due"),
    _("days late"),
    _("principal in fen"),
    _("principal"),
    _("interest booked, in fen"),
    _("interest booked"),
    _("currency"),
    _("assigned to"),
)


def overdue_csv(console: Console, day: str, found: Sequence["Overdue"]) -> bytes:
    """Return the file that lists what was overdue at the end of a day, in the user's language."""
    lines = [csv_line([console.tell(heading) for heading in _HEADINGS])]
    for each in found:
        cells = (
            day,
            each.buyer.id or "",
            console.name(each.buyer.names, each.buyer.id),
            each.provider.id or "",
            console.name(each.provider.names, each.provider.id),
            each.contract,
            each.claim,
            each.basis,
            each.due_on,
            str(each.days_late),
            str(each.principal_fen),
            console.figure(each.principal_fen, each.currency),
            str(each.interest_fen),
            console.figure(each.interest_fen, each.currency),
            each.currency,
            each.lender or "",
        )
        lines.append(csv_line(cells))
    return BYTE_ORDER_MARK + b"".join(lines)
