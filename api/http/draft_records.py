"""Drafts as they are answered: all of one to its parties, how it stands to whoever posts."""

from typing import Literal, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from api.http.draft_store import DraftRow
from api.http.submitting import StatementReceipt
from api.text import Language
from ledger.drafting import missing_signers
from ledger.rules.admission import STATEMENT_LIFE_MS
from ledger.statement import parse_statement
from ledger.times import format_instant

Status = Literal["waiting", "admitted", "refused"]


class Refusal(Struct, frozen=True):
    """Why the ledger did not admit a draft.

    Attributes:
        code: the refusal's code.
        titles: what was wrong and what to do, by `en` and `zh`.
        event: number of the event in its statement that was refused, or None.
        note: the operator's signed refusal, a C2SP note, or None.

    """

    code: str
    titles: dict[Language, str]
    event: int | None
    note: str | None


class Draft(Struct, frozen=True):
    """A statement that waits for signatures, or what became of it.

    Attributes:
        id: SHA-256 of the statement's text, in hex.
        status: `waiting`, `admitted` or `refused`.
        proposer: the party of the first key in force that signed it when it was proposed.
        proposed: when, RFC 3339 UTC.
        made_at: when the statement was made, as its signers sign.
        expires: until when it can be signed, RFC 3339 UTC.
        signers: the parties that must sign, once for each signature.
        signed: names of the keys that have.
        missing: the parties that have not, once for each signature they owe.
        event_count: how many events it has.
        receipt: where it is in the log, once it was admitted.
        refusal: why it was refused, if it was.
        statement: while it waits, the statement file with the signatures that are there; None
            once it is settled, for then only the note is kept. A list leaves it out.

    """

    id: str
    status: Status
    proposer: str
    proposed: str
    made_at: str
    expires: str
    signers: tuple[str, ...]
    signed: tuple[str, ...]
    missing: tuple[str, ...]
    event_count: int
    receipt: StatementReceipt | None
    refusal: Refusal | None
    statement: str | UnsetType | None = UNSET

    @classmethod
    def listed(cls, row: DraftRow) -> "Draft":
        """Return a draft as a list answers it."""
        statement = parse_statement(row.note)
        receipt = row.status == "admitted"
        outcome = row.outcome or b""
        return cls(
            row.id,
            cast(Status, row.status),
            row.proposer,
            format_instant(row.proposed_ms),
            format_instant(statement.made_at_ms),
            format_instant(statement.made_at_ms + STATEMENT_LIFE_MS),
            statement.signers,
            tuple(line.name for line in statement.note.signatures),
            tuple(missing_signers(statement)),
            statement.event_count,
            msgspec.json.decode(outcome, type=StatementReceipt) if receipt else None,
            msgspec.json.decode(outcome, type=Refusal) if row.status == "refused" else None,
        )

    @classmethod
    def of(cls, row: DraftRow) -> "Draft":
        """Return a draft as it is answered by itself, with its file."""
        file = row.file
        return replace(cls.listed(row), statement=None if file is None else file.decode())


class DraftStanding(Struct, frozen=True):
    """How a draft stands: what is told to whoever posts, and says nothing of its events.

    Attributes:
        id: SHA-256 of the statement's text, in hex.
        status: `waiting`, `admitted` or `refused`.
        missing: the parties that have not signed, once for each signature they owe.
        receipt: where it is in the log, once it was admitted.
        refusal: code of the refusal, if it was refused; a party that it names reads the rest.

    """

    id: str
    status: Status
    missing: tuple[str, ...]
    receipt: StatementReceipt | None
    refusal: str | None

    @classmethod
    def of(cls, row: DraftRow) -> "DraftStanding":
        """Return how a draft stands."""
        draft = Draft.listed(row)
        refused = None if draft.refusal is None else draft.refusal.code
        return cls(draft.id, draft.status, draft.missing, draft.receipt, refused)
