"""What an auditor brings along: who tokens stand for, and labels of what was planted.

Both are JSON lines. The extract of the vault's keeper says which tokens are one person:

    {"person": "3f9a…", "token": "el-0042"}

`person` is any text that tells persons apart; it need not be a name. The truth of a simulated city
(docs/simulation.md) says what was planted in which event:

    {"event": "0194…", "label": "overlap", "contract": "c-2025-01"}
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from ledger.errors import Malformed


class _Person(Struct, frozen=True, forbid_unknown_fields=True):
    token: str
    person: str


class _Label(Struct, frozen=True):
    """The fields of a label that every label has; the others are `facts`."""

    event: str
    label: str


class Label(Struct, frozen=True):
    """A planted case.

    Attributes:
        event: id of the event in which it shows.
        label: what it is.
        facts: what it is about, as text by name.

    """

    event: str
    label: str
    facts: dict[str, str]


_person = msgspec.json.Decoder(_Person)
_label = msgspec.json.Decoder(_Label)
_object = msgspec.json.Decoder(dict[str, str | int])


def read_persons(data: bytes) -> dict[str, str]:
    """Return the person of each token.

    Raises:
        Malformed: a line is not a token with a person, or a token stands for two; with its number.

    """
    persons: dict[str, str] = {}
    for number, line in _lines(data):
        found = _decode(_person, number, line, 'not {"token": …, "person": …}')
        if not found.token or not found.person:
            raise Malformed(f"line {number}: the token or the person is empty")
        if persons.setdefault(found.token, found.person) != found.person:
            raise Malformed(f"line {number}: the token {found.token} stands for two persons")
    return persons


def read_labels(data: bytes) -> list[Label]:
    """Return the labels of a truth file, in its order.

    Raises:
        Malformed: a line is no label; with its number.

    """
    labels = []
    for number, line in _lines(data):
        found = _decode(_label, number, line, 'not {"event": …, "label": …}')
        fields = _decode(_object, number, line, "not an object of texts and whole numbers")
        facts = {str(name): str(value) for name, value in fields.items()}
        labels.append(Label(found.event, found.label, facts))
    return labels


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            yield number, line


def _decode(decoder: "msgspec.json.Decoder[Any]", number: int, line: bytes, what: str) -> Any:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"line {number}: {what}: {error}") from None
