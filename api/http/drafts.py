"""The cosigning inbox: statements that wait until everybody they name has signed.

    POST /v1/drafts                    a statement file with at least one of its signatures
    GET  /v1/drafts                    those of whoever is signed in
    POST /v1/drafts/{id}/signatures    a signature line more

A statement names its signers in its text, so who is still to sign follows from the draft itself
(`ledger.drafting.missing_signers`); whether the law calls for just these is judged when the draft
is submitted, which is done as soon as the last signature is there. It is then admitted or refused
for good; what became of it stays for its parties to read, while its events are dropped.

Whoever posts needs no session: a signature by a key in force is what counts. Reading does: a draft
is seen by the parties it names and nobody else. So a post is answered by how the draft stands, and
by nothing of what it says: the signature line of a statement that was admitted is public, its
events need not be.
"""

from collections.abc import Sequence

import msgspec
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.http.draft_records import Draft, DraftStanding, Refusal
from api.http.draft_store import DraftRow, DraftStore
from api.http.problems import SECONDS_TO_RETRY, Problem
from api.http.service import Service
from api.http.submitting import StatementReceipt, signed_refusal, submit
from api.text import refusal
from ledger.drafting import check_events, missing_signers
from ledger.errors import Malformed, Refused, Unverified
from ledger.events import Event, decode_event
from ledger.note import SignatureLine, VerifierKey, format_note, parse_note
from ledger.opening import vkey_of
from ledger.rules.admission import CLOCK_SKEW_MS, STATEMENT_LIFE_MS
from ledger.rules.force import check_in_force
from ledger.signature import check_signature
from ledger.statement import (
    CONTEXT,
    Statement,
    decode_statement_file,
    parse_statement,
    split_key_name,
)
from ledger.times import MS_PER_DAY, format_instant
from projections.paging import MAX_LIMIT, parse_mark

SETTLED_LIFE_MS = 30 * MS_PER_DAY
"""How long a draft is kept at least; one that waits ends with the statement, which expires."""
MAX_DRAFTS = 1_000
"""Drafts of one proposer that are kept, settled ones too: more than an office signs in a month."""
MAX_HELD_BYTES = 64 << 20
"""Bytes of them: four of the largest statements that wait."""


