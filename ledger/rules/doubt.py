"""Law of doubt: what a key did before it was revoked is held until somebody answers for it.

Whoever revokes a key says since when it may have been in wrong hands (`key.revoked.since`). What
it signed from then on, and what keys signed that it had enrolled from then on, is *doubted* if it
can still be stopped. A doubted act stands in the ledger, and nothing is built on it:

    key.enrolled, key.recovered   the new key signs nothing
    account.declared              the account is not paid on
    claim.answered                no payment of the claim is requested, approved or ordered
    claim.agreed, dispute.settled, dispute.ruled, bonus.granted, guarantee.lodged, and
    retention.released early      likewise of the sum that it made payable
    receivable.confirmed          the receivable is not assigned
    receivable.assigned           no payment of the claim is requested, approved or ordered
    payment.requested             the payment is neither approved nor ordered
    payment.approved              the payment is not ordered
    payment.ordered               the bank has it: its report is a fact and is always admitted

until the party of the doubted key reaffirms it by another, or a reviewer does; where keys of two
parties are in doubt, each answers for its own. A claim or payment
that is settled is not doubted any more, nor a receivable that the lender released. What the clock
gives is nobody's word and never doubted. The hold stops no clock: interest on late payment runs.

State: acts of these types are remembered for the 30 days that a `since` may lie back, by local
day; a doubted one until it is reaffirmed.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ledger.errors import Refused
from ledger.events import Event, type_of
from ledger.events.accounts import AccountDeclared
from ledger.events.claim import ClaimAgreed, ClaimAnswered
from ledger.events.dispute import DisputeRuled, DisputeSettled
from ledger.events.parties import ActReaffirmed, KeyEnrolled, KeyRecovered
from ledger.events.payment import PaymentApproved, PaymentOrdered, PaymentRequested
from ledger.events.receivable import ReceivableAssigned, ReceivableConfirmed
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.events.score import BonusGranted
from ledger.parties import Case, Key, Seat
from ledger.rules.act import Act, Rule, authorise, check_key, not_as_called
from ledger.rules.force import check_undoubted
from ledger.state import State
from ledger.state.keys import DoubtedAct, RecentAct
from ledger.state.payment import Payment
from ledger.times import parse_date

SINCE_DAYS = 30
"""How far back a revocation may cast doubt: longer, and nothing would ever be certain."""

HELD: dict[type[Event], Callable[[Any], str | None]] = {
    KeyEnrolled: lambda event: f"key/{event.vkey.partition('+')[0]}",
    KeyRecovered: lambda event: f"key/{event.vkey.partition('+')[0]}",
    AccountDeclared: lambda event: f"account/{event.account}",
    ClaimAnswered: lambda event: f"claim/{event.claim}",
    ClaimAgreed: lambda event: f"claim/{event.id}",
    DisputeSettled: lambda event: f"claim/{event.id}",
    DisputeRuled: lambda event: f"claim/{event.id}",
    BonusGranted: lambda event: f"claim/{event.id}",
    GuaranteeLodged: lambda event: f"claim/{event.id}",
    RetentionReleased: lambda event: f"claim/{event.id}" if event.basis == "early" else None,
    ReceivableConfirmed: lambda event: f"confirmation/{event.claim}",
    ReceivableAssigned: lambda event: f"assignment/{event.claim}",
    PaymentRequested: lambda event: f"request/{event.payment}",
    PaymentApproved: lambda event: f"approval/{event.payment}",
    PaymentOrdered: lambda event: f"order/{event.payment}",
}
"""The types of acts that can be held, and what each did (`RecentAct.about`), or None."""

_KEY = "key"
_OF_PAYMENT = frozenset({"request", "approval", "order"})
_OF_CLAIM = frozenset({"claim", "confirmation", "assignment"})
_ENDED = frozenset({"settled", "rejected", "returned", "bounced"})


def remember(state: State, event: Event, act: Act) -> None:
    """Remember an act that may come into doubt, and forget those that no longer can."""
    today = parse_date(act.today)
    for day in [day for day in state.recent if day < today - SINCE_DAYS]:
        state.drop(state.recent, day)
    about = HELD[type(event)](event)
    if about is None:
        return
    keys = [signer.key.verifier.name for signer in act.signers]
    signed = tuple(name for name in keys if about != f"{_KEY}/{name}")
    recent = RecentAct(event.id, type_of(event), about, signed, act.recorded_ms)
    state.put(state.recent, today, (*state.recent.get(today, ()), recent))


def cast_doubt(state: State, key: Key, since_ms: int) -> None:
    """Hold what a key signed from an instant on, and what keys signed that it then enrolled."""
    suspects = {key.verifier.name}
    days = sorted(state.recent)
    # A receivable may be confirmed and assigned again: only what stands now can be held.
    newest = {recent.about: recent.event for day in days for recent in state.recent[day]}
    for day in days:
        for recent in state.recent[day]:
            if recent.recorded_ms < since_ms or suspects.isdisjoint(recent.keys):
                continue
            if recent.event != newest[recent.about]:
                continue
            kind, _, which = recent.about.partition("/")
            if kind == _KEY:
                suspects.add(which)
            if not _is_over(state, kind, which):
                suspect = next(name for name in recent.keys if name in suspects)
                party = state.keys[suspect].party
                doubted = DoubtedAct(recent.event, recent.type, suspect, party)
                others = [
                    each
                    for each in state.doubted.get(recent.about, ())
                    if each.event == recent.event and each.party != party
                ]
                state.put(state.doubted, recent.about, (*others, doubted))


def check_claims(state: State, claims: list[str] | tuple[str, ...]) -> None:
    """Check that nothing is held of what made claims payable, or assigned them.

    Raises:
        Refused: `act_doubted`.

    """
    for kind, which in _of_claims(claims) if state.doubted else ():
        check_undoubted(state, kind, which)


def check_request(state: State, payment: Payment) -> None:
    """Check that neither a payment's request or approval nor anything of its claims is held.

    Raises:
        Refused: `act_doubted`.

    """
    for kind, which in of_payment(payment.payment, payment.claims) if state.doubted else ():
        check_undoubted(state, kind, which)


def of_payment(payment: str, claims: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and id of every act that an order rests on and that may be in doubt."""
    yield "request", payment
    yield "approval", payment
    yield from _of_claims(claims)


