"""Law of the ledger's opening, of parties and of roles."""

from typing import Any

from msgspec import UNSET

from ledger.errors import Malformed, Refused
from ledger.events import Event
from ledger.events.base import Identifier
from ledger.events.parties import (
    LedgerOpened,
    PartyRegistered,
    PartyUpdated,
    RoleGranted,
    RoleName,
    RoleRevoked,
)
from ledger.events.rulebook import LawRule
from ledger.note import VerifierKey
from ledger.parties import Case, Grant, Key, Party, Seat
from ledger.rulebook import LAW, SHIPPED, put_in_force
from ledger.rules.act import Act, Rule, authorise, check_date, check_free, check_key, look_up, take
from ledger.rules.keys import enrol, enrollable
from ledger.rules.lists import check_distinct
from ledger.state import State
from ledger.statement import check_origin, split_key_name
from ledger.times import parse_offset

# -- ledger.opened -----------------------------------------------------------------------------


def _authorise_opening(_state: State, event: LedgerOpened, act: Act) -> None:
    """Every key that the genesis names signs it, and no other."""
    named = sorted(key.vkey for key in event.keys)
    signed = sorted(str(signer.key.verifier) for signer in act.signers)
    if named != signed:
        raise Refused(
            "signers_not_as_called",
            type="ledger.opened",
            called=" and ".join(vkey.partition("+")[0] for vkey in named),
            signed=" and ".join(vkey.partition("+")[0] for vkey in signed),
        )


def _admit_opening(_state: State, event: LedgerOpened, _act: Act) -> None:
    try:
        check_origin(event.origin)
    except Malformed as error:
        raise Refused("genesis_incomplete", missing=f"an origin ({error})") from None
    if event.law != LAW:
        raise Refused("law_of_another_release", law=event.law, carried=LAW)
    parties = {party.party for party in event.parties}
    check_distinct("parties", [party.party.lower() for party in event.parties])
    check_distinct("parties", [" ".join(_register_key(p.identifier)) for p in event.parties])
    for role in ("authority", "operator"):
        if not any(key.role == role for key in event.keys):
            raise Refused("genesis_incomplete", missing=f"a key of the {role}")
    ledger_key = enrollable(event.ledger_key)
    if ledger_key.name != event.origin:
        raise Refused("genesis_incomplete", missing=f"a ledger key named {event.origin}")
    taken_names: set[str] = set()
    taken_keys = {ledger_key.public_key}
    for key in event.keys:
        verifier = enrollable(key.vkey)
        party, _ = split_key_name(verifier.name)
        if party not in parties:
            raise Refused("genesis_incomplete", missing=f"the party {party} of key {key.vkey}")
        if verifier.name.lower() in taken_names or verifier.public_key in taken_keys:
            raise Refused("key_taken", key=verifier.name)
        taken_names.add(verifier.name.lower())
        taken_keys.add(verifier.public_key)


def _apply_opening(state: State, event: LedgerOpened, act: Act) -> None:
    ledger_key = VerifierKey.parse(event.ledger_key)
    for name, value in (
        ("origin", event.origin),
        ("title", event.title),
        ("currency", event.currency),
        ("offset_minutes", parse_offset(event.utc_offset)),
        ("law", event.law),
        ("ledger_key", ledger_key),
        ("simulated", event.simulated is True),
    ):
        state.put(state.ledger, name, value)
    for rule, parameters in SHIPPED.items():
        put_in_force(state, rule, 1, parameters)
    put_in_force(state, "law/admission", 1, LawRule(law=event.law))
    state.put(state.public_keys, ledger_key.public_key, ledger_key.name)
    for party in event.parties:
        _register(
            state,
            Party(
                party.party,
                party.names,
                party.identifier.scheme,
                party.identifier.id,
                party.kind,
                None,
            ),
        )
    roles: dict[RoleName, tuple[RoleName, ...]] = {
        "authority": ("authority", "registrar"),
        "operator": ("operator",),
    }
    for key in event.keys:
        verifier = VerifierKey.parse(key.vkey)
        owner, _ = split_key_name(verifier.name)
        enrol(state, Key(verifier, owner, key.holder, "admin", act.recorded_ms, revoked=False))
        for role in roles[key.role]:
            state.put(state.grants, (owner, role), (Grant(everything=True),))


# -- parties -----------------------------------------------------------------------------------


def _authorise_registration(state: State, event: PartyRegistered | PartyUpdated, act: Act) -> None:
    authorise(state, event, act, Case(), (Seat("registrar"),))


