"""Telling a page's reader figures, names and what happened: `say` in templates."""

from collections.abc import Mapping

from api import codes, text
from api.telling import NOTHING, Teller
from api.text import CHINA_OFFSET_MINUTES, Language
from api.words import sentence_of
from ledger.events import Event
from ledger.intake import defects
from ledger.intake.defects import Defect
from ledger.times import parse_instant
from projections.payments import Step

_PPM = 1_000_000


class PageTeller(Teller):
    """Tells figures and names to a page's reader.

    Attributes:
        language: which language.
        offset_minutes: how far the ledger's clocks are east of UTC.

    """

    def __init__(self, language: Language, offset_minutes: int = CHINA_OFFSET_MINUTES) -> None:
        """Speak a language, and tell times as the ledger's own clocks show them."""
        super().__init__(language)
        self.offset_minutes = offset_minutes

    def amount(self, amount: int | None, currency: str) -> str:
        """Return an amount in minor units as people write it; a dash where there is none."""
        return NOTHING if amount is None else self.money(amount, currency)

    def signed(self, amount: int, currency: str) -> str:
        """Return a change in minor units without its currency's sign, with a plus where it adds."""
        return f"+{self.figure(amount, currency)}" if amount > 0 else self.figure(amount, currency)

    def count(self, value: int | None) -> str:
        """Return a number with its thousands grouped; a dash where there is none."""
        return NOTHING if value is None else self.number(value)

    def share(self, part: int | None, whole: int | None) -> str:
        """Return how much of `whole` `part` is, as a percentage; a dash where nothing is."""
        if part is None or not whole:
            return NOTHING
        return text.share(part * _PPM // whole, self.language)

    def ppm(self, ppm: int | None) -> str:
        """Return parts per million as a percentage with one decimal; a dash for none."""
        return NOTHING if ppm is None else text.share(ppm, self.language)

    def date(self, day: str | None) -> str:
        """Return a date as people write it; a dash where there is none."""
        return NOTHING if day is None else text.date(day, self.language)

    def instant(self, instant_ms: int | None) -> str:
        """Return an instant as the ledger's clocks show it; a dash where there is none."""
        return (
            NOTHING
            if instant_ms is None
            else text.instant(instant_ms, self.language, self.offset_minutes)
        )

    def short(self, amount: int, currency: str) -> str:
        """Return an amount in minor units in few digits, for charts."""
        return text.short_money(amount, self.language, currency)

    def month(self, month: str) -> str:
        """Return a month (`2026-03`) as people write it."""
        return text.month(month, self.language)

    def month_name(self, month: str) -> str:
        """Return a month (`2026-03`) without its year."""
        return text.month_name(month, self.language)

    def time(self, stamp: str) -> str:
        """Return a time of the ledger (RFC 3339, UTC) as the ledger's clocks show it."""
        return self.instant(parse_instant(stamp))

    def sentence(self, event: Event, currency: str) -> str:
        """Return an event in one sentence."""
        return sentence_of(event, self, currency)

    def step(self, step: Step) -> str:
        """Return what a step did to a sum owed, its reason in words."""
        reason = step.reason
        words = codes.CUT_REASONS if step.kind == "cut" else codes.GROUNDS
        told = None if reason is None else self.code(words, reason)
        return self.tell(codes.step_message(step.kind, step.about), reason=told, about=step.about)

    def defect(self, defect: Defect) -> str:
        """Return what is wrong with something that others published; in English, as they write."""
        return defects.sentence(defect)

    def message(self, message: str) -> str:
        """Return a message of the catalogue with its placeholders as they stand."""
        return text.message_in(message, self.language)

    def code(self, words: Mapping[str, str], code: str | None) -> str:
        """Return a code in words, or as it is where there are none for it."""
        return NOTHING if code is None else self.tell(words[code]) if code in words else code
