"""The tables of parties, approvers and of what was found, for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.cli.console import Column, Console
from api.register_codes import STANDING
from api.telling import NOTHING
from api.text import _
from ledger.times import format_instant

if TYPE_CHECKING:
    from projections.approvers import Approver
    from projections.parties import PartyFile, PartyListed
    from projections.search import Found

_EXACT_S = 60


def show_parties(console: Console, parties: Sequence["PartyListed"]) -> None:
    """Print the list of parties."""
    console.table(
        _("Parties"),
        [
            Column(_("party"), style="bold", whole=True),
            Column(_("name")),
            Column(_("kind")),
            Column(_("roles")),
            Column(_("status")),
            Column(_("registered"), whole=True),
        ],
        [
            [
                each.party,
                console.name(each.names, NOTHING),
                each.kind,
                ", ".join(each.roles) or NOTHING,
                word(console, each.status),
                each.registered_on,
            ]
            for each in parties
        ],
    )


def show_party(console: Console, found: "PartyFile") -> None:
    """Print all that is known of one party."""
    each = found.party
    show_parties(console, [each])
    facts = {
        _("identifier"): f"{each.scheme} {each.identifier}",
        _("belongs to"): each.parent,
        _("members"): ", ".join(found.members),
        _("accounts"): ", ".join(account.account for account in found.accounts),
        _("qualified for"): ", ".join(
            one.kind for one in found.qualifications if one.suspended_on is None
        ),
        _("sanctions"): ", ".join(
            f"{one.sanction} ({one.ground}, {one.from_date} – {one.until})"
            for one in found.sanctions
        ),
        _("declared relations"): console.number(len(found.interests)) if found.interests else None,
    }
    rows = [[console.tell(name), value] for name, value in facts.items() if value]
    console.table(_("Facts"), [Column(_("what")), Column(_("value"))], rows)
    console.table(
        _("Roles"),
        [
            Column(_("role"), style="bold"),
            Column(_("status")),
            Column(_("scope")),
            Column(_("granted"), whole=True),
            Column(_("until"), whole=True),
        ],
        [
            [
                role.role,
                word(console, role.status),
                _scope(role.scope),
                role.granted_on,
                role.revoked_on or role.expires or NOTHING,
            ]
            for role in found.roles
        ],
    )
    _show_keys(console, found)


def show_approvers(
    console: Console, approvers: Sequence["Approver"], *, with_gaps: bool = False
) -> None:
    """Print what keys did; with `with_gaps` also how many gaps were how long."""
    console.table(
        _("Approvers"),
        [
            Column(_("key"), style="bold"),
            Column(_("party")),
            Column(_("act")),
            Column(_("count"), "right"),
            Column(_("with refusals"), "right"),
            Column(_("granted"), "right"),
            Column(_("refused"), "right"),
            Column(_("median gap"), "right"),
            Column(_("last"), whole=True),
        ],
        [
            [
                each.key,
                console.name(each.party.names, each.party.id),
                word(console, each.kind),
                console.number(each.acts),
                console.number(each.refusing),
                console.money(each.value_fen, each.currency) if each.value_fen else NOTHING,
                console.money(each.refused_fen, each.currency) if each.refused_fen else NOTHING,
                _gap(each.median_gap_s),
                minute(each.last_at_ms),
            ]
            for each in approvers
        ],
    )
    if not with_gaps:
        return
    for each in approvers:
        console.table(
            _("Gaps between acts of {kind}, in seconds"),
            [
                Column(_("gap"), "right"),
                Column(_("as signed"), "right"),
                Column(_("as recorded"), "right"),
            ],
            [
                [_gap(gap.seconds), console.number(gap.claimed), console.number(gap.recorded)]
                for gap in each.gaps
            ],
            kind=word(console, each.kind),
        )


def show_found(console: Console, found: Sequence["Found"]) -> None:
    """Print what was found."""
    console.table(
        _("Found"),
        [
            Column(_("kind")),
            Column(_("id"), style="bold"),
            Column(_("number")),
            Column(_("title")),
            Column(_("position"), "right"),
        ],
        [
            [
                word(console, each.kind),
                each.id,
                each.number or NOTHING,
                console.name(each.titles, NOTHING),
                str(each.position),
            ]
            for each in found
        ],
    )


def _show_keys(console: Console, found: "PartyFile") -> None:
    console.table(
        _("Keys"),
        [
            Column(_("key"), style="bold"),
            Column(_("use")),
            Column(_("status")),
            Column(_("enrolled"), whole=True),
            Column(_("enrolled by")),
            Column(_("revoked"), whole=True),
            Column(_("in doubt since"), whole=True),
        ],
        [
            [
                key.key,
                key.use,
                word(console, key.status),
                key.enrolled_on,
                ", ".join(key.enrolled_by) or NOTHING,
                key.revoked_on or NOTHING,
                minute(key.since_ms),
            ]
            for key in found.keys
        ],
    )


def word(console: Console, code: str) -> str:
    """Return a status or kind in the user's language; one that others published as it is."""
    return console.tell(STANDING[code]) if code in STANDING else code


def minute(instant_ms: int | None) -> str:
    """Return an instant (milliseconds since the epoch) to the minute, in UTC."""
    if instant_ms is None:
        return NOTHING
    return format_instant(instant_ms)[: len("2026-03-01T08:00")] + "Z"


def _gap(seconds: int | None) -> str:
    """Return a gap; above a minute it is only known to be at least so long."""
    if seconds is None:
        return NOTHING
    return str(seconds) if seconds <= _EXACT_S else f"≥ {seconds}"


def _scope(scope: dict[str, bool | list[str]]) -> str:
    if scope.get("all"):
        return "all"
    return ", ".join(each for part in scope.values() if isinstance(part, list) for each in part)
