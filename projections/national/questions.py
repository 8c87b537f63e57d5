"""What is asked of many ledgers by SQL, in words that every engine understands.

The tables are `events` and `postings` (`columns.SCHEMA`), each with the number of its `ledger`, and
`visits`, the visits as they stand after their corrections, in their ledger's local time. Where
engines differ, a `Dialect` has the word.

Five red flags follow from visits and single acts alone, and are judged as `projections.flags` does
at its shipped thresholds: F02, F05, F17, F45 and F47. The others need the law's view of contracts,
plans, purchases or budgets: `sunledger flags` has them, ledger by ledger.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ledger.events.rulebook import FlagRule
from ledger.postings import CHART
from ledger.rulebook import SHIPPED
from ledger.times import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE

RULES = ("f02", "f05", "f17", "f45", "f47")
"""The red flags that are judged here."""


class Dialect(Protocol):
    """The words in which engines differ."""

    def text(self, field: str) -> str:
        """Return the expression of a text field of an event's body."""

    def parsed(self, fields: Sequence[str]) -> str:
        """Return the expression of several text fields of an event's body, parsed once."""

    def part(self, parsed: str, fields: Sequence[str], field: str) -> str:
        """Return the expression of one of the fields that were parsed together."""

    def millis(self, instant: str) -> str:
        """Return the expression of an instant, milliseconds since 1970."""

    def each(self, listed: str) -> str:
        """Return the expression that makes a row of each text in a list, given as its JSON."""

    def together(self, number: str) -> str:
        """Return the aggregate of numbers as one text: in order, a space between two."""


class Ledger(NamedTuple):
    """What questions need to know of a ledger: its number, and its local time."""

    number: int
    offset_ms: int


_TEXTS = ("service", "beneficiary", "worker", "visit", "visits")
"""Texts of visits, of corrections (of `visit`), and of denials and confirmations (of `visits`)."""

_INSTANTS = {"starts_ms": "started_at", "ends_ms": "ended_at"}
"""Columns of instants, and the field that each is of."""

BALANCES = """
SELECT ledger, line, account, CAST(sum(debit_fen) AS BIGINT), CAST(sum(credit_fen) AS BIGINT)
FROM (
    SELECT ledger, line, debit AS account, amount_fen AS debit_fen, 0 AS credit_fen FROM postings
    UNION ALL
    SELECT ledger, line, credit AS account, 0 AS debit_fen, amount_fen AS credit_fen FROM postings
) AS sides
GROUP BY ledger, line, account ORDER BY ledger, line, account"""

UNLAWFUL_POSTINGS = """
SELECT ledger, min(position) FROM postings
WHERE NOT (
    amount_fen > 0
    AND (debit IN ({authority}) AND credit IN ({authority})
         OR debit IN ({proprietary}) AND credit IN ({proprietary})))
GROUP BY ledger ORDER BY ledger"""

BELOW_ZERO = """
SELECT ledger, line, account, about, min(position)
FROM (
    SELECT ledger, line, account, about, position, sum(change_fen) OVER (
        PARTITION BY ledger, line, account, about ORDER BY position) AS held_fen
    FROM (
        SELECT ledger, line, account, about, position, sum(change_fen) AS change_fen
        FROM (
            SELECT ledger, line, debit AS account, position,
                CASE WHEN debit IN ({of_contracts}) THEN contract ELSE '' END AS about,
                CASE WHEN debit IN ({debit_normal}) THEN amount_fen ELSE -amount_fen END
                    AS change_fen
            FROM postings WHERE debit IN ({guarded})
            UNION ALL
            SELECT ledger, line, credit AS account, position,
                CASE WHEN credit IN ({of_contracts}) THEN contract ELSE '' END AS about,
                CASE WHEN credit IN ({debit_normal}) THEN -amount_fen ELSE amount_fen END
                    AS change_fen
            FROM postings WHERE credit IN ({guarded})
        ) AS sides
        GROUP BY ledger, line, account, about, position
    ) AS moved
) AS running
WHERE held_fen < 0
GROUP BY ledger, line, account, about ORDER BY ledger, line, account, about"""

VISITS = """
WITH told AS (
    SELECT ledger, position, type, id, {fields}
    FROM (
        SELECT ledger, position, type, id, {parsed} AS f FROM events
        WHERE type IN ('visit.recorded', 'visit.corrected', 'visit.denied', 'visit.confirmed')
    ) AS parsed
)
SELECT *, starts_ms - starts_ms % {day_ms} AS day_ms
FROM (
    SELECT r.ledger, r.position,
        d.visit IS NOT NULL AS denied,
        coalesce(c.service, r.service) AS service,
        coalesce(c.beneficiary, r.beneficiary) AS beneficiary,
        coalesce(c.worker, r.worker) AS worker,
        coalesce(c.starts_ms, r.starts_ms) + o.offset_ms AS starts_ms,
        coalesce(c.ends_ms, r.ends_ms) + o.offset_ms AS ends_ms
    FROM (SELECT * FROM told WHERE type = 'visit.recorded') AS r
    LEFT JOIN (
        SELECT * FROM (
            SELECT *,
                row_number() OVER (PARTITION BY ledger, visit ORDER BY position DESC) AS back
            FROM told WHERE type = 'visit.corrected') AS corrected
        WHERE back = 1) AS c ON c.ledger = r.ledger AND c.visit = r.id
    LEFT JOIN (
        SELECT ledger, visit FROM (
            SELECT ledger, position, type, {each} AS visit FROM told
            WHERE type IN ('visit.denied', 'visit.confirmed')) AS spoken
        GROUP BY ledger, visit
        HAVING max(CASE WHEN type = 'visit.denied' THEN position ELSE -1 END)
            > max(CASE WHEN type = 'visit.confirmed' THEN position ELSE -1 END)
    ) AS d ON d.ledger = r.ledger AND d.visit = r.id
    JOIN ({offsets}) AS o ON o.ledger = r.ledger
) AS visits"""

