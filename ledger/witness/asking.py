"""A ledger asks its witnesses: the newest checkpoint out, cosignatures in, and kept.

Every witness of a policy with an address is asked at once, over HTTP, and has `PATIENCE_S` to
answer; nobody waits longer for it. What they say is verified by their keys. The cosignatures of one
asking are kept together as one cosigned checkpoint (the store's table `cosigned`).

A cosigned checkpoint bounds time: what stands behind it was not recorded before it was cosigned. A
witness that answers late would so accuse an honest ledger, which went on meanwhile. Therefore a
cosignature dated more than `LATE_MS` after the first entry behind its checkpoint is thrown away,
and the newest checkpoint is sent instead. What stands below it was recorded by then: where this
ledger's clock ran ahead and was set back, a cosignature dated more than `LATE_MS` before the last
entry is thrown away, too, and the witness is asked again when that time has passed. For the same
reason a witness whose clock differs from this machine's by more than that is not believed: one of
the two is wrong, and is to be mended.
"""

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from ledger.cosigning import CONFLICT, PATH, Request
from ledger.errors import LedgerError, Malformed, Unverified
from ledger.merkle import Subtree, prove_consistency
from ledger.note import (
    MAX_NOTE_BYTES,
    Note,
    SignatureLine,
    VerifierKey,
    cosigned_at,
    format_note,
    open_note,
    parse_note,
)
from ledger.policy import Policy, Witness
from ledger.receipts import stored_subtree
from ledger.store.reading import Reader
from ledger.store.store import Store
from ledger.times import MS_PER_SECOND
from ledger.tlog import MAX_SIZE, Checkpoint

PATIENCE_S = 20
"""How long a witness may take to answer."""
LATE_MS = 30 * MS_PER_SECOND
"""How long after the first entry behind a checkpoint, or before the last one below it, a
cosignature of it is still kept: half of what `verify` allows."""
MAX_ASKINGS = 3
"""Times that the newest checkpoint is sent, while the answers come too late."""
MAX_TRIES = 3
"""Requests of one asking: what a witness has seen, the checkpoint, and once more for another who
asked meanwhile."""

RECENT = 8
"""Cosigned checkpoints in which a witness is looked for, to spare it a request."""

_OK = 200

Now = Callable[[], int]
"""Tells the time, milliseconds since the epoch: when a witness was asked, and when it answered."""


class NotAnswered(LedgerError):
    """A witness could not be reached, or does not cosign."""


class Answer(NamedTuple):
    """What one witness said.

    Attributes:
        witness: who.
        line: its cosignature, which holds; None without one.
        reason: why there is none; empty with one.

    """

    witness: Witness
    line: SignatureLine | None
    reason: str = ""


class Asked(NamedTuple):
    """What came of an asking.

    Attributes:
        size: size of the checkpoint that was sent last.
        answers: of every witness of the policy.
        is_late: whether what was cosigned was thrown away, since it came too late.
        is_met: whether the policy's quorum cosigned what was kept; of a policy that asks for
            none, whether anybody did.

    """

    size: int
    answers: tuple[Answer, ...]
    is_late: bool
    is_met: bool


def ask_witnesses(store: Store, policy: Policy, now_ms: Now, patience_s: int = PATIENCE_S) -> Asked:
    """Have the newest checkpoint cosigned by the witnesses of `policy`; keep what they sign.

    When this returns, what was cosigned is on disk. Cost: at most `MAX_ASKINGS` times the patience.

    Raises:
        LedgerError: the policy has no witnesses, or there is no checkpoint yet.
        StoreUnavailable: the database cannot be read or written.

    """
    if not policy.witnesses:
        raise LedgerError("the policy names no witness to ask: it needs lines `witness`")
    for _ in range(MAX_ASKINGS):
        note = store.checkpoint()
        if note is None:
            raise LedgerError("the ledger has no checkpoint yet")
        size = Checkpoint.parse(parse_note(note).text).size
        answers = _ask_all(policy.witnesses, note, store, now_ms, patience_s)
        kept, is_late = _keep(store, size, note, answers)
        if not is_late:
            break
    names = [each.witness.name for each in answers if kept and each.line is not None]
    return Asked(size, answers, is_late, bool(names) and policy.is_met_by(names))


