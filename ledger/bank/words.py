"""What a bank's file says, transaction by transaction, in one form for every message.

A *word* is what a file says about one transaction, one batch, or one whole message of ours. It
is not yet about a payment: `matching` finds which.
"""

from typing import Literal, NamedTuple

from ledger.bank.faults import Fault

Kind = Literal["booked", "returned", "rejected", "provisional", "pending", "credited", "reversed"]
"""What a word says:

- `booked`: money left the account, by an entry that is booked;
- `returned`: money came back, by a booked entry that says it returns or reverses a payment;
- `rejected`: a status report says that it is not carried out;
- `provisional`: a status report says anything else, ACSC included: no entry, no money;
- `pending`: an entry that is not booked (yet);
- `credited`: money came in, and nothing says that it is a return;
- `reversed`: a booked entry takes back money that came in.
"""

Scope = Literal["transaction", "group", "message"]
"""What a word is about: one transaction, all of a PmtInf, or all of a message."""


class Word(NamedTuple):
    """What a file says about a transaction.

    Attributes:
        kind: what it says.
        scope: about how much.
        place: where it stands in the file: `Stmt 1, Ntry 3, TxDtls 2`.
        status: the bank's own code: RJCT, ACSC, BOOK, PDNG.
        message: OrgnlMsgId, or the MsgId among an entry's references.
        group: OrgnlPmtInfId or PmtInfId.
        instruction: OrgnlInstrId or InstrId.
        end_to_end: OrgnlEndToEndId or EndToEndId.
        uetr: OrgnlUETR or UETR.
        units: the amount in hundred-thousandths of the currency, or None where none is said.
        currency: of the amount, or None.
        value_date: day the money counts (ValDt, else BookgDt), or None.
        creditor: number of the account that was credited, or None where none is said.
        reason: ISO 20022 external reason code, or None.
        explanation: the bank's own words, or None.
        reference: AcctSvcrRef, the bank's own name of the entry; empty without.
        entry: NtryRef, which may be unique in its statement only; empty without.
        transactions: of a batch, where the bank states how many.

    """

    kind: Kind
    scope: Scope
    place: str
    status: str
    message: str | None = None
    group: str | None = None
    instruction: str | None = None
    end_to_end: str | None = None
    uetr: str | None = None
    units: int | None = None
    currency: str | None = None
    value_date: str | None = None
    creditor: str | None = None
    reason: str | None = None
    explanation: str | None = None
    reference: str = ""
    entry: str = ""
    transactions: int | None = None


class Control(NamedTuple):
    """Totals of an order file of ours, as the bank repeats them.

    Attributes:
        message: OrgnlMsgId.
        group: OrgnlPmtInfId, or None for the whole message.
        transactions: OrgnlNbOfTxs, or None.
        units: OrgnlCtrlSum in hundred-thousandths, or None.

    """

    message: str
    group: str | None
    transactions: int | None
    units: int | None


class BankFile(NamedTuple):
    """A bank's file, read.

    Attributes:
        kind: `pain.002`, `camt.053` or `camt.054`.
        version: `001.08`, or empty.
        message_id: the bank's own MsgId, or empty where it has none.
        words: what it says.
        controls: what it repeats of our totals.
        disagreements: totals within it that do not agree.
        remarks: faults of form that lenient mode let pass.

    """

    kind: str
    version: str
    message_id: str
    words: tuple[Word, ...]
    controls: tuple[Control, ...]
    disagreements: tuple[Fault, ...]
    remarks: tuple[Fault, ...]
