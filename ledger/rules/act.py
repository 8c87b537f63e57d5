"""An act: the circumstances in which an event is judged, and how its signers are authorised.

Authority is judged at the event's own position: by the keys and roles in force there, and by the
statement's `recorded` time, never by a clock.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from ledger.errors import Malformed, Refused
from ledger.events import Event, type_of
from ledger.events.parties import RoleName
from ledger.parties import Case, Grant, Seat, Signer, seating
from ledger.postings import Posting
from ledger.rules.force import check_in_force
from ledger.state import State
from ledger.times import format_instant, parse_date

E = TypeVar("E", bound=Event)
T = TypeVar("T")


class Act:
    """One statement's circumstances, the same for all its events.

    Attributes:
        signers: its signatures, keys in force, in the order of the lines.
        recorded_ms: when the ledger admits it, milliseconds since the epoch.
        recorded: the same as an instant's text.
        today: that instant's local date.
        index: the statement's place in the log.
        leaf: leaf hash of the event being judged.
        filled: the signers of the event last authorised, in the order of its seats.
        seated: seats and case already found to be filled by these signers.
        found: what `admit` worked out of the event and `apply` needs again.

    """

    __slots__ = (
        "filled",
        "found",
        "index",
        "leaf",
        "recorded",
        "recorded_ms",
        "seated",
        "signers",
        "today",
    )

    def __init__(
        self, signers: tuple[Signer, ...], recorded_ms: int, today: str, index: int
    ) -> None:
        """Begin the judging of a statement."""
        self.signers = signers
        self.recorded_ms = recorded_ms
        self.recorded = format_instant(recorded_ms)
        self.today = today
        self.index = index
        self.leaf = b""
        self.filled: tuple[Signer, ...] = ()
        self.seated: tuple[Any, Case] | None = None
        self.found: Any = None

    def holders(self) -> tuple[str, ...]:
        """Return the tokens of the people who signed."""
        return tuple(signer.key.holder for signer in self.signers)


class Rule(NamedTuple, Generic[E]):
    """The law of one event type: functions of the state, the event and the act.

    Only `apply` changes the state, and `authorise` where a signer takes up a duty.

    Attributes:
        authorise: refuses unless the signers are those that the event calls for.
        admit: refuses what the law does not allow; changes nothing.
        apply: changes the state; never refuses.
        subjects: keys of what the event is about, its home first; lines it posts to follow.
        postings: the money it moves, or None for a type that moves none.
        commits: whether it may commit money to a contract, or release it.

    """

    authorise: Callable[[State, E, Act], None]
    admit: Callable[[State, E, Act], None]
    apply: Callable[[State, E, Act], None]
    subjects: Callable[[State, E], tuple[str, ...]]
    postings: Callable[[State, E], list[Posting]] | None = None
    commits: bool = False


def authorise(
    state: State,
    event: Event,
    act: Act,
    case: Case,
    *ways: Sequence[Seat],
) -> None:
    """Refuse unless the signers fill the seats of one of `ways` exactly.

    Seats of different roles are for different parties (vocabulary: A ⇄ B), and no person sits
    in two.

    Raises:
        Refused: `signers_not_as_called`, `key_unknown`, `key_revoked`, `key_not_in_force`,
            `act_doubted`, `key_use_forbids`, `signer_lacks_role`, `role_limit_exceeded`,
            `holders_not_different`, `duties_not_separate`.

    """
    act.seated = None  # this event may change what the one before it was authorised by
    refusal: Refused | None = None
    for seats in ways:
        for signers in seating(seats, act.signers):
            if _one_party_for_two(seats, signers):
                continue
            try:
                _check_seating(state, act, case, seats, signers)
            except Refused as error:
                refusal = refusal or error
            else:
                _take_duties(state, case, seats, signers)
                act.filled = signers
                return
    if refusal is not None:
        raise refusal
    raise not_as_called(type_of(event), ", or ".join(_in_words(seats) for seats in ways), act)


def authorise_seats(
    state: State, event: Event, act: Act, case: Case, seats: tuple[Seat, ...]
) -> None:
    """Authorise as `authorise` does, asking only once for many events of one statement.

    `seats` and `case` must be the same objects for the same question, as a contract's own are.
    What one signer was found to fill is remembered beyond its statement, until a key, a doubt, a
    grant or the day changes; a duty once taken on never does. A key that a recovery will end is
    not remembered: its end comes without an event.
    """
    seated = act.seated
    if seated is not None and seated[0] is seats and seated[1] is case:
        return
    name = act.signers[0].key.verifier.name
    if len(act.signers) == 1:
        found = state.recall_seated(name, case.contract)
        if found and found[0] is seats and found[1] is case and found[2] == act.today:
            act.filled, act.seated = act.signers, (seats, case)
            return
    authorise(state, event, act, case, seats)
    act.seated = (seats, case)
    if len(act.signers) == 1 and state.keys[name].until_ms is None:
        state.remember_seated(name, case.contract, (seats, case, act.today))


def authorise_party(state: State, event: Event, act: Act, case: Case, seat: Seat) -> None:
    """Refuse unless the seat's party alone signs, in its own cause.

    No role is asked of it, or it could be silenced by taking its role away. The seat's role is
    the side that it is of the case: whoever answers for it keeps to that side.

    Raises:
        Refused: `signers_not_as_called`, `key_unknown`, `key_revoked`, `key_not_in_force`,
            `act_doubted`, `key_use_forbids`, `duties_not_separate`.

    """
    act.seated = None
    if [signer.party for signer in act.signers] != [seat.party]:
        raise not_as_called(type_of(event), str(seat.party), act)
    check_key(state, act, act.signers[0])
    _check_duties(state, case, seat.role, act.signers[0])
    _take_duties(state, case, (seat,), act.signers)
    act.filled = act.signers


def holds_role(state: State, party: str, role: RoleName, today: str) -> bool:
    """Return whether a party holds a role on the local date `today`, in whatever scope."""
    return any(grant.in_force(today) for grant in state.grants.get((party, role), ()))


def check_key(state: State, act: Act, signer: Signer) -> None:
    """Check that a key may sign an event, at the event's own position.

    An event before it in the statement may have enrolled the key, revoked it, or put it in doubt.

    Raises:
        Refused: `key_unknown`, `key_revoked`, `key_not_in_force`, `act_doubted`,
            `key_use_forbids`.

    """
    name = signer.key.verifier.name
    key = state.keys.get(name)
    if key is None:
        raise Refused("key_unknown", key=name)
    check_in_force(state, key, act.recorded_ms)
    if key.use == "session":
        raise Refused("key_use_forbids", key=name, use=key.use)


def check_role(state: State, act: Act, case: Case, signer: Signer, role: RoleName) -> None:
    """Check that a signer's party holds a role in force, in the scope of a case and its amount.

    Raises:
        Refused: `signer_lacks_role`, `role_limit_exceeded`.

    """
    covering = _covering(state, act, case, signer.party, role)
    if not covering:
        raise Refused("signer_lacks_role", party=signer.party, role=role)
    limit_fen = _limit_of(covering)
    if limit_fen is not None and case.amount_fen > limit_fen:
        raise Refused(
            "role_limit_exceeded",
            party=signer.party,
            role=role,
            limit_fen=limit_fen,
            amount_fen=case.amount_fen,
        )


def limit_of(state: State, act: Act, case: Case, party: str, role: RoleName) -> int | None:
    """Return the most fen for which one holder of a party may act in a role, or None for any."""
    return _limit_of(_covering(state, act, case, party, role))


def _covering(state: State, act: Act, case: Case, party: str, role: RoleName) -> list[Grant]:
    grants = state.grants.get((party, role), ())
    return [each for each in grants if each.in_force(act.today) and each.covers(case)]


def _limit_of(covering: Sequence[Grant]) -> int | None:
    limits = [each.amount_fen_max for each in covering if each.amount_fen_max is not None]
    return max(limits) if limits and len(limits) == len(covering) else None


def look_up(table: dict[str, T], kind: str, ref: str) -> T:
    """Return what an earlier event introduced as `ref`.

    Raises:
        Refused: `reference_unknown`.

    """
    found = table.get(ref)
    if found is None:
        raise Refused("reference_unknown", kind=kind, id=ref)
    return found


def check_free(state: State, kind: str, new_id: str) -> None:
    """Check that no `kind` has this id yet, in whatever case.

    Raises:
        Refused: `id_taken`.

    """
    if f"{kind}/{new_id.lower()}" in state.taken:
        raise Refused("id_taken", kind=kind, id=new_id)


def take(state: State, kind: str, new_id: str) -> None:
    """Take an id that was found free."""
    state.put(state.taken, f"{kind}/{new_id.lower()}", new_id)


def check_date(field: str, date: str) -> None:
    """Check that a date exists.

    Raises:
        Refused: `date_invalid`.

    """
    try:
        parse_date(date)
    except Malformed:
        raise Refused("date_invalid", field=field, value=date) from None


def check_period(field: str, start: str, end: str) -> None:
    """Check that two dates exist and are in order.

    Raises:
        Refused: `date_invalid`, `period_reversed`.

    """
    check_date(field, start)
    check_date(field, end)
    if end < start:
        raise Refused("period_reversed", field=field, start=start, end=end)


def check_past(what: str, last_day: str, act: Act) -> None:
    """Check that a span of local dates is over on the day of the act.

    Raises:
        Refused: `period_not_over`.

    """
    if act.today <= last_day:
        raise Refused("period_not_over", what=what, last_day=last_day, today=act.today)


def check_people_differ(*holders: str) -> None:
    """Check that no person signs twice.

    Raises:
        Refused: `holders_not_different`.

    """
    for number, holder in enumerate(holders):
        if holder in holders[:number]:
            raise Refused("holders_not_different", holder=holder)


def not_as_called(event_type: str, called: str, act: Act) -> Refused:
    """Return the refusal of signers that are not those an event calls for."""
    signed = " and ".join(signer.key.verifier.name for signer in act.signers)
    return Refused("signers_not_as_called", type=event_type, called=called, signed=signed)


def nothing(_state: State, _event: Event, _act: Act) -> None:
    """Admit, or apply, without a rule of its own."""


def _one_party_for_two(seats: Sequence[Seat], signers: tuple[Signer, ...]) -> bool:
    """Return whether a party sits in seats of two roles: a side cannot countersign itself."""
    if len(seats) == 1:
        return False
    sides = {(seat.role, signer.party) for seat, signer in zip(seats, signers, strict=True)}
    return len(sides) > len({signer.party for signer in signers})


def _in_words(seats: Sequence[Seat]) -> str:
    words = " and ".join(map(str, seats))
    return words if len({seat.role for seat in seats}) == 1 else f"{words} (two parties)"


def _check_seating(
    state: State, act: Act, case: Case, seats: Sequence[Seat], signers: tuple[Signer, ...]
) -> None:
    holders: set[str] = set()
    for seat, signer in zip(seats, signers, strict=True):
        check_key(state, act, signer)
        own = case if seat.line is None else case._replace(line=seat.line)
        check_role(state, act, own, signer, seat.role)
        _check_duties(state, case, seat.role, signer)
        if signer.key.holder in holders:
            raise Refused("holders_not_different", holder=signer.key.holder)
        holders.add(signer.key.holder)


def _check_duties(state: State, case: Case, role: RoleName, signer: Signer) -> None:
    if case.contract is None:
        return
    for kind, actor in _actors(signer):
        before = state.duties.get((case.contract, kind, actor))
        if before is not None and before != role:
            raise Refused(
                "duties_not_separate",
                actor=actor,
                before=before,
                contract=case.contract,
                role=role,
            )


def _take_duties(
    state: State, case: Case, seats: Sequence[Seat], signers: tuple[Signer, ...]
) -> None:
    if case.contract is None:
        return
    for seat, signer in zip(seats, signers, strict=True):
        for kind, actor in _actors(signer):
            if (case.contract, kind, actor) not in state.duties:
                state.put(state.duties, (case.contract, kind, actor), seat.role)


def _actors(signer: Signer) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the party and the person; a person's token may read like a party's id."""
    return ("party", signer.party), ("holder", signer.key.holder)
