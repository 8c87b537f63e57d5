"""What a payment, a message and a report are called on the way to the bank and back.

Each name follows from what it names, so that the same file made twice is the same file, and a
bank that checks for duplicates refuses the second. An advance is a payment too; ids of payments
and of advances are given out apart, so its id stands behind `advance/`, which no id begins with.

    payment               the payment's id, or `advance/` and the advance's
    EndToEndId, InstrId   that; of a longer one its first 18 characters, `+`, 16 hex
    UETR                  an RFC 9562 version 4 UUID of ledger and payment
    MsgId                 the day, a hyphen, 24 hex of what is to be paid: `20260305-6f0c…`
    PmtInfId              32 hex of message and paying side
    event id              a UUIDv7 of payment, kind and the bank's own reference

The last makes an import idempotent without a memory of its own: the entry that settled a payment
gives the id of that settlement again, in whichever file it comes; another entry does not.
"""

import hashlib

from ledger.canonical import encode
from ledger.identity import Ids

MAX_ID_CHARS = 35
"""Max35Text: what ISO 20022 gives an identification."""

_ADVANCE = "advance/"  # the slash is in no id, and ISO 20022 lets a name hold one
_KEPT_CHARS = 18
_DIGEST_CHARS = 16
_MESSAGE_DIGITS = 24
_GROUP_DIGITS = 32


def advance_name(advance: str) -> str:
    """Return what an advance is called among payments."""
    return f"{_ADVANCE}{advance}"


def advance_in(payment: str) -> str | None:
    """Return the id of the advance that is called so among payments, or None of a payment."""
    advance = payment.removeprefix(_ADVANCE)
    return None if advance == payment else advance


def end_to_end_of(payment: str) -> str:
    """Return the EndToEndId of a payment, at most 35 characters."""
    if len(payment) <= MAX_ID_CHARS:
        return payment
    return f"{payment[:_KEPT_CHARS]}+{_digest('end-to-end', payment)[:_DIGEST_CHARS]}"


def uetr_of(origin: str, payment: str) -> str:
    """Return the unique end-to-end transaction reference of a payment of the ledger `origin`."""
    hexed = _digest("uetr", origin, payment)
    variant = "89ab"[int(hexed[16], 16) & 0b11]
    return f"{hexed[:8]}-{hexed[8:12]}-4{hexed[13:16]}-{variant}{hexed[17:20]}-{hexed[20:32]}"


def message_id_of(origin: str, day: str, parts: list[list[str | int]]) -> str:
    """Return the MsgId of a file that is to be carried out on `day` and pays `parts`."""
    hexed = hashlib.sha256(encode(["message", origin, day, parts], _MAX_PARTS_BYTES)).hexdigest()
    return f"{day.replace('-', '')}-{hexed[:_MESSAGE_DIGITS]}"


def group_id_of(message_id: str, buyer: str) -> str:
    """Return the PmtInfId of what a message pays for one buyer."""
    return _digest("group", message_id, buyer)[:_GROUP_DIGITS]


def report_id_of(origin: str, kind: str, payment: str, reference: str, at_ms: int) -> str:
    """Return the id of the event that reports an entry; the same entry gives the same id.

    `at_ms` is the entry's value date, so that ids stay in the order of time.
    """
    drawn = hashlib.sha256(encode(["report", origin, kind, payment, reference])).digest()
    return Ids(lambda size: drawn[:size]).event_id(at_ms)


_MAX_PARTS_BYTES = 16 << 20  # ten thousand payments are a tenth of it


def _digest(*parts: str) -> str:
    return hashlib.sha256(encode(list(parts))).hexdigest()
