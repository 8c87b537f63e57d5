"""`sunledger show beneficiary`: people by token, what was planned for them and what they got."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from api.cli.console import Column, Console
from api.cli.options import After, Db, Json, Limit, example, say_more
from api.cli.session import Session
from api.codes import ABSENCES, EXITS, SAID, SPOTCHECKS, TIERS
from api.telling import NOTHING
from api.text import _
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from projections.delivery import PersonFile
    from projections.delivery.queries import Person, ServiceUnits, Visit

Month = Annotated[
    str | None,
    typer.Option(help=_("The month to look at, such as 2026-03; else the ledger's latest.")),
]
_MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])"


def add_to_show(group: typer.Typer) -> None:
    """Add the command to `show`."""
    group.command(
        "beneficiary",
        help=_(
            "List people by token; or show what was planned for one, delivered, and said of it."
        ),
        epilog=example("sunledger show beneficiary person-7f3a --month 2026-03"),
    )(beneficiary)


def beneficiary(
    ctx: typer.Context,
    token: Annotated[str | None, typer.Argument(help=_("A person's token."))] = None,
    month: Month = None,
    programme: Annotated[str | None, typer.Option(help=_("Only of this programme."))] = None,
    contract: Annotated[
        str | None, typer.Option(help=_("Only with a care plan under this contract."))
    ] = None,
    text: Annotated[str | None, typer.Option(help=_("Only with this text in it."))] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show people by token."""
    session = Session(ctx, as_json, db=db)
    from projections.delivery import DELIVERY, list_people, person_file

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(DELIVERY.name)
        if token is not None:
            found = person_file(projections, token, _month(console, month))
            if found is None:
                raise LedgerError(
                    f"there is no beneficiary {token}; `sunledger show beneficiary` lists all"
                )
            _show_file(console, found)
            console.document(msgspec.to_builtins(found))
            return
        page = list_people(
            projections,
            programme=programme,
            contract=contract,
            text=text,
            after=after,
            limit=limit,
        )
    _show_people(console, page.items)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))


def _month(console: Console, text: str | None) -> str | None:
    if text is not None and not re.fullmatch(_MONTH, text):
        raise typer.BadParameter(
            console.tell(_("{text} is no month such as 2026-03"), text=text), param_hint="--month"
        )
    return text


def _show_people(console: Console, people: Sequence["Person"]) -> None:
    console.table(
        _("Beneficiaries"),
        [
            Column(_("beneficiary"), style="bold", whole=True),
            Column(_("programme")),
            Column(_("need")),
            Column(_("monthly cap"), "right"),
            Column(_("entitled from")),
            Column(_("exited")),
        ],
        [
            [
                each.beneficiary,
                each.programme,
                console.tell(TIERS.get(each.tier, each.tier)),
                console.money(each.monthly_cap_fen, each.currency),
                each.from_date,
                _exit(console, each),
            ]
            for each in people
        ],
    )


def _show_file(console: Console, found: "PersonFile") -> None:
    _show_people(console, [found.person])
    _show_units(console, _("Units of {month}"), found.services, found.month)
    _show_units(console, _("Units in all, to the end of {month}"), found.in_all, found.month)
    console.table(
        _("Care plans"),
        [
            Column(_("contract"), style="bold"),
            Column(_("from")),
            Column(_("units a month")),
            Column(_("workers at once"), "right"),
            Column(_("position"), "right"),
        ],
        [
            [
                plan.contract,
                plan.from_date,
                ", ".join(f"{name} {console.number(units)}" for name, units in plan.units.items()),
                console.number(plan.workers_at_once),
                str(plan.position),
            ]
            for plan in found.plans
        ],
    )
    if found.absences:
        console.table(
            _("Away from home"),
            [
                Column(_("kind of absence")),
                Column(_("from")),
                Column(_("to")),
                Column(_("position"), "right"),
            ],
            [
                [
                    console.tell(ABSENCES.get(away.kind, away.kind)),
                    away.from_date,
                    away.to_date,
                    str(away.position),
                ]
                for away in found.absences
            ],
        )
    _show_visits(console, found.visits, found.month)


def _show_units(
    console: Console, title: str, services: Sequence["ServiceUnits"], month: str
) -> None:
    console.table(
        title,
        [
            Column(_("service"), style="bold"),
            Column(_("planned"), "right"),
            Column(_("delivered"), "right"),
            Column(_("left"), "right"),
            Column(_("denied"), "right"),
            Column(_("share delivered"), whole=True),
        ],
        [
            [
                each.service,
                console.number(each.planned),
                console.number(each.delivered),
                console.number(each.left),
                console.number(each.denied),
                console.bar(each.delivered, each.planned),
            ]
            for each in services
        ],
        month=month,
    )


def _show_visits(console: Console, visits: Sequence["Visit"], month: str) -> None:
    console.table(
        _("Visits of {month}"),
        [
            Column(_("day")),
            Column(_("visit"), style="bold"),
            Column(_("contract")),
            Column(_("service")),
            Column(_("units"), "right"),
            Column(_("worker")),
            Column(_("what was said")),
        ],
        [
            [
                visit.day,
                visit.visit,
                visit.contract,
                visit.service,
                console.number(visit.units),
                visit.worker,
                _said(console, visit),
            ]
            for visit in visits
        ],
        month=month,
    )


def _said(console: Console, visit: "Visit") -> str:
    told = [SAID.get(word.kind, word.kind) for word in visit.words]
    told += [SPOTCHECKS.get(result, result) for result in visit.checks]
    if visit.last_position != visit.position:
        told.insert(0, _("corrected"))
    return ", ".join(console.tell(each) for each in told) or NOTHING


def _exit(console: Console, person: "Person") -> str:
    if person.exited_on is None or person.exit_reason is None:
        return NOTHING
    reason = console.tell(EXITS.get(person.exit_reason, person.exit_reason))
    return console.tell(_("{date}, {reason}"), date=person.exited_on, reason=reason)
