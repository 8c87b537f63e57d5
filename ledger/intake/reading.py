r"""From a publisher's bytes to JSON values, each with its own text and its place in the file.

Promise: a number keeps its spelling, an object keeps its text, and what can be read of a damaged
file is read. Nothing here knows OCDS but for the names of the lists that packages hold.

What files in the wild are, and what becomes of it:

- UTF-8 with or without byte order mark, UTF-16 and UTF-32 with or without one (told by the zero
  bytes, RFC 4627 section 3), and Windows-1252 or ISO 8859-1, or UTF-8 with such bytes in between:
  a byte that is not UTF-8 is read as Windows-1252 by `mend`, in the object that holds it.
- One JSON document, or many: JSON Lines, documents one behind the other, RFC 7464 sequences.
- Large: a value that no event could carry is passed over, a document of too many items broken off;
  what is kept of a file beside its text is small, whatever it holds.
- Broken off or broken in the middle: the complete releases before the break are kept; reading
  goes on at the next line that begins with `{` or `[`.

Example: the file

    {"uri":"u","releases":[{"ocid":"a","n":0.10},{"ocid":"b"}]}

is one document, an `Opened` object with the member `uri` and the list `releases` of two `Slice`s;
the first has the value `{"ocid": "a"}` (what tells what it is), the pointer `/releases/0` and the
publisher's own text `{"ocid":"a","n":0.10}`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ledger.intake.parsing import MAX_VALUE_CHARS, BreakError, Oversized, value_at

_SPACE = re.compile("[ \t\r\n\ufeff\x1e]*")  # U+FEFF between joined files, RS of RFC 7464
_RESUME = re.compile(r"^(?=[{\[])", re.MULTILINE)
_OPENED = re.compile(r"(?:/\d+)?(?:/releases|/records(?:/\d+(?:/releases)?)?)?")
_WITH_TEXT = frozenset(["compiledRelease"])  # a record's member whose own text is kept
_URL = "url"
_LINK = frozenset([_URL, "date", "tag", "ocid", "id"])  # what a link to a release may say
_KEPT = ("ocid", "id", "uri", "publishedDate", "publisher", "tag")  # members that are read
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f]")
_BETWEEN = re.compile(r'("(?:[^"\\]++|\\.)*+")|[ \t\r\n]+', re.DOTALL)
_STRAY = re.compile("[\udc80-\udcff]")  # bytes that were not UTF-8, kept by surrogateescape
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_MARKS = (  # the longer first: UTF-32's little-endian mark begins with UTF-16's
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
_ZEROS: dict[
    tuple[bool, ...], str
] = {  # which of the first four bytes are zero, when the first two characters are ASCII
    (True, True, True, False): "utf-32-be",
    (False, True, True, True): "utf-32-le",
    (True, False, True, False): "utf-16-be",
    (False, True, False, True): "utf-16-le",
}


MAX_ITEMS = 500_000
"""Items in the lists of one document; larger sets are published as JSON Lines."""
MAX_MEMBERS = 10_000
"""Names in one object that is read member by member; a package has a dozen."""


class Slice(NamedTuple):
    """A value that was read as a whole: its text is `text[start:end]` of the file's text.

    Of an object only the members by which a package, a record or a release is known are kept in
    `value` (`url` only where nothing but a link is said), of an array none: a file of many releases
    must not stand in memory as Python objects.
    """

    pointer: str
    start: int
    end: int
    value: Any


@dataclass(slots=True)
class Opened:
    """An object or array read member by member, so that what precedes a break is not lost.

    Attributes:
        pointer: JSON pointer inside its document.
        start: where it begins in the file's text.
        end: where it ends; None if the text broke off inside.
        members: what stands under names that are not lists of releases or records: the values of
            those that tell where it comes from and what it is, None for all others; a compiled
            release as a `Slice`.
        lists: such lists, by name; an opened array keeps its items under the empty name.

    """

    pointer: str
    start: int
    end: int | None = None
    members: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list["Slice | Opened"]] = field(default_factory=dict)


class Broken(NamedTuple):
    """Text from `start` to `end` that is not JSON; `at` is where that showed, `why` in words."""

    start: int
    end: int
    at: int
    why: str


def decode_text(data: bytes) -> str:
    """Return the text of a file; bytes that are not UTF-8 stay marked until `mend` reads them."""
    by_zeros = _ZEROS.get(tuple(byte == 0 for byte in data[:4]), "utf-8")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), by_zeros)
    if encoding.startswith("utf-8"):
        return data.decode(encoding, "surrogateescape")
    return data.decode(encoding, "replace")


def mend(text: str) -> tuple[str, bool]:
    """Return `text` with its bytes that are not UTF-8 read as Windows-1252, and whether it had any.

    The five bytes that Windows-1252 leaves open are read as ISO 8859-1, which has them all.
    """
    if text.isascii() or not _STRAY.search(text):
        return text, False
    return _STRAY.sub(_windows_1252, text), True


def storable(text: str) -> str:
    """Return `text` with U+FFFD for what no database keeps: NUL and lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", text)


