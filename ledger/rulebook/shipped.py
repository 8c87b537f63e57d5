"""Version 1 of every rule, in force from `ledger.opened`.

The clocks are those of statutes, each with its source; where a contract sets a limit itself (C12,
C13) there is no rule. A flag whose any case is a reason to look has no threshold, and a version
all the same: a result names it.
"""

from ledger.calendar import SHIPPED as CHINA
from ledger.events.rulebook import (
    Band,
    CalendarRule,
    ClockRule,
    ClockUnit,
    FlagRule,
    IncentiveRule,
    LawRule,
    ListRule,
    Parameters,
    PayRule,
    RateRule,
    ScoreRule,
    Threshold,
)
from ledger.money import PPM

_PERCENT = PPM // 100

_CLOCKS: tuple[tuple[str, int, ClockUnit], ...] = (
    ("c01-tender-open", 20, "days"),  # Government Procurement Law 35
    ("c04-single-source-notice", 5, "working_days"),  # Regulation 38
    ("c06-challenge", 7, "working_days"),  # Law 52, Regulation 53
    ("c07-answer", 7, "working_days"),  # Law 53
    ("c07-complaint", 15, "working_days"),  # Law 55
    ("c07-decision", 30, "working_days"),  # Law 56
    ("c08-signing", 30, "days"),  # Law 46
    ("c09-disclosure", 2, "working_days"),  # Regulation 50
    ("c11-supplements", 100_000, "ppm"),  # Law 49
    ("c13-payment", 60, "days"),  # SME Payment Regulation 9, 10: the most a contract may name
    ("c15-receivable", 30, "days"),  # SME Payment Regulation 16
    ("c17-bid-bond", 20_000, "ppm"),  # Regulation 33
    ("c17-performance-bond", 100_000, "ppm"),  # Regulation 48
    ("c19-dispute", 5, "working_days"),
    ("c19-ruling", 30, "days"),
    ("c20-reveal", 24, "hours"),
)

_FLAGS: dict[int, dict[Threshold, int]] = {
    2: {"minutes": 5},
    3: {"minutes": 5},
    4: {"km_per_hour": 60},
    5: {"hours": 10, "count": 8},
    6: {"count": 2},
    7: {"metres": 300, "share_ppm": 10 * _PERCENT},
    8: {"share_ppm": 80 * _PERCENT},
    12: {"share_ppm": 80 * _PERCENT},
    13: {"share_ppm": 90 * _PERCENT, "count": 50},
    14: {"count": 5, "minutes": 30},
    18: {"count": 100, "seconds": 3},
    19: {"share_ppm": 1 * _PERCENT},
    22: {"share_ppm": 5 * _PERCENT},
    23: {"share_ppm": 20 * _PERCENT},
    # The sum from which goods and services are tendered openly: 2,000,000.00, the central
    # catalogue and standards of 2020 (Guobanfa 2019 No. 55); a province may publish its own.
    24: {"amount_fen": 200_000_000},
    25: {"count": 3},
    26: {"days": 20},
    27: {"fence_ppm": 1_500_000},
    31: {"fence_ppm": 1_500_000},
    32: {"fence_ppm": 1_500_000},
    33: {"share_ppm": 5 * _PERCENT},
    34: {"years": 3},
    36: {"share_ppm": 60 * _PERCENT},
    37: {"share_ppm": 20 * _PERCENT},
    39: {"share_ppm": 80 * _PERCENT},
    40: {"days": 7},
    41: {"count": 300},
    46: {"minutes": 10, "days": 30},
}
_LAST_FLAG = 47

SHIPPED: dict[str, Parameters] = {
    "pay/standard": PayRule(
        bands=[
            Band(from_score_ppm=score * _PERCENT, factor_ppm=factor * _PERCENT)
            for score, factor in ((90, 100), (80, 95), (70, 85), (0, 70))
        ]
    ),
    "score/standard": ScoreRule(contest_working_days=5),
    "incentive/standard": IncentiveRule(
        years=2,
        score_ppm=90 * _PERCENT,
        points_ppm=2 * _PERCENT,
        advance_ppm=30 * _PERCENT,
        advance_good_ppm=40 * _PERCENT,
    ),
    # 0.05 % a day (SME Payment Regulation 17).
    "rate/late": RateRule(ppm_per_year=182_500),
    # One-year loan prime rate, 3.00 % since 20 May 2025 (National Interbank Funding Center).
    "rate/lpr": RateRule(ppm_per_year=30_000),
    "calendar/cn": CalendarRule(
        first=CHINA.first,
        last=CHINA.last,
        off=sorted(CHINA.off),
        worked=sorted(CHINA.worked),
    ),
    # Measures for the Administration of Government Purchase of Services (Ministry of Finance
    # Order 102), 10: what government must do itself, goods and works, financing, hiring.
    "list/negative": ListRule(
        codes=[
            "administrative-decision",
            "financing",
            "goods",
            "labour-dispatch",
            "staff-recruitment",
            "works",
        ]
    ),
    **{f"clock/{name}": ClockRule(limit=limit, unit=unit) for name, limit, unit in _CLOCKS},
    **{
        f"flag/f{number:02}": FlagRule(thresholds=_FLAGS.get(number, {}))
        for number in range(1, _LAST_FLAG + 1)
    },
    "law/admission": LawRule(law=1),
}
"""Parameters by rule. A rule that is not here has no formula and is refused."""
