"""The yearly list of overdue sums as a file for spreadsheets (SME Payment Regulation 18).

UTF-8 with a byte order mark and CRLF, as spreadsheet programs expect. Each amount stands twice: in
integer fen, and as people write it. A cell that a spreadsheet would run as a formula begins with an
apostrophe: names in it were written by the parties themselves.
"""

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.cli.console import Console
from api.text import _

if TYPE_CHECKING:
    from projections.payments import Overdue

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula; full-width signs in some of them, too."""

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
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([console.tell(heading) for heading in _HEADINGS])
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
        writer.writerow([harmless(cell) for cell in cells])
    return BYTE_ORDER_MARK + text.getvalue().encode()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
