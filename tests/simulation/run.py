"""One seed: two ledgers over one database, parties, faults, and the auditor after every step.

The code that runs is the real one: `Ledger` and its writer over an SQLite file, `verify` over what
the file holds. Chance comes from the seed alone. Statements are submitted by one thread, so that
no thread's timing decides: alone, or as a group that the writer serves in one turn. A second
writer's turn comes between the admission of the first and its commit, where it hurts most.

After every step the auditor opens what is in the database and asks:

- the public verifier says OK, with the policy and the newest checkpoint that was published;
- every acknowledged receipt is there once, byte for byte, and its proof is the same file again;
- no checkpoint that was published has changed, and never were two of one size;
- each new statement was lawful in its place for the model, which also foretold each refusal;
- the postings stored come to the model's balances, and so do the states of the living ledgers.

Replay a seed with `python -m pytest tests/simulation --seed 17`; a failure prints the steps.
"""

import gc
import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

from replay.histories import LEDGER_KEY, fill, policy_of
from simulation.auditor import Auditor
from simulation.book import Act, Book
from simulation.faults import FAULTS, Fault, FaultyStore, Stopped
from simulation.town import BEGUN_MS, Letter, Town, half_signed
from world import signer

from ledger.app import Ledger
from ledger.errors import LedgerError, Refused
from ledger.identity import Ids
from ledger.statement import decode_statement_file
from ledger.store.errors import OutcomeUnknown, StoreUnavailable
from ledger.store.store import open_store
from ledger.times import MS_PER_DAY, MS_PER_MINUTE
from ledger.waiting import Answer, Receipt, Waiting

STEPS = (3, 3, 60)
"""Fewest, commonest and most steps of a seed: the verifier's cost grows with their square."""
HOUR_MS = 60 * MS_PER_MINUTE
SKEWS_MS = (-2 * HOUR_MS, -20 * MS_PER_MINUTE, 0, 0, 30 * MS_PER_MINUTE, 5 * HOUR_MS, 26 * HOUR_MS)
"""How far a ledger's clock may be from the true time."""
DELAYS_MS = (MS_PER_MINUTE, HOUR_MS, 9 * HOUR_MS, 2 * MS_PER_DAY, 31 * MS_PER_DAY)
"""How long a letter may be under way."""


GARBLED = Act("garbled", (), 0, lambda *_: set(), lambda *_: None)
"""The act of a letter that lost a bit on its way."""


class Base(NamedTuple):
    """A settled town in a database file, from which every seed begins."""

    town: Town
    file: Path


def make_base(folder: Path) -> Base:
    """Make the town's ledger in a folder."""
    town, file = Town.settled(), folder / "base.db"
    fill(f"sqlite:///{file}", town).close()
    return Base(town, file)


class SkewedClock:
    """A ledger's clock: the true time, and what it is wrong by."""

    def __init__(self, town: Town) -> None:
        """Begin right."""
        self.skew_ms = 0
        self._town = town

    def now_ms(self) -> int:
        """Return what it shows."""
        return self._town.now_ms + self.skew_ms


