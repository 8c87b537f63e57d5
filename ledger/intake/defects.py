"""What can be wrong with a published release that is imported all the same.

Dirty is normal: a release is kept as it was published, and each defect is reported beside it, by
code, with the JSON pointer of the place and the facts its sentence names. What cannot be kept at
all goes to quarantine, with a reason from the second table.

    Defect("amount_negative", "/contracts/0/value", (("value", "-5.00"),))
    sentence(...)  ->  "The amount -5.00 is negative."
"""

from msgspec import Struct

from ledger.intake.reading import storable


class Defect(Struct, frozen=True):
    """One thing wrong with a release.

    Attributes:
        code: a name from `SENTENCES`.
        path: JSON pointer inside the release; empty for the release as a whole.
        facts: names and values that fill the sentence.

    """

    code: str
    path: str = ""
    facts: tuple[tuple[str, str], ...] = ()


SENTENCES = {
    # Where it was found.
    "publisher_missing": "The package names no publisher.",
    "source_shortened": "The text under {field} was cut to {limit} characters.",
    "releases_linked": "{count} releases of the record are only linked and were not fetched.",
    "versioned_left_out": "The record's versioned release repeats its releases; it is left out.",
    "compiled_without_tag": "The record's compiled release does not carry the tag 'compiled'.",
    # Its text.
    "not_utf8": "The release is not UTF-8; its other bytes were read as Windows-1252.",
    "control_characters": "Control characters, which JSON forbids, were escaped.",
    "white_space_removed": "White space was removed: the release was too large with it.",
    "key_repeated": "An object holds a name twice; the last one counts.",
    "replacement_characters": "{count} characters were lost before publication (U+FFFD).",
    "question_marks": "{count} texts hold a question mark within a word, a lost letter perhaps.",
    "doubly_encoded": "{count} texts look like UTF-8 that was encoded twice.",
    # The release.
    "ocid_not_text": "The ocid is a number; it is kept as spelled.",
    "ocid_differs": "The record is of another process, {value}.",
    "ocid_spaced": "White space around the ocid was not taken for a part of it.",
    "ocid_unregistered": "The ocid {value} does not begin with a registered prefix (ocds-…).",
    "release_id_missing": "The release has no id.",
    "date_missing": "There is no {field}.",
    "date_invalid": "{value} is not a date and time with its offset (RFC 3339).",
    "tag_missing": "The release has no tag.",
    "code_unknown": "{value} is not in the closed codelist {codelist}.",
    "type_wrong": "{found} stands where {expected} is expected.",
    "field_deprecated": "{field} ({count} times) is no longer used since OCDS 1.1.",
    # Its lists.
    "id_missing": "An item of {list} has no id; it is told apart by its place.",
    "id_repeated": "The id {value} stands {count} times in one list.",
    "payments_alike": "{count} payments without id are alike; each of them is counted.",
    "award_id_missing": "The contract names no award.",
    "award_unknown": "The contract names the award {value}, which is not in the release.",
    # Its money.
    "amount_missing": "There is no amount.",
    "amount_misplaced": "The budget's amount stands under value instead of amount.",
    "amount_text": "The amount {value} is text, not a number.",
    "amount_invalid": "The amount {value} cannot be read and is not counted.",
    "amount_rounded": "The amount {value} has more decimals than {currency}; it is rounded.",
    "amount_negative": "The amount {value} is negative.",
    "amount_zero": "The transaction's amount is zero.",
    "currency_missing": "The amount {value} names no currency.",
    # The process, over all its releases.
    "several_publishers": "{count} publishers report this process: {names}.",
    "paid_exceeds_value": "{paid} {currency} was paid on a contract of {value}.",
    "currencies_differ": "The contract is in {value}, a payment in {paid}.",
    "currency_assumed": "{count} payments name no currency; the contract's {currency} is assumed.",
    "total_too_large": "A total in {currency} is larger than the ledger counts; it is left out.",
}
"""A sentence for each defect, by code; the words in braces are its facts."""

REASONS = {
    "file_unreadable": "The file cannot be read: {why}.",
    "file_too_large": "The file has more than {limit} bytes; nothing of it was read.",
    "file_given_up": "{count} places were set aside, more than were read; the rest is not read.",
    "file_irregular": "This is no regular file.",
    "file_empty": "The file holds nothing.",
    "file_packed": "The file is packed ({kind}); unpack it first.",
    "not_json": "From here on the text is not JSON: {why}.",
    "not_ocds": "This is no OCDS package, record or release (it holds {names}).",
    "package_empty": "There is no release and no record in it.",
    "list_expected": "{field} is not a list.",
    "object_expected": "{found} stands where a release or record is expected.",
    "ocid_missing": "The release has no ocid.",
    "ocid_unusable": "The ocid is longer than {limit} characters or holds what no text may hold.",
    "release_id_unusable": "The release id is longer than {limit} characters.",
    "release_too_large": "The release has {size} bytes, more than an event may carry ({limit}).",
    "release_not_json": "The release is not JSON: {why}.",
    "release_too_deep": "The release is nested deeper than {limit} levels.",
    "record_without_release": "The record embeds no release and no compiled release.",
    "versioned_only": "The record holds only a versioned release, a history and no release.",
}
"""Why something was set aside, by code; each is one sentence with its facts in braces."""


def defect(code: str, path: str = "", **facts: object) -> Defect:
    """Return a defect; its facts are kept as short text.

    Raises:
        KeyError: no such code.

    """
    SENTENCES[code]
    return Defect(code, path, tuple((name, _short(fact)) for name, fact in facts.items()))


def sentence(found: Defect) -> str:
    """Return a defect's English sentence."""
    return SENTENCES[found.code].format(**dict(found.facts))


_SHOWN = 80  # characters of a published value that a sentence repeats


def _short(fact: object) -> str:
    text = storable(str(fact))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