def _of_claims(claims: Iterable[str]) -> Iterator[tuple[str, str]]:
    for claim in claims:
        yield "claim", claim
        yield "assignment", claim


def end_doubt(state: State, claim_id: str) -> None:
    """Forget what is held of a receivable that was released: the next one is another."""
    for kind in ("confirmation", "assignment"):
        if f"{kind}/{claim_id}" in state.doubted:
            state.drop(state.doubted, f"{kind}/{claim_id}")


def _is_over(state: State, kind: str, which: str) -> bool:
    """Return whether nothing can be stopped any more: it was paid, or another request is due."""
    if kind in _OF_CLAIM:
        claim = state.claims.get(which)  # None: what an act made payable came to nothing
        if claim is None or (kind != "claim" and not _is_in_force(state, kind, which)):
            return True
        return claim.payment is not None and state.payments[claim.payment].status == "settled"
    return kind in _OF_PAYMENT and state.payments[which].status in _ENDED


def _is_in_force(state: State, kind: str, claim_id: str) -> bool:
    """Return whether a claim's receivable still stands as confirmed, or as assigned."""
    receivable = state.receivables.get(claim_id)
    status = "confirmed" if kind == "confirmation" else "assigned"
    return receivable is not None and receivable.status == status


# -- act.reaffirmed ----------------------------------------------------------------------------


def _authorise_reaffirmation(state: State, event: ActReaffirmed, act: Act) -> None:
    about, doubted = _doubted(state, event.event)
    parties = [each.party for each in doubted]
    signers = [signer for signer in act.signers if signer.party in parties]
    if len(act.signers) == len(signers) == 1:
        check_key(state, act, signers[0])
    elif len(act.signers) == 1:
        authorise(state, event, act, _case(state, about), (Seat("reviewer"),))
    else:
        raise not_as_called("act.reaffirmed", f"{' or '.join(parties)}, or a reviewer", act)


def _admit_reaffirmation(_state: State, _event: ActReaffirmed, _act: Act) -> None:
    """Admit: that the act is doubted was asked to tell who may sign."""


def _apply_reaffirmation(state: State, event: ActReaffirmed, act: Act) -> None:
    about, doubted = _doubted(state, event.event)
    party = act.signers[0].party
    left = tuple(each for each in doubted if each.party != party)
    if left and len(left) < len(doubted):
        state.put(state.doubted, about, left)
    else:
        state.drop(state.doubted, about)  # the last of them, or a reviewer answers for all


def _doubted(state: State, event_id: str) -> tuple[str, tuple[DoubtedAct, ...]]:
    """Return what the law holds of an event. Doubts are few, so looking through them is cheap."""
    for about, doubted in state.doubted.items():
        if doubted[0].event == event_id:
            return about, doubted
    raise Refused("act_not_doubted", event=event_id)


def _contract(state: State, about: str) -> str | None:
    """Return the contract on which a held act was done, or None."""
    kind, _, which = about.partition("/")
    if kind in _OF_CLAIM:
        return state.claims[which].contract
    return state.payments[which].contract if kind in _OF_PAYMENT else None


def _case(state: State, about: str) -> Case:
    contract = _contract(state, about)
    return Case(anywhere=True) if contract is None else state.contracts[contract].case


def _home(state: State, event: ActReaffirmed) -> tuple[str, ...]:
    """Return the contract of the act, or the party whose key or account it made."""
    about, _ = _doubted(state, event.event)
    contract = _contract(state, about)
    if contract is not None:
        return (f"contract/{contract}",)
    kind, _, which = about.partition("/")
    return (f"party/{(state.keys if kind == _KEY else state.accounts)[which].party}",)


RULES: dict[type[Event], Rule[Any]] = {
    ActReaffirmed: Rule(
        _authorise_reaffirmation, _admit_reaffirmation, _apply_reaffirmation, _home
    ),
}