def _ask_all(
    witnesses: Sequence[Witness], note: bytes, store: Reader, now_ms: Now, patience_s: int
) -> tuple[Answer, ...]:
    """Ask every witness at once, so that a slow one keeps none of the others waiting.

    What a witness says after the patience is lost: at the next asking it says so itself.
    """
    size = Checkpoint.parse(parse_note(note).text).size
    subtree = stored_subtree(store, size)
    last = store.statement(size - 1)
    recorded_ms = 0 if last is None else last.recorded_ms

    def ask(witness: Witness) -> Answer:
        try:
            if witness.url is None:
                raise NotAnswered("the policy gives no address of it")
            old = _last_size(store, witness.key, size)
            asked_ms = now_ms()
            line = ask_witness(
                witness.url, witness.key, note, subtree, old_size=old, patience_s=patience_s
            )
            _check_date(line, asked_ms, now_ms())
            _check_recorded(line, recorded_ms)
            return Answer(witness, line)
        except LedgerError as error:
            return Answer(witness, None, str(error))

    answers: dict[str, Answer] = {}
    threads = [
        # A daemon: one that drips its answer byte by byte must not keep the process from ending.
        threading.Thread(
            target=lambda each=each: answers.update({each.name: ask(each)}), daemon=True
        )
        for each in witnesses
    ]
    deadline_s = time.monotonic() + patience_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, deadline_s - time.monotonic()))
    silent = f"it did not answer within {patience_s} seconds"
    return tuple(answers.get(each.name) or Answer(each, None, silent) for each in witnesses)


def _check_date(line: SignatureLine, asked_ms: int, answered_ms: int) -> None:
    """Raise NotAnswered unless a cosignature was made while its witness was asked."""
    dated_ms = cosigned_at(line) * MS_PER_SECOND
    if not asked_ms - LATE_MS <= dated_ms <= answered_ms + LATE_MS:
        away_s = (dated_ms - answered_ms) // MS_PER_SECOND
        raise NotAnswered(
            f"it dates its cosignature {abs(away_s)} seconds {'after' if away_s > 0 else 'before'} "
            "this machine's clock: find out which of the two is wrong, and set it"
        )


