"""Law of notices: heard before acted against, and silence means the same for both sides.

An act that needs a notice asks `use_notice` when it is admitted and calls `spend_notice` when it
is applied:

    def _admit(state, event, act):
        use_notice(state, event.notice, "penalty.imposed", event.contract, event.amount_fen, act)

    def _apply(state, event, act):
        spend_notice(state, event.notice)
"""

from typing import Any, Literal, NamedTuple

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.notice import (
    AdverseAct,
    Ground,
    NoticeAnswered,
    NoticeDecided,
    NoticeGiven,
)
from ledger.events.parties import RoleName
from ledger.parties import Case, Seat
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    authorise_party,
    check_date,
    check_free,
    look_up,
    take,
)
from ledger.rules.deadline import add_working_days, end_of_day
from ledger.rules.reviewer import check_independent
from ledger.state import State
from ledger.state.contract import Contract
from ledger.state.notice import Notice
from ledger.times import format_date, parse_date

MIN_REPLY_WORKING_DAYS = 5
"""Nobody is heard who had no time to answer (vocabulary: notice.given)."""

MAX_REPLY_DAYS = 90
"""A notice holds up what is retained and the closing, so it cannot be left open at will."""


class _Adverse(NamedTuple):
    """What an adverse act calls for.

    Attributes:
        about: what kind of thing it is about.
        roles: who may do it.
        takes_money: whether a notice of it names an amount.
        after_closing: whether it may still be done when the contract is closed.

    """

    about: Literal["contract", "qualification", "party"]
    roles: tuple[RoleName, ...]
    takes_money: bool = False
    after_closing: bool = False


_ADVERSE: dict[AdverseAct, _Adverse] = {
    "contract.closed": _Adverse("contract", ("purchaser", "provider")),
    "penalty.imposed": _Adverse("contract", ("purchaser",), takes_money=True),
    "refund.demanded": _Adverse(
        "contract", ("purchaser", "auditor"), takes_money=True, after_closing=True
    ),
    "qualification.suspended": _Adverse("qualification", ("registrar",)),
    "sanction.imposed": _Adverse("party", ("finance", "reviewer")),
}

# -- what others ask -------------------------------------------------------------------------------


def use_notice(  # noqa: PLR0917 (each is one thing that the notice must name)
    state: State,
    notice_id: str,
    act_type: AdverseAct,
    about: str,
    amount_fen: int,
    act: Act,
    *,
    ground: Ground | None = None,
) -> None:
    """Check that a notice backs an act; change nothing.

    It must have been accepted, left unanswered to the end of its last day, or upheld; be not yet
    spent; and be of this type, about this thing, of this ground where one is given, for no less
    money (`amount_fen`, 0 where the act takes none). The act is signed by whoever gave the
    notice, or by the reviewer that upheld it.

    Raises:
        Refused: `reference_unknown`, `notice_differs`, `notice_not_standing`, `notice_spent`,
            `value_exceeds`.

    """
    notice = look_up(state.notices, "notice", notice_id)
    for field, given, done in (
        ("act", notice.act, act_type),
        ("subject", notice.about, about),
        ("ground", notice.ground, notice.ground if ground is None else ground),
    ):
        if given != done:
            raise Refused("notice_differs", notice=notice_id, field=field, given=given, done=done)
    signed = {signer.party for signer in act.signers}
    if not signed & {notice.giver, notice.reviewer}:
        raise Refused(
            "notice_differs",
            notice=notice_id,
            field="giver",
            given=notice.giver,
            done=" and ".join(sorted(signed)),
        )
    if not stands(notice, act.recorded_ms):
        raise Refused(
            "notice_not_standing",
            notice=notice_id,
            status=notice.status,
            reply_by=notice.reply_by,
        )
    if notice.spent:
        raise Refused("notice_spent", notice=notice_id)
    if amount_fen > notice.amount_fen:
        raise Refused(
            "value_exceeds",
            what=f"What is taken under notice {notice_id}",
            value_fen=amount_fen,
            limit_fen=notice.amount_fen,
        )


