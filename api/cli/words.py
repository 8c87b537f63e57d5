"""An event in words: what a person is about to agree to, before the key signs it.

Each type has a sentence of its own fields; below it stand the others, amounts as money. Nothing is
left out: what is signed is what was shown.
"""

from collections.abc import Iterator

import msgspec

from api.cli.console import Console
from api.text import _
from ledger.events import Event, type_of

CURRENCY = "CNY"
HEADING = frozenset({"type", "v", "id", "salt", "at"})

SENTENCES = {
    "ledger.opened": _("The ledger {origin} is opened."),
    "ledger.closed": _("The ledger is closed for the day after {log_size} statements."),
    "party.registered": _("{party} is registered."),
    "party.updated": _("The register entry of {party} changes."),
    "key.enrolled": _("A key of {party} is enrolled for {use}."),
    "key.revoked": _("A key is revoked ({reason})."),
    "role.granted": _("{party} is given the role {role}."),
    "role.revoked": _("The role {role} is taken from {party} ({reason})."),
    "programme.established": _("The programme {programme} is established."),
    "budget.appropriated": _("{amount_fen} are appropriated to the new line {line}."),
    "budget.supplemented": _("{amount_fen} are added to line {line}."),
    "budget.allotted": _("{amount_fen} of line {line} are made available."),
    "budget.transferred": _("{amount_fen} move from line {from} to line {to}."),
    "tender.published": _("Tender {tender} is published."),
    "tender.cancelled": _("Tender {tender} is cancelled."),
    "award.decided": _("Lot {lot} of tender {tender} is awarded to {winner}, up to {value_fen}."),
    "contract.signed": _(
        "Contract {contract} is signed between {buyer} and {provider}, worth {value_fen}."
    ),
    "contract.amended": _("Contract {contract} changes by {value_delta_fen} ({reason})."),
    "contract.published": _("Contract {contract} is published."),
    "contract.closed": _("Contract {contract} is closed; nothing more is owed under it."),
    "beneficiary.enrolled": _("{beneficiary} is entitled in programme {programme}."),
    "worker.enrolled": _("{worker} is a worker of {provider}."),
    "visit.recorded": _("{worker} visited {beneficiary} from {started_at} to {ended_at}."),
    "claim.submitted": _("{claim_fen} are claimed under contract {contract} ({claim})."),
    "claim.answered": _("Claim {claim} is answered: {accepted_fen} are accepted."),
    "payment.requested": _("Payment {payment} of {principal_fen} is requested."),
    "payment.ordered": _("Payment {payment} of {principal_fen} is ordered."),
    "payment.settled": _("Payment {payment} was settled on {value_date}."),
    "payment.rejected": _("Payment {payment} was rejected by the bank ({reason})."),
    "release.reported": _("A release of {ocid} is reported."),
}
"""A sentence for each event type, filled from its fields."""


def describe(event: Event, console: Console, currency: str = CURRENCY) -> Iterator[str]:
    """Yield an event as lines: its sentence, then every field, indented."""
    fields: dict[str, object] = msgspec.to_builtins(event)
    shown = {
        name: console.money(value, currency)
        if name.endswith("_fen") and isinstance(value, int)
        else value
        for name, value in fields.items()
    }
    yield console.tell(SENTENCES[type_of(event)], **shown)
    for name, value in fields.items():
        if name not in HEADING:
            yield from _field(name, value, console, currency, depth=1)


def _field(name: str, value: object, console: Console, currency: str, depth: int) -> Iterator[str]:
    margin = "  " * depth
    if isinstance(value, dict):
        yield f"{margin}{name}:"
        for key, each in value.items():
            yield from _field(str(key), each, console, currency, depth + 1)
    elif isinstance(value, list):
        yield f"{margin}{name}:"
        for number, each in enumerate(value, 1):
            yield from _field(str(number), each, console, currency, depth + 1)
    elif name.endswith("_fen") and isinstance(value, int):
        yield f"{margin}{name.removesuffix('_fen')}: {console.money(value, currency)}"
    else:
        yield f"{margin}{name}: {value}"
