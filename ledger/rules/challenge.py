"""Law of challenges (质疑) and complaints (投诉): how an award is tested before it is final.

    award.decided ─ 1 wd ─┬─ 7 wd: award.challenged ─ 7 wd: challenge.answered ─┐
                          │                                                      │
                          └─ then final         complaint.decided ── complaint.lodged: 15 wd

The ruling replaces the purchaser's reply. A challenge that is not rejected keeps the award from
being final; a complaint does so for the days it suspends (`ledger.rules.award.check_final`).
"""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.award import (
    AwardChallenged,
    ChallengeAnswered,
    ComplaintDecided,
    ComplaintLodged,
)
from ledger.parties import Seat
from ledger.rulebook import clock_limit
from ledger.rules.act import Act, Rule, authorise, check_free, look_up, take
from ledger.rules.deadline import add_working_days, end_of_day
from ledger.rules.lot import bids_of, case_of, parties_of, published
from ledger.rules.reviewer import check_independent
from ledger.state import State
from ledger.state.challenge import Challenge, Complaint
from ledger.state.tender import Award, Tender
from ledger.times import format_instant, parse_date

# -- award.challenged, challenge.answered ------------------------------------------------------


def _authorise_challenge(state: State, event: AwardChallenged, act: Act) -> None:
    tender = look_up(state.tenders, "tender", event.tender)
    authorise(state, event, act, case_of(tender), (Seat("provider"),))


def _admit_challenge(state: State, event: AwardChallenged, act: Act) -> None:
    check_free(state, "challenge", event.challenge)
    tender = published(state, event.tender)
    if event.award is UNSET:
        what, end_ms = f"tender {event.tender}", tender.challenge_end_ms
    else:
        award = look_up(state.awards, "award", event.award)
        _check_challengeable(state, tender, award, act.filled[0].party)
        what, end_ms = f"award {event.award}", award.challenge_end_ms
    if act.recorded_ms >= end_ms:
        raise Refused("challenge_too_late", what=what, until=format_instant(end_ms))


def _check_challengeable(state: State, tender: Tender, award: Award, challenger: str) -> None:
    """Check that an award is the tender's, stands, and went against the challenger."""
    if award.tender != tender.tender:
        raise Refused("reference_unknown", kind=f"award of tender {tender.tender}", id=award.award)
    if not award.standing:
        raise Refused("award_not_standing", award=award.award)
    bidders = {bid.bidder for bid in bids_of(state, tender, award.lot)}
    if challenger == award.winner or challenger not in bidders.union(award.ranking):
        raise Refused("challenger_not_affected", party=challenger, award=award.award)


def _apply_challenge(state: State, event: AwardChallenged, act: Act) -> None:
    take(state, "challenge", event.challenge)
    today = parse_date(act.today)
    answer_by = add_working_days(state, today, clock_limit(state, "c07-answer"))
    challenge = Challenge(
        challenge=event.challenge,
        tender=event.tender,
        award=event.award or None,
        challenger=act.filled[0].party,
        status="filed",
        answer_end_ms=end_of_day(state, answer_by),
        complaint_end_ms=_complaint_end_ms(state, answer_by),
        complaint=None,
    )
    state.put(state.challenges, event.challenge, challenge)
    tender = state.tenders[event.tender]
    challenges = (*tender.challenges, event.challenge)
    state.put(state.tenders, event.tender, tender._replace(challenges=challenges))


def _authorise_answer(state: State, event: ChallengeAnswered, act: Act) -> None:
    challenge = look_up(state.challenges, "challenge", event.challenge)
    tender = state.tenders[challenge.tender]
    authorise(state, event, act, case_of(tender), (Seat("purchaser", tender.purchaser),))


def _admit_answer(state: State, event: ChallengeAnswered, _act: Act) -> None:
    challenge = state.challenges[event.challenge]
    if challenge.status != "filed":
        raise Refused(
            "challenge_already_answered", challenge=event.challenge, status=challenge.status
        )


def _apply_answer(state: State, event: ChallengeAnswered, act: Act) -> None:
    challenge = state.challenges[event.challenge]._replace(
        status="accepted" if event.reply == "ACCEPTED" else "rejected",
        complaint_end_ms=_complaint_end_ms(state, parse_date(act.today)),
    )
    state.put(state.challenges, event.challenge, challenge)


# -- complaint.lodged, complaint.decided -------------------------------------------------------