def _check_recorded(line: SignatureLine, recorded_ms: int) -> None:
    """Raise NotAnswered where a cosignature is too early for the last entry below it."""
    ahead_ms = recorded_ms - cosigned_at(line) * MS_PER_SECOND
    if ahead_ms > LATE_MS:
        ahead_s = -(-ahead_ms // MS_PER_SECOND)
        raise NotAnswered(
            f"this ledger's last `recorded` is {ahead_s} seconds ahead of it, since the ledger's "
            f"clock ran fast: ask again in {ahead_s} seconds"
        )


def _last_size(store: Reader, key: VerifierKey, size: int) -> int:
    """Return the size that a witness cosigned last, as far as this ledger knows."""
    for row in store.cosigned_over(0, RECENT, newest=True):
        if row.size <= size and str(key) in row.witnesses.split(" "):
            return row.size
    return 0


def _keep(store: Store, size: int, note: bytes, answers: Sequence[Answer]) -> tuple[bool, bool]:
    """Keep the cosignatures; return whether they were, and whether some came too late."""
    given = [(each.witness, each.line) for each in answers if each.line is not None]
    behind = store.statement(size)
    limit_ms = None if behind is None else behind.recorded_ms + LATE_MS
    timely = [
        (witness, line)
        for witness, line in given
        if limit_ms is None or cosigned_at(line) * MS_PER_SECOND <= limit_ms
    ]
    if not timely:
        return False, bool(given)
    parsed = parse_note(note)
    cosigned = format_note(parsed.text, [*parsed.signatures, *[line for _, line in timely]])
    kept = store.add_cosigned(size, cosigned, " ".join(str(each.key) for each, _ in timely))
    # Where somebody else kept a larger one meanwhile, ours says nothing that his does not.
    return kept, len(timely) < len(given)


# -- one witness -------------------------------------------------------------------------------


def ask_witness(
    url: str,
    key: VerifierKey,
    note: bytes,
    subtree: Subtree,
    *,
    old_size: int = 0,
    patience_s: int = PATIENCE_S,
) -> SignatureLine:
    """Return the cosignature of a checkpoint (a note) by the witness at `url`.

    `subtree` gives the hashes of the checkpoint's log; `old_size` is what the witness cosigned
    last, as far as is known: it says itself where that is wrong.

    Raises:
        NotAnswered: it cannot be reached, declines, or answers what is no cosignature of its key.

    """
    parsed = parse_note(note)
    size = Checkpoint.parse(parsed.text).size
    with _Connection(url, patience_s) as connection:
        for _ in range(MAX_TRIES):
            path = prove_consistency(old_size, size, subtree) if old_size else ()
            body = Request(old_size, tuple(path), note).encode()
            status, answer = connection.post(body)
            if status == _OK:
                return _cosignature(parsed, answer, key)
            if status != CONFLICT:
                told = answer.decode("utf-8", "replace").strip()[:200]
                raise NotAnswered(f"it declined with status {status}: {told}")
            old_size = _next_try(answer, old_size, size)
    raise NotAnswered(f"after {MAX_TRIES} tries it still has cosigned another size")


def _next_try(answer: bytes, old_size: int, size: int) -> int:
    """Return the size that the witness cosigned last, from which to try again."""
    text = answer.decode("ascii", "replace").removesuffix("\n")
    if not text.isdecimal() or not text.isascii() or int(text) > MAX_SIZE:
        raise NotAnswered("it cosigned another size last, and does not say which")
    seen = int(text)
    if seen > size:
        raise NotAnswered(
            f"it has cosigned {seen} statements of this ledger, which has {size}: the ledger was "
            "cut back or restored from an old backup; publish nothing before that is mended"
        )
    if seen == old_size:
        raise NotAnswered(
            f"it has cosigned another history of {seen} statements: this ledger was rewritten; "
            "publish nothing before that is mended"
        )
    return seen


def _cosignature(note: Note, answer: bytes, key: VerifierKey) -> SignatureLine:
    """Return the line of `key` in an answer; lines of other keys are ignored."""
    try:
        signed = open_note(note.text.encode() + b"\n" + answer, [key])
    except (Malformed, Unverified) as error:
        raise NotAnswered(f"what it answers is no cosignature of its key: {error}") from error
    return signed.verified[0]


class _Connection:
    """A connection to a witness, for some requests."""

    def __init__(self, url: str, patience_s: int) -> None:
        parts = urlsplit(url)
        kinds: dict[str, Callable[..., http.client.HTTPConnection]] = {
            "http": http.client.HTTPConnection,
            "https": http.client.HTTPSConnection,
        }
        if parts.scheme not in kinds or not parts.hostname or parts.query or parts.fragment:
            raise NotAnswered(f"its address {url} is not one of http:// or https://")
        self._path = parts.path.rstrip("/") + PATH
        try:
            self._http = kinds[parts.scheme](parts.hostname, parts.port, timeout=patience_s)
        except ValueError as error:
            raise NotAnswered(f"its address {url} cannot be used: {error}") from error
        self._where = f"{parts.hostname}:{self._http.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def post(self, body: bytes) -> tuple[int, bytes]:
        """Send a request; return status and body of the answer."""
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        try:
            self._http.request("POST", self._path, body, headers)
            response = self._http.getresponse()
            answer = response.read(MAX_NOTE_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise NotAnswered(f"{self._where} cannot be reached: {reason}") from error
        if len(answer) > MAX_NOTE_BYTES:
            raise NotAnswered(f"{self._where} answers more than {MAX_NOTE_BYTES} bytes")
        return response.status, answer
