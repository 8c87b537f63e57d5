"""What people read, in English and Chinese: sentences, money, numbers, dates.

A sentence is written in English where it is said, with its facts as `{placeholders}`; the
Chinese one stands in `api/locale/zh_CN/LC_MESSAGES/sunledger.po` under that English:

    translate(_("{count} statements were admitted."), "zh", count=3)  ->  "已受理 3 份声明。"

`_` marks a sentence for the catalogue and returns it as it is. The catalogue is read when the
first Chinese sentence is asked for; no compiled form is kept beside it that could grow stale.
`tests/api/test_text.py` holds every marked sentence and every refusal to have its translation,
with the same placeholders.

Numbers, money and dates are written as the Unicode CLDR (through Babel) has them in British
English and in the Chinese of the mainland. Amounts stay exact: they never pass through a float.
"""

import datetime as dt
import functools
from collections.abc import Mapping
from importlib import resources
from typing import Literal, NamedTuple

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import get_currency_precision, get_currency_symbol

from ledger.errors import Refused
from ledger.refusals import REFUSALS

Language = Literal["en", "zh"]

CATALOGUE = "locale/zh_CN/LC_MESSAGES/sunledger.po"
CHINA_OFFSET_MINUTES = 8 * 60
_LOCALES: Mapping[Language, Locale] = {"en": Locale("en", "GB"), "zh": Locale("zh", "CN", "Hans")}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_PPM_OF_A_TENTH_OF_A_PERCENT = 1_000


def _(message: str) -> str:
    """Mark `message` for the catalogue; return it unchanged."""
    return message


def language_of(environ: Mapping[str, str], option: str | None) -> Language:
    """Return the language to answer in: the option's, `SUNLEDGER_LANG`'s, else the locale's.

    The option and `SUNLEDGER_LANG` are taken as `en` or `zh`, with or without a country
    (`zh-CN`). Of the locale variables the first that is set decides, in the order of POSIX;
    every locale that is not Chinese reads English.

    Raises:
        ValueError: the option, or `SUNLEDGER_LANG`, names another language.
    """
    for source, asked in (("--lang", option), ("SUNLEDGER_LANG", environ.get("SUNLEDGER_LANG"))):
        if asked:
            chosen = _known(asked)
            if chosen is None:
                raise ValueError(f"{source} is {asked!r}; it must be en or zh.")
            return chosen
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return _known(environ[name]) or "en"
    return "en"


def translate(message: str, language: Language, **facts: object) -> str:
    """Return `message` in `language` with its placeholders filled from `facts`.

    A message that the catalogue lacks is returned in English: a reader is told something.

    Raises:
        KeyError: a placeholder has no fact.
    """
    return message_in(message, language).format(**facts)


def message_in(message: str, language: Language) -> str:
    """Return `message` in `language` with its placeholders as they stand."""
    return _catalogue().get(message, message) if language == "zh" else message


def refusal(refused: Refused, language: Language) -> str:
    """Return in `language` what was wrong and what to do about it.

    The English is that of `ledger.refusals.sentence`.
    """
    text = REFUSALS[refused.code]
    wrong = translate(text.sentence, language, **refused.facts)
    cure = translate(text.cure, language, **refused.facts)
    if refused.event_index is not None:
        event = translate(_("Event {index}:"), language, index=refused.event_index)
        wrong = _join(language, event, wrong)
    return _join(language, wrong, cure)


def number(value: int, language: Language) -> str:
    """Return `value` with its thousands grouped: `2,314`."""
    return _grouped(value, _style(language).comma)


def money(amount: int, language: Language, currency: str = "CNY") -> str:
    """Return `amount`, in minor units of `currency` (fen), as money: `CN¥12,345.60`, `¥12,345.60`.

    A currency that CLDR does not know is shown by its code, with two decimals.
    """
    sign = "-" if amount < 0 else ""
    prefix = _coin(language, currency).prefix
    return f"{sign}{prefix}{figure(abs(amount), language, currency)}"


def figure(amount: int, language: Language, currency: str = "CNY") -> str:
    """Return `amount`, in minor units of `currency`, without its sign: `12,345.60`.

    For tables that name their currency once.
    """
    style, decimals = _style(language), _coin(language, currency).decimals
    major, minor = divmod(abs(amount), 10**decimals)
    sign = "-" if amount < 0 else ""
    part = f"{style.point}{minor:0{decimals}}" if decimals else ""
    return f"{sign}{_grouped(major, style.comma)}{part}"


