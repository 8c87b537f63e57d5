"""The audit of many ledgers: roots, signatures, balances and red flags, from any engine.

    audit([Path("changsha"), Path("zhuzhou")], engine)

Of each ledger the first thing that is wrong is told, and where. Of one that is wrong by its bytes
nothing else is believed, so it has no balances and no flags.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import LedgerError, Unverified
from ledger.events.parties import LedgerOpened
from ledger.merkle import Tree
from ledger.note import VerifierKey, open_note
from ledger.policy import Policy, open_cosigned
from ledger.postings import CHART
from ledger.times import MS_PER_MINUTE, parse_offset
from projections.national import questions
from projections.national.checking import LedgerFault, Month, MonthFound, Node, push
from projections.national.columns import EVENTS, POSTINGS, STATEMENTS, ColumnFolder
from projections.national.engine import Engine, Keys
from projections.national.keys import Enrolled, find_keys


class Balance(Struct, frozen=True):
    """What an account of a fund line holds.

    Attributes:
        line: the fund line.
        account: the account.
        debit_fen: debited in all, in fen of the ledger's currency.
        credit_fen: credited in all.
        balance_fen: what it holds, on its normal side.

    """

    line: str
    account: str
    debit_fen: int
    credit_fen: int
    balance_fen: int


class Case(Struct, frozen=True, order=True):
    """A case of a red flag.

    Attributes:
        rule: the flag, `f02`.
        subject: whom it is about, `worker/…`.
        evidence: positions of the events it follows from.

    """

    rule: str
    subject: str
    evidence: tuple[int, ...]


class LedgerAudit(Struct, frozen=True):
    """What was found of one ledger.

    Attributes:
        folder: where it was read.
        origin: its name, as its checkpoint says.
        statements: how many.
        events: how many.
        signatures: how many were checked and hold.
        root: root of the log, recomputed, 64 hex digits; empty where something is wrong before.
        genesis: leaf hash of its first entry, likewise.
        key: the ledger's key, as its first event names it.
        anchored: whether a policy that was given names this key and genesis hash.
        where: what is wrong first, `statement 41`; empty where nothing is.
        reason: why it is.
        unjudged: what could not be judged, and why; empty where all was.
        balances: what every account of every line holds.
        cases: the red flags of `questions.RULES`.

    """

    folder: str
    origin: str
    statements: int
    events: int
    signatures: int = 0
    root: str = ""
    genesis: str = ""
    key: str = ""
    anchored: bool = False
    where: str = ""
    reason: str = ""
    unjudged: str = ""
    balances: tuple[Balance, ...] = ()
    cases: tuple[Case, ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Whether something is."""
        return bool(self.where)

    def of_folder(self, folder: str) -> "LedgerAudit":
        """Return the same, read from another folder: an archive whose columns were staged."""
        return replace(self, folder=folder)

    @property
    def flagged(self) -> dict[str, int]:
        """How many cases of each flag there are."""
        counted = Counter(case.rule for case in self.cases)
        return {rule: counted[rule] for rule in questions.RULES}


class _Ledger:
    """A ledger, while it is audited."""

    def __init__(self, folder: ColumnFolder) -> None:
        self.folder = folder
        self.keys: dict[str, Enrolled] = {}
        self.opened: LedgerOpened | None = None
        self.months: list[MonthFound] = []
        self.wrong: LedgerFault | None = None
        self.balances: list[Balance] = []
        self.cases: list[Case] = []
        self.genesis = self.root = b""
        self.anchored = False

    def find_keys(self) -> None:
        """Read who enrolled which key."""
        paths = [self.folder.path(EVENTS, month) for month in self.folder.months]
        try:
            self.keys, self.opened = find_keys(paths)
        except (LedgerError, OSError, pa.ArrowException) as error:
            self.say("events", str(error))

    def say(self, where: str, reason: str) -> None:
        """Tell what is wrong; the first word stands."""
        if self.wrong is None:
            self.wrong = LedgerFault(where, reason)

    def told(self) -> LedgerAudit:
        stated = self.folder.stated
        wrong = self.wrong
        return LedgerAudit(
            str(self.folder.folder),
            stated.origin,
            max((each.stop for each in self.months), default=0),
            max((each.positions for each in self.months), default=0),
            sum(each.signatures for each in self.months),
            self.root.hex(),
            self.genesis.hex(),
            "" if self.opened is None else self.opened.ledger_key,
            self.anchored,
            "" if wrong is None else wrong.where,
            "" if wrong is None else wrong.reason,
            balances=() if wrong else tuple(self.balances),
            cases=() if wrong else tuple(sorted(self.cases)),
        )


def audit(
    folders: Sequence[Path],
    engine: Engine,
    *,
    policies: Sequence[Policy] = (),
    signatures: bool = True,
    done: Callable[[int], None] = lambda _events: None,
) -> list[LedgerAudit]:
    """Audit ledgers from their columns, in the order given.

    `policies` are what is known of some of them out of band. `done` is told of every month that
    was checked how many events it has. Cost: a pass over the bytes for hashes and signatures, and
    a few over some columns; memory: the engine's, and the balances and cases.

    Raises:
        LedgerError: a folder has no columns, or two are of one ledger.

    """
    ledgers = [_Ledger(ColumnFolder(folder)) for folder in folders]
    origins = Counter(each.folder.stated.origin for each in ledgers)
    twice = [origin for origin, count in origins.items() if count > 1]
    if twice:
        raise LedgerError(f"{twice[0]} is given more than once: an audit adds up each ledger once")
    _check_months(engine, ledgers, signatures=signatures, done=done)
    for ledger in ledgers:
        _check_whole(ledger, policies)
    sound = {number: each for number, each in enumerate(ledgers) if each.wrong is None}
    if sound:
        engine.open({number: each.folder for number, each in sound.items()})
        _ask(engine, sound)
    return [ledger.told() for ledger in ledgers]


