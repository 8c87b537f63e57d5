"""F20: a sum paid the day after it was due, and one paid on the day."""

from projections.flags.claims import Sum

CLEAR = Sum(
    key="k-1",
    contract="c-1",
    buyer="PUR",
    status="answered",
    owed_position=10,
    accepted_position=20,
    answer_by="2026-02-10",
    due_on="2026-03-10",
    late_from="2026-03-11",
    cleared_on="2026-03-10",
    payable_fen=5_000,
    claim_fen=5_000,
    today="2026-04-01",
)
FLAGGED = CLEAR._replace(cleared_on="2026-03-11")