def short_money(amount: int, language: Language, currency: str = "CNY") -> str:
    """Return `amount` in minor units to two decimals of a large unit: `CN¥1.23M`, `¥123.46万`.

    For charts. The units are those of CLDR's short numbers; smaller amounts are told in full.
    """
    coin = _coin(language, currency)
    for unit, name in _UNITS[language]:
        unit_minor = unit * 10**coin.decimals
        if abs(amount) >= unit_minor:
            whole, part = divmod((abs(amount) * 100 + unit_minor // 2) // unit_minor, 100)
            sign = "-" if amount < 0 else ""
            told = f"{whole:,}.{part:02}".rstrip("0").rstrip(".")
            return f"{sign}{coin.prefix}{told}{name}"
    return money(amount, language, currency)


def share(ppm: int, language: Language) -> str:
    """Return a share in parts per million as a percentage with one decimal: `62.5%`.

    Cut off, not rounded, so that `100%` is said only of the whole.
    """
    return _percent(ppm // _PPM_OF_A_TENTH_OF_A_PERCENT, 1, language)


def rate(ppm: int, language: Language) -> str:
    """Return a rate in parts per million as a percentage, exactly: `18.25%`."""
    return _percent(ppm, 4, language)


@functools.lru_cache(maxsize=4096)  # those of some years, over and over
def date(text: str, language: Language) -> str:
    """Return the date `text` (`2026-03-01`) as people write it: `1 Mar 2026`, `2026年3月1日`."""
    return _day(dt.date.fromisoformat(text), language)


def month(text: str, language: Language) -> str:
    """Return the month `text` (`2026-03`) as people write it: `Mar 2026`, `2026年3月`."""
    day = dt.date.fromisoformat(f"{text}-01")
    if language == "zh":
        return f"{day.year}年{day.month}月"
    return f"{_style(language).months[day.month - 1]} {day.year}"


def month_name(text: str, language: Language) -> str:
    """Return the month `text` (`2026-03`) without its year: `Mar`, `3月`."""
    return _style(language).months[int(text[5:7]) - 1]


def instant(instant_ms: int, language: Language, offset_minutes: int = CHINA_OFFSET_MINUTES) -> str:
    """Return an instant (milliseconds since the epoch) as the wall clock at `offset_minutes`.

    `offset_minutes` is the ledger's distance east of UTC. Seconds are shown, milliseconds not.
    """
    local = _EPOCH + dt.timedelta(milliseconds=instant_ms, minutes=offset_minutes)
    between = " " if language == "zh" else ", "
    return f"{_day(local.date(), language)}{between}{local:%H:%M:%S}"


# -- how each language writes figures ------------------------------------------------------------
# Babel's own functions parse a pattern at each call, some 90 microseconds; a page has hundreds of
# figures. So what CLDR says is asked of Babel once, and tests hold the two to write the same.


class _Style(NamedTuple):
    """How a language writes numbers and months."""

    comma: str
    point: str
    percent: str
    months: tuple[str, ...]


class _Coin(NamedTuple):
    """How a language writes a currency: what stands before an amount, and its decimals."""

    prefix: str
    decimals: int


_UNITS: Mapping[Language, tuple[tuple[int, str], ...]] = {
    "en": ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")),
    "zh": ((10**12, "万亿"), (10**8, "亿"), (10**4, "万")),
}
"""Large units by language, the largest first."""


@functools.cache
def _style(language: Language) -> _Style:
    locale = _LOCALES[language]
    symbols = locale.number_symbols["latn"]
    names = locale.months["format"]["abbreviated"]
    return _Style(
        symbols["group"],
        symbols["decimal"],
        symbols["percentSign"],
        tuple(names[number] for number in range(1, 13)),
    )


@functools.lru_cache(maxsize=256)
def _coin(language: Language, currency: str) -> _Coin:
    symbol = get_currency_symbol(currency, _LOCALES[language])
    # CLDR sets a space between letters and digits; Babel leaves it out.
    space = "\u00a0" if symbol[-1:].isalpha() else ""
    return _Coin(symbol + space, get_currency_precision(currency))


def _grouped(value: int, comma: str) -> str:
    return f"{value:,}".replace(",", comma)


def _percent(value: int, decimals: int, language: Language) -> str:
    """Return a percentage that is told in its last decimal's units, without idle zeros."""
    style = _style(language)
    whole, part = divmod(abs(value), 10**decimals)
    sign = "-" if value < 0 else ""
    rest = f"{part:0{decimals}}".rstrip("0")
    point = style.point if rest else ""
    return f"{sign}{_grouped(whole, style.comma)}{point}{rest}{style.percent}"


def _day(day: dt.date, language: Language) -> str:
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_style(language).months[day.month - 1]} {day.year}"


def _known(tag: str) -> Language | None:
    """Return the language of a tag such as `zh_CN.UTF-8` or `en-GB`, None if it is neither."""
    match tag.replace("-", "_").partition(".")[0].partition("_")[0].lower():
        case "en":
            return "en"
        case "zh":
            return "zh"
        case _:
            return None


def _join(language: Language, *sentences: str) -> str:
    """Return `sentences` as running text: Chinese sets no space between them."""
    return ("" if language == "zh" else " ").join(sentences)


@functools.cache
def _catalogue() -> Mapping[str, str]:
    """Read the Chinese catalogue: English message to Chinese; doubtful (fuzzy) entries are out."""
    with resources.files(__package__).joinpath(CATALOGUE).open("rb") as file:
        catalogue = read_po(file, locale="zh_CN", charset="utf-8")
    return {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str)
        and isinstance(message.string, str)
        and message.id
        and message.string
        and not message.fuzzy
    }