# Of F02, only visits that last beyond midnight are looked for on the next day; of F17, only visits
# that began when another did are grouped by whom they are of: both are few among all.
FLAGS = {
    "f02": """
SELECT b.ledger, concat('worker/', b.worker) AS subject,
    concat(a.position, ' ', b.position) AS evidence
FROM (
    SELECT *, day_ms AS on_ms FROM visits
    UNION ALL
    SELECT *, day_ms + {day_ms} AS on_ms FROM visits WHERE ends_ms > day_ms + {day_ms}
) AS a JOIN visits AS b
    ON a.ledger = b.ledger AND a.worker = b.worker AND a.on_ms = b.day_ms
WHERE (a.starts_ms < b.starts_ms OR a.starts_ms = b.starts_ms AND a.position < b.position)
    AND least(a.ends_ms, b.ends_ms) - b.starts_ms > {f02_ms}
    AND a.beneficiary <> b.beneficiary""",
    "f05": """
SELECT ledger, concat('worker/', worker) AS subject, {together} AS evidence
FROM visits GROUP BY ledger, worker, day_ms
HAVING sum(ends_ms - starts_ms) > {f05_ms} OR count(*) > {f05_count}""",
    "f17": """
SELECT v.ledger, concat('beneficiary/', v.beneficiary) AS subject,
    concat(b.first, ' ', v.position) AS evidence
FROM (
    SELECT ledger, beneficiary, service, starts_ms, min(position) AS first
    FROM visits JOIN (
        SELECT ledger, starts_ms FROM visits WHERE NOT denied
        GROUP BY ledger, starts_ms HAVING count(*) > 1) AS at_once USING (ledger, starts_ms)
    WHERE NOT denied
    GROUP BY ledger, beneficiary, service, starts_ms HAVING count(*) > 1
) AS b JOIN visits AS v
    ON v.ledger = b.ledger AND v.beneficiary = b.beneficiary
        AND v.service = b.service AND v.starts_ms = b.starts_ms
WHERE NOT v.denied AND v.position <> b.first""",
    "f45": """
SELECT ledger, concat('claim/', {claim}) AS subject, concat(position, '') AS evidence
FROM events WHERE type = 'interest.waived'""",
    "f47": """
SELECT ledger, concat('payment/', {payment}) AS subject, concat(position, '') AS evidence
FROM events WHERE type = 'payment.diverted'""",
}


def unlawful_postings() -> str:
    """Return the question for each ledger's first posting that the two books do not allow."""
    return UNLAWFUL_POSTINGS.format(
        authority=_listed([a.name for a in CHART.values() if a.book == "authority"]),
        proprietary=_listed([a.name for a in CHART.values() if a.book == "proprietary"]),
    )


def below_zero() -> str:
    """Return the question for guarded accounts that fell below zero, and where first.

    Accounts of contracts are followed by contract, all others by line.
    """
    return BELOW_ZERO.format(
        guarded=_listed([a.name for a in CHART.values() if a.guarded]),
        debit_normal=_listed([a.name for a in CHART.values() if a.debit_normal]),
        of_contracts=_listed([a.name for a in CHART.values() if a.about == "contract"]),
    )


def visits(dialect: Dialect, ledgers: Sequence[Ledger]) -> str:
    """Return the question for the table `visits`.

    `starts_ms`, `ends_ms` and the beginning of the day, `day_ms`, are milliseconds since 1970 in
    the ledger's local time; `denied` is whether the last word on the visit was a denial.
    """
    read = (*_TEXTS, *_INSTANTS.values())
    texts = [f"{dialect.part('f', read, name)} AS {name}" for name in _TEXTS]
    instants = [
        f"{dialect.millis(dialect.part('f', read, name))} AS {column}"
        for column, name in _INSTANTS.items()
    ]
    offsets = " UNION ALL ".join(
        f"SELECT {each.number} AS ledger, {each.offset_ms} AS offset_ms" for each in ledgers
    )
    return VISITS.format(
        fields=", ".join(texts + instants),
        parsed=dialect.parsed(read),
        each=dialect.each("visits"),
        offsets=offsets,
        day_ms=MS_PER_DAY,
    )


def flags(dialect: Dialect) -> str:
    """Return the question for every case of the red flags that are judged here."""
    two, long = _thresholds("f02"), _thresholds("f05")
    parts = [
        f"SELECT ledger, '{rule}' AS rule, subject, evidence FROM ({question}) AS {rule}"
        for rule, question in FLAGS.items()
    ]
    return " UNION ALL ".join(parts).format(
        day_ms=MS_PER_DAY,
        f02_ms=two["minutes"] * MS_PER_MINUTE,
        f05_ms=long["hours"] * MS_PER_HOUR,
        f05_count=long["count"],
        together=dialect.together("position"),
        claim=dialect.text("claim"),
        payment=dialect.text("payment"),
    )


def _thresholds(rule: str) -> dict[str, int]:
    shipped = SHIPPED[f"flag/{rule}"]
    if not isinstance(shipped, FlagRule):
        raise TypeError(f"flag/{rule} has no thresholds")
    return {str(name): value for name, value in shipped.thresholds.items()}


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
