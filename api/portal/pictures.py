"""Records of the read models as charts, in words: what `charts` draws, told to a page's reader."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from api.codes import SOURCES, STAGES
from api.portal import charts
from api.portal.charts.decline import Left
from api.portal.charts.drawing import HUES, Chart
from api.portal.charts.months import Month
from api.portal.charts.sankey import Flow, Node
from api.portal.teller import PageTeller
from api.text import _
from ledger.postings import CHART
from ledger.postings import SOURCES as POSTED_SOURCES
from ledger.postings import STAGES as POSTED_STAGES
from projections.contracts import ContractLine, ContractMonth
from projections.funds import Fund, FundMonth
from projections.overview import LineFigures, Overview, Stages
from projections.programmes import Delivered, ProgrammeFile, ProgrammeMonth
from projections.providers import ProviderMonth

NAMED_CONTRACTS = 8
"""Contracts that a diagram of flows names; the others are gathered."""

NAMED_SERVICES = 3
"""Services that a diagram of output tells apart."""

DAYS = ((0, 10), (11, 20), (21, 30), (31, 60))
"""Spans of days to payment that are counted together, the law's own thirty among them (C13)."""

REST = "rest"
_OTHERS = "contract others"
_FREE = "contract none"


def flows(found: Overview, say: PageTeller) -> Chart:
    """Draw where the year's money comes from and where it stands: source, line, contract, stage."""
    nodes, links = flow_of_money(found.lines, say)
    return charts.sankey(
        "flows",
        say.tell(_("Where the money comes from and where it goes")),
        say.tell(
            _("From sources to fund lines, to contracts, and to how far they are paid: {amount}."),
            amount=say.money(sum(each.stages.granted_fen for each in found.lines), found.currency),
        ),
        nodes,
        links,
        short=lambda fen: say.short(fen, found.currency),
        tell=lambda fen: say.money(fen, found.currency),
        columns=(say.tell(_("from")), say.tell(_("to")), say.tell(_("amount"))),
    )


def flow_of_money(lines: Sequence[LineFigures], say: PageTeller) -> tuple[list[Node], list[Flow]]:
    """Return the nodes and flows of lines' money.

    What a line granted is bound by contracts or not; what a contract binds is paid, accepted and
    waiting to be paid, or still to be delivered. The contracts that bind most are named.
    """
    names = _named(lines)
    sources = list(dict.fromkeys(each.source for each in lines))
    nodes = [
        Node(source, 0, say.code(SOURCES, source), number % HUES)
        for number, source in enumerate(sources)
    ]
    nodes += [
        Node(f"line {each.line}", 1, each.line, (len(sources) + number) % HUES)
        for number, each in enumerate(lines)
    ]
    nodes += [
        Node(f"contract {key}", 2, label, (len(nodes) + number) % HUES)
        for number, (key, (label, _line)) in enumerate(names.items())
    ]
    nodes += [
        Node(_OTHERS, 2, say.tell(_("other contracts")), REST),
        Node(_FREE, 2, say.tell(_("not bound by contracts")), REST),
        Node("paid", 3, say.tell(_("paid")), 2),
        Node("waiting", 3, say.tell(_("accepted, to be paid")), 1),
        Node("ahead", 3, say.tell(_("to be delivered")), 0),
    ]
    links = [link for each in lines for link in _of_line(each, names)]
    return nodes, _joined(links)


def _named(lines: Sequence[LineFigures]) -> dict[str, tuple[str, str]]:
    """Return the contracts to name, with their label, and the line that bears most of each."""
    bound: dict[str, int] = {}
    labels: dict[str, tuple[str, str]] = {}
    most: dict[str, int] = {}
    for line in lines:
        for each in line.contracts:
            bound[each.contract] = bound.get(each.contract, 0) + each.committed_fen
            if each.committed_fen > most.get(each.contract, -1):
                most[each.contract] = each.committed_fen
                labels[each.contract] = each.number, line.line
    largest = sorted(bound, key=lambda key: (-bound[key], key))[:NAMED_CONTRACTS]
    order = [line.line for line in lines]
    largest.sort(key=lambda key: (order.index(labels[key][1]), -bound[key]))
    return {key: labels[key] for key in largest}


