"""What can be wrong with a bank file: a sentence for each, and when it is refused.

A file is refused whole: nothing of it is booked, and the sentence says why. Faults of form refuse
a file in strict mode; in lenient mode they are remarked and the file is read as far as it can be.
Totals that do not agree refuse a file that would book anything; in one that names no payment of
ours they are a remark. Everything else refuses it always.
"""

from typing import NamedTuple

from ledger.errors import Malformed

ALWAYS = {
    "file_unreadable": "The file cannot be read: {why}.",
    "file_empty": "The file is empty.",
    "file_too_large": "The file has more than {limit} bytes; ask the bank for smaller ones.",
    "not_xml": "The file is not XML, or broke off: {why}.",
    "has_doctype": "The file declares a document type (DOCTYPE), which no bank message has.",
    "not_bank_message": "The file holds no pain.002, camt.053 or camt.054, but {found}.",
    "several_messages": "The file holds more than one message; import each by itself.",
    "unit_too_large": "{place} has more than {limit} fields.",
    "too_many_entries": "The file has more than {limit} entries; ask the bank for smaller ones.",
    "too_many_elements": "The file has more than {limit} elements; no bank message has so many.",
    "amount_invalid": "{place}: {value} is no amount.",
    "currency_differs": (
        "{place}: payment {payment} was ordered in {expected}; the entry is in {found}."
    ),
    "count_differs": (
        "The bank counts {stated} payments in {what}; {ordered} were ordered under it."
    ),
    "sum_differs": "The bank adds {what} up to {stated}; {ordered} was ordered under it.",
}
"""Faults that refuse a file in either mode."""

FORM = {
    "namespace_missing": (
        "The message is not in the namespace of its version (urn:iso:std:iso:20022:…)."
    ),
    "version_unknown": "The version {found} is not one of {known}.",
    "wrapped": "The message stands inside {found}; it belongs into a Document.",
    "foreign_element": "{place}: {element} is of another namespace than the message.",
    "element_unknown": "{place}: {element} does not belong into {parent}.",
    "element_misplaced": "{place}: {element} stands too late in {parent}.",
    "element_repeated": "{place}: {element} stands twice in {parent}.",
    "element_missing": "{place}: {parent} has no {element}.",
    "text_too_long": "{place}: {element} has {count} characters, more than {limit}.",
    "code_unknown": "{place}: {element} is {value}, which is none of its codes.",
    "date_invalid": "{place}: {element} is {value}, which is no date.",
}
"""Faults of form: they refuse a file in strict mode."""

TOTALS = {
    "entries_differ": "{place}: {what} counts {stated} entries; there are {counted}.",
    "entries_sum_differs": "{place}: {what} is {stated}; the entries come to {counted}.",
    "balance_differs": (
        "{place}: the closing balance is {stated}; the opening balance and the entries give "
        "{counted}."
    ),
    "details_differ": "{place}: the entry is {stated}; its transactions come to {counted}.",
    "batch_count_differs": "{place}: the batch counts {stated} transactions; there are {counted}.",
    "batch_sum_differs": "{place}: the batch is {stated}; its transactions come to {counted}.",
}
"""Totals within a file that do not agree: they refuse it when it would book anything."""

SENTENCES = {**ALWAYS, **FORM, **TOTALS}
_SHOWN_CHARS = 80


class Fault(NamedTuple):
    """One thing wrong with a file: a code of `SENTENCES`, and the facts of its sentence."""

    code: str
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """What is wrong, in English."""
        return SENTENCES[self.code].format(**dict(self.facts))


class FileRefused(Malformed):
    """A bank file that is not imported, for a `fault`; `code` is that of the fault."""

    def __init__(self, fault: Fault) -> None:
        """Refuse a file for a fault."""
        super().__init__(fault.sentence)
        self.fault = fault
        self.code = fault.code


def fault(code: str, **facts: object) -> Fault:
    """Return a fault; published values among its facts are cut to a line.

    Raises:
        KeyError: no such code.

    """
    SENTENCES[code]
    return Fault(code, tuple((name, _short(str(value))) for name, value in facts.items()))


def _short(text: str) -> str:
    clean = "".join(each if each.isprintable() else "�" for each in text)
    return clean if len(clean) <= _SHOWN_CHARS else f"{clean[: _SHOWN_CHARS - 1]}…"
