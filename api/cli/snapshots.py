"""The snapshot that a ledger starts from, in words: what it covers, or why it is not used."""

from collections.abc import Mapping

from api.text import _
from ledger.snapshot import Fault

NOT_USED = _(
    "The snapshot was not used: {why}. Everything was replayed instead; the next `sunledger close`"
    " makes a new one."
)

REASONS: Mapping[Fault, str] = {
    "forged": _("it is not signed by this ledger's key"),
    "other_code": _("another release of Sunledger made it"),
    "damaged": _("its data was changed or damaged"),
    "other_log": _("it is of another ledger, or of more statements than there are"),
    "other_tree": _("the log differs from the one it was made from"),
    "closing_missing": _("there is no closing where it was made"),
    "closing_differs": _("the closing does not follow from its state"),
    "recent_differs": _("the statements of the month before it are not as they were admitted"),
    "history_differs": _("what came after it is not admitted on its state"),
}
"""Why a snapshot failed, by the check that it failed."""
