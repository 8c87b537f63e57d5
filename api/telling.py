"""Telling something in one language: sentences, names and figures, for whoever shows them."""

from collections.abc import Mapping

from api.text import Language, figure, money, number, rate, translate

NOTHING = "–"
"""Stands where nothing is known, or nothing is there."""


class Teller:
    """Speaks one language.

    Attributes:
        language: which.

    """

    def __init__(self, language: Language) -> None:
        """Speak `language`."""
        self.language: Language = language

    def tell(self, message: str, **facts: object) -> str:
        """Return `message` in this language."""
        return translate(message, self.language, **facts)

    def money(self, amount: int, currency: str) -> str:
        """Return an amount in minor units as people write it."""
        return money(amount, self.language, currency)

    def figure(self, amount: int, currency: str) -> str:
        """Return an amount in minor units without its currency's sign."""
        return figure(amount, self.language, currency)

    def number(self, value: int) -> str:
        """Return a number with its thousands grouped."""
        return number(value, self.language)

    def rate(self, ppm: int) -> str:
        """Return a rate or factor in parts per million as a percentage, exactly."""
        return rate(ppm, self.language)

    def name(self, names: Mapping[str, str], otherwise: str | None) -> str:
        """Return a name in this language, else in English, else in any, else `otherwise`."""
        for language in (self.language, "en", *names):
            if language in names:
                return names[language]
        return otherwise or ""