class Drafts:
    """The drafts of a server. Safe to use from several threads."""

    def __init__(self, service: Service) -> None:
        """Keep drafts beside the read models of `service`.

        Raises:
            StoreUnavailable: their database cannot be written.

        """
        self._service = service
        self._store = DraftStore(service.projections.database)

    # -- reading -------------------------------------------------------------------------------

    def find(self, draft: str, party: str | None) -> Draft:
        """Return a draft that names `party`.

        Raises:
            Problem: `not_found`: there is none, or it does not name the party.

        """
        row = self._store.find(draft)
        found = None if row is None or row.until_ms <= self._now_ms() else Draft.of(row)
        if found is None or party not in found.signers:
            raise Problem("not_found", f"there is no draft {draft}")
        return found

    def of_party(
        self, party: str, after: str | None, limit: int
    ) -> tuple[tuple[Draft, ...], str | None]:
        """Return a page of the drafts that name a party, the newest first, and the next's mark.

        Raises:
            Malformed: `after` is not what a page said.

        """
        mark = None if after is None else parse_mark(after)
        wanted = min(limit, MAX_LIMIT)
        rows = self._store.of_party(party, self._now_ms(), mark, wanted + 1)
        items = tuple(Draft.listed(row) for row in rows[:wanted])
        more = len(rows) > wanted
        last = rows[wanted - 1] if more else None
        return items, None if last is None else f"{last.proposed_ms}/{last.id}"

    # -- writing -------------------------------------------------------------------------------

    async def propose(self, data: bytes) -> tuple[DraftStanding, bool]:
        """Keep a statement file until all have signed; tell also whether it is new.

        One that is there already is given the signatures that came with this.

        Raises:
            Malformed, Unverified, Refused: it is no statement of this ledger, or a signature does
                not hold, or its time is over.
            Problem: `not_written_here`, or `too_many_drafts`.

        """
        proposer = await run_in_threadpool(self._check, data)
        note, bodies = decode_statement_file(data)
        statement = parse_statement(note)
        now_ms = self._now_ms()
        ends_ms = statement.made_at_ms + STATEMENT_LIFE_MS
        until_ms = max(ends_ms, now_ms + SETTLED_LIFE_MS)
        row = DraftRow(
            statement.id.hex(),
            note,
            "waiting",
            None,
            proposer,
            now_ms,
            until_ms,
            b"".join([body + b"\n" for body in bodies]),
        )
        new = await run_in_threadpool(self._add, row, statement.signers)
        if not new:
            return await self._sign(row.id, statement.note.signatures), False
        return await self._submitted(row), True

    async def sign(self, draft: str, data: bytes) -> DraftStanding:
        """Add signatures to a draft: lines, or its statement file with more of them.

        When the last one is there it is submitted. Lines that it has already change nothing.

        Raises:
            Malformed, Unverified, Refused: they are no signatures of it by those it names.
            Problem: `not_found`, `not_written_here`, or `draft_settled`.

        """
        row = await run_in_threadpool(self._store.find, draft)
        if row is None:
            raise Problem("not_found", f"there is no draft {draft}")
        return await self._sign(draft, _lines_of(data, row.note))

    async def _sign(self, draft: str, lines: Sequence[SignatureLine]) -> DraftStanding:
        while True:
            row = await run_in_threadpool(self._store.find, draft)
            if row is None:
                raise Problem("not_found", f"there is no draft {draft}")
            added = await run_in_threadpool(self._check_again, row, lines)
            if row.events is None:
                if added:
                    raise Problem("draft_settled", f"the draft is {row.status}")
                return DraftStanding.of(row)
            if added:
                note = _with_lines(row.note, added)
                await run_in_threadpool(self._check, note + b"\n" + row.events)
                if not await run_in_threadpool(self._store.replace_note, draft, row.note, note):
                    continue  # another signature came first: look again
                row = row._replace(note=note)
            return await self._submitted(row)

    async def _submitted(self, row: DraftRow) -> DraftStanding:
        """Submit a draft that has all signatures; say what came of it.

        If we stop between the last signature and this, the draft waits with nothing missing:
        whoever sends a signature of it again has it submitted.
        """
        file = row.file
        if file is None or missing_signers(parse_statement(row.note)):
            return DraftStanding.of(row)
        try:
            outcome: StatementReceipt | Refusal = (await submit(self._service, file)).receipt
            status = "admitted"
        except Refused as refused:
            note = signed_refusal(self._service, file, refused)
            outcome = Refusal(
                refused.code,
                {"en": refusal(refused, "en"), "zh": refusal(refused, "zh")},
                refused.event_index,
                None if note is None else note.decode(),
            )
            status = "refused"
        told = msgspec.json.encode(outcome)
        await run_in_threadpool(self._store.settle, row.id, status, told)
        return DraftStanding.of(row._replace(status=status, outcome=told, events=None))

    def _add(self, row: DraftRow, signers: Sequence[str]) -> bool:
        held = self._store.held_by(row.proposer, row.proposed_ms)
        size = len(row.note) + len(row.events or b"")
        if held.drafts >= MAX_DRAFTS or held.bytes + size > MAX_HELD_BYTES:
            if self._store.find(row.id) is not None:
                return False
            raise Problem(
                "too_many_drafts",
                f"{held.drafts:,} drafts of {row.proposer} are kept, with {held.bytes:,} bytes; "
                f"at most {MAX_DRAFTS:,} with {MAX_HELD_BYTES:,}",
            )
        return self._store.add(row, signers)

    # -- checking ------------------------------------------------------------------------------

    def _check(self, data: bytes) -> str:
        """Check everything about a draft that does not wait for the law; return who proposes it.

        That is the party of the first line by a key in force. One that only the draft itself
        enrols proposes nothing: anybody could make it, in any party's name.

        Raises:
            Malformed, Unverified, Refused: as `propose`.
            Problem: `not_written_here`.

        """
        self._check_written_here()
        note, bodies = decode_statement_file(data)
        statement = parse_statement(note)
        if statement.origin != self._service.origin:
            raise Refused("origin_differs", stated=statement.origin, origin=self._service.origin)
        self._check_time(statement)
        events = check_events(statement, bodies)
        lines = statement.note.signatures
        if len({line.name for line in lines}) < len(lines):
            raise Unverified("a key has signed twice")
        parties = [split_key_name(line.name)[0] for line in lines]
        if len(missing_signers(statement)) + len(lines) != len(statement.signers):
            raise Unverified(
                f"the statement names the signers {' '.join(statement.signers)}; "
                f"{' '.join(parties)} have signed"
            )
        enrolled = [self._check_line(line, statement.note.text, events) for line in lines]
        proposer = next(
            (party for party, known in zip(parties, enrolled, strict=True) if known), None
        )
        if proposer is None:
            raise Refused("key_unknown", key=lines[0].name)
        return proposer

    def _check_again(
        self, row: DraftRow, lines: Sequence[SignatureLine]
    ) -> tuple[SignatureLine, ...]:
        """Return the lines by keys that have not signed a draft, of those that were sent.

        A line that is there byte for byte is known. Any other must hold, even by a key that has
        signed: some signers make another signature each time, and strangers know the names. Lines
        to add to a draft that waits are checked with all of it.

        Raises:
            Unverified, Refused: a line does not hold.
            Problem: `not_written_here`.

        """
        read = parse_note(row.note)
        there = {line.name for line in read.signatures}
        to_check = [
            line
            for line in lines
            if line not in read.signatures and (row.events is None or line.name in there)
        ]
        if to_check:
            self._check_written_here()
            events = [decode_event(body) for body in (row.events or b"").splitlines()]
            for line in to_check:
                self._check_line(line, read.text, events)
        return tuple(line for line in lines if line.name not in there)

    def _check_written_here(self) -> None:
        if self._service.ledger is None:
            raise Problem("not_written_here", headers={"Retry-After": str(SECONDS_TO_RETRY)})

    def _check_time(self, statement: Statement) -> None:
        now_ms = self._now_ms()
        age_ms = now_ms - statement.made_at_ms
        if not -CLOCK_SKEW_MS <= age_ms <= STATEMENT_LIFE_MS:
            raise Refused(
                "statement_expired" if age_ms > 0 else "statement_from_the_future",
                made_at=format_instant(statement.made_at_ms),
                recorded=format_instant(now_ms),
            )

    def _check_line(self, line: SignatureLine, text: str, events: Sequence[Event]) -> bool:
        """Check a signature; tell whether its key is enrolled, or only by the draft itself."""
        ledger = self._service.ledger
        key = None if ledger is None else ledger.state.keys.get(line.name)
        if ledger is not None and key is not None:
            verifier = key.verifier
            check_in_force(ledger.state, key, self._now_ms())
            if key.use == "session":
                raise Refused("key_use_forbids", key=line.name, use=key.use)
        else:
            found = next((vkey for each in events if (vkey := vkey_of(each, line.name))), None)
            if found is None:
                raise Refused("key_unknown", key=line.name)
            verifier = VerifierKey.parse(found)
        if verifier.key_id != line.key_id:
            raise Refused("key_unknown", key=line.name)
        try:
            check_signature(verifier.public_key, text.encode(), line.signature)
        except Unverified:
            raise Unverified(f"the signature of {line.name} does not hold") from None
        return key is not None

    def _now_ms(self) -> int:
        return self._service.clock.now_ms()


def drafts_of(request: Request) -> Drafts:
    """Return the drafts of the server."""
    drafts: Drafts = request.app.state.drafts
    return drafts


def _lines_of(data: bytes, note_bytes: bytes) -> tuple[SignatureLine, ...]:
    """Return the signature lines that were sent: by themselves, or in a file of the draft.

    Raises:
        Malformed: neither.
        Unverified: it is the file of another statement.

    """
    text = parse_note(note_bytes).text
    if not data.startswith(CONTEXT.encode()):
        return parse_note(text.encode() + b"\n" + data.strip() + b"\n").signatures
    end = data.find(b"\n\n", data.find(b"\n\n") + 2)
    note = parse_note(data if end < 0 else data[: end + 1])
    if note.text != text:
        raise Unverified("what was sent is signed, but it is another statement than the draft")
    return note.signatures


def _with_lines(note: bytes, lines: Sequence[SignatureLine]) -> bytes:
    """Return a note with more lines, all in their places."""
    read = parse_note(note)
    ordered = sorted([*read.signatures, *lines], key=lambda line: line.name)
    try:
        return format_note(read.text, ordered)
    except ValueError as error:
        raise Malformed(str(error)) from error
