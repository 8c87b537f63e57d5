"""Sentences, money, numbers and dates in both languages."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from api import text
from api.text import Language, language_of, money, translate
from ledger import refusals
from ledger.bank.faults import SENTENCES
from ledger.bank.findings import WHYS
from ledger.errors import Refused
from ledger.refusals import REFUSALS
from projections.flags.catalogue import RULES

API = Path(text.__file__).parent


def marked() -> Iterator[str]:
    """Yield every message that the code and the pages of `api` mark with `_("…")`."""
    for _file, _line, message, _comments, _context in extract_from_dir(
        str(API), method_map=[("**.py", "python"), ("**.html", "jinja2")], keywords={"_": None}
    ):
        assert isinstance(message, str), f"plural forms are not used: {message}"
        yield message


def spoken() -> dict[str, str]:
    """Return every English message with where it is said."""
    said = dict.fromkeys(marked(), "api")
    for code, refusal in REFUSALS.items():
        said |= {refusal.sentence: code, refusal.cure: code}
    said |= dict.fromkeys((*SENTENCES.values(), *WHYS.values()), "bank")
    for rule in RULES:
        said |= dict.fromkeys((rule.title, rule.sentence, *rule.words), rule.id)
    return said


def catalogue() -> dict[str, str]:
    """Return the Chinese catalogue as the file has it, checked against its own rules."""
    with (API / text.CATALOGUE).open("rb") as file:
        messages = [message for message in read_po(file, abort_invalid=True) if message.id]
    assert not [message.id for message in messages if message.fuzzy]
    return {str(message.id): str(message.string) for message in messages}


def placeholders(message: str) -> list[str]:
    """Return the names of a message's placeholders, sorted, each as often as it stands there."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(message) if name is not None)


def test_every_message_has_a_chinese_text_with_the_same_facts() -> None:
    """No sentence is left in English for a Chinese reader, and none loses a fact."""
    chinese = catalogue()
    missing = {message: where for message, where in spoken().items() if not chinese.get(message)}
    assert missing == {}
    differing = [
        m for m, translated in chinese.items() if placeholders(m) != placeholders(translated)
    ]
    assert differing == []


def test_the_catalogue_holds_nothing_that_is_no_longer_said() -> None:
    """A message that left the code leaves the catalogue too."""
    assert set(catalogue()) - set(spoken()) == set()


def test_chinese_texts_are_chinese() -> None:
    """Every translation has Chinese characters and ends in Chinese punctuation as the English."""
    for message, translated in catalogue().items():
        says_something = re.search(r"[a-z]", re.sub(r"\{\w+\}", "", message))
        assert not says_something or re.search(r"[\u4e00-\u9fff]", translated), message
        assert message.endswith(".") == translated.endswith("。"), message


def test_a_refusal_reads_in_both_languages() -> None:
    """One refusal, with the place of its event, as an English and a Chinese reader see it."""
    refused = Refused("key_revoked", key="P1/office", party="P1")
    refused.event_index = 3
    assert text.refusal(refused, "en") == refusals.sentence(refused)
    assert text.refusal(refused, "zh") == (
        "第 3 个事件：密钥 P1/office 已被吊销。请用 P1 的有效密钥签署。"
    )


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_says_the_same_as_the_ledger(code: str) -> None:
    """The shell's English is the ledger's own sentence, whatever the code."""
    both = REFUSALS[code].sentence + REFUSALS[code].cure
    refused = Refused(code, **{name: f"<{name}>" for name in placeholders(both)})
    assert text.refusal(refused, "en") == refusals.sentence(refused)


def test_an_unknown_message_is_said_in_english() -> None:
    """A reader is told something even where the catalogue has a hole."""
    assert translate("Nobody wrote {what} down.", "zh", what="this") == "Nobody wrote this down."


@pytest.mark.parametrize(
    ("environ", "option", "expected"),
    [
        ({}, None, "en"),
        ({"LANG": "zh_CN.UTF-8"}, None, "zh"),
        ({"LANG": "zh_TW.UTF-8"}, None, "zh"),
        ({"LANG": "C.UTF-8"}, None, "en"),
        ({"LANG": "de_DE.UTF-8"}, None, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, None, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, None, "zh"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN"}, None, "zh"),
        ({"LC_ALL": "en_GB.UTF-8", "SUNLEDGER_LANG": "zh"}, None, "zh"),
        ({"SUNLEDGER_LANG": "zh"}, "en", "en"),
        ({}, "zh-CN", "zh"),
    ],
)
def test_the_language_is_the_nearest_one_asked_for(
    environ: dict[str, str], option: str | None, expected: Language
) -> None:
    """The option wins over our variable, and that over the locale of the machine."""
    assert language_of(environ, option) == expected


@pytest.mark.parametrize(("environ", "option"), [({}, "fr"), ({"SUNLEDGER_LANG": "zz"}, None)])
def test_a_language_we_do_not_speak_is_misuse(environ: dict[str, str], option: str | None) -> None:
    """An explicit wish that cannot be met is an error, not English by surprise."""
    with pytest.raises(ValueError, match="it must be en or zh"):
        language_of(environ, option)


@pytest.mark.parametrize(
    ("amount", "currency", "english", "chinese"),
    [
        (1_234_567_890, "CNY", "CN¥12,345,678.90", "¥12,345,678.90"),
        (-5, "CNY", "-CN¥0.05", "-¥0.05"),
        (2**53 - 1, "CNY", "CN¥90,071,992,547,409.91", "¥90,071,992,547,409.91"),
        (500, "JPY", "JP¥500", "JP¥500"),
        (1_005, "KWD", "KWD\xa01.005", "KWD\xa01.005"),
        (-150, "XYZ", "-XYZ\xa01.50", "-XYZ\xa01.50"),
    ],
)
def test_money_is_exact_and_written_as_people_write_it(
    amount: int, currency: str, english: str, chinese: str
) -> None:
    """Minor units become major ones by the currency's own exponent, to the last fen."""
    assert money(amount, "en", currency) == english
    assert money(amount, "zh", currency) == chinese


def test_dates_instants_numbers_and_shares() -> None:
    """Each is written by the rules of its language, instants on the ledger's wall clock."""
    assert text.date("2026-03-01", "en") == "1 Mar 2026"
    assert text.date("2026-03-01", "zh") == "2026年3月1日"
    eight_utc = 1_772_352_000_000
    assert text.instant(eight_utc, "zh") == "2026年3月1日 16:00:00"
    assert text.instant(eight_utc, "en", offset_minutes=0) == "1 Mar 2026, 08:00:00"
    assert text.number(2_314, "en") == "2,314"
    assert text.share(999_999, "en") == "99.9%"
    assert text.share(1_000_000, "zh") == "100%"
