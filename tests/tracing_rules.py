"""What each number of `show … --json` is, by its path: a figure of `trace`, or stated by an event.

A number that no rule knows fails `test_tracing_every_number.py`: who shows a new one says here how
it is reached. `docs/verification.md` says the same.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

DAY = "2025-08-31"
"""A day at whose end something of the demo city is overdue."""

# -- what a number is ----------------------------------------------------------------------------


class Shown(NamedTuple):
    """A number in a document: the records around it, the outermost first, and its field."""

    path: str
    records: tuple[dict[str, Any], ...]
    name: str
    value: int

    @property
    def record(self) -> dict[str, Any]:
        """The record it stands in."""
        return self.records[-1]

    @property
    def document(self) -> dict[str, Any]:
        """The whole document."""
        return self.records[0]

    @property
    def plain(self) -> str:
        """The figure that its field is, without the unit."""
        bare = re.sub(r"_(minor|fen)$", "", self.name)
        return OTHER_NAMES.get(bare, bare)

    @property
    def stage(self) -> str:
        """The figure that its field is, of a stage of money."""
        return self.plain if self.plain == "granted" else f"stage/{self.plain}"


class Figure(NamedTuple):
    """A figure of `trace`."""

    key: str
    figure: str
    month: str | None = None
    day: str | None = None


class Stated(NamedTuple):
    """Positions beside the number; an event at one of them states it, or right under it."""

    positions: tuple[int, ...]
    below: bool = False


class Place(NamedTuple):
    """No amount: a place in the ledger, a year, or the day that the law makes of one stated."""

    reason: str


Kind = Figure | Stated | Place
Rule = Callable[[Shown], Kind]

OTHER_NAMES = {
    "retained": "retention_payable",
    "advance": "advances",
}

# -- the rules -----------------------------------------------------------------------------------


def places(*names: str) -> Rule:
    """State it at positions named in the record, or in the nearest one around that has them."""

    def find(shown: Shown) -> Kind:
        for record in reversed(shown.records):
            found = tuple(record[name] for name in names if record.get(name) is not None)
            if found:
                return Stated(found)
        raise AssertionError(shown.path)

    return find


def of(key: str, *, staged: bool = False) -> Rule:
    """Be the figure that the field names, of the subject in a field of the document."""

    def find(shown: Shown) -> Kind:
        record = shown.document[key]
        name = record["provider"]["id"] if key == "provider" else record[SUBJECTS[key][1]]
        figure = shown.stage if staged else shown.plain
        return Figure(f"{SUBJECTS[key][0]}/{name}", figure)

    return find


SUBJECTS = {
    "contract": ("contract", "contract"),
    "fund": ("line", "line"),
    "payment": ("payment", "payment"),
    "tender": ("tender", "tender"),
    "provider": ("party", "provider"),
    "programme": ("programme", "programme"),
    "person": ("beneficiary", "beneficiary"),
}


def month_of(key: str, *, staged: bool = False) -> Rule:
    """Be the figure that the field names, in the month of the record."""

    def find(shown: Shown) -> Kind:
        found = of(key, staged=staged)(shown)
        assert isinstance(found, Figure)
        return found._replace(month=shown.record["month"])

    return find


def figure(key: str, name: str, month: str | None = None) -> Rule:
    """Be a figure whose subject and name are made of what the records around it say."""

    def find(shown: Shown) -> Kind:
        facts = {"field": shown.name, "plain": shown.plain, "stage": shown.stage}
        for record in shown.records:
            for field, value in record.items():
                if isinstance(value, str | int):
                    facts[field] = str(value)
                elif isinstance(value, dict) and isinstance(value.get("id"), str):
                    facts[field] = value["id"]
                elif isinstance(value, dict) and field in SUBJECTS:
                    own = value.get(SUBJECTS[field][1])
                    facts[field] = own["id"] if isinstance(own, dict) else str(own)
        told = None if month is None else month.format(**facts)
        return Figure(key.format(**facts), name.format(**facts), told)

    return find


def at_day(rule: Rule) -> Rule:
    """Be a figure at the end of the day asked for."""

    def find(shown: Shown) -> Kind:
        found = rule(shown)
        assert isinstance(found, Figure)
        return found._replace(day=DAY)

    return find


def step(shown: Shown) -> Kind:
    """Be what an event adds to a figure of its sum, at the position of the step."""
    claim = shown.records[-2]["claim"]["claim"]
    kind = shown.record["kind"]
    first = shown.records[-2]["steps"][0]["position"]
    own = kind in {"returned", "awarded"} and shown.record["position"] == first
    return Figure(f"claim/{claim}", "claimed" if own else STEPS[kind])


STEPS = {
    "claimed": "claimed",
    "answered": "accepted",
    "deemed": "accepted",
    "cut": "cut",
    "disputed": "disputed",
    "contested": "disputed",
    "returned": "accepted",
    "awarded": "accepted",
    "denied": "cut",
    "released": "claimed",
    "granted": "claimed",
    "recovered": "recovered",
    "retained": "retained",
    "deducted": "deducted",
    "scored": "set_off",
    "penalised": "set_off",
    "interest": "interest_booked",
    "waived": "interest_waived",
}
"""Of which figure of its sum a step tells what its event added.