def _authorise_complaint(state: State, event: ComplaintLodged, act: Act) -> None:
    """Let the side complain that the answer went against."""
    challenge = look_up(state.challenges, "challenge", event.challenge)
    aggrieved = challenge.challenger
    if challenge.status == "accepted" and challenge.award is not None:
        aggrieved = state.awards[challenge.award].winner
    case = case_of(state.tenders[challenge.tender])
    authorise(state, event, act, case, (Seat("provider", aggrieved),))


def _admit_complaint(state: State, event: ComplaintLodged, act: Act) -> None:
    check_free(state, "complaint", event.complaint)
    challenge = state.challenges[event.challenge]
    if challenge.complaint is not None:
        raise Refused(
            "challenge_already_complained",
            challenge=event.challenge,
            complaint=challenge.complaint,
        )
    if challenge.status == "filed" and act.recorded_ms < challenge.answer_end_ms:
        raise Refused(
            "complaint_too_early",
            challenge=event.challenge,
            until=format_instant(challenge.answer_end_ms),
        )
    end_ms = challenge.complaint_end_ms
    if act.recorded_ms >= end_ms:
        raise Refused("complaint_too_late", challenge=event.challenge, until=format_instant(end_ms))


def _apply_complaint(state: State, event: ComplaintLodged, act: Act) -> None:
    take(state, "complaint", event.complaint)
    until_ms = 0
    if event.suspend_days is not UNSET:
        until_ms = end_of_day(state, parse_date(act.today) + event.suspend_days)
    complainant = act.filled[0].party
    complaint = Complaint(
        event.complaint, event.challenge, complainant, decided=False, suspended_until_ms=until_ms
    )
    state.put(state.complaints, event.complaint, complaint)
    challenge = state.challenges[event.challenge]._replace(complaint=event.complaint)
    state.put(state.challenges, event.challenge, challenge)


def _authorise_ruling(state: State, event: ComplaintDecided, act: Act) -> None:
    complaint = look_up(state.complaints, "complaint", event.complaint)
    tender = _tender_of(state, complaint.challenge)
    authorise(state, event, act, case_of(tender), (Seat("reviewer"),))


def _admit_ruling(state: State, event: ComplaintDecided, act: Act) -> None:
    complaint = state.complaints[event.complaint]
    if complaint.decided:
        raise Refused("complaint_already_decided", complaint=event.complaint)
    check_independent(
        state, act.filled[0].party, parties_of(state, _tender_of(state, complaint.challenge))
    )


def _apply_ruling(state: State, event: ComplaintDecided, _act: Act) -> None:
    complaint = state.complaints[event.complaint]
    state.put(state.complaints, event.complaint, complaint._replace(decided=True))
    upheld = event.ruling == "CHALLENGE_UPHELD"
    challenge = state.challenges[complaint.challenge]
    challenge = challenge._replace(status="accepted" if upheld else "rejected")
    state.put(state.challenges, challenge.challenge, challenge)


# -- shared ------------------------------------------------------------------------------------


def _complaint_end_ms(state: State, day: int) -> int:
    """Return until when a complaint follows a reply, or the last day for one."""
    last = add_working_days(state, day, clock_limit(state, "c07-complaint"))
    return end_of_day(state, last)


def _tender_of(state: State, challenge: str) -> Tender:
    return state.tenders[state.challenges[challenge].tender]


def _home_of_challenge(_state: State, event: AwardChallenged) -> tuple[str, ...]:
    return (f"tender/{event.tender}",)


def _home_of_reply(state: State, event: ChallengeAnswered | ComplaintLodged) -> tuple[str, ...]:
    return (f"tender/{_tender_of(state, event.challenge).tender}",)


def _home_of_ruling(state: State, event: ComplaintDecided) -> tuple[str, ...]:
    challenge = state.complaints[event.complaint].challenge
    return (f"tender/{_tender_of(state, challenge).tender}",)


RULES: dict[type[Event], Rule[Any]] = {
    AwardChallenged: Rule(
        _authorise_challenge, _admit_challenge, _apply_challenge, _home_of_challenge
    ),
    ChallengeAnswered: Rule(_authorise_answer, _admit_answer, _apply_answer, _home_of_reply),
    ComplaintLodged: Rule(_authorise_complaint, _admit_complaint, _apply_complaint, _home_of_reply),
    ComplaintDecided: Rule(_authorise_ruling, _admit_ruling, _apply_ruling, _home_of_ruling),
}