# -- bytes -------------------------------------------------------------------------------------


def _check_months(
    engine: Engine,
    ledgers: Sequence[_Ledger],
    *,
    signatures: bool,
    done: Callable[[int], None],
) -> None:
    for found in engine.check(_asked(ledgers), signatures=signatures):
        ledgers[found.ledger].months.append(found)
        done(found.positions - found.first_position)


def _asked(ledgers: Sequence[_Ledger]) -> Iterator[tuple[Month, Keys]]:
    """Yield the months of each ledger, once its keys are known."""
    for number, ledger in enumerate(ledgers):
        ledger.find_keys()
        if ledger.wrong is not None:
            continue
        folder = ledger.folder
        for month in folder.months:
            paths = [folder.path(table, month) for table in (STATEMENTS, EVENTS, POSTINGS)]
            yield Month(number, folder.stated.origin, month, *paths), ledger.keys


def _check_whole(ledger: _Ledger, policies: Sequence[Policy]) -> None:
    """Join a ledger's months, and compare them with its checkpoint."""
    if ledger.wrong is not None:
        return
    try:
        ledger.genesis, ledger.root = _join(ledger)
        _check_checkpoint(ledger, policies)
    except LedgerFault as fault:
        ledger.wrong = fault
    except LedgerError as error:
        ledger.say("checkpoint", str(error))


def _join(ledger: _Ledger) -> tuple[bytes, bytes]:
    """Return genesis hash and root of the months together."""
    nodes: list[Node] = []
    size = positions = recorded_ms = 0
    genesis = b""
    ledger.months.sort(key=lambda each: each.month)
    for found in ledger.months:
        if found.where and found.reason:
            raise LedgerFault(found.where, found.reason)
        if (found.start, found.first_position) != (size, positions):
            raise LedgerFault(f"statement {size}", f"it is missing: {found.start} follows")
        if found.recorded_ms < recorded_ms:
            raise LedgerFault(
                f"statement {found.start}", "it was recorded before the one before it"
            )
        genesis = genesis or found.first_leaf
        for node in found.nodes:
            push(nodes, node)
        size, positions, recorded_ms = found.stop, found.positions, found.recorded_ms
    stated = ledger.folder.stated
    if stated.size != size:
        raise LedgerFault("checkpoint", f"it is of {stated.size} statements; {size} are there")
    manifest = ledger.folder.manifest
    if (manifest.get("size"), manifest.get("events")) != (size, positions):
        raise LedgerFault("MANIFEST.json", f"there are {positions} events in {size} statements")
    return genesis, Tree(size, [digest for _level, _index, digest in nodes]).root()


def _check_checkpoint(ledger: _Ledger, policies: Sequence[Policy]) -> None:
    folder, opened = ledger.folder, ledger.opened
    if opened is None:
        raise LedgerFault("statement 0", "there is no ledger.opened")
    if ledger.root != folder.stated.root:
        raise Unverified("it does not commit to these statements: the root differs")
    key = VerifierKey.parse(opened.ledger_key)
    if key.name != folder.stated.origin or opened.origin != folder.stated.origin:
        raise LedgerFault("statement 0", f"it opens the ledger {opened.origin}")
    open_note(folder.checkpoint, [key])
    for policy in policies:
        if folder.stated.origin not in [log.key.name for log in policy.logs]:
            continue
        if key not in [log.key for log in policy.logs]:
            raise LedgerFault(
                "statement 0", f"the ledger's key {key} is not one that the policy trusts"
            )
        if policy.genesis is not None and policy.genesis != ledger.genesis:
            raise LedgerFault("statement 0", "the genesis hash is not the policy's")
        open_cosigned(folder.checkpoint, policy)
        ledger.anchored = policy.anchored


# -- questions ---------------------------------------------------------------------------------


def _ask(engine: Engine, ledgers: Mapping[int, _Ledger]) -> None:
    """Ask for balances and flags, and for what is wrong with the columns they come from."""
    for number, position in engine.rows(questions.unlawful_postings()):
        reason = "it posts nothing, to an unknown account, or from one book to the other"
        ledgers[number].say(f"event {position}", reason)
    for number, line, account, about, position in engine.rows(questions.below_zero()):
        whose = f" for {about}" if about else ""
        reason = f"the account {account} of the line {line}{whose} falls below zero"
        ledgers[number].say(f"event {position}", reason)
    for number, line, account, debit_fen, credit_fen in engine.rows(questions.BALANCES):
        known = CHART.get(account)
        held = debit_fen - credit_fen
        balance_fen = held if known is None or known.debit_normal else -held
        balance = Balance(line, account, debit_fen, credit_fen, balance_fen)
        ledgers[number].balances.append(balance)
    local = [questions.Ledger(number, _offset_ms(each)) for number, each in ledgers.items()]
    engine.keep("visits", questions.visits(engine.dialect, local))
    for number, rule, subject, evidence in engine.rows(questions.flags(engine.dialect)):
        case = Case(rule, subject, tuple(map(int, evidence.split())))
        ledgers[number].cases.append(case)


def _offset_ms(ledger: _Ledger) -> int:
    return 0 if ledger.opened is None else parse_offset(ledger.opened.utc_offset) * MS_PER_MINUTE
