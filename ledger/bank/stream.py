"""Reading XML piece by piece: units of a message as small records, never a tree.

    <Ntry><Amt Ccy="CNY">100.01</Amt><Sts><Cd>BOOK</Cd></Sts></Ntry>

becomes a `Unit` named `Ntry` with the fields `Amt`, `Amt@Ccy` and `Sts/Cd`. A unit inside another
(`TxDtls` in `Ntry`) is a unit of its own, handed over when it ends, with its parent as far as
that was read. So memory holds one unit of each depth however long the file is.

Entities are not resolved, no DTD is loaded, the network is off, and libxml2 keeps its own limits
(`huge_tree` off): a text of 10 MB, a depth of 256. A DOCTYPE is refused where it begins, so no
entity is ever declared.
"""

from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree

from ledger.bank.faults import Fault, FileRefused, fault
from ledger.bank.grammar import (
    CODES,
    GRAMMAR,
    MAX_CHARS,
    NAMESPACE,
    ROOTS,
    UNITS,
    VERSIONS,
    Sequence,
)
from ledger.errors import Malformed
from ledger.times import parse_date

_DATE, _DATE_CHARS = "Dt", len("2026-03-05")  # a zone may follow (XML Schema, date)
_ENVELOPED = 2  # envelope and Document

MAX_FILE_BYTES = 256 << 20
"""Bytes of a file: ten times what 100,000 entries with every detail take."""

MAX_ELEMENTS = 20_000_000
"""Elements of a file: a hundred for each of 200,000 entries."""

MAX_FIELDS = 10_000
"""Fields of one unit: a transaction has some fifty, one with many invoices some thousand."""

MAX_FIELD_CHARS = 2_000
"""Characters kept of a text; what is longer is cut, for none that is read may be."""

MAX_REMARKS = 100
"""Faults that are kept of one file in lenient mode: a person reads them."""


class Unit:
    """A record of a message.

    Attributes:
        name: of its element.
        parent: the unit it stands in, or None.
        number: how many of that name there were in the parent, itself included.
        counts: how many units of each name stand in it so far.

    """

    __slots__ = ("_fields", "_size", "counts", "depth", "name", "number", "parent")

    def __init__(self, name: str, parent: "Unit | None", depth: int) -> None:
        """Begin a unit whose element is the `depth`th of those open."""
        self.name = name
        self.parent = parent
        self.depth = depth
        self.counts: dict[str, int] = {}
        self._fields: dict[str, list[str]] = {}
        self._size = 0
        self.number = 1 if parent is None else parent.count(name)

    def count(self, name: str) -> int:
        """Count a unit that begins in this one."""
        self.counts[name] = self.counts.get(name, 0) + 1
        return self.counts[name]

    def add(self, path: str, text: str) -> None:
        """Add a field.

        Raises:
            FileRefused: there are too many.

        """
        self._size += 1
        if self._size > MAX_FIELDS:
            raise FileRefused(fault("unit_too_large", place=self.place(), limit=MAX_FIELDS))
        self._fields.setdefault(path, []).append(text)

    def first(self, *paths: str) -> str | None:
        """Return the first field that is there and not empty, tried in the order of `paths`."""
        for path in paths:
            for text in self._fields.get(path, ()):
                if text:
                    return text
        return None

    def every(self, path: str) -> list[str]:
        """Return every field of a path."""
        return self._fields.get(path, [])

    def above(self, name: str) -> "Unit | None":
        """Return the unit of a name that this one stands in, or None."""
        unit = self.parent
        while unit is not None and unit.name != name:
            unit = unit.parent
        return unit

    def place(self) -> str:
        """Return where it stands, in the file's own words: `Stmt 1, Ntry 3, TxDtls 2`."""
        own = f"{self.name} {self.number}"
        return own if self.parent is None else f"{self.parent.place()}, {own}"


Take = Callable[[Unit], None]


class Found:
    """What a file turned out to be.

    Attributes:
        kind: `pain.002`, `camt.053` or `camt.054`; empty before it is known.
        version: `001.08`, or empty where the message has no namespace.
        remarks: faults of form that lenient mode let pass.

    """

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.kind = ""
        self.version = ""
        self.remarks: list[Fault] = []


