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
from ledger.state import State
from ledger.times import parse_date

E = TypeVar("E", bound=Event)
T = TypeVar("T")


class Act:
    """One statement's circumstances, the same for all its events.

    Attributes:
        signers: its signatures, keys in force, in the order of the lines.
        recorded_ms: when the ledger admits it, milliseconds since the epoch.
        today: that instant's local date.
        index: the statement's place in the log.
        leaf: leaf hash of the event being judged.
        seated: seats and case already found to be filled by these signers.

    """

    __slots__ = ("index", "leaf", "recorded_ms", "seated", "signers", "today")

    def __init__(
        self, signers: tuple[Signer, ...], recorded_ms: int, today: str, index: int
    ) -> None:
        """Begin the judging of a statement."""
        self.signers = signers
        self.recorded_ms = recorded_ms
        self.today = today
        self.index = index
        self.leaf = b""
        self.seated: tuple[Any, Case] | None = None

    def holders(self) -> tuple[str, ...]:
        """Return the tokens of the people who signed."""
        return tuple(signer.key.holder for signer in self.signers)


class Rule(NamedTuple, Generic[E]):
    """The law of one event type: four pure functions.

    Attributes:
        authorise: refuses unless the signers are those that the event calls for.
        admit: refuses what the law does not allow; changes nothing.
        apply: changes the state; never refuses.
        subjects: keys of what the event is about, its home first; lines it posts to follow.
        postings: the money it moves, or None for a type that moves none.

    """

    authorise: Callable[[State, E, Act], None]
    admit: Callable[[State, E, Act], None]
    apply: Callable[[State, E, Act], None]
    subjects: Callable[[State, E], tuple[str, ...]]
    postings: Callable[[State, E], list[Posting]] | None = None


def authorise(
    state: State,
    event: Event,
    act: Act,
    case: Case,
    *ways: Sequence[Seat],
    two_holders: bool = False,
) -> None:
    """Refuse unless the signers fill the seats of one of `ways` exactly.

    `two_holders` demands that signatures of one party come from different people.

    Raises:
        Refused: `signers_not_as_called`, `signer_lacks_role`, `role_limit_exceeded`,
            `holders_not_different`, `duties_not_separate`.

    """
    refusal: Refused | None = None
    for seats in ways:
        for signers in seating(seats, act.signers):
            try:
                _check_seating(state, act, case, seats, signers, two_holders=two_holders)
            except Refused as error:
                refusal = refusal or error
            else:
                _take_duties(state, case, seats, signers)
                return
    if refusal is not None:
        raise refusal
    raise Refused(
        "signers_not_as_called",
        type=type_of(event),
        called=", or ".join(" and ".join(map(str, seats)) for seats in ways),
        signed=" and ".join(signer.key.verifier.name for signer in act.signers),
    )


def authorise_seats(state: State, event: Event, act: Act, case: Case, seats: tuple[Seat, ...]) -> None:
    """Authorise as `authorise` does, asking only once for many events of one statement.

    `seats` must be the same object for the same question, as a contract's own seats are.
    """
    if act.seated is not None and act.seated[0] is seats and act.seated[1] is case:
        return
    authorise(state, event, act, case, seats)
    act.seated = (seats, case)


def holds_role(state: State, party: str, role: RoleName) -> bool:
    """Return whether a party holds a role, in whatever scope."""
    return bool(state.grants.get((party, role)))


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


def check_distinct(field: str, ids: Sequence[str]) -> None:
    """Check that no id stands twice.

    Raises:
        Refused: `list_repeats`.

    """
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise Refused("list_repeats", field=field, id=each)
        seen.add(each)


def check_whole(field: str, weights_ppm: Sequence[int]) -> None:
    """Check that weights add up to one million.

    Raises:
        Refused: `weights_not_whole`.

    """
    if sum(weights_ppm) != 1_000_000:
        raise Refused("weights_not_whole", field=field, sum=sum(weights_ppm))


def nothing(_state: State, _event: Event, _act: Act) -> None:
    """Admit, or apply, without a rule of its own."""


def _check_seating(
    state: State,
    act: Act,
    case: Case,
    seats: Sequence[Seat],
    signers: tuple[Signer, ...],
    *,
    two_holders: bool,
) -> None:
    roles: dict[str, RoleName] = {}  # of each person, within this statement
    for seat, signer in zip(seats, signers, strict=True):
        key = signer.key
        if key.use == "session":
            raise Refused("key_use_forbids", key=key.verifier.name, use=key.use)
        _check_grant(state.grants.get((signer.party, seat.role), ()), seat.role, signer, act, case)
        before = roles.setdefault(key.holder, seat.role)
        _check_duties(state, case, seat.role, signer, before)
    if two_holders and len(roles) < len(signers):
        raise Refused(
            "holders_not_different", party=signers[0].party, holder=signers[0].key.holder
        )


def _check_grant(
    grants: tuple[Grant, ...], role: RoleName, signer: Signer, act: Act, case: Case
) -> None:
    covering = [g for g in grants if g.in_force(act.today) and g.covers(case)]
    if not covering:
        raise Refused("signer_lacks_role", party=signer.party, role=role)
    limits = [g.amount_fen_max for g in covering]
    if None not in limits:
        limit = max(limit for limit in limits if limit is not None)
        if case.amount_fen > limit:
            raise Refused(
                "role_limit_exceeded",
                party=signer.party,
                role=role,
                limit_fen=limit,
                amount_fen=case.amount_fen,
            )


def _check_duties(
    state: State, case: Case, role: RoleName, signer: Signer, in_statement: RoleName
) -> None:
    if case.contract is None:
        return
    for actor in (signer.party, signer.key.holder):
        before = state.duties.get((case.contract, actor), in_statement)
        if before != role:
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
        for actor in (signer.party, signer.key.holder):
            if (case.contract, actor) not in state.duties:
                state.put(state.duties, (case.contract, actor), seat.role)
