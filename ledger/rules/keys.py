"""Law of keys: how they are enrolled, recovered after a loss, and revoked."""

from typing import Any

from ledger.errors import Malformed, Refused
from ledger.events import Event
from ledger.events.parties import KeyContested, KeyEnrolled, KeyRecovered, KeyRevoked
from ledger.note import VerifierKey
from ledger.parties import Case, Key, Signer
from ledger.rules.act import (
    Act,
    Rule,
    check_key,
    check_people_differ,
    check_role,
    look_up,
    not_as_called,
    take,
)
from ledger.rules.deadline import after_working_days
from ledger.rules.doubt import SINCE_DAYS, cast_doubt
from ledger.rules.force import (
    RECOVERY_WORKING_DAYS,
    check_seasoned,
    date_of,
)
from ledger.rules.lists import check_distinct
from ledger.signature import check_public_key
from ledger.state import State
from ledger.state.keys import Recovery
from ledger.statement import split_key_name
from ledger.times import format_date, parse_date, parse_instant

ED25519 = 1
"""C2SP signature type of the keys that sign statements and checkpoints."""


def enrollable(vkey: str) -> VerifierKey:
    """Return a verifier key that may be enrolled.

    Raises:
        Refused: `key_weak`: not Ed25519, not the canonical text, or a low-order point.

    """
    try:
        verifier = VerifierKey.parse(vkey)
        check_public_key(verifier.public_key)
    except Malformed as error:
        raise Refused("key_weak", key=name_of(vkey), why=str(error)) from None
    if verifier.algorithm != ED25519:
        raise Refused("key_weak", key=verifier.name, why="it is no Ed25519 signing key")
    return verifier


def enrol(state: State, key: Key) -> None:
    """Take a key that was found free into the directory, in force or waiting."""
    take(state, "key", key.verifier.name)
    state.put(state.keys, key.verifier.name, key)
    state.put(state.public_keys, key.verifier.public_key, key.verifier.name)


def name_of(vkey: str) -> str:
    """Return the name of a verifier key."""
    return vkey.partition("+")[0]


# -- key.enrolled ------------------------------------------------------------------------------


def _authorise_enrolment(state: State, event: KeyEnrolled, act: Act) -> None:
    """Let the new key sign, and an admin key of its party; a registrar if it is the first."""
    first = _is_first(state, event.party)
    called = f"the new key and {'a registrar' if first else f'an admin key of {event.party}'}"
    other = _beside_new_key(event, called, act)
    check_key(state, act, other)
    if first:
        check_role(state, act, Case(), other, "registrar")
        check_people_differ(other.key.holder, event.holder)
    elif other.party != event.party:
        raise not_as_called("key.enrolled", called, act)
    elif other.key.use != "admin":
        raise Refused("key_use_forbids", key=other.key.verifier.name, use=other.key.use)
    else:
        _check_own_person(state, event)


def _check_own_person(state: State, event: KeyEnrolled) -> None:
    """Check that a party names no person of another: it would decide what that one may sign.

    Whoever has left the other, all keys there revoked, keeps the token and what it binds to.

    Raises:
        Refused: `holder_of_another_party`.

    """
    for key in state.keys.values():
        elsewhere = key.holder == event.holder and key.party != event.party
        if elsewhere and not key.revoked:
            raise Refused("holder_of_another_party", holder=event.holder, party=key.party)


def _admit_enrolment(state: State, event: KeyEnrolled, _act: Act) -> None:
    verifier = _check_new_key(state, event)
    if _is_first(state, event.party) and event.use != "admin":
        raise Refused("first_key_not_admin", key=verifier.name, party=event.party, use=event.use)
    _check_unused(state, verifier)


def _apply_enrolment(state: State, event: KeyEnrolled, act: Act) -> None:
    verifier = VerifierKey.parse(event.vkey)
    key = Key(verifier, event.party, event.holder, event.use, act.recorded_ms, revoked=False)
    enrol(state, key)


