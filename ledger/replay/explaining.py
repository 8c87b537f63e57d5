"""`explain`: why a payment is what it is, recomputed from the log alone.

    explanation = explain(ArchiveSource(Path("archive")), "p-1")
    explanation.principal_fen + explanation.interest_fen     what the formulas give
    explanation.ordered_fen                                  what the bank was ordered to pay
    explanation.differences                                  () in a history that verifies

The history is replayed from its first statement by the functions that admitted it. Before each
event that can bear on the payment its figures are reckoned by the formulas, from what earlier
events gave; then they are compared with what the event states and with what its postings moved.
No read model and no stored balance is asked. Whether the log is the ledger's own is for `verify`.

Cost: a look at every event, then a replay of all, however many payments are explained. Memory: the
state, and the steps of their contracts.
"""

from collections.abc import Callable, Collection, Iterator, Sequence

from ledger.errors import LedgerError, Refused, Unverified
from ledger.events import Event, decode_event, name_of_type, type_of
from ledger.events.payment import PaymentRequested
from ledger.note import VerifierKey
from ledger.opening import open_statement
from ledger.postings import Posting
from ledger.replay import adjusting, ordering, reckoning
from ledger.replay.explanation import Difference, Explanation, Standing
from ledger.replay.ordering import due_on, shares_of
from ledger.replay.sources import Record, Source
from ledger.replay.steps import Answered, Awarded, Deducted, Granted, Step, Where
from ledger.replay.tally import Note, Noting, Request, Tally
from ledger.rules.act import Act
from ledger.rules.admission import Admitted, admit_statement
from ledger.rules.doubt import of_payment
from ledger.rules.interest import accrual_of
from ledger.state import State
from ledger.state.payment import WAITS
from ledger.statement import decode_entry
from ledger.times import local_date, parse_date

NOTES: dict[type[Event], Noting] = {**reckoning.NOTES, **adjusting.NOTES, **ordering.NOTES}
"""How each event type that can bear on a payment is reckoned; no other one can."""

Progress = Callable[[int], None]
"""Told the number of statements replayed so far."""


def explain(source: Source, payment: str, progress: Progress | None = None) -> Explanation:
    """Return why a payment is what it is, and where it stands at the end of the log.

    Raises:
        Refused: `reference_unknown`: there is no such payment.
        Unverified: the history is not what the law makes of it; `verify` tells more.
        LedgerError: the source cannot be read, or withholds events.

    """
    (explanation,) = explain_all(source, [payment], progress)
    return explanation


def explain_all(
    source: Source, payments: Sequence[str], progress: Progress | None = None
) -> Iterator[Explanation]:
    """Yield the explanations of payments, in their order, from one replay.

    Raises:
        Refused: `reference_unknown`: there is no such payment.
        Unverified: the history is not what the law makes of it; `verify` tells more.
        LedgerError: the source cannot be read, or withholds events.

    """
    if source.withholds:
        raise LedgerError(
            "events were withheld from this archive, and nothing can be recomputed from what is "
            "not there; explain the payment from the ledger, or from an archive that holds all"
        )
    contracts = _contracts_of(source.records(), payments)
    walk = _Walk(set(contracts.values()))
    for record in source.records():
        walk.replay(record)
        if progress is not None:
            progress(walk.statements)
    for payment in payments:
        yield walk.explanation(contracts[payment], payment)


def _contracts_of(records: Iterator[Record], payments: Sequence[str]) -> dict[str, str]:
    """Return the contract of each payment, decoding only requests for payment."""
    requests = f'"{name_of_type(PaymentRequested)}"'.encode()
    wanted, found = set(payments), {}
    for record in records:
        for body in record.bodies:
            if wanted and requests in body:
                event = decode_event(body)
                if isinstance(event, PaymentRequested) and event.payment in wanted:
                    found[event.payment] = event.contract
                    wanted.remove(event.payment)
    for payment in payments:
        if payment not in found:
            raise Refused("reference_unknown", kind="payment", id=payment)
    return found


