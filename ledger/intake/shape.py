"""Looking into published objects whose members may be of any type, or missing.

A reader of dirty data asks for what it needs and gets an empty value where the publisher wrote
something else; that something else is reported once, by `ledger.intake.finding`.
"""

from typing import Any

from ledger.intake.reading import storable

MAX_TEXT_CHARS = 2000  # as long as an event lets a published text be; read models need no more


def object_in(parent: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object under `name`, or an empty one."""
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def objects_in(parent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects of the list under `name`; what is no object, or no list, is left out."""
    return [item for _, item in placed_objects_in(parent, name)]


def placed_objects_in(parent: dict[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
    """Return the objects of the list under `name`, each with its index in the list."""
    value = parent.get(name)
    items = enumerate(value) if isinstance(value, list) else ()
    return [(place, item) for place, item in items if isinstance(item, dict)]


def text_in(parent: dict[str, Any], name: str) -> str:
    """Return the text (or the number, as spelled) under `name`, trimmed, or the empty text."""
    value = parent.get(name)
    return storable(value.strip()[:MAX_TEXT_CHARS]) if isinstance(value, str) else ""


def named(parent: dict[str, Any], name: str) -> str:
    """Return the text under `name`, else under its first translation (`title_en`, `title_fr`)."""
    text = text_in(parent, name)
    if text:
        return text
    translated = sorted(key for key in parent if key.startswith(f"{name}_"))
    return next((text for key in translated if (text := text_in(parent, key))), "")


def money_of(transaction: dict[str, Any]) -> dict[str, Any]:
    """Return a transaction's money: under `value`, or under `amount` as OCDS 1.0 had it."""
    return object_in(transaction, "value") or object_in(transaction, "amount")