def escape_controls(text: str) -> str:
    """Return `text` with the raw control characters inside its strings escaped, as JSON asks."""
    return _STRING.sub(lambda match: _CONTROL.sub(lambda c: f"\\u{ord(c[0]):04x}", match[0]), text)


def without_space(text: str) -> str:
    """Return a JSON text without the white space between its tokens; all else as it was."""
    return _BETWEEN.sub(lambda match: match[1] or "", text)


def read_documents(text: str) -> Iterator[Slice | Opened | Broken]:
    """Give the JSON documents of a text, in order; every character but white space is covered.

    A document that breaks off is given as far as it could be read (`end` is None), followed by
    the `Broken` rest.
    """
    at = _skip(text, 0)
    while at < len(text):
        reader = _Reader(text)
        try:
            document, end = reader.value(at, "")
        except BreakError as fault:
            if reader.root is not None:
                yield reader.root
            after = max(at + 1, reader.kept)
            resume = _RESUME.search(text, after)
            end = resume.start() if resume else len(text)
            yield Broken(max(at, reader.kept), end, fault.at, fault.why)
        else:
            yield document
        at = _skip(text, end)


class _Reader:
    """Reads one document; after a break `root` holds what was complete before it.

    `kept` is the end of the last complete item of a list.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Opened | None = None
        self.kept = 0
        self.items = 0

    def value(self, at: int, pointer: str) -> tuple[Slice | Opened, int]:
        """Read the value that begins at `at` (after white space) and return it with its end."""
        at = _skip(self.text, at)
        if self.text.startswith(("{", "["), at) and _OPENED.fullmatch(pointer):
            opened = Opened(pointer, at)
            if self.root is None:
                self.root = opened
            return opened, self.fill(opened)
        value, end = value_at(self.text, at)
        return Slice(pointer, at, end, _outline(value)), end

    def fill(self, opened: Opened) -> int:
        """Read an opened object or array into `opened` and return its end."""
        at = opened.start
        end = self._array(opened, at) if self.text[at] == "[" else self._object(opened, at)
        opened.end = end
        return end

    def _object(self, opened: Opened, at: int) -> int:
        at = _skip(self.text, at + 1)
        if self.text.startswith("}", at):
            return at + 1
        while True:
            if not self.text.startswith('"', at):
                raise BreakError(at, "A name in double quotes is expected here")
            name, end = value_at(self.text, at)
            if isinstance(name, Oversized):
                raise BreakError(at, f"A name has more than {MAX_VALUE_CHARS} characters")
            at = self._expect(":", end)
            pointer = f"{opened.pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            at = self._member(opened, name, at, pointer)
            at = _skip(self.text, at)
            if self.text.startswith("}", at):
                return at + 1
            at = _skip(self.text, self._expect(",", at))

    def _member(self, opened: Opened, name: str, at: int, pointer: str) -> int:
        at = _skip(self.text, at)
        if self.text.startswith("[", at) and _OPENED.fullmatch(pointer):
            array = Opened(pointer, at)
            # Joined before it is filled, so that a break inside keeps the items before it; and
            # a second list of the same name adds to the first instead of hiding it.
            array.lists[""] = opened.lists.setdefault(name, [])
            return self.fill(array)
        value, end = value_at(self.text, at)
        if len(opened.members) >= MAX_MEMBERS:
            raise BreakError(at, f"An object has more than {MAX_MEMBERS} members")
        if name in _WITH_TEXT:
            opened.members[name] = Slice(pointer, at, end, _outline(value))
        else:
            opened.members[name] = value if name in _KEPT else None
        return end

    def _array(self, opened: Opened, at: int) -> int:
        items = opened.lists.setdefault("", [])
        at = _skip(self.text, at + 1)
        if self.text.startswith("]", at):
            return at + 1
        while True:
            self.items += 1
            if self.items > MAX_ITEMS:
                raise BreakError(at, f"One document has more than {MAX_ITEMS} items")
            pointer = f"{opened.pointer}/{len(items)}"
            if self.text.startswith("{", at) and _OPENED.fullmatch(pointer):
                item = Opened(pointer, at)
                items.append(item)
                at = self.fill(item)
            else:
                value, end = value_at(self.text, at)
                items.append(Slice(pointer, at, end, _outline(value)))
                at = end
            self.kept = at
            at = _skip(self.text, at)
            if self.text.startswith("]", at):
                return at + 1
            at = _skip(self.text, self._expect(",", at))

    def _expect(self, sign: str, at: int) -> int:
        at = _skip(self.text, at)
        if not self.text.startswith(sign, at):
            raise BreakError(at, f"A {sign!r} is expected here")
        return at + 1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _outline(value: Any) -> Any:
    """Return what of a value tells what it is: see `Slice`."""
    if isinstance(value, dict):
        link = {_URL: value[_URL]} if _URL in value and _LINK.issuperset(value) else {}
        return {name: value[name] for name in _KEPT if name in value} | link
    return [] if isinstance(value, list) else value


def _windows_1252(match: re.Match[str]) -> str:
    byte = bytes([ord(match[0]) - 0xDC00])
    try:
        return byte.decode("cp1252")
    except UnicodeDecodeError:
        return byte.decode("latin-1")