def _is_first(state: State, party: str) -> bool:
    return not any(key.party == party for key in state.keys.values())


def _beside_new_key(event: KeyEnrolled | KeyRecovered, called: str, act: Act) -> Signer:
    """Return the one signer beside the new key."""
    others = [s for s in act.signers if str(s.key.verifier) != event.vkey]
    if len(act.signers) != 2 or len(others) != 1:  # noqa: PLR2004 (the new key and one more)
        event_type = "key.enrolled" if isinstance(event, KeyEnrolled) else "key.recovered"
        raise not_as_called(event_type, called, act)
    return others[0]


def _check_new_key(state: State, event: KeyEnrolled | KeyRecovered) -> VerifierKey:
    """Return the new key, sound and named after its party."""
    look_up(state.parties, "party", event.party)
    verifier = enrollable(event.vkey)
    try:
        party, _ = split_key_name(verifier.name)
    except Malformed:
        party = ""
    if party != event.party:
        raise Refused("key_not_of_party", key=verifier.name, party=event.party)
    return verifier


def _check_unused(state: State, verifier: VerifierKey) -> None:
    if f"key/{verifier.name.lower()}" in state.taken or verifier.public_key in state.public_keys:
        raise Refused("key_taken", key=verifier.name)


# -- key.recovered and key.contested -----------------------------------------------------------


def _authorise_recovery(state: State, event: KeyRecovered, act: Act) -> None:
    """Let a registrar sign, of another party, and the new key in another person's hand."""
    called = "a registrar and the new key (two parties)"
    other = _beside_new_key(event, called, act)
    if other.party == event.party:
        raise not_as_called("key.recovered", called, act)
    check_key(state, act, other)
    check_role(state, act, Case(), other, "registrar")
    check_people_differ(other.key.holder, event.holder)


def _admit_recovery(state: State, event: KeyRecovered, act: Act) -> None:
    _check_unused(state, _check_new_key(state, event))
    check_distinct("lost", event.lost)
    for vkey in event.lost:
        key = _enrolled(state, vkey)
        if key.party != event.party:
            raise Refused("key_not_of_party", key=key.verifier.name, party=event.party)
    # One at a time: two could name each other's keys as lost.
    for recovery in state.recoveries.values():
        if recovery.party == event.party and _is_open(recovery, act):
            date = date_of(state, recovery.from_ms)
            raise Refused("recovery_open", party=event.party, key=recovery.key, date=date)


def _apply_recovery(state: State, event: KeyRecovered, act: Act) -> None:
    verifier = VerifierKey.parse(event.vkey)
    from_ms = after_working_days(state, act.recorded_ms, RECOVERY_WORKING_DAYS)
    enrol(state, Key(verifier, event.party, event.holder, event.use, from_ms, revoked=False))
    lost = tuple(map(name_of, event.lost))
    state.put(
        state.recoveries, event.id, Recovery(event.party, verifier.name, lost, from_ms, ended=False)
    )
    _move_end(state, lost, None, from_ms)


def _authorise_contest(state: State, event: KeyContested, act: Act) -> None:
    recovery = look_up(state.recoveries, "recovery", event.recovery)
    if [signer.party for signer in act.signers] != [recovery.party]:
        raise not_as_called("key.contested", f"a key of {recovery.party}", act)
    check_key(state, act, act.signers[0])


def _admit_contest(state: State, event: KeyContested, act: Act) -> None:
    recovery = state.recoveries[event.recovery]
    if not _is_open(recovery, act):
        raise Refused("recovery_over", key=recovery.key)


def _apply_contest(state: State, event: KeyContested, _act: Act) -> None:
    _revoke(state, state.recoveries[event.recovery].key)
    _end(state, event.recovery)


def _is_open(recovery: Recovery, act: Act) -> bool:
    return not recovery.ended and act.recorded_ms < recovery.from_ms