def spend_notice(state: State, notice_id: str) -> None:
    """Record that a notice has backed its one act."""
    state.put(state.notices, notice_id, state.notices[notice_id]._replace(spent=True))


def stands(notice: Notice, recorded_ms: int) -> bool:
    """Return whether what a notice says may be done at an instant, if it is not yet spent."""
    if notice.status == "given":
        return recorded_ms >= notice.reply_end_ms
    return notice.status in ("accepted", "upheld")


def is_open(notice: Notice, recorded_ms: int) -> bool:
    """Return whether a notice still waits for its answer or its decision at an instant."""
    if notice.status == "given":
        return recorded_ms < notice.reply_end_ms
    return notice.status == "contested"


def open_notice(
    state: State, contract: str, recorded_ms: int, given_before_ms: int | None = None
) -> Notice | None:
    """Return a notice about a contract that still waits for an answer or decision, or None.

    With `given_before_ms` (milliseconds since the epoch) only one that was given before it.
    """
    return next(
        (
            notice
            for notice in state.notices.values()
            if notice.contract == contract
            and is_open(notice, recorded_ms)
            and (given_before_ms is None or notice.given_ms < given_before_ms)
        ),
        None,
    )


def check_reply_by(state: State, reply_by: str, act: Act) -> int:
    """Check that a reply is asked for in a fair time; return the instant at which that ends (ms).

    Raises:
        Refused: `date_invalid`, `reply_by_out_of_range`.

    """
    check_date("reply_by", reply_by)
    today = parse_date(act.today)
    earliest = format_date(add_working_days(state, today, MIN_REPLY_WORKING_DAYS))
    latest = format_date(today + MAX_REPLY_DAYS)
    if not earliest <= reply_by <= latest:
        raise Refused("reply_by_out_of_range", reply_by=reply_by, earliest=earliest, latest=latest)
    return end_of_day(state, parse_date(reply_by))


# -- notice.given ------------------------------------------------------------------------------


def _authorise_giving(state: State, event: NoticeGiven, act: Act) -> None:
    adverse = _ADVERSE[event.act]
    case, parties = Case(), dict[RoleName, str]()
    if adverse.about == "contract":
        contract = look_up(state.contracts, "contract", event.about)
        case = contract.case._replace(amount_fen=event.amount_fen or 0)
        parties = {"purchaser": contract.buyer, "provider": contract.provider}
    elif "finance" in adverse.roles:
        # How far a sanction reaches, and so who may impose it there, is judged with the sanction.
        case = Case(anywhere=True)
    ways = [(Seat(role, parties.get(role)),) for role in adverse.roles]
    authorise(state, event, act, case, *ways)


def _admit_giving(state: State, event: NoticeGiven, act: Act) -> None:
    check_free(state, "notice", event.notice)
    adverse = _ADVERSE[event.act]
    contract = _contract(state, event)
    if contract is not None and contract.status == "closed" and not adverse.after_closing:
        raise Refused("contract_not_active", contract=event.about, status=contract.status)
    expected = _to_be_told(state, event, act)
    if event.to != expected:
        raise Refused(
            "party_not_of_contract",
            party=event.to,
            role="party to be told",
            reference=f"{event.act} about {event.about}",
            expected=expected,
        )
    if adverse.takes_money and event.amount_fen is UNSET:
        raise Refused("notice_amount_missing", act=event.act)
    if not adverse.takes_money and event.amount_fen is not UNSET:
        raise Refused("notice_amount_unexpected", amount_fen=event.amount_fen)
    act.found = check_reply_by(state, event.reply_by, act)


def _to_be_told(state: State, event: NoticeGiven, act: Act) -> str:
    """Return the party that the act would touch."""
    if _ADVERSE[event.act].about == "qualification":
        return look_up(state.qualifications, "qualification", event.about).party
    contract = _contract(state, event)
    if contract is not None:
        by_provider = act.signers[0].party == contract.provider
        return contract.buyer if by_provider else contract.provider
    return look_up(state.parties, "party", event.about).party


def _contract(state: State, event: NoticeGiven) -> Contract | None:
    about_contract = _ADVERSE[event.act].about == "contract"
    return state.contracts[event.about] if about_contract else None