class Simulation:
    """A seed's run.

    Attributes:
        trace: what happened, a line a step.
        met: how often each kind of step, fault and outcome came up.

    """

    def __init__(self, seed: int, base: Base, folder: Path) -> None:
        """Begin with a copy of the base."""
        self.rng = Random(seed)
        self.folder = folder
        self.file = folder / "ledger.db"
        shutil.copy(base.file, self.file)
        self.town = Town()
        self.town._numbers = base.town._numbers
        self.town.now_ms = BEGUN_MS
        size = len(base.town.statements)
        self.auditor = Auditor(self.url, policy_of(base.town), base.town.book(), size)
        self.clocks = [SkewedClock(self.town), SkewedClock(self.town)]
        self.ledgers: list[Ledger | None] = [None, None]
        self.post: list[tuple[int, Letter]] = []  # when each letter arrives
        self.letters: dict[bytes, Letter] = {}
        self.trace: list[str] = []
        self.met: Counter[str] = Counter()
        self.numbers = itertools.count(1)
        self.ids = Ids(self.rng.randbytes)

    @property
    def url(self) -> str:
        """The database's URL."""
        return f"sqlite:///{self.file}"

    @property
    def book(self) -> Book:
        """What must be in the ledger."""
        return self.auditor.book

    def run(self) -> None:
        """Take all steps, then deliver what is still under way, in time or too late for it."""
        fewest, commonest, most = STEPS
        for _ in range(round(self.rng.triangular(fewest, most, commonest))):
            kind = self.rng.choices([*STEP_KINDS], [*STEP_KINDS.values()])[0]
            self.note(kind)
            getattr(self, kind)()
            self.audit(proofs=False)
            self.town.now_ms += self.rng.choice((1_000, MS_PER_MINUTE, HOUR_MS, 7 * HOUR_MS))
        self.note("end")
        self.town.now_ms += self.rng.choice((0, 32)) * MS_PER_DAY
        for _, letter in self.post:
            self.deliver(0, [letter], None)
        for who in (0, 1):
            self.drop(who)
            self.ledger(who)
        self.audit(proofs=True)

    def audit(self, *, proofs: bool) -> None:
        """Let the auditor check everything."""
        living = [ledger for ledger in self.ledgers if ledger is not None]
        self.trace[-1] += f": {self.auditor.audit(living, proofs=proofs)}"
        self.met["audits"] += 1

    def note(self, what: str) -> None:
        """Begin a line of the trace."""
        self.trace.append(what)
        self.met[what] += 1

    def close(self) -> None:
        """Close whatever is open."""
        for who in (0, 1):
            self.drop(who)
        self.auditor.close()

    # -- the two ledgers -------------------------------------------------------------------------

    def ledger(self, who: int) -> Ledger:
        """Return a ledger, opened from what is in the database if its process is not running."""
        ledger = self.ledgers[who]
        if ledger is None:
            store = FaultyStore(open_store(self.url))
            ledger = self.ledgers[who] = Ledger(store, LEDGER_KEY, self.clocks[who])
        return ledger

    def drop(self, who: int) -> None:
        """End a ledger's process. Nobody waits in it, so that closing it writes nothing."""
        ledger, self.ledgers[who] = self.ledgers[who], None
        if ledger is not None:
            ledger.close()

    def lose_power(self, synced_bytes: int) -> None:
        """Stop both processes; of the file's log, some bytes beyond those synced survive."""
        before, log = self.file, Path(f"{self.file}-wal").read_bytes()
        self.file = self.folder / f"ledger-{next(self.numbers)}.db"
        shutil.copy(before, self.file)
        torn = self.rng.randint(synced_bytes, len(log))
        survive = self.rng.choice((synced_bytes, torn, len(log)))
        Path(f"{self.file}-wal").write_bytes(log[:survive])
        for who in (0, 1):
            self.drop(who)
        self.auditor.move(self.url)

    def deliver(
        self,
        who: int,
        letters: list[Letter],
        fault: Fault | None,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        """Submit letters to a ledger, in one group; compare its answers with the model's."""
        ledger = self.ledger(who)
        store = ledger.store
        assert isinstance(store, FaultyStore)
        store.fault, store.meanwhile = fault, meanwhile
        outcomes = submit_together(ledger, [letter.data for letter in letters])
        store.disarm()
        size = len(self.auditor.log)
        indexes = [each.index for each in outcomes if isinstance(each, Receipt)]
        new = [index for index in indexes if index >= size]
        stopped = next((each for each in outcomes if isinstance(each, Stopped)), None)
        if stopped is not None:
            self.drop(who)
            if stopped.fault == "machine_lost":
                self.lose_power(stopped.synced_bytes)
        self.auditor.read_on(min(new, default=None))
        for letter, outcome in zip(letters, outcomes, strict=True):
            told = self.answered(who, letter, outcome)
            self.trace[-1] += f" | {letter.act.name} to {who}, {fault}: {told}"
            self.met[told.partition(" ")[0]] += 1
            if isinstance(outcome, StoreUnavailable) and meanwhile is None:
                assert letter.id not in self.auditor.log[size:], "it was written all the same"
        if fault is not None:
            self.met[fault] += 1

    def answered(self, who: int, letter: Letter, outcome: Receipt | BaseException) -> str:
        """Check one answer; a statement whose fate is unknown is sent again."""
        book, log = self.book, self.auditor.log
        recorded_ms = max(self.clocks[who].now_ms(), book.recorded_ms)
        if letter.act is GARBLED:
            assert isinstance(outcome, LedgerError)
            return "garbled"
        objections = letter.act.refusals(book, recorded_ms)
        if isinstance(outcome, Receipt):
            if outcome.index == len(log):
                assert outcome.recorded_ms == recorded_ms
                self.auditor.read_on(outcome.index + 1)
            assert log[outcome.index] == outcome.statement_id == letter.id
            self.auditor.take(outcome)
            return f"receipt {outcome.index}"
        if isinstance(outcome, Refused):
            assert outcome.code in objections, f"{outcome.code} is none of {objections}"
            return outcome.code
        if not isinstance(outcome, StoreUnavailable | OutcomeUnknown | Stopped):
            raise outcome
        if isinstance(outcome, StoreUnavailable):
            self.auditor.read_on()
        self.post.append((self.town.now_ms, letter))
        return type(outcome).__name__

    # -- steps -----------------------------------------------------------------------------------

    def act(self) -> None:
        """Let a party sign something, and send it at once or later, perhaps twice."""
        letter = self.sign()
        if self.rng.random() < 0.6:
            self.deliver(self.either(), [letter], self.a_fault())
            if self.rng.random() < 0.25:
                self.send(letter)
        else:
            self.send(letter)

    def arrival(self) -> None:
        """Deliver one of the letters that are due, in no order."""
        self.deliver(self.either(), [self.due() or self.sign()], self.a_fault())

    def group(self) -> None:
        """Deliver two or three letters in one turn, perhaps one of them twice."""
        letters = [self.due() or self.sign() for _ in range(self.rng.randint(1, 2))]
        letters.append(self.rng.choice(letters) if self.rng.random() < 0.3 else self.sign())
        self.deliver(self.either(), letters, self.a_fault())

    def race(self) -> None:
        """Let one ledger commit between the admission and the commit of the other."""
        first, second, who = self.sign(), self.due() or self.sign(), self.either()
        if self.rng.random() < 0.2:
            second = first
        faults = self.a_fault(), self.a_fault()
        inner = None if faults[1] == "machine_lost" else faults[1]
        self.deliver(who, [first], faults[0], lambda: self.deliver(1 - who, [second], inner))

    def half(self) -> None:
        """Send what only one of two has signed; the whole of it comes later."""
        whole = self.two_signed()
        self.deliver(self.either(), [half_signed(whole)], None)
        self.send(whole)

    def garble(self) -> None:
        """Flip a bit of a letter on its way; it is sent again later."""
        letter = self.sign()
        data = bytearray(letter.data)
        data[self.rng.randrange(len(data))] ^= 1 << self.rng.randrange(7)
        self.deliver(self.either(), [Letter(bytes(data), b"", GARBLED)], None)
        self.send(letter)

    def revoke_in_flight(self) -> None:
        """Revoke a key while what it signed is under way."""
        keys = [key for key, in_force in self.book.keys.items() if in_force and key != "PRO/one"]
        if not keys:
            self.act()
            return
        key = self.rng.choice(keys)
        self.send(self.remember(self.town.record_visits(key, 1, self.rng)))
        self.deliver(self.either(), [self.remember(self.town.revoke(key))], self.a_fault())

    def ask_again(self) -> None:
        """Submit what is in the log already, as a party does whose receipt was lost."""
        known = [self.letters[each] for each in self.auditor.log if each in self.letters]
        letter = self.rng.choice(known) if known else self.sign()
        self.deliver(self.either(), [letter], self.a_fault())

    def close_books(self) -> None:
        """Let a ledger close for the day, in its turn."""
        who, fault = self.either(), self.a_fault()
        ledger = self.ledger(who)
        assert isinstance(ledger.store, FaultyStore)
        ledger.store.fault = fault
        try:
            receipt = ledger.close_books(signer("OPR/one"), self.ids)
        except (StoreUnavailable, OutcomeUnknown) as error:
            self.trace[-1] += f" | {who}, {fault}: {type(error).__name__}"
        except Stopped as stopped:
            self.drop(who)
            if stopped.fault == "machine_lost":
                self.lose_power(stopped.synced_bytes)
        else:
            self.auditor.read_on()
            self.auditor.take(receipt)
            self.trace[-1] += f" | receipt {receipt.index}"
        ledger.store.disarm()

    def turn_clock(self) -> None:
        """Set one ledger's clock, forwards or back."""
        self.clocks[self.either()].skew_ms = self.rng.choice(SKEWS_MS)

    def leap(self) -> None:
        """Let a ledger's clock leap for one letter, whatever happens to that."""
        who = self.either()
        before_ms, self.clocks[who].skew_ms = self.clocks[who].skew_ms, self.rng.choice(SKEWS_MS)
        self.deliver(who, [self.due() or self.sign()], self.a_fault())
        self.clocks[who].skew_ms = before_ms

    def wait(self) -> None:
        """Let days pass."""
        self.town.now_ms += self.rng.choice((1, 1, 3)) * MS_PER_DAY

    def publish(self) -> None:
        """Show the newest checkpoint to the world, unless it is lost on the way."""
        if self.rng.random() < 0.7:
            self.auditor.publish()
        else:
            self.met["checkpoint_lost"] += 1

    def restart(self) -> None:
        """Close a ledger as it should be, and open it again."""
        who = self.either()
        self.drop(who)
        self.ledger(who)

    # -- chance ----------------------------------------------------------------------------------

    def either(self) -> int:
        """Return one of the two ledgers."""
        return self.rng.randrange(2)

    def a_fault(self) -> Fault | None:
        """Return a fault, in one of three cases."""
        return self.rng.choice(FAULTS) if self.rng.random() < 0.33 else None

    def send(self, letter: Letter) -> None:
        """Let a letter arrive later; now and then twice."""
        for _ in range(self.rng.choice((1, 1, 2))):
            self.post.append((self.town.now_ms + self.rng.choice(DELAYS_MS), letter))

    def due(self) -> Letter | None:
        """Return one of the letters that have arrived."""
        arrived = [each for each in self.post if each[0] <= self.town.now_ms]
        if not arrived:
            return None
        chosen = self.rng.choice(arrived)
        self.post.remove(chosen)
        return chosen[1]

    def remember(self, letter: Letter) -> Letter:
        """Keep a letter that may be in the log one day."""
        self.auditor.acts[letter.id], self.letters[letter.id] = letter.act, letter
        return letter

    def two_signed(self) -> Letter:
        """Return what two people of a finance bureau sign."""
        giver, taker = self.rng.choice(("ab", "ba"))
        amount = self.rng.randint(1, 120_000)
        if self.rng.random() < 0.5:
            return self.remember(self.town.supplement(giver, amount))
        return self.remember(self.town.transfer(giver, taker, amount))

    def sign(self) -> Letter:
        """Return what some party signs, seeing what one of the ledgers knows."""
        self.town.state = self.ledger(self.either()).state
        everything = [*self.budget(), *self.delivery(), *self.payment()]
        letter = None
        while letter is None:
            # Half of the time towards the bank, where most can go wrong.
            makers = (self.rng.random() < 0.5 and self.payment()) or everything
            letter = self.rng.choice(makers)()
        return self.remember(letter)

    def budget(self) -> list[Callable[[], Letter | None]]:
        """Return what finance may do."""
        line, amount = self.rng.choice("ab"), self.rng.randint(1, 150_000)
        return [self.two_signed, lambda: self.town.allot(line, amount)]

    def delivery(self) -> list[Callable[[], Letter | None]]:
        """Return what provider and purchaser may do; the newest key may not be enrolled yet."""
        town, number = self.town, next(self.numbers)
        coming = f"PRO/s{len(self.book.keys) - 1}"
        key = self.rng.choice([*self.book.keys, coming])
        makers: list[Callable[[], Letter | None]] = [
            partial(town.record_visits, key, self.rng.randint(1, 3), self.rng),
            partial(town.record_visits, "PRO/one", self.rng.randint(1, 3), self.rng),
            *[partial(town.claim_all, f"k-{number}")] * 2,
            partial(town.enrol, coming),
        ]
        for name, claim in self.book.claims.items():
            if claim.status == "submitted":
                makers += [partial(town.answer_whole, name, claim.amount)] * 6
        return makers

    def payment(self) -> list[Callable[[], Letter | None]]:
        """Return what may be done about payments: asked for, approved, ordered, reported."""
        town, number = self.town, next(self.numbers)
        answered = {n: c for n, c in self.book.claims.items() if c.status == "answered"}
        makers: list[Callable[[], Letter | None]] = []
        if answered:
            makers += [partial(town.ask, f"p-{number}", answered)] * 6
        for name, payment in self.book.payments.items():
            amount = payment.amount
            if payment.status == "requested":
                makers += [partial(town.approve_payment, name)] * 6
            elif payment.status == "approved":
                makers += [partial(town.order_payment, name, amount)] * 6
            elif payment.status in {"ordered", "settled"}:
                makers += [
                    *[partial(town.bank_settles, name, amount)] * 3,
                    partial(town.bank_rejects, name, amount),
                    partial(town.bank_bounces, name, amount),
                ]
        return makers


STEP_KINDS = {
    "act": 34,
    "arrival": 14,
    "group": 10,
    "race": 10,
    "half": 3,
    "garble": 3,
    "revoke_in_flight": 3,
    "ask_again": 5,
    "close_books": 4,
    "turn_clock": 4,
    "leap": 6,
    "wait": 3,
    "publish": 5,
    "restart": 3,
}
"""The kinds of steps, and how often each is taken."""


def submit_together(ledger: Ledger, files: list[bytes]) -> list[Receipt | BaseException]:
    """Submit statement files; several are served in one turn, as if they had waited together."""
    if len(files) == 1:
        try:
            return [ledger.submit(files[0])]
        except (LedgerError, Stopped) as error:
            return [error]
    group = [Waiting(*decode_statement_file(data), Answer()) for data in files]
    try:
        ledger._writer._serve(group)
    except (LedgerError, Stopped) as error:
        for each in group:
            each.answer.give(error)
    outcomes: list[Receipt | BaseException] = []
    for each in group:
        try:
            outcomes.append(each.answer.wait())
        except (LedgerError, Stopped) as error:
            outcomes.append(error)
    return outcomes


def run(seed: int, base: Base) -> Simulation:
    """Run a seed to its end.

    Raises:
        AssertionError: something did not hold; it names the seed, the steps, and how to replay.

    """
    collector = gc.get_threshold()
    with tempfile.TemporaryDirectory() as folder:
        simulation = Simulation(seed, base, Path(folder))
        try:
            simulation.run()
        except Exception as error:
            steps = "\n".join(f"{n:3} {line}" for n, line in enumerate(simulation.trace, 1))
            raise AssertionError(
                f"seed {seed} failed: {error!r}\n{steps}\n"
                f"replay it: python -m pytest tests/simulation --seed {seed}"
            ) from error
        finally:
            simulation.close()
            gc.set_threshold(*collector)
    return simulation