def _end(state: State, recovery_id: str) -> None:
    """End a recovery before it takes force: the keys that it called lost live on."""
    recovery = state.recoveries[recovery_id]
    state.put(state.recoveries, recovery_id, recovery._replace(ended=True))
    _move_end(state, recovery.lost, recovery.from_ms, None)


def _move_end(
    state: State, names: tuple[str, ...], from_ms: int | None, until_ms: int | None
) -> None:
    """Move the end of those keys that end at `from_ms`: one ended before stays ended."""
    for name in names:
        key = state.keys[name]
        if key.until_ms == from_ms:
            state.put(state.keys, name, key._replace(until_ms=until_ms))


# -- key.revoked -------------------------------------------------------------------------------


def _authorise_revocation(state: State, event: KeyRevoked, act: Act) -> None:
    key = look_up(state.keys, "key", name_of(event.vkey))
    if len(act.signers) != 1:
        raise not_as_called("key.revoked", f"an admin key of {key.party}, or a registrar", act)
    (signer,) = act.signers
    check_key(state, act, signer)
    if signer.party != key.party:
        check_role(state, act, Case(), signer, "registrar")
    elif signer.key.use != "admin":
        raise Refused("key_use_forbids", key=signer.key.verifier.name, use=signer.key.use)
    else:
        check_seasoned(state, signer.key, act.recorded_ms)


def _admit_revocation(state: State, event: KeyRevoked, act: Act) -> None:
    key = _enrolled(state, event.vkey)
    if key.is_revoked(act.recorded_ms):
        raise Refused("key_revoked", key=key.verifier.name, party=key.party)
    try:
        since_day = parse_date(date_of(state, parse_instant(event.since)))
    except (Malformed, ValueError):  # ValueError: the local date falls out of the calendar
        raise Refused("date_invalid", field="since", value=event.since) from None
    today = parse_date(act.today)
    if not today - SINCE_DAYS <= since_day <= today:
        raise Refused(
            "since_out_of_range",
            since=event.since,
            first=format_date(today - SINCE_DAYS),
            last=act.today,
        )


def _apply_revocation(state: State, event: KeyRevoked, act: Act) -> None:
    act.seated = None  # the key may be one that signs this very statement
    name = name_of(event.vkey)
    _revoke(state, name)
    cast_doubt(state, state.keys[name], parse_instant(event.since))
    for recovery_id, recovery in list(state.recoveries.items()):
        if recovery.key == name and _is_open(recovery, act):
            _end(state, recovery_id)


def _revoke(state: State, name: str) -> None:
    state.put(state.keys, name, state.keys[name]._replace(revoked=True))


def _enrolled(state: State, vkey: str) -> Key:
    """Return the key that was enrolled with this very text."""
    key = look_up(state.keys, "key", name_of(vkey))
    if str(key.verifier) != vkey:
        raise Refused("reference_unknown", kind="key", id=vkey)
    return key


# -- subjects ----------------------------------------------------------------------------------


def _party(_state: State, event: KeyEnrolled | KeyRecovered) -> tuple[str, ...]:
    return (f"party/{event.party}",)


def _recovering_party(state: State, event: KeyContested) -> tuple[str, ...]:
    return (f"party/{state.recoveries[event.recovery].party}",)


def _key_owner(state: State, event: KeyRevoked) -> tuple[str, ...]:
    return (f"party/{state.keys[name_of(event.vkey)].party}",)


RULES: dict[type[Event], Rule[Any]] = {
    KeyEnrolled: Rule(_authorise_enrolment, _admit_enrolment, _apply_enrolment, _party),
    KeyRecovered: Rule(_authorise_recovery, _admit_recovery, _apply_recovery, _party),
    KeyContested: Rule(_authorise_contest, _admit_contest, _apply_contest, _recovering_party),
    KeyRevoked: Rule(_authorise_revocation, _admit_revocation, _apply_revocation, _key_owner),
}