def _authorise_update(state: State, event: PartyUpdated, act: Act) -> None:
    """Let the party itself sign what holds nothing but contact data."""
    register = (event.names, event.parent, event.sme)
    contact = event.private is not UNSET and all(field is UNSET for field in register)
    if contact and [signer.party for signer in act.signers] == [event.party]:
        check_key(state, act, act.signers[0])
    else:
        _authorise_registration(state, event, act)


def _admit_registration(state: State, event: PartyRegistered, _act: Act) -> None:
    check_free(state, "party", event.party)
    holder = state.identifiers.get(_register_key(event.identifier))
    if holder is not None:
        raise Refused(
            "identifier_taken",
            scheme=event.identifier.scheme,
            id=event.identifier.id,
            party=holder,
        )
    if event.parent is not UNSET:
        look_up(state.parties, "party", event.parent)


def _apply_registration(state: State, event: PartyRegistered, _act: Act) -> None:
    parent = None if event.parent is UNSET else event.parent
    identifier = event.identifier
    _register(
        state,
        Party(event.party, event.names, identifier.scheme, identifier.id, event.kind, parent),
    )


def _admit_update(state: State, event: PartyUpdated, _act: Act) -> None:
    look_up(state.parties, "party", event.party)
    if event.parent is not UNSET:
        look_up(state.parties, "party", event.parent)


def _apply_update(state: State, event: PartyUpdated, _act: Act) -> None:
    party = state.parties[event.party]
    if event.names is not UNSET:
        party = party._replace(names=event.names)
    if event.parent is not UNSET:
        party = party._replace(parent=event.parent)
    state.put(state.parties, event.party, party)


def _register(state: State, party: Party) -> None:
    take(state, "party", party.party)
    state.put(state.identifiers, (party.scheme.lower(), party.number.lower()), party.party)
    state.put(state.parties, party.party, party)


def _register_key(identifier: Identifier) -> tuple[str, str]:
    """Return what an identifier is unique by: registers tell letters apart, not their case."""
    return identifier.scheme.lower(), identifier.id.lower()


# -- roles -------------------------------------------------------------------------------------


def _authorise_role(state: State, event: RoleGranted | RoleRevoked, act: Act) -> None:
    granter: RoleName = "registrar" if event.role == "provider" else "authority"
    authorise(state, event, act, Case(), (Seat(granter),))


def _admit_grant(state: State, event: RoleGranted, _act: Act) -> None:
    look_up(state.parties, "party", event.party)
    if event.limits is not UNSET and event.limits.expires is not UNSET:
        check_date("limits.expires", event.limits.expires)


def _apply_grant(state: State, event: RoleGranted, _act: Act) -> None:
    limits = event.limits
    amount_fen_max, expires = None, None
    if limits is not UNSET:
        amount_fen_max = None if limits.amount_fen_max is UNSET else limits.amount_fen_max
        expires = None if limits.expires is UNSET else limits.expires
    grant = Grant.of(event.scope, amount_fen_max=amount_fen_max, expires=expires)
    key = (event.party, event.role)
    state.put(state.grants, key, (*state.grants.get(key, ()), grant))


def _admit_role_revocation(state: State, event: RoleRevoked, _act: Act) -> None:
    look_up(state.parties, "party", event.party)
    if (event.party, event.role) not in state.grants:
        raise Refused("role_not_held", party=event.party, role=event.role)


def _apply_role_revocation(state: State, event: RoleRevoked, _act: Act) -> None:
    state.drop(state.grants, (event.party, event.role))


def _ledger(_state: State, _event: LedgerOpened) -> tuple[str, ...]:
    return ("ledger/main",)


def _party(
    _state: State, event: PartyRegistered | PartyUpdated | RoleGranted | RoleRevoked
) -> tuple[str, ...]:
    return (f"party/{event.party}",)


RULES: dict[type[Event], Rule[Any]] = {
    LedgerOpened: Rule(_authorise_opening, _admit_opening, _apply_opening, _ledger),
    PartyRegistered: Rule(
        _authorise_registration, _admit_registration, _apply_registration, _party
    ),
    PartyUpdated: Rule(_authorise_update, _admit_update, _apply_update, _party),
    RoleGranted: Rule(_authorise_role, _admit_grant, _apply_grant, _party),
    RoleRevoked: Rule(_authorise_role, _admit_role_revocation, _apply_role_revocation, _party),
}
