"""When a waiting time of working days ends, by the calendar in force at that position."""

from msgspec import json

from ledger.calendar import SHIPPED, Calendar, end_of_day_ms, local_day
from ledger.events import Event
from ledger.events.rulebook import CalendarRule, RulePublished
from ledger.rulebook import CALENDAR as CALENDAR_RULE
from projections.parties.tables import CALENDAR, CalendarRow
from projections.sheet import Sheet


class Waiting:
    """The calendar while a batch is folded: the shipped one, until a rule replaces it."""

    def __init__(self, sheet: Sheet) -> None:
        """Begin with what is known before the batch."""
        self._calendar = SHIPPED
        self._published: CalendarRow | None = None
        for row in sheet.load_all(CALENDAR):
            self._calendar = _calendar(row)

    def see(self, event: Event) -> None:
        """Learn a new version of the calendar; other events are passed over."""
        if not isinstance(event, RulePublished) or event.rule != CALENDAR_RULE:
            return
        if isinstance(event.parameters, CalendarRule):
            rule = event.parameters
            off, worked = (json.encode(sorted(days)).decode() for days in (rule.off, rule.worked))
            self._published = CalendarRow(event.rule, rule.first, rule.last, off, worked)
            self._calendar = _calendar(self._published)

    def end_ms(self, start_ms: int, working_days: int, offset_minutes: int) -> int:
        """Return the instant at which a waiting time that begins at an instant ends.

        Both are milliseconds since the epoch; days are local, `offset_minutes` east of UTC.
        """
        day = self._calendar.add_working_days(local_day(start_ms, offset_minutes), working_days)
        return end_of_day_ms(day, offset_minutes)

    def put(self, sheet: Sheet) -> None:
        """Put down what was learned."""
        if self._published is not None:
            sheet.put(CALENDAR, [self._published])


def _calendar(row: CalendarRow) -> Calendar:
    off, worked = (frozenset(json.decode(days, type=list[str])) for days in (row.off, row.worked))
    return Calendar(row.first, row.last, off, worked)