class _Walk:
    """One replay of a history, with the reckoning of some contracts beside it."""

    def __init__(self, contracts: Collection[str]) -> None:
        self.statements = 0
        self._state = State()
        self._tallies = {contract: Tally(contract) for contract in contracts}
        self._positions = 0
        self._recorded_ms = 0
        self._differences: dict[str, list[Difference]] = {contract: [] for contract in contracts}
        self._pending: list[tuple[str, Note]] = []

    def replay(self, record: Record) -> None:
        """Judge a statement as it was admitted, noting what bears on the payments."""
        recorded_ms, note = decode_entry(record.entry)
        self._pending = []
        first = self._positions

        def watch(state: State, event: Event, act: Act) -> None:
            self._note(state, event, act)
            self._positions += 1

        try:
            opened = open_statement(note, record.bodies, self._find_key)
            admitted = admit_statement(self._state, opened, recorded_ms, record.index, watch)
        except Refused as refused:
            raise Unverified(
                f"statement {record.index} is against the law ({refused.code}); `sunledger verify` "
                "tells what is wrong with this history"
            ) from refused
        self._state.settle()
        self._compare(first, admitted)
        self._recorded_ms = recorded_ms
        self.statements += 1

    def _find_key(self, name: str) -> VerifierKey | None:
        key = self._state.keys.get(name)
        return None if key is None else key.verifier

    def _note(self, state: State, event: Event, act: Act) -> None:
        reckon = NOTES.get(type(event))
        if reckon is None:
            return
        tally = next((each for each in self._tallies.values() if each.concerns(event)), None)
        if tally is None:
            return
        where = Where(
            position=self._positions,
            statement=act.index,
            event=event.id,
            type=type_of(event),
            at=event.at,
            date=act.today,
            signers=tuple(signer.party for signer in act.signers),
        )
        note = reckon(tally, state, event, where)
        if note is not None:
            tally.notes[event.id] = note
            self._pending.append((tally.contract, note))

    def _compare(self, first: int, admitted: Sequence[Admitted]) -> None:
        for contract, note in self._pending:
            where = note.step.where
            postings = admitted[where.position - first].postings
            self._differences[contract] += differences(note, postings)

    # -- the whole -----------------------------------------------------------------------------

    def explanation(self, contract: str, payment: str) -> Explanation:
        """Return what was found of a payment under a contract."""
        tally, state = self._tallies[contract], self._state
        request = tally.requests[payment]
        shares = shares_of(tally, state, request)
        return Explanation(
            origin=state.ledger["origin"],
            statements=self.statements,
            currency=state.ledger["currency"],
            payment=payment,
            contract=tally.contract,
            provider=state.contracts[tally.contract].provider,
            steps=_steps(tally, request),
            shares=shares,
            principal_fen=sum(share.principal_fen for share in shares),
            interest_fen=sum(share.interest_fen for share in shares),
            ordered_fen=request.ordered_fen,
            paid_fen=(request.ordered_fen or 0) if request.status == "settled" else 0,
            standing=self._standing(tally, request),
            differences=tuple(self._differences[contract]),
        )

    def _standing(self, tally: Tally, request: Request) -> Standing:
        state = self._state
        as_of = local_date(self._recorded_ms, state.ledger["offset_minutes"])
        sums = [tally.sums[name] for name in request.sums]
        due = min(due_on(state, tally.contract, owed) for owed in sums)
        until = parse_date(as_of) if request.last_day is None else request.last_day
        booked = [accrual_of(state, owed.name, as_of).amount_fen for owed in sums]
        later = list(tally.requests)[list(tally.requests).index(request.payment) + 1 :]
        again = [name for name in later if set(tally.requests[name].sums) & set(request.sums)]
        return Standing(
            as_of=as_of,
            status=request.status,
            waits_for=WAITS[request.status],
            held=self._held(request),
            asked_again=again[-1] if again else None,
            due_on=due,
            days_late=max(until - parse_date(due), 0),
            interest_open_fen=sum(owed.owed_fen for owed in sums),
            interest_unbooked_fen=sum(booked),
            disputed_fen=sum(owed.disputed_fen for owed in sums),
        )

    def _held(self, request: Request) -> tuple[str, ...]:
        """Return the acts in doubt that the payment waits for (`ledger.rules.doubt`)."""
        if request.status not in {"requested", "approved"}:
            return ()
        acts = of_payment(request.payment, request.sums)
        found = [self._state.doubted.get(f"{kind}/{which}") for kind, which in acts]
        return tuple(doubted[0].event for doubted in found if doubted)


def differences(note: Note, postings: Sequence[Posting]) -> Iterator[Difference]:
    """Yield where what an event states, or what it posted, is not what its formulas give."""
    where = note.step.where
    for name, computed, stated in note.figures:
        if computed != stated:
            yield Difference(where=where, what=name, computed_fen=computed, found_fen=stated)
    for (debit, credit, line), computed_fen in note.flows.items():
        moved_fen = sum(
            posting.amount_fen
            for posting in postings
            if (posting.debit, posting.credit) == (debit, credit) and line in {"", posting.line}
        )
        if moved_fen != computed_fen:
            what = f"{debit} → {credit} {line}".rstrip()
            yield Difference(where=where, what=what, computed_fen=computed_fen, found_fen=moved_fen)


def _steps(tally: Tally, request: Request) -> tuple[Step, ...]:
    """Return the steps that bear on a payment, in the log's order."""
    topics = {f"payment/{request.payment}"}
    for name in request.sums:
        topics |= {f"sum/{name}", f"claim/{tally.sums[name].origin}"}
    notes = [note for note in tally.notes.values() if note.topics & topics]
    scores = {
        f"score/{note.step.score}" for note in notes if isinstance(note.step, Deducted | Granted)
    }
    recovering = [
        note.step.where.position
        for note in notes
        if isinstance(note.step, Answered | Awarded) and note.step.accepted.recovered_fen
    ]
    last = max(recovering, default=-1)
    return tuple(
        note.step
        for note in tally.notes.values()
        if note.topics & (topics | scores)
        or ("advance" in note.topics and note.step.where.position < last)
    )
