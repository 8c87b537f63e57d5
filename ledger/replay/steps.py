"""The steps from visits to what is owed, as figures.

Those from there to the bank's word stand in `ledger.replay.explanation`.

Every figure of a step was recomputed from the events before it (`ledger.replay.reckoning`); what
the event itself states, and what the books moved, was compared with it. A *sum* is a claim as far
as it is to be paid, or a sum owed beyond claims under the id of the event that made it so
(docs/decisions/0028). Amounts are fen, rates and factors parts per million, dates local.
"""

from msgspec import Struct


class Where(Struct, frozen=True, kw_only=True):
    """Where a step stands in the log, and who answers for it.

    Attributes:
        position: the event's position.
        statement: leaf index of its statement.
        event: its id.
        type: its type.
        at: when it happened, as its signers claim.
        date: local date on which the ledger recorded it.
        signers: the parties that signed, in the order of the lines.

    """

    position: int
    statement: int
    event: str
    type: str
    at: str
    date: str
    signers: tuple[str, ...]


class Step(Struct, frozen=True, kw_only=True, tag_field="step"):
    """One event on the way to a payment."""

    where: Where


class Part(Struct, frozen=True):
    """How much of something: `of` is a sum, an event or a fund line."""

    of: str
    fen: int


# -- what was served, and what of it was accepted ----------------------------------------------


class Units(Struct, frozen=True, kw_only=True):
    """Units of one service at one rate: units × rate."""

    service: str
    units: int
    rate_fen: int

    @property
    def fen(self) -> int:
        """What they come to."""
        return self.units * self.rate_fen


class Capped(Struct, frozen=True, kw_only=True):
    """A person's month in which visits exceed the cap: worth − left of the cap = self-pay.

    Attributes:
        beneficiary: the person's token.
        month: the calendar month.
        worth_fen: what the visits billed now are worth.
        left_fen: what earlier claims had left of the person's cap.
        self_pay_fen: paid by the person.

    """

    beneficiary: str
    month: str
    worth_fen: int
    left_fen: int
    self_pay_fen: int


class Line(Struct, frozen=True):
    """A visit of a claim, how much of it, and the reason code where it is cut."""

    visit: str
    fen: int
    reason: str | None = None


class Accepted(Struct, frozen=True, kw_only=True):
    """An accepted sum G and where it goes (funds: Acceptance).

    R = min(prepaid, G, max(recovery × G, G − committed)), W = min(retention × G, G − R),
    M = min(memo, G − R − W); payable is G − R − W − M.

    Attributes:
        accepted_fen: G.
        recovery_ppm: share of it by which an advance is recovered.
        prepaid_fen: paid in advance and not yet recovered, before.
        committed_fen: committed to the contract, before.
        recovered_fen: R, paid before by the advance.
        retention_ppm: share of it that is held back.
        retained_fen: W, held back.
        memo_fen: what deductions had found nothing to take from, before.
        deducted_fen: M, what of that is taken now.
        payable_fen: to be paid.

    """

    accepted_fen: int
    recovery_ppm: int
    prepaid_fen: int
    committed_fen: int
    recovered_fen: int
    retention_ppm: int
    retained_fen: int
    memo_fen: int
    deducted_fen: int
    payable_fen: int


class Billed(Step, frozen=True, kw_only=True, tag="billed"):
    """Visits were claimed: gross − self-pay = claim.

    Attributes:
        claim: its id.
        until: last day billed.
        visits: how many visits.
        denied: visits until then that were denied, and are left out.
        units: units by service and rate.
        gross_fen: units × rates.
        capped: where self-pay comes from.
        self_pay_fen: what exceeds the monthly caps.
        claim_fen: asked of the purchaser.

    """

    claim: str
    until: str
    visits: int
    denied: int
    units: tuple[Units, ...]
    gross_fen: int
    capped: tuple[Capped, ...]
    self_pay_fen: int
    claim_fen: int


