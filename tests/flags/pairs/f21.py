"""F21: a claim that waits on the day after its last to be answered, and one on that last day."""

from projections.flags.claims import Sum

CLEAR = Sum(
    key="k-1",
    contract="c-1",
    buyer="PUR",
    status="submitted",
    owed_position=10,
    accepted_position=None,
    answer_by="2026-02-10",
    due_on=None,
    late_from=None,
    cleared_on=None,
    payable_fen=0,
    claim_fen=5_000,
    today="2026-02-10",
)
FLAGGED = CLEAR._replace(today="2026-02-11")
