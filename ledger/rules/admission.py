"""Admission: the one way from an opened statement to a changed state.

The live ledger, its recovery and every replay call `admit_statement`; so what is verified later
is what was decided then. It either changes the state by the whole statement or not at all.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from ledger.errors import Refused
from ledger.events import TYPES, Event, type_of
from ledger.events.closing import LedgerClosed
from ledger.events.parties import KeyEnrolled, KeyRecovered, LedgerOpened
from ledger.note import VerifierKey
from ledger.opening import Opened, open_statement
from ledger.parties import Key, Signer
from ledger.postings import Posting
from ledger.rules import (
    accounts,
    advance,
    amending,
    audit,
    award,
    bid,
    budget,
    cashplan,
    challenge,
    claim,
    closing,
    confirming,
    contested,
    deduction,
    delivery,
    dispute,
    doubt,
    ending,
    enrolment,
    flag,
    grievance,
    interest,
    keys,
    notice,
    parties,
    payment,
    penalty,
    persons,
    programme,
    qualification,
    question,
    receivable,
    refund,
    reported,
    retention,
    rulebook,
    sanction,
    score,
    settlement,
    signing,
    suspending,
    tender,
    yearend,
)
from ledger.rules.act import Act, Rule
from ledger.rules.force import check_in_force
from ledger.rules.money import book, check_invariants, lapse_returns
from ledger.state import State
from ledger.state.subject import Subject
from ledger.statement import split_key_name
from ledger.times import MS_PER_DAY, MS_PER_MINUTE, format_instant, local_date

STATEMENT_LIFE_MS = 30 * MS_PER_DAY
"""How long a statement may wait: a half-signed draft cannot be completed a year later."""
CLOCK_SKEW_MS = 5 * MS_PER_MINUTE
"""How far ahead of the ledger's a signer's clock may run."""

RULES: dict[type[Event], Rule[Any]] = {
    **parties.RULES,
    **keys.RULES,
    **doubt.RULES,
    **accounts.RULES,
    **persons.RULES,
    **closing.RULES,
    **rulebook.RULES,
    **programme.RULES,
    **budget.RULES,
    **cashplan.RULES,
    **yearend.RULES,
    **tender.RULES,
    **question.RULES,
    **bid.RULES,
    **award.RULES,
    **challenge.RULES,
    **signing.RULES,
    **amending.RULES,
    **suspending.RULES,
    **ending.RULES,
    **enrolment.RULES,
    **delivery.RULES,
    **confirming.RULES,
    **advance.RULES,
    **claim.RULES,
    **score.RULES,
    **deduction.RULES,
    **dispute.RULES,
    **retention.RULES,
    **payment.RULES,
    **notice.RULES,
    **qualification.RULES,
    **sanction.RULES,
    **penalty.RULES,
    **grievance.RULES,
    **audit.RULES,
    **flag.RULES,
    **settlement.RULES,
    **interest.RULES,
    **refund.RULES,
    **receivable.RULES,
    **reported.RULES,
}
"""The law of every event type of the vocabulary."""

if set(RULES) != set(TYPES.values()):
    raise ValueError("an event type has no rule, or a rule no event type")


class Admitted(Struct, frozen=True, gc=False):
    """What one event did.

    Attributes:
        postings: the money it moved.
        touched: key and new state of each of its subjects, the home first.

    """

    postings: tuple[Posting, ...]
    touched: list[tuple[str, Subject]]


Watch = Callable[[State, Event, Act], None]
"""Told of an event before it is judged, with the state at its position; it changes nothing."""


def admit_statement(
    state: State, opened: Opened, recorded_ms: int, index: int, watch: Watch | None = None
) -> list[Admitted]:
    """Judge a statement and apply it; return what each of its events did.

    `recorded_ms` is the ledger's time (milliseconds since the epoch) and `index` the place in
    the log that the statement would get. `watch` sees each event at its own position, which lies
    between two events of one statement.

    Raises:
        Refused: the first rule that says no, with the event's index; the state is as before.

    """
    mark = state.mark()
    try:
        _check_heading(state, opened, recorded_ms, index)
        # The genesis itself sets the offset; it is judged by UTC dates.
        today = local_date(recorded_ms, state.ledger.get("offset_minutes", 0))
        act = Act(_signers_in_force(state, opened, recorded_ms), recorded_ms, today, index)
        admitted: list[Admitted] = []
        for number, (event, leaf) in enumerate(zip(opened.events, opened.leaves, strict=True)):
            if watch is not None:
                watch(state, event, act)
            try:
                admitted.append(_admit_event(state, event, leaf, act))
            except Refused as refused:
                refused.event_index = number
                raise
    except BaseException:
        state.undo(mark)
        raise
    return admitted


def replay_statement(
    state: State, note: bytes, bodies: Sequence[bytes], recorded_ms: int, index: int
) -> None:
    """Open and admit a statement that is in the log, by the functions that admitted it then.

    Raises:
        Malformed, Unverified, Refused: the log holds what it should not.

    """

    def find_key(name: str) -> VerifierKey | None:
        key = state.keys.get(name)
        return None if key is None else key.verifier

    admit_statement(state, open_statement(note, bodies, find_key), recorded_ms, index)
    state.settle()


def _admit_event(state: State, event: Event, leaf: bytes, act: Act) -> Admitted:
    rule = RULES[type(event)]
    act.leaf = leaf
    if type(event) in contested.FORGETS:
        contested.forget_standing_cuts(state, act)
    rule.authorise(state, event, act)
    rule.admit(state, event, act)
    subjects = rule.subjects(state, event)
    postings: tuple[Posting, ...] = ()
    if rule.postings is not None:
        postings = lapse_returns(state, tuple(rule.postings(state, event)))
        book(state, postings)
        lines = [f"line/{posting.line}" for posting in postings]
        subjects = tuple(dict.fromkeys((*subjects, *lines)))
    rule.apply(state, event, act)
    if type(event) in doubt.HELD:
        doubt.remember(state, event, act)
    if postings:
        check_invariants(state, postings, subjects, commits=rule.commits)
    touched = [(subjects[0], state.touch(subjects[0], leaf, home=True))]
    if len(subjects) > 1:
        touched += [(key, state.touch(key, leaf, home=False)) for key in subjects[1:]]
    return Admitted(postings, touched)


def _check_heading(state: State, opened: Opened, recorded_ms: int, index: int) -> None:
    opens = len(opened.events) == 1 and isinstance(opened.events[0], LedgerOpened)
    if opens != (index == 0) or LedgerOpened in map(type, opened.events[1:]):
        raise Refused("genesis_expected", type=type_of(opened.events[0]))
    if len(opened.events) > 1 and LedgerClosed in map(type, opened.events):
        raise Refused("not_alone", type="ledger.closed")
    first = opened.events[0]
    origin = first.origin if isinstance(first, LedgerOpened) else state.ledger["origin"]
    if opened.origin != origin:
        raise Refused("origin_differs", stated=opened.origin, origin=origin)
    age_ms = recorded_ms - opened.made_at_ms
    if not -CLOCK_SKEW_MS <= age_ms <= STATEMENT_LIFE_MS:
        raise Refused(
            "statement_expired" if age_ms > 0 else "statement_from_the_future",
            made_at=format_instant(opened.made_at_ms),
            recorded=format_instant(recorded_ms),
        )


def _signers_in_force(state: State, opened: Opened, recorded_ms: int) -> tuple[Signer, ...]:
    signers = []
    for verifier in opened.keys:
        key = state.keys.get(verifier.name)
        if key is None:
            key = _key_enrolled_here(verifier, opened, recorded_ms)
        elif key.verifier != verifier:
            raise Refused("key_unknown", key=str(verifier))
        else:
            check_in_force(state, key, recorded_ms)
        signers.append(Signer(key.party, key))
    return tuple(signers)


def _key_enrolled_here(verifier: VerifierKey, opened: Opened, recorded_ms: int) -> Key:
    """Return the key that this very statement enrols; its own rule judges the enrolment."""
    party, _ = split_key_name(verifier.name)
    vkey = str(verifier)
    for event in opened.events:
        if isinstance(event, KeyEnrolled | KeyRecovered) and event.vkey == vkey:
            return Key(verifier, party, event.holder, event.use, recorded_ms, revoked=False)
        if isinstance(event, LedgerOpened):
            for key in event.keys:
                if key.vkey == vkey:
                    return Key(verifier, party, key.holder, "admin", recorded_ms, revoked=False)
    raise Refused("key_unknown", key=vkey)
