"""The state as bytes, and back: what a snapshot holds.

`Tables` lists every table of `State` with its type once more, so that bytes are decoded into the
very records, tuples, sets and dictionaries that the law put there, and into nothing else: unlike
a pickle they can run no code. A test holds the list against `State`, annotation by annotation; a
table that is missing here fails it.

What comes back equals what went in, type by type and in the order of each dictionary, for order
matters (visits are claimed in the order of their positions). Records that shared an object no
longer do. Nothing but speed rests on that: a contract's own seats and case stay one object for as
long as the contract lives, and what was remembered about them begins anew.

The bytes are MessagePack: an array of the tables in the order of this list.
"""

from typing import Any, TypedDict

import msgspec

from ledger.calendar import Calendar
from ledger.errors import Malformed
from ledger.events.parties import RoleName
from ledger.events.rulebook import Parameters
from ledger.note import VerifierKey
from ledger.parties import Grant, Key, Party
from ledger.state import State
from ledger.state.accounts import Account
from ledger.state.advance import Advance
from ledger.state.bid import Bid
from ledger.state.budget import CashPlan, Line, Programme
from ledger.state.challenge import Challenge, Complaint
from ledger.state.claim import Claim
from ledger.state.contract import Contract
from ledger.state.delivery import Beneficiary, Spotcheck, Visit
from ledger.state.interest import Interest
from ledger.state.keys import DoubtedAct, RecentAct, Recovery
from ledger.state.notice import Notice
from ledger.state.payment import Payment
from ledger.state.penalty import Refund
from ledger.state.persons import PersonalInterest
from ledger.state.receivable import Receivable
from ledger.state.rulebook import Service
from ledger.state.score import Accepted, Score
from ledger.state.standing import Qualification, Sanction
from ledger.state.subject import Subject
from ledger.state.supervision import Audit, Finding, Flag, Grievance
from ledger.state.tender import Award, Question, Tender


class Facts(TypedDict, total=False):
    """The single values of the table `ledger`, each there once its event was admitted.

    Attributes:
        origin: the ledger's name in the log.
        title: its name by language.
        currency: ISO 4217 code.
        offset_minutes: its wall clock, east of UTC.
        law: version of the admission law in force.
        ledger_key: the key that signs its checkpoints.
        simulated: whether its people and money were made up.
        closed_at: index of the last closing.

    """

    origin: str
    title: dict[str, str]
    currency: str
    offset_minutes: int
    law: int
    ledger_key: VerifierKey
    simulated: bool
    closed_at: int


class Tables(msgspec.Struct, array_like=True):
    """Every table of the state, with the types of `State`."""

    ledger: Facts
    taken: dict[str, str]
    rules: dict[str, Parameters]
    rule_versions: dict[str, int]
    calendars: dict[str, Calendar]
    services: dict[str, Service]
    price_caps: dict[tuple[str, str], tuple[tuple[str, int], ...]]
    programmes: dict[str, Programme]
    lines: dict[str, Line]
    cash_plans: dict[tuple[str, str], CashPlan]
    carried: dict[tuple[str, str], int]
    contracts: dict[str, Contract]
    beneficiaries: dict[str, Beneficiary]
    workers: dict[str, str]
    left: dict[tuple[str, str], str]
    visits: dict[str, dict[str, Visit]]
    delivered: dict[str, dict[str, int]]
    spotchecks: dict[str, Spotcheck]
    covered: dict[tuple[str, str], int]
    claims: dict[str, Claim]
    claimed: dict[str, dict[str, int]]
    accepted: dict[str, Accepted]
    scores: dict[str, Score]
    cuts: dict[str, dict[str, int]]
    disputes: dict[str, dict[str, int]]
    advances: dict[str, Advance]
    payments: dict[str, Payment]
    refunds: dict[str, Refund]
    interest: dict[str, Interest]
    receivables: dict[str, Receivable]
    invoices: dict[str, str]
    reports: dict[bytes, int]
    balances: dict[tuple[str, str, str | None], int]
    totals: dict[tuple[str, str], int]
    subjects: dict[str, Subject]
    parties: dict[str, Party]
    identifiers: dict[tuple[str, str], str]
    keys: dict[str, Key]
    public_keys: dict[bytes, str]
    recoveries: dict[str, Recovery]
    recent: dict[int, tuple[RecentAct, ...]]
    doubted: dict[str, tuple[DoubtedAct, ...]]
    accounts: dict[str, Account]
    personal_interests: dict[tuple[str, str], tuple[PersonalInterest, ...]]
    grants: dict[tuple[str, RoleName], tuple[Grant, ...]]
    duties: dict[tuple[str, str, str], RoleName]
    tenders: dict[str, Tender]
    questions: dict[str, Question]
    bids: dict[str, Bid]
    bids_of: dict[str, tuple[str, ...]]
    bid_scores: dict[tuple[str, str, str], int]
    awards: dict[str, Award]
    challenges: dict[str, Challenge]
    complaints: dict[str, Complaint]
    notices: dict[str, Notice]
    qualifications: dict[str, Qualification]
    qualified: dict[tuple[str, str], tuple[str, ...]]
    sanctions: dict[str, Sanction]
    sanctioned: dict[str, tuple[str, ...]]
    grievances: dict[str, Grievance]
    audits: dict[str, Audit]
    findings: dict[str, Finding]
    flags: dict[str, Flag]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Tables)


def encode_state(state: State) -> bytes:
    """Return every table of a state as bytes. Cost: about 1 µs a record."""
    values: Any = [getattr(state, name) for name in Tables.__struct_fields__]
    return _ENCODER.encode(values)


def decode_state(data: bytes) -> State:
    """Return the state that `encode_state` wrote.

    Raises:
        Malformed: the bytes are not those of a state of today's tables.

    """
    try:
        tables = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Malformed(f"these are not the tables of a state: {error}") from error
    state = State()
    for name in Tables.__struct_fields__:
        setattr(state, name, getattr(tables, name))
    return state