def _apply_giving(state: State, event: NoticeGiven, act: Act) -> None:
    take(state, "notice", event.notice)
    contract = _contract(state, event)
    state.put(
        state.notices,
        event.notice,
        Notice(
            notice=event.notice,
            giver=act.signers[0].party,
            to=event.to,
            act=event.act,
            about=event.about,
            ground=event.ground,
            amount_fen=event.amount_fen or 0,
            reply_by=event.reply_by,
            reply_end_ms=act.found,
            status="given",
            reviewer=None,
            contract=None if contract is None else contract.contract,
            spent=False,
            given_ms=act.recorded_ms,
        ),
    )


# -- notice.answered ---------------------------------------------------------------------------


def _authorise_answer(state: State, event: NoticeAnswered, act: Act) -> None:
    notice = look_up(state.notices, "notice", event.notice)
    contract = None if notice.contract is None else state.contracts[notice.contract]
    case = Case() if contract is None else contract.case
    as_buyer = contract is not None and notice.to == contract.buyer
    seat = Seat("purchaser" if as_buyer else "provider", notice.to)
    authorise_party(state, event, act, case, seat)


def _admit_answer(state: State, event: NoticeAnswered, act: Act) -> None:
    notice = _in_state(state, event.notice, "given")
    if act.recorded_ms >= notice.reply_end_ms:
        raise Refused("reply_too_late", notice=event.notice, reply_by=notice.reply_by)


def _apply_answer(state: State, event: NoticeAnswered, _act: Act) -> None:
    notice = state.notices[event.notice]
    accepted = event.answer == "accepts"
    answered = notice._replace(status="accepted" if accepted else "contested")
    state.put(state.notices, event.notice, answered)


# -- notice.decided ----------------------------------------------------------------------------


def _authorise_decision(state: State, event: NoticeDecided, act: Act) -> None:
    notice = look_up(state.notices, "notice", event.notice)
    case = Case() if notice.contract is None else state.contracts[notice.contract].case
    authorise(state, event, act, case, (Seat("reviewer"),))


def _admit_decision(state: State, event: NoticeDecided, act: Act) -> None:
    notice = _in_state(state, event.notice, "contested")
    check_independent(state, act.signers[0].party, (notice.giver, notice.to))
    if event.amount_fen is UNSET:
        return
    if not event.upheld or not notice.amount_fen:
        raise Refused("notice_amount_unexpected", amount_fen=event.amount_fen)
    if event.amount_fen > notice.amount_fen:
        raise Refused(
            "value_exceeds",
            what=f"What is decided on notice {event.notice}",
            value_fen=event.amount_fen,
            limit_fen=notice.amount_fen,
        )


def _apply_decision(state: State, event: NoticeDecided, act: Act) -> None:
    notice = state.notices[event.notice]
    decided = notice._replace(
        status="upheld" if event.upheld else "dismissed",
        amount_fen=event.amount_fen or notice.amount_fen,
        reviewer=act.signers[0].party,
    )
    state.put(state.notices, event.notice, decided)


# -- shared ------------------------------------------------------------------------------------


def _in_state(state: State, notice_id: str, expected: str) -> Notice:
    notice = state.notices[notice_id]
    if notice.status != expected:
        raise Refused(
            "notice_wrong_state", notice=notice_id, status=notice.status, expected=expected
        )
    return notice


def _concerned(_state: State, event: NoticeGiven) -> tuple[str, ...]:
    about_contract = _ADVERSE[event.act].about == "contract"
    return (f"contract/{event.about}" if about_contract else f"party/{event.to}",)


def _home(state: State, event: NoticeAnswered | NoticeDecided) -> tuple[str, ...]:
    return (state.notices[event.notice].home,)


RULES: dict[type[Event], Rule[Any]] = {
    NoticeGiven: Rule(_authorise_giving, _admit_giving, _apply_giving, _concerned),
    NoticeAnswered: Rule(_authorise_answer, _admit_answer, _apply_answer, _home),
    NoticeDecided: Rule(_authorise_decision, _admit_decision, _apply_decision, _home),
}