def _of_line(line: LineFigures, names: Iterable[str]) -> list[Flow]:
    """Return the flows of one line."""
    stages, node = line.stages, f"line {line.line}"
    found = [Flow(line.source, node, stages.granted_fen)]
    rest = Stages(0, 0, 0, stages.committed_fen, stages.accrued_fen, stages.paid_fen)
    for each in line.contracts:
        if each.contract in names:
            rest = Stages(
                0,
                0,
                0,
                rest.committed_fen - each.committed_fen,
                rest.accrued_fen - each.accrued_fen,
                rest.paid_fen - each.paid_fen,
            )
            key = f"contract {each.contract}"
            found.append(Flow(node, key, each.committed_fen))
            found += _onward(key, each.committed_fen, each.accrued_fen, each.paid_fen)
    found.append(Flow(node, _OTHERS, rest.committed_fen))
    found += _onward(_OTHERS, rest.committed_fen, rest.accrued_fen, rest.paid_fen)
    found.append(Flow(node, _FREE, stages.granted_fen - stages.committed_fen))
    return found


def _onward(key: str, committed_fen: int, accrued_fen: int, paid_fen: int) -> list[Flow]:
    """Return where what a contract binds stands; an advance is paid before it is accepted."""
    return [
        Flow(key, "paid", paid_fen),
        Flow(key, "waiting", max(accrued_fen - paid_fen, 0)),
        Flow(key, "ahead", max(committed_fen - max(accrued_fen, paid_fen), 0)),
    ]


def _joined(links: Iterable[Flow]) -> list[Flow]:
    """Return one flow between any two nodes."""
    sums: dict[tuple[str, str], int] = {}
    for link in links:
        sums[link.source, link.target] = sums.get((link.source, link.target), 0) + link.amount
    return [Flow(*ends, amount) for ends, amount in sums.items()]


def execution(name: str, stages: Stages, currency: str, say: PageTeller) -> Chart:
    """Draw how far money came."""
    return charts.funnel(
        name,
        say.tell(_("How far the money came")),
        say.tell(
            _("Of {granted} granted, {paid} are paid: {share}."),
            granted=say.money(stages.granted_fen, currency),
            paid=say.money(stages.paid_fen, currency),
            share=say.share(stages.paid_fen, stages.granted_fen),
        ),
        [(say.tell(words), getattr(stages, f"{stage}_fen")) for stage, words in STAGES.items()],
        tell=lambda fen: say.money(fen, currency),
        percent=lambda fen: say.share(fen, stages.granted_fen),
        columns=(say.tell(_("stage")), say.tell(_("amount")), say.tell(_("share"))),
    )


def granted(found: Fund) -> int:
    """Return all authority that a line was granted: what its sources gave."""
    return -sum(found.balances[source] for source in POSTED_SOURCES)


def stages_of(found: Fund, months: Sequence[FundMonth]) -> Stages:
    """Return how far a line's money came, from its months."""
    return Stages(
        granted(found),
        *(sum(getattr(month, f"{stage}_fen") for month in months) for stage in POSTED_STAGES),
    )


def accounts_of(lines: Sequence[ContractLine]) -> list[str]:
    """Return the accounts in which a line holds something for a contract, in the chart's order."""
    return [account for account in CHART if any(account in line.balances for line in lines)]


def left(found: Overview, say: PageTeller) -> Chart:
    """Draw what is left of the year's money to pay, by the end of each month from January on."""
    granted = sum(each.stages.granted_fen for each in found.lines)
    known = {each.month: each.left_fen for each in found.months}
    first, latest = f"{found.year:04}-01", max(known, default="")
    before = [month for month in known if month < first]
    opening = amount = known[max(before)] if before else granted
    months = []
    for month in _through(first, max(latest, f"{found.year:04}-12")):
        amount = known.get(month, amount)
        over = None if month > latest else amount
        months.append(Left(say.month_name(month), say.month(month), over))
    return charts.decline(
        "left",
        say.tell(_("What is left to pay")),
        say.tell(
            _("Of {granted} granted, {left} are not paid."),
            granted=say.money(granted, found.currency),
            left=say.money(amount, found.currency),
        ),
        opening,
        months,
        short=lambda fen: say.short(fen, found.currency),
        tell=lambda fen: say.money(fen, found.currency),
        columns=(say.tell(_("month")), say.tell(_("left")), say.tell(_("at an even pace"))),
        legend=(say.tell(_("left")), say.tell(_("at an even pace"))),
    )