A confirmation and an assignment state their amount; what is given back is what is payable.
"""

CLAIM_NAMES = {"claim_fen": "claimed"}
PLACE = Place("a position, whose event is traced by it")
YEAR = Place("the year that a fund line is named by")
LAW = Place("when an account may be paid, by the law from when it was declared, which is beside it")


def claim_figure(shown: Shown) -> Kind:
    """Be a figure of a sum."""
    name = CLAIM_NAMES.get(shown.name, shown.plain)
    name = {"retention_payable": "retained"}.get(name, name)
    return Figure(f"claim/{shown.record['claim']}", name)


def first_of(shown: Shown) -> int:
    """Return the position at which a tender was published."""
    position: int = shown.document["tender"]["first_position"]
    return position


def name_of(shown: Shown) -> str:
    """Return the provider of a document."""
    name: str = shown.document["provider"]["provider"]["id"]
    return name


def booked(shown: Shown) -> Kind:
    """Be what was debited or credited to an account in a month."""
    side = shown.path.split(".")[-2].removesuffix("_fen")
    key = f"line/{shown.document['fund']['line']}"
    return Figure(key, f"{side}/{shown.name}", shown.records[-2]["month"])


def days(shown: Shown) -> Kind:
    """Be how many payments took so many days."""
    return Figure(f"party/{name_of(shown)}", f"days/{shown.record['days']}")


RULES: dict[str, list[tuple[str, Rule]]] = {
    "contract": [
        (r"contract\.defects", lambda _: Place("of what others published; here there is none")),
        (r"contract\.\w+", of("contract")),
        (r"lines\.\*\.share_ppm", lambda s: Stated((s.document["contract"]["first_position"],))),
        (r"lines\.\*\.balances\.\w+", figure("contract/{contract}", "{line}/{field}")),
        (r"months\.\*\.\w+", month_of("contract")),
    ],
    "fund": [
        (r"fund\.balances\.\w+", lambda s: Figure(f"line/{s.document['fund']['line']}", s.name)),
        (r"months\.\*\.(debit|credit)_fen\.\w+", booked),
        (r"months\.\*\.\w+", month_of("fund", staged=True)),
    ],
    "payment": [
        (r"payment\.\w+", of("payment")),
        (r"shares\.\*\.\w+", figure("payment/{payment}", "{claim}/{plain}")),
        (r"claims\.\*\.claim\.\w+", claim_figure),
        (r"claims\.\*\.steps\.\*\.amount_fen", step),
        (r"claims\.\*\.steps\.\*\.change_fen", step),
        (r"disputed_fen", of("payment")),
    ],
    "overdue": [
        (r"totals\.\*\.sums", at_day(figure("buyer/{buyer}", "overdue"))),
        (r"totals\.\*\.\w+", at_day(figure("buyer/{buyer}", "overdue_{plain}"))),
        (r"items\.\*\.days_late", at_day(figure("claim/{claim}", "days_late"))),
        (r"items\.\*\.\w+", at_day(figure("claim/{claim}", "overdue_{plain}"))),
    ],
    "tender": [
        (r"(tender|lots\.\*)\.ground", lambda s: Stated((first_of(s),), below=True)),
        (r"tender\.\w+_ms", places("first_position", "last_position")),
        (r"tender\.\w+", of("tender")),
        (r"criteria\.\w+", lambda s: Stated((first_of(s),))),
        (r"lots\.\*\.(units_max|rate_cap_fen)", lambda s: Stated((first_of(s),))),
        (r"lots\.\*\.sealed", figure("tender/{tender}", "lot/{lot}/bids")),
        (r"lots\.\*\.\w+", figure("tender/{tender}", "lot/{lot}/{plain}")),
        (r"lots\.\*\.lines\.\*\.amount_fen", lambda s: Stated((first_of(s),))),
        (
            r"lots\.\*\.lines\.\*\.reserved_fen",
            figure("tender/{tender}", "lot/{lot}/{line}/reserved"),
        ),
        (r"bids\.\*\.(value_fen|rates\..*)", places("revealed_position")),
        (r"bids\.\*\.scores\.\*\.score_ppm", places("position")),
        (r"bids\.\*\.\w+_ms", places("first_position", "revealed_position")),
        (r"awards\.\*\.value_fen", places("first_position")),
    ],
    "party": [
        (r"roles\.\*\.amount_fen_max", places("position")),
        (r"keys\.\*\.\w+_ms", places("first_position", "revoked_position")),
        (r"accounts\.\*\.declared_ms", places("first_position")),
        (r"accounts\.\*\.from_ms", lambda _: LAW),
    ],
    "approver": [
        (r"items\.\*\.(first|last)_(at|recorded)_ms", places("first_position", "last_position")),
        (r"items\.\*\.gaps\.\*\.seconds", lambda _: Place("which bucket of gaps is counted")),
        (
            r"items\.\*\.gaps\.\*\.claimed",
            figure("approver/{key}", "{kind}/gaps/{seconds}"),
        ),
        (
            r"items\.\*\.gaps\.\*\.recorded",
            figure("approver/{key}", "{kind}/recorded_gaps/{seconds}"),
        ),
        (r"items\.\*\.median_gap_s", figure("approver/{key}", "{kind}/median_gap")),
        (
            r"items\.\*\.median_recorded_gap_s",
            figure("approver/{key}", "{kind}/median_recorded_gap"),
        ),
        (r"items\.\*\.\w+", figure("approver/{key}", "{kind}/{plain}")),
    ],
    "beneficiary": [
        (r"person\.monthly_cap_fen", places("first_position")),
        (r"services\.\*\.\w+", figure("beneficiary/{person}", "{month}/{service}/{field}")),
        (r"in_all\.\*\.\w+", figure("beneficiary/{person}", "to-{month}/{service}/{field}")),
        (r"plans\.\*\.(units\..*|workers_at_once)", places("position")),
        (r"visits\.\*\.words\.\*\.at_ms", places("position")),
        (r"visits\.\*\.\w+", places("last_position")),
    ],
    "provider": [
        (r"provider\.assigned", lambda s: Figure(f"party/{name_of(s)}", "assignments")),
        (r"provider\.interest_owed_fen", lambda s: Figure(f"party/{name_of(s)}", INTEREST)),
        (r"provider\.\w+", of("provider")),
        (r"days_median", of("provider")),
        (r"days\.\*\.days", lambda _: Place("which days the payments are counted by")),
        (r"days\.\*\.payments", days),
        (r"months\.\*\.\w+", month_of("provider")),
        (r"scores\.\*\.(total|factor)_ppm", places("first_position", "last_position")),
    ],
    "programme": [
        (r"programme\.(reserved|committed)_fen", of("programme", staged=True)),
        (r"programme\.\w+", of("programme")),
        (
            r"indicators\.\*\.(weight_ppm|target)",
            lambda s: Stated((s.document["programme"]["first_position"],)),
        ),
        (
            r"indicators\.\*\.(scores|score_ppm|actual_mean)",
            figure("programme/{programme}", "indicator/{indicator}/{field}"),
        ),
        (
            r"indicators\.\*\.results\.\*\.reports",
            figure("programme/{programme}", "reports/{indicator}/{from_date}/{to_date}"),
        ),
        (r"indicators\.\*\.results\.\*\.actual", places("position")),
        (r"people\.\*\.\w+", figure("programme/{programme}", "{field}/{tier}")),
        (r"months\.\*\.\w+_fen", month_of("programme", staged=True)),
        (r"months\.\*\.\w+", month_of("programme")),
        (r"lines\.\*\.granted_fen", figure("line/{line}", "granted")),
        (r"lines\.\*\.\w+", figure("programme/{programme}", "{line}/{stage}")),
        (
            r"delivered\.\*\.\w+",
            figure("programme/{programme}", "delivered/{month}/{service}/{field}"),
        ),
    ],
    "overview": [
        (r"years\.\*\.stages\.\w+", figure("overview/{year}", "{stage}")),
        (r"sources\.\*\.stages\.\w+", figure("overview/{year}/{source}", "{stage}")),
        (r"lines\.\*\.stages\.\w+", figure("line/{line}", "{stage}")),
        (r"lines\.\*\.contracts\.\*\.\w+", figure("contract/{contract}", "{line}/{stage}")),
        (
            r"(lines\.\*\.others_paid_fen|months\.\*\.left_fen)",
            lambda _: Place("what is left of numbers beside it: the test after this one"),
        ),
        (r"months\.\*\.\w+", figure("overview/{year}", "{stage}", "{month}")),
        (r"overdue_fen", lambda _: Figure("overview", "overdue_principal")),
        (r"(contracts\.)?\w+", lambda s: Figure("overview", s.name)),
    ],
}
"""By command, what a number is by its path; the first rule that fits counts.

`docs/verification.md` says the same.
"""
EVERYWHERE: list[tuple[str, Rule]] = [
    (r"(.*\.)?([a-z]+_)?position", lambda _: PLACE),
    (r"(.*\.)?year", lambda _: YEAR),
]
INTEREST = "interest_payable"