class Answered(Step, frozen=True, kw_only=True, tag="answered"):
    """A claim was answered, or nobody answered in time: claim − cuts − disputed = accepted.

    Attributes:
        claim: which.
        claim_fen: asked for.
        cuts: not paid, each with its reason.
        disputed: waiting.
        accepted: the rest, and where it goes.

    """

    claim: str
    claim_fen: int
    cuts: tuple[Line, ...]
    disputed: tuple[Line, ...]
    accepted: Accepted


class Contested(Step, frozen=True, kw_only=True, tag="contested"):
    """The provider contested cuts of a claim; they are in dispute."""

    claim: str
    lines: tuple[Line, ...]


class Awarded(Step, frozen=True, kw_only=True, tag="awarded"):
    """Cut or disputed lines were decided; what is awarded is owed under the event's id.

    Attributes:
        claim: of which claim.
        lines: what was decided on.
        accepted: what was awarded, and where it goes.

    """

    claim: str
    lines: tuple[Line, ...]
    accepted: Accepted


class Released(Step, frozen=True, kw_only=True, tag="released"):
    """What was held back is owed, under the event's id: held − taken since − released before.

    Attributes:
        held: what each acceptance so far held back.
        taken: what deductions took of it and what was released before.
        held_fen: what is left.
        amount_fen: released now.

    """

    held: tuple[Part, ...]
    taken: tuple[Part, ...]
    held_fen: int
    amount_fen: int


class Advanced(Step, frozen=True, kw_only=True, tag="advanced"):
    """An advance was paid; acceptances recover it."""

    advance: str
    amount_fen: int


# -- what scores and penalties change ----------------------------------------------------------


class Found(Struct, frozen=True, kw_only=True):
    """What was found of one indicator: weight × score."""

    indicator: str
    weight_ppm: int
    score_ppm: int


class Scored(Step, frozen=True, kw_only=True, tag="scored"):
    """A score became final: Σ weight × score = total; the highest step it reaches is the factor.

    Attributes:
        score: its id.
        from_date: first day scored.
        to_date: last day scored.
        found: the indicators.
        total_ppm: the sum.
        rule: version of the pay rule that the contract names.
        band_ppm: where the step begins that the total reaches.
        band_factor_ppm: the factor of that step.
        factor_ppm: the final factor; only a reviewer goes below the last step.

    """

    score: str
    from_date: str
    to_date: str
    found: tuple[Found, ...]
    total_ppm: int
    rule: str
    band_ppm: int
    band_factor_ppm: int
    factor_ppm: int


class Deducted(Step, frozen=True, kw_only=True, tag="deducted"):
    """A score lowered the pay by D = base × (1 − factor) (funds: Deduction).

    Attributes:
        score: which score.
        base: what was accepted, so far, of each claim of the scored period.
        base_fen: their sum.
        factor_ppm: the score's.
        amount_fen: D.
        retained_fen: taken from what is held back.
        accrued_fen: taken from what is payable.
        recovered_fen: taken by owing the recovery of advances again.
        memo_fen: left for the next acceptance.
        taken: what of the payable part each sum bears.

    """

    score: str
    base: tuple[Part, ...]
    base_fen: int
    factor_ppm: int
    amount_fen: int
    retained_fen: int
    accrued_fen: int
    recovered_fen: int
    memo_fen: int
    taken: tuple[Part, ...]


class Granted(Step, frozen=True, kw_only=True, tag="granted"):
    """A score raised the pay by min(base × (factor − 1), what is left for bonuses).

    Attributes:
        score: which score.
        base: what was accepted, so far, of each claim of the scored period.
        base_fen: their sum.
        factor_ppm: the score's.
        left_fen: what of the contract's `bonus_max_fen` was left.
        amount_fen: owed under the event's id.

    """

    score: str
    base: tuple[Part, ...]
    base_fen: int
    factor_ppm: int
    left_fen: int
    amount_fen: int


class SetOff(Step, frozen=True, kw_only=True, tag="set_off"):
    """A penalty was set off against what is payable; the sums count as paid by so much.

    Attributes:
        notice: the notice it follows.
        ground: why.
        amount_fen: the penalty.
        taken: what of it each sum bears.

    """

    notice: str
    ground: str
    amount_fen: int
    taken: tuple[Part, ...]
