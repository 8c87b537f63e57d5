"""A trial balance a fund line: what every account was moved by and holds, now and at a closing."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from sqlalchemy import func, select

from ledger.postings import CHART
from projections.audit.moment import Moment
from projections.funds import FUNDS, list_funds
from projections.funds.tables import TURNOVER
from projections.paging import MAX_LIMIT


class TrialBalance(Struct, frozen=True):
    """An account of a fund line.

    Attributes:
        line: the fund line.
        owner: the party that it was appropriated by.
        year: its budget year.
        code: functional classification code of the expenditure.
        source: whose money it is: central, province, city, lottery.
        account: the account.
        book: authority (what may still be spent) or proprietary (cash, what is owed, expense).
        normal_side: the side, debit or credit, on which its balance stands.
        debit_fen: all that was debited to it.
        credit_fen: all that was credited to it.
        balance_fen: what it holds, on its normal side.
        closing_balance_fen: what it held at the last closing, which commits to it; 0 where the
            line came later, empty where the ledger was never closed.

    """

    line: str
    owner: str
    year: int
    code: str
    source: str
    account: str
    book: str
    normal_side: str
    debit_fen: int
    credit_fen: int
    balance_fen: int
    closing_balance_fen: int | None


def trial_balance(
    moment: Moment, closing: Mapping[str, Mapping[str, int]] | None
) -> Iterator[TrialBalance]:
    """Yield every account of every line, in the order of appropriation and of the chart.

    `closing` holds the balances of each line at the last closing, None where there was none.
    """
    after: str | None = None
    while True:
        page = list_funds(moment, after=after, limit=MAX_LIMIT)
        for fund in page.items:
            turnover = _turnover(moment, fund.line)
            for name, account in CHART.items():
                debit_fen, credit_fen = turnover.get(name, (0, 0))
                held = None if closing is None else closing.get(fund.line, {}).get(name, 0)
                yield TrialBalance(
                    line=fund.line,
                    owner=fund.owner.id or "",
                    year=fund.year,
                    code=fund.code,
                    source=fund.source,
                    account=name,
                    book=account.book,
                    normal_side="debit" if account.debit_normal else "credit",
                    debit_fen=debit_fen,
                    credit_fen=credit_fen,
                    balance_fen=fund.balances[name],
                    closing_balance_fen=held,
                )
        if page.next is None:
            return
        after = page.next


def _turnover(moment: Moment, line: str) -> dict[str, tuple[int, int]]:
    reading = moment.readings[FUNDS.name]
    column = reading.tables[TURNOVER].c
    query = (
        select(column.account, func.sum(column.debit_fen), func.sum(column.credit_fen))
        .where(column.line == line)
        .group_by(column.account)
    )
    found = reading.connection.execute(query)
    return {account: (int(debit), int(credit)) for account, debit, credit in found}