def by_month(
    name: str,
    title: str,
    found: Sequence[ContractMonth | FundMonth | ProgrammeMonth | ProviderMonth],
    currency: str,
    say: PageTeller,
) -> Chart:
    """Draw what was accrued and paid by month; months of neither between the first and the last."""
    known = {each.month: (each.accrued_fen, each.paid_fen) for each in found}
    months = [
        Month(say.month_name(month), say.month(month), known.get(month, (0, 0)))
        for month in _through(min(known, default=""), max(known, default=""))
    ]
    accrued, paid = (sum(each[place] for each in known.values()) for place in (0, 1))
    return charts.months(
        name,
        title,
        say.tell(
            _("In all {accrued} accrued and {paid} paid."),
            accrued=say.money(accrued, currency),
            paid=say.money(paid, currency),
        ),
        months,
        (say.tell(_("accrued")), say.tell(_("paid"))),
        short=lambda fen: say.short(fen, currency),
        tell=lambda fen: say.money(fen, currency),
        month=say.tell(_("month")),
    )


def days_to_payment(name: str, found: Sequence[tuple[int, int]], say: PageTeller) -> Chart:
    """Draw how many payments took how many days; `found` counts them by days."""
    spans = [(f"{low}–{high}", low, high) for low, high in DAYS]
    longest = DAYS[-1][1]
    counts = [
        (told, sum(count for days, count in found if low <= days <= high))
        for told, low, high in spans
    ]
    counts.append((f"> {longest}", sum(count for days, count in found if days > longest)))
    payments = sum(count for _days, count in found)
    return charts.months(
        name,
        say.tell(_("Days to payment")),
        say.tell(_("{count} payments, by days."), count=say.number(payments)),
        [Month(told, told, (count,)) for told, count in counts] if payments else [],
        (say.tell(_("payments")),),
        short=say.number,
        tell=say.number,
        month=say.tell(_("days")),
    )


class Output(NamedTuple):
    """What a programme delivered and what was accrued and paid for it in a month."""

    month: str
    visits: int
    units: int
    confirmed: int
    denied: int
    accrued_fen: int
    paid_fen: int


def output_by_month(found: ProgrammeFile) -> list[Output]:
    """Return the months of a programme in which something was delivered or moved."""
    rows: dict[str, Output] = {}
    for each in found.months:
        if each.accrued_fen or each.paid_fen:
            rows[each.month] = Output(each.month, 0, 0, 0, 0, each.accrued_fen, each.paid_fen)
    for done in found.delivered:
        row = rows.get(done.month, Output(done.month, 0, 0, 0, 0, 0, 0))
        rows[done.month] = row._replace(
            visits=row.visits + done.visits,
            units=row.units + done.units,
            confirmed=row.confirmed + done.confirmed,
            denied=row.denied + done.denied,
        )
    return [rows[month] for month in sorted(rows)]


def output(name: str, found: Sequence[Delivered], say: PageTeller) -> Chart:
    """Draw the units delivered by month, a series for each service; those of most units first."""
    sums: dict[str, int] = {}
    known: dict[tuple[str, str], int] = {}
    for each in found:
        sums[each.service] = sums.get(each.service, 0) + each.units
        known[each.month, each.service] = each.units
    services = sorted(sums, key=lambda service: (-sums[service], service))[:NAMED_SERVICES]
    others = [service for service in sums if service not in services]
    held = [month for month, _service in known]
    months = []
    for month in _through(min(held, default=""), max(held, default="")):
        amounts = [known.get((month, service), 0) for service in services]
        if others:
            amounts.append(sum(known.get((month, service), 0) for service in others))
        months.append(Month(say.month_name(month), say.month(month), tuple(amounts)))
    return charts.months(
        name,
        say.tell(_("Units delivered by month")),
        say.tell(_("In all {count} units."), count=say.number(sum(sums.values()))),
        months,
        (*services, *([say.tell(_("other services"))] if others else ())),
        short=say.number,
        tell=say.number,
        month=say.tell(_("month")),
    )


def _through(first: str, last: str) -> list[str]:
    """Return every month from the first to the last; none where there is no first."""
    months = []
    month = first
    while month and month <= last:
        months.append(month)
        year, number = int(month[:4]), int(month[5:7])
        month = f"{year + number // 12:04}-{number % 12 + 1:02}"
    return months