def stream(chunks: Iterable[bytes], take: Take, *, strict: bool) -> Found:
    """Hand every unit of a message to `take`, in the order in which they end.

    Raises:
        FileRefused: it is too large, no XML, no message, or, in strict mode, not in its form.

    """
    target = _Target(take, strict=strict)
    parser = etree.XMLParser(
        target=target,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    size = 0
    try:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_FILE_BYTES:
                raise FileRefused(fault("file_too_large", limit=f"{MAX_FILE_BYTES:,}"))
            parser.feed(chunk)
        if not size:
            raise FileRefused(fault("file_empty"))
        parser.close()
    except etree.XMLSyntaxError as error:
        raise FileRefused(fault("not_xml", why=str(error).rstrip("."))) from None
    if not target.found.kind:
        raise FileRefused(fault("not_bank_message", found=target.root or "nothing"))
    return target.found


def is_date(text: str) -> bool:
    """Tell whether a text is a date of the calendar, `2026-03-05`."""
    try:
        parse_date(text)
    except Malformed:
        return False
    return True


class _Target:
    """What lxml tells of a file as it reads it."""

    def __init__(self, take: Take, *, strict: bool) -> None:
        self.found = Found()
        self.root = ""
        self._take = take
        self._strict = strict
        self._namespace: str | None = None
        self._tags: list[str] = []
        self._checks: list[_Check | None] = []
        self._unit: Unit | None = None
        self._text: list[str] = []
        self._length = 0
        self._is_leaf = False
        self._currency: str | None = None
        self._elements = 0

    # -- what lxml calls -----------------------------------------------------------------------

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise FileRefused(fault("has_doctype"))

    def start(self, tag: str, attributes: Any) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise FileRefused(fault("too_many_elements", limit=f"{MAX_ELEMENTS:,}"))
        namespace, _, local = tag.rpartition("}")
        if self.root == "":
            self.root = local
        check = self._checks[-1] if self._checks else None
        if check is not None:
            self._check_start(check, local, namespace)
        if local in ROOTS:
            if self.found.kind:
                raise FileRefused(fault("several_messages"))
            self._begin_message(local, namespace)
        inside = self.found.kind != ""
        self._tags.append(local)
        grammar = GRAMMAR.get(local) if inside else None
        self._checks.append(None if grammar is None else _Check(local, grammar))
        if inside and local in UNITS:
            self._unit = Unit(local, self._unit, len(self._tags))
        self._is_leaf = True
        self._text.clear()
        self._length = 0
        self._currency = attributes.get("Ccy") if attributes else None

    def data(self, text: str) -> None:
        if self._is_leaf and self._unit is not None:
            self._length += len(text)
            if self._length - len(text) < MAX_FIELD_CHARS:
                self._text.append(text)

    def end(self, _tag: str) -> None:
        local = self._tags[-1]
        check = self._checks.pop()
        if check is not None and check.at + 1 < len(check.grammar.required):
            self._check_missing(check, len(check.grammar.required))
        unit = self._unit
        if unit is not None:
            if len(self._tags) == unit.depth:
                self._take(unit)
                self._unit = unit.parent
            elif self._is_leaf:
                self._field(unit, local)
        self._is_leaf = False
        self._tags.pop()

    def close(self) -> None:
        """End."""

    # -- helpers -------------------------------------------------------------------------------

    def _field(self, unit: Unit, local: str) -> None:
        text = "".join(self._text)
        path = "/".join(self._tags[unit.depth :])
        limit = MAX_CHARS.get(local)
        if limit is not None and self._length > limit:
            self._remark(
                "text_too_long",
                place=unit.place(),
                element=local,
                count=self._length,
                limit=limit,
            )
        text = text[:MAX_FIELD_CHARS].strip()
        codes = CODES.get(local)
        if codes is not None and text not in codes:
            self._remark("code_unknown", place=unit.place(), element=local, value=text)
        elif local == _DATE and not is_date(text[:_DATE_CHARS]):
            self._remark("date_invalid", place=unit.place(), element=path, value=text)
        unit.add(path, text)
        if self._currency is not None:
            unit.add(f"{path}@Ccy", self._currency)

    def _begin_message(self, local: str, namespace: str) -> None:
        kind = ROOTS[local]
        self.found.kind = kind
        self._namespace = namespace
        name = namespace.lstrip("{").removeprefix(NAMESPACE)
        if not name.startswith(f"{kind}."):
            self._remark("namespace_missing")
        else:
            self.found.version = name.removeprefix(f"{kind}.")
            if self.found.version not in VERSIONS[kind]:
                known = ", ".join(f"{kind}.{each}" for each in VERSIONS[kind])
                self._remark("version_unknown", found=name, known=known)
        # A message may travel in an envelope, beside its header (ISO 20022 head.001).
        if self._tags[-1:] != ["Document"] or len(self._tags) > _ENVELOPED:
            self._remark("wrapped", found="/".join(self._tags) or "nothing")

    def _check_start(self, check: "_Check", local: str, namespace: str) -> None:
        if namespace != self._namespace:
            self._remark("foreign_element", place=self._place(), element=local)
        place = check.grammar.places.get(local)
        if place is None:
            self._remark("element_unknown", place=self._place(), element=local, parent=check.parent)
            return
        if place.rank < check.at:
            self._remark(
                "element_misplaced", place=self._place(), element=local, parent=check.parent
            )
            return
        if place.rank == check.at and not place.repeats:
            self._remark(
                "element_repeated", place=self._place(), element=local, parent=check.parent
            )
        if place.rank > check.at + 1:
            self._check_missing(check, place.rank)
        check.at = place.rank

    def _check_missing(self, check: "_Check", until: int) -> None:
        for name in check.grammar.required[check.at + 1 : until]:
            if name is not None:
                self._remark(
                    "element_missing", place=self._place(), element=name, parent=check.parent
                )

    def _place(self) -> str:
        return self.found.kind if self._unit is None else self._unit.place()

    def _remark(self, code: str, **facts: object) -> None:
        if self._strict:
            raise FileRefused(fault(code, **facts))
        if len(self.found.remarks) < MAX_REMARKS:
            self.found.remarks.append(fault(code, **facts))


class _Check:
    """How far an open element's children came in its grammar."""

    __slots__ = ("at", "grammar", "parent")

    def __init__(self, parent: str, grammar: Sequence) -> None:
        self.parent = parent
        self.grammar = grammar
        self.at = -1
