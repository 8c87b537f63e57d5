"""Every refusal code, listed once, in the order in which a statement is judged.

First the statement as a whole, then its events one after another, each seeing what those before
it did: who may, what it refers to, its own matter, and money last. (What tells who may, such as
the contract a visit names, is looked up first.) The first refusal decides; a later event is not
looked at. `sentence` tells what was wrong and `cure` what to do; the Chinese texts stand in the
catalogue (api/locale) under the same English. Each area has its module.
"""

from ledger.errors import Refused
from ledger.refusals import (
    advance,
    authority,
    budget,
    claim,
    closing,
    contract,
    delivery,
    money,
    notice,
    parties,
    payment,
    penalty,
    reference,
    reported,
    retention,
    rulebook,
    score,
    standing,
    statement,
    supervision,
    tender,
)
from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    **statement.REFUSALS,
    **authority.REFUSALS,
    **reference.REFUSALS,
    **parties.REFUSALS,
    **closing.REFUSALS,
    **rulebook.REFUSALS,
    **budget.REFUSALS,
    **tender.REFUSALS,
    **contract.REFUSALS,
    **delivery.REFUSALS,
    **advance.REFUSALS,
    **claim.REFUSALS,
    **score.REFUSALS,
    **retention.REFUSALS,
    **payment.REFUSALS,
    **notice.REFUSALS,
    **standing.REFUSALS,
    **penalty.REFUSALS,
    **supervision.REFUSALS,
    **reported.REFUSALS,
    **money.REFUSALS,
}
"""Every code, in the order in which a statement is judged."""


def sentence(refused: Refused) -> str:
    """Return the refusal as one English sentence with its cure."""
    text = REFUSALS[refused.code]
    where = "" if refused.event_index is None else f"Event {refused.event_index}: "
    return f"{where}{text.sentence.format(**refused.facts)} {text.cure.format(**refused.facts)}"
