"""Finding the payments that a bank's files speak of, and what that makes of them.

    known = Known(origin, "CNY", "2026-03-09", orders, accounts)
    for refused, findings in …  match([file, other], known, new_salt)

A word is matched by UETR, end-to-end id and instruction id, which must not contradict each other,
and by the message it answers; a batch by the PmtInfId. What was booked settles or, on another
account than was ordered, diverts; what comes back bounces; RJCT rejects. All files that are
imported together are judged in the order of things (booked, rejected, returned), so in whatever
order they are named the result is the same.

Nothing is booked twice: the id of an event follows from payment and entry, so the ledger itself
tells whether it has it. A second, different entry on a settled payment is for a person.

A file is refused whole where it answers one of our messages with other totals than were ordered,
names one of our payments in another currency, or would book something while its own totals do not
agree.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ledger.bank.accounts import Opening, commitment_of, plain
from ledger.bank.amounts import UNITS_A_FEN, format_fen, format_units
from ledger.bank.faults import Fault, fault
from ledger.bank.findings import BOOKED, Finding, Outcome, Why
from ledger.bank.known import Known
from ledger.bank.orders import Order
from ledger.bank.references import advance_in, report_id_of
from ledger.bank.words import BankFile, Control, Kind, Word
from ledger.times import MS_PER_DAY, parse_date

_LIVE = ("ordered", "diverted")
_RANKS = {"booked": 0, "rejected": 1, "returned": 2}
_MOVES = ("booked", "returned")
_SCOPES = {"transaction": 0, "group": 1, "message": 2}

Salt = Callable[[], str]


class Matched(NamedTuple):
    """What became of files.

    Attributes:
        refused: why a file is refused, by its number.
        findings: of the other files, in the order in which events are to be signed.

    """

    refused: dict[int, Fault]
    findings: tuple[Finding, ...]


def match(files: Sequence[BankFile], known: Known, new_salt: Salt) -> Matched:
    """Return what becomes of files that are imported together."""
    refused = {
        number: found
        for number, file in enumerate(files)
        if (found := _refusal(file, known)) is not None
    }
    while True:
        judge = _Judge(known, new_salt)
        findings = tuple(judge.judge(files, refused))
        booking = {each.file for each in findings if each.outcome in BOOKED}
        wrong = [number for number in sorted(booking) if files[number].disagreements]
        if not wrong:
            return Matched(refused, findings)
        # Without the first of them the others may have nothing to book any more.
        refused[wrong[0]] = files[wrong[0]].disagreements[0]


def _refusal(file: BankFile, known: Known) -> Fault | None:
    for control in file.controls:
        found = _control_fault(control, known.together(control.message, control.group))
        if found is not None:
            return found
    for word in file.words:
        if word.currency in (None, known.currency):
            continue
        for order in known.meant(word):
            return fault(
                "currency_differs",
                place=word.place,
                payment=order.payment,
                expected=known.currency,
                found=word.currency,
            )
    return None


def _control_fault(control: Control, orders: list[Order]) -> Fault | None:
    if not orders or any(each.message_id != control.message for each in orders):
        return None
    what = control.message if control.group is None else control.group
    if control.transactions not in (None, len(orders)):
        return fault("count_differs", what=what, stated=control.transactions, ordered=len(orders))
    total_fen = sum(each.amount_fen for each in orders)
    if control.units is not None and control.units != total_fen * UNITS_A_FEN:
        return fault(
            "sum_differs",
            what=what,
            stated=format_units(control.units),
            ordered=format_fen(total_fen),
        )
    return None


class _Judge:
    """Judges words one after the other; what was found changes what is known."""

    def __init__(self, known: Known, new_salt: Salt) -> None:
        self._known = known
        self._new_salt = new_salt
        self._now: dict[str, Order] = {}
        self._just_rejected: set[str] = set()
        self._entries: set[tuple[int, str, Kind, str]] = set()

    def judge(self, files: Sequence[BankFile], without: dict[int, Fault]) -> Iterator[Finding]:
        told = [
            (number, word)
            for number, file in enumerate(files)
            if number not in without
            for word in file.words
        ]
        told.sort(key=lambda each: (_RANKS.get(each[1].kind, 3), _SCOPES[each[1].scope]))
        for number, word in told:
            for finding in self._of(word):
                yield self._once(finding._replace(file=number))

    def _once(self, finding: Finding) -> Finding:
        """Leave an entry to a person where its own statement has another about that payment.

        What comes again in another file is the same entry; in one statement it is a second one.
        """
        word, payment = finding.word, finding.payment
        if payment is None or word.kind not in _MOVES:
            return finding
        entry = (finding.file, word.place.partition(",")[0], word.kind, payment)
        if finding.outcome == "known" and entry in self._entries:
            why = Why("twice_in_statement", (("payment", payment),))
            return finding._replace(outcome="unmatched", why=why)
        self._entries.add(entry)
        return finding

    def _of(self, word: Word) -> Iterator[Finding]:
        if word.scope == "transaction":
            yield self._of_one(word)
        else:
            yield from self._of_many(word)

    def _of_one(self, word: Word) -> Finding:
        named = self._known.named(word)
        if not named:
            return _for_person(word, None, "payment_unknown")
        if len(named) > 1:
            payments = " and ".join(each.payment for each in named)
            return _for_person(word, None, "references_contradict", payments=payments)
        order = self._order(named[0])
        is_answer = word.kind in {"rejected", "provisional"}
        if is_answer and word.message not in (None, order.message_id):
            stated = word.message
            return _for_person(
                word, order, "message_differs", stated=stated, expected=order.message_id
            )
        if _says_too_little(word):
            return _for_person(word, order, "amount_missing", payment=order.payment)
        if word.units is not None and word.units != order.amount_fen * UNITS_A_FEN:
            return _for_person(
                word,
                order,
                "amount_differs",
                payment=order.payment,
                found=format_units(word.units),
                expected=format_fen(order.amount_fen),
            )
        return self._about(word, order)

    def _of_many(self, word: Word) -> Iterator[Finding]:
        """Judge what is said about all payments of a group or message."""
        orders = self._known.together(word.message, word.group)
        if not orders:
            yield _for_person(word, None, "payment_unknown")
            return
        if _says_too_little(word):
            yield _for_person(word, None, "amount_missing", payment=word.group or word.message)
            return
        total_fen = sum(each.amount_fen for each in orders)
        counts = word.transactions in (None, len(orders))
        if not counts or word.units not in (None, total_fen * UNITS_A_FEN):
            yield _for_person(
                word,
                None,
                "batch_differs",
                found_count=word.transactions,
                found=format_units(word.units or 0),
                count=len(orders),
                expected=format_fen(total_fen),
            )
            return
        for each in orders:
            if word.kind == "rejected" and each.payment in self._just_rejected:
                continue  # it was rejected by its own line, with its own reason
            yield self._about(word, self._order(each))

    def _about(self, word: Word, order: Order) -> Finding:
        """Judge what is said about one payment."""
        if word.kind == "booked":
            return self._booked(word, order)
        if word.kind == "returned":
            return self._returned(word, order)
        if word.kind == "rejected":
            return self._rejected(word, order)
        if word.kind == "credited":
            return _for_person(word, order, "money_came_in", payment=order.payment)
        if word.kind == "reversed":
            return _for_person(word, order, "credit_reversed", payment=order.payment)
        outcome: Outcome = "pending" if word.kind == "pending" else "provisional"
        return Finding(outcome, 0, word, order.payment)

    # -- booked --------------------------------------------------------------------------------

    def _booked(self, word: Word, order: Order) -> Finding:
        name = self._name(word, order, "booked")
        if name in order.reports or _same_day(word, order, "settled"):
            return Finding("known", 0, word, order.payment)
        if order.status == "settled":
            return _for_person(word, order, "settled_already", payment=order.payment)
        if order.status not in _LIVE:
            return _ended(word, order)
        outside = self._outside(word, order)
        if outside is not None:
            return outside
        return self._credited(word, order, name)

    def _credited(self, word: Word, order: Order, name: str) -> Finding:
        """Compare the account that was credited with the one that was ordered."""
        number = None if word.creditor is None else plain(word.creditor)
        expected = self._known.accounts.number_of(order.account, order.creditor)
        if number is None or number in {plain(order.account), expected}:
            settled = Finding("settled", 0, word, order.payment, name, order.creditor)
            return self._book(settled, order, word.value_date)
        if expected is None:
            return _for_person(word, order, "account_not_compared", payment=order.payment)
        if order.status == "diverted":
            return _ended(word, order)
        if advance_in(order.payment) is not None:
            return _for_person(word, order, "advance_elsewhere", payment=order.payment)
        declared = self._known.accounts.opening(number)
        salt = "" if declared else self._new_salt()
        opening = declared or Opening("", number, commitment_of(salt, number))
        diverted = Finding(
            "diverted",
            0,
            word,
            order.payment,
            name,
            opening.commitment,
            None if declared else opening,
            salt,
        )
        return self._book(diverted, order, self._known.today)

    # -- returned and rejected -----------------------------------------------------------------

    def _returned(self, word: Word, order: Order) -> Finding:
        name = self._name(word, order, "returned")
        if name in order.reports or _same_day(word, order, "bounced"):
            return Finding("known", 0, word, order.payment)
        if order.status == "diverted":
            return self._book(Finding("rejected", 0, word, order.payment, name), order, None)
        if order.status == "ordered":
            return _for_person(
                word, order, "not_settled_yet", payment=order.payment, status=order.status
            )
        if order.status != "settled":
            return _ended(word, order)
        unclear = None
        if not order.is_whole:
            unclear = _for_person(word, order, "advance_used", payment=order.payment)
        elif len(order.reports) > 1:  # it was diverted before it was settled
            unclear = _for_person(word, order, "return_unclear", payment=order.payment)
        unclear = unclear or self._outside(word, order)
        if unclear is not None:
            return unclear
        return self._book(Finding("bounced", 0, word, order.payment, name), order, word.value_date)

    def _rejected(self, word: Word, order: Order) -> Finding:
        if order.status == "rejected":
            return Finding("known", 0, word, order.payment)
        if order.status != "ordered":
            return _ended(word, order)
        self._just_rejected.add(order.payment)
        name = self._name(word, order, "rejected")
        return self._book(Finding("rejected", 0, word, order.payment, name), order, None)

    # -- shared --------------------------------------------------------------------------------

    def _order(self, order: Order) -> Order:
        """Return an order as the words before left it."""
        return self._now.get(order.payment, order)

    def _book(self, finding: Finding, order: Order, since: str | None) -> Finding:
        self._now[order.payment] = order._replace(
            status=finding.outcome,
            since=since or order.since,
            reports=(*order.reports, finding.event_id),
        )
        return finding._replace(amount_fen=order.amount_fen)

    def _name(self, word: Word, order: Order, kind: str) -> str:
        """Return the id of the event that reports a word: the same entry's is the same."""
        if kind == "rejected":
            return report_id_of(self._known.origin, kind, order.payment, "", _ms_of(order.since))
        day = word.value_date or order.since
        # Without the bank's own name an entry is told by its number in the statement, and its day.
        reference = word.reference or f"{word.entry}/{day}"
        return report_id_of(self._known.origin, kind, order.payment, reference, _ms_of(day))

    def _outside(self, word: Word, order: Order) -> Finding | None:
        if word.value_date is None:
            return _for_person(word, order, "value_date_missing", payment=order.payment)
        if order.since <= word.value_date <= self._known.today:
            return None
        return _for_person(
            word,
            order,
            "value_date_outside",
            date=word.value_date,
            from_date=order.since,
            to_date=self._known.today,
        )


def _says_too_little(word: Word) -> bool:
    """Tell whether money was moved, and not how much of which currency."""
    return word.kind in _MOVES and None in (word.units, word.currency)


def _same_day(word: Word, order: Order, status: str) -> bool:
    """Tell whether an entry that the bank gave no name says what is booked, of that very day."""
    return not word.reference and order.status == status and order.since == word.value_date


def _ms_of(date: str) -> int:
    return parse_date(date) * MS_PER_DAY


def _ended(word: Word, order: Order) -> Finding:
    return _for_person(word, order, "ended_already", payment=order.payment, status=order.status)


def _for_person(word: Word, order: Order | None, code: str, **facts: object) -> Finding:
    payment = None if order is None else order.payment
    return Finding("unmatched", 0, word, payment, why=Why(code, tuple(facts.items())))
