"""The scope `provider_output`: what each provider delivered and how it was checked, by month."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from ledger.times import local_date, month_of
from projections.delivery import DELIVERY
from projections.delivery.tables import CONTRACT, OUTPUT, SPOTCHECK
from projections.flags.rule import Facts, Scope
from projections.tenders import TENDERS
from projections.tenders.tables import CONTRACT as SIGNED


class Delivered(NamedTuple):
    """What was delivered under a contract in a local month; all services together.

    Attributes:
        contract: the contract.
        month: the month of the visits' days.
        signed_position: position of the contract's signing.
        visits: visits recorded.
        manual: of them by hand.
        denied: of them people deny.
        not_found: of them a spot check found not to have taken place.
        checked: spot checks of them.
        checks: positions of the contract's spot checks.

    """

    contract: str
    month: str
    signed_position: int
    visits: int
    manual: int
    denied: int
    not_found: int
    checked: int
    checks: tuple[int, ...]


class Output(NamedTuple):
    """A provider's output.

    Attributes:
        key: the provider.
        delivered: by contract and month, in order.
        now: the local month of the ledger's last statement: what may still be going on.

    """

    key: str
    delivered: Sequence[Delivered]
    now: str


def _changed(_facts: Facts, _since: int) -> None:
    """Judge all again: months that end make new cases, and providers are few."""
    return


def _groups(facts: Facts, _keys: Sequence[str] | None) -> Iterator[Output]:
    connection = facts.sources.connection
    contract, output, spotcheck = (
        facts.sources.table(DELIVERY, shape) for shape in (CONTRACT, OUTPUT, SPOTCHECK)
    )
    signed = facts.sources.table(TENDERS, SIGNED)
    checks: dict[str, list[int]] = {}
    for row in connection.execute(select(spotcheck).order_by(spotcheck.c.first_position)):
        checks.setdefault(row.contract, []).append(row.first_position)
    checked = output.c.as_recorded + output.c.differing + output.c.not_found + output.c.unknown
    sums = (output.c.visits, output.c.manual, output.c.denied, output.c.not_found, checked)
    query = (
        select(
            contract.c.provider,
            output.c.contract,
            output.c.month,
            signed.c.first_position,
            *(func.sum(column) for column in sums),
        )
        .join(contract, contract.c.contract == output.c.contract)
        .join(signed, signed.c.contract == output.c.contract)
        .group_by(contract.c.provider, output.c.contract, output.c.month, signed.c.first_position)
        .order_by(contract.c.provider, output.c.month, output.c.contract)
    )
    now = month_of(local_date(facts.sources.recorded_ms, facts.offset_minutes))
    of_providers: dict[str, list[Delivered]] = {}
    for provider, contract_id, month, *numbers in connection.execute(query):
        signed_position, *sums_found = (int(number) for number in numbers)
        visits, manual, denied, not_found, all_checked = sums_found
        delivered = Delivered(
            contract_id,
            month,
            signed_position,
            visits,
            manual,
            denied,
            not_found,
            all_checked,
            tuple(checks.get(contract_id, ())),
        )
        of_providers.setdefault(provider, []).append(delivered)
    for provider, all_delivered in of_providers.items():
        yield Output(provider, all_delivered, now)


OUTPUTS = Scope("provider_output", (DELIVERY, TENDERS), _changed, _groups)
