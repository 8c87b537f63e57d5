"""The ledger as an application: the one way in, and the library's ports out.

`Ledger` is an `Application` of the eventsourcing library: its recorder, notification log and
event store are the library's own classes over our store, so whatever follows such applications
can follow this one. But nothing is saved through it: statements come in by `submit` alone,
signed by the party that makes them.

    with open_ledger("sqlite:///ledger.db", signer) as ledger:
        receipt = ledger.submit(Path("contract.stmt").read_bytes())
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn, Self

from eventsourcing.application import Application
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    JSONTranscoder,
    Mapper,
    ProcessRecorder,
    StoredEvent,
    TrackingRecorder,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType

from ledger.clock import Clock, SystemClock
from ledger.drafting import sign_statement
from ledger.errors import LedgerError, Refused
from ledger.events import Event, decode_event
from ledger.identity import Ids
from ledger.note import Signer
from ledger.opening import open_statement
from ledger.reached import check_ledger_key
from ledger.rules.admission import admit_statement
from ledger.rules.clocks import MAX_DUE, Due, first_due
from ledger.rules.closing import draft_closing
from ledger.snapshot import WORTH_A_SNAPSHOT, Start
from ledger.state import State
from ledger.statement import decode_statement_file
from ledger.store.recorder import LedgerRecorder
from ledger.store.store import Store, create_store, open_store
from ledger.waiting import Receipt, Tell, Unopened
from ledger.writer import Writer


class _NothingDue(LedgerError):
    """No clock has run out: there is nothing to book."""


def create_ledger(url: str, genesis: bytes, signer: Signer, clock: Clock | None = None) -> "Ledger":
    """Create a ledger in an empty database and admit its genesis statement.

    Raises:
        LedgerExists: there is something already.
        Malformed, Unverified, Refused: the genesis is not sound, or `signer` is not the ledger
            key that it names; nothing was created.

    """
    clock = clock or SystemClock()
    note, bodies = decode_statement_file(genesis)
    opened = open_statement(note, bodies, lambda _name: None)
    # Judged before anything is created, so that a genesis that is not sound leaves nothing.
    state = State()
    admit_statement(state, opened, clock.now_ms(), 0)
    check_ledger_key(state, signer)
    create_store(url, opened.origin).close()
    ledger = Ledger(open_store(url), signer, clock)
    try:
        ledger.submit(genesis)
    except BaseException:
        ledger.close()
        raise
    return ledger


def open_ledger(
    url: str,
    signer: Signer,
    clock: Clock | None = None,
    *,
    worth_a_snapshot: int = WORTH_A_SNAPSHOT,
) -> "Ledger":
    """Open an existing ledger for writing: replay it, and check it against its checkpoint.

    Where there is a snapshot that holds, only what came after it is replayed (`Ledger.start`). A
    closing makes a new one when `worth_a_snapshot` events came after the last.

    Raises:
        StoreUnavailable: there is no ledger, or the database cannot serve.
        Unverified: the history does not verify, or `signer` is not the ledger's key.

    """
    return Ledger(open_store(url), signer, clock, worth_a_snapshot=worth_a_snapshot)


class Ledger(Application[str]):
    """A ledger open for writing.

    Attributes:
        store: the database, for reading.

    """

    name = "sunledger"

    def __init__(
        self,
        store: Store,
        signer: Signer,
        clock: Clock | None = None,
        *,
        worth_a_snapshot: int = WORTH_A_SNAPSHOT,
    ) -> None:
        """Take over a store; `close` closes it."""
        self.store = store
        super().__init__()
        try:
            self._writer = Writer(store, signer, clock or SystemClock(), worth_a_snapshot)
        except BaseException:
            store.close()
            raise

    @property
    def state(self) -> State:
        """The state at the head. To be read between submissions, never changed."""
        return self._writer.state

    @property
    def is_open(self) -> bool:
        """Whether statements are admitted: until it is closed."""
        return self._writer.is_open

    @property
    def start(self) -> Start:
        """How the history was read when the ledger was opened."""
        return self._writer.start

    @property
    def origin(self) -> str:
        """The ledger's name in the log."""
        return self.store.head().origin

    def submit(self, data: bytes) -> Receipt:
        """Admit a statement file (`.stmt`); return when it is durable.

        May be called from many threads: those that wait together share one commit. The same
        text again is answered with the first receipt.

        Raises:
            Malformed: the file is not in its form.
            Unverified: a signature or the root does not hold.
            Refused: a rule says no.
            StoreUnavailable: the database could not take it; nothing was written.
            OutcomeUnknown: it may be written or not; whoever submits it again hears which.

        """
        return self._writer.submit(data)

    def hand_in(self, data: bytes, tell: Tell) -> None:
        """Hand in a statement file and go on; `tell` is told the receipt or the error.

        It is told what `submit` returns or raises, once that is certain, in the writer's thread:
        so it must be quick and raise nothing.

        Raises:
            Malformed: the file is not in its form; nothing is told.
            StoreUnavailable: the ledger is closed; nothing is told.

        """
        self._writer.hand_in(data, tell)

    @property
    def size(self) -> int:
        """How many statements are in the log, as far as this process has seen.

        A receipt with a smaller index than this was given before.
        """
        return self._writer.size

    def submit_all(self, datas: Sequence[bytes]) -> list[Receipt]:
        """Admit statement files in their order; those that wait together share commits.

        Raises:
            As `submit`, for the first that fails. Each is a statement of its own: those before
            and behind it are admitted or refused by themselves.

        """
        return self._writer.submit_all(datas)

    def expect_many(self) -> None:
        """Start now what helps when many statements come at once; else the first of them wait."""
        self._writer.helped.start()

    def tick(self, operator: Signer, ids: Ids) -> list[Due]:
        """Book what the legal clocks give, until nothing is due; return what was booked.

        Raises:
            Refused: `operator` is not a key of the operator in force.
            StoreUnavailable: the database could not take it; what was booked before stays.
            OutcomeUnknown: the last of it may be written or not.

        """
        booked: list[Due] = []
        made: list[Due] = []

        def make(state: State, _index: int, now_ms: int) -> Unopened:
            made[:] = first_due(state, now_ms)[:MAX_DUE]
            if not made:
                raise _NothingDue("nothing is due")
            events = [due.event(ids.event_id(now_ms), ids.salt(), now_ms) for due in made]
            data = sign_statement(events, state.ledger["origin"], now_ms, [operator])
            return decode_statement_file(data)

        while True:
            try:
                self._writer.submit_in_turn(make)
            except _NothingDue:
                return booked
            booked += made

    def close_books(self, operator: Signer, ids: Ids) -> Receipt:
        """Close the ledger for the day: commit to the state of everything before, in its turn.

        What the clocks give is booked before.

        Raises:
            Refused: `operator` is not a key of the operator in force.
            StoreUnavailable: the database could not take it; what was booked before stays.
            OutcomeUnknown: the last of it may be written or not.

        """

        def make(state: State, index: int, now_ms: int) -> Unopened:
            event = draft_closing(state, index, ids.event_id(now_ms), ids.salt(), now_ms)
            data = sign_statement([event], state.ledger["origin"], now_ms, [operator])
            return decode_statement_file(data)

        while True:
            self.tick(operator, ids)
            try:
                return self._writer.submit_in_turn(make)
            except Refused as refused:
                if refused.code != "clock_overdue":  # one ran out in between
                    raise

    def save(self, *_objs: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: an event without its author's signature is no event here."""
        raise LedgerError("a ledger takes signed statements by `submit`, nothing else")

    def close(self) -> None:
        """Commit what is waiting and close the database."""
        self._writer.close()
        self.store.close()
        super().close()

    def __enter__(self) -> Self:
        """Return the ledger; leaving the block closes it."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the ledger."""
        self.close()

    def construct_factory(self, env: Environment) -> InfrastructureFactory[TrackingRecorder]:
        """Give the library our store."""
        return _Factory(env, self.store)


class Recorded(NamedTuple):
    """An event as the library knows it: at a place in its home subject's stream.

    Attributes:
        originator_id: key of the home subject.
        originator_version: its number among the events at home there.
        event: the event.
        body: its signed bytes.

    """

    originator_id: str
    originator_version: int
    event: Event
    body: bytes


class _SignedBytesMapper(Mapper[str]):
    """Keeps the signed bytes as the stored state; the typed decoder reads them."""

    def to_stored_event(self, _domain_event: Any) -> StoredEvent:
        raise LedgerError("a ledger takes signed statements by `submit`, nothing else")

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        return Recorded(
            str(stored_event.originator_id),
            stored_event.originator_version,
            decode_event(stored_event.state),
            stored_event.state,
        )


class _Factory(InfrastructureFactory[TrackingRecorder]):
    """Hands the library our recorder and mapper; the other kinds have no place in a ledger."""

    def __init__(self, env: Environment | EnvType | None, store: Store) -> None:
        super().__init__(env)
        self._store = store

    def mapper(self, transcoder: Transcoder | None = None, mapper_class: Any = None) -> Mapper[Any]:
        return (mapper_class or _SignedBytesMapper)(transcoder or JSONTranscoder())

    def application_recorder(self) -> ApplicationRecorder:
        return LedgerRecorder(self._store)

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        raise LedgerError(f"a ledger keeps no separate recorder for {purpose}")

    def tracking_recorder(self, _tracking_recorder_class: Any = None) -> TrackingRecorder:
        raise LedgerError("read models bring their own tracking recorder")

    def process_recorder(self) -> ProcessRecorder:
        raise LedgerError("a ledger processes no other application's events")
