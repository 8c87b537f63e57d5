"""camt.053 and camt.054: what was booked on an account, entry by entry.

An entry is one transaction, or many under one amount (`TxDtls`), or a batch of which only the
number and the sum are said (`Btch`). Money that comes back names the payment it was for and says
so: by `RtrInf`, by `RvslInd`, or by a code of the bank transaction (returned, reversed).

Checked within the file: a summary (`TxsSummry`) against the entries; the opening balance and the
booked entries against the closing one; an entry, and its batch, against its transactions.
"""

from typing import NamedTuple

from ledger.bank.amounts import format_units
from ledger.bank.faults import Fault, fault
from ledger.bank.stream import Unit
from ledger.bank.words import Kind, Word
from ledger.bank.written import count_in, date_in, joined, units_in

_BOOKED = "BOOK"
_OUT = "DBIT"
_RETURNS = frozenset({"RRTN", "RPCR", "RRCT", "ARET", "AREV", "NPCC", "RVTI"})
"""Sub-families of bank transactions that give a payment back (ISO 20022 external code list)."""

_BANK_CODE = "BkTxCd/Domn/Fmly/SubFmlyCd"
_TRUE = ("true", "1")
_TX_AMOUNT = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
_CREDITOR = (
    "RltdPties/CdtrAcct/Id/Othr/Id",
    "RltdPties/CdtrAcct/Id/IBAN",
)
_RETURN_REASON = ("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry")
_TOTALS = (
    ("TtlNtries", ("CRDT", "DBIT")),
    ("TtlCdtNtries", ("CRDT",)),
    ("TtlDbtNtries", ("DBIT",)),
)
_OPENING, _CLOSING = ("OPBD", "PRCD"), "CLBD"


class _Sums(NamedTuple):
    """What the transactions of an entry come to so far."""

    transactions: int = 0
    units: int = 0
    complete: bool = True
    """Each says its amount, in the currency of the entry."""


class _Balance(NamedTuple):
    code: str
    currency: str
    units: int


class Entries:
    """Takes the units of a camt.053 or camt.054."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.words: list[Word] = []
        self.disagreements: list[Fault] = []
        self._counted: list[tuple[str, int, bool, str]] = []
        self._balances: dict[str, list[_Balance]] = {}
        self._summary: Unit | None = None
        self._batch: Unit | None = None
        self._sums = _Sums()

    def take(self, unit: Unit) -> None:
        """Take a unit."""
        if unit.name == "TxDtls":
            self._of_transaction(unit)
        elif unit.name == "Btch":
            self._batch = unit
        elif unit.name == "Ntry":
            self._of_entry(unit)
        elif unit.name == "Bal":
            self._of_balance(unit)
        elif unit.name == "TxsSummry":
            self._summary = unit
        elif unit.name in {"Stmt", "Ntfctn"}:
            self._of_account(unit)

    # -- transactions and entries --------------------------------------------------------------

    def _of_transaction(self, unit: Unit) -> None:
        entry = unit.parent
        if entry is None:
            return
        units = units_in(unit, *_TX_AMOUNT)
        currency = unit.first(*(f"{path}@Ccy" for path in _TX_AMOUNT))
        whole, total = entry.first("Amt@Ccy"), self._sums
        fits = units is not None and currency == whole
        signed = (units or 0) * (1 if _direction(unit, entry) == _direction(entry, entry) else -1)
        self._sums = _Sums(total.transactions + 1, total.units + signed, total.complete and fits)
        self._say(unit, entry, units, currency)

    def _of_entry(self, unit: Unit) -> None:
        units, currency = units_in(unit, "Amt"), unit.first("Amt@Ccy")
        if not self._sums.transactions:
            self._say(unit, unit, units, currency)
        elif self._sums.transactions == 1 and self.words[-1].units is None:
            # The one transaction of an entry without an amount of its own is the entry.
            self.words[-1] = self.words[-1]._replace(units=units, currency=currency)
        elif self._sums.complete and self._sums.units != units:
            self._disagree("details_differ", unit, units, self._sums.units)
        self._check_batch(unit)
        direction = unit.first("CdtDbtInd") or ""
        self._counted.append((direction, units or 0, _status(unit) == _BOOKED, currency or ""))
        self._batch, self._sums = None, _Sums()

    def _check_batch(self, unit: Unit) -> None:
        batch, sums = self._only_batch(unit), self._sums
        if batch is None or not sums.transactions:
            return
        count = count_in(batch, "NbOfTxs")
        if count not in (None, sums.transactions):
            place = unit.place()
            self.disagreements.append(
                fault("batch_count_differs", place=place, stated=count, counted=sums.transactions)
            )
        units = units_in(batch, "TtlAmt")
        if units is not None and sums.complete and units != sums.units:
            self._disagree("batch_sum_differs", unit, units, sums.units)

    def _only_batch(self, entry: Unit) -> Unit | None:
        """Return the batch of an entry, where it has one and not several."""
        return self._batch if entry.counts.get("Btch") == 1 else None

    def _disagree(self, code: str, unit: Unit, stated: int | None, counted: int) -> None:
        self.disagreements.append(
            fault(
                code,
                place=unit.place(),
                stated=format_units(stated or 0),
                counted=format_units(counted),
            )
        )

    def _say(self, unit: Unit, entry: Unit, units: int | None, currency: str | None) -> None:
        batch = self._only_batch(entry)
        is_batch = batch is not None and unit is entry

        def of_batch(path: str) -> str | None:
            return None if batch is None else batch.first(path)

        self.words.append(
            Word(
                _kind(unit, entry),
                "group" if is_batch else "transaction",
                unit.place(),
                _status(entry),
                message=unit.first("Refs/MsgId") or of_batch("MsgId"),
                group=unit.first("Refs/PmtInfId") or of_batch("PmtInfId"),
                instruction=unit.first("Refs/InstrId"),
                end_to_end=unit.first("Refs/EndToEndId"),
                uetr=unit.first("Refs/UETR"),
                units=units,
                currency=currency,
                value_date=date_in(entry, "ValDt", "BookgDt"),
                creditor=unit.first(*_CREDITOR),
                reason=unit.first(*_RETURN_REASON),
                explanation=joined(unit, "RtrInf/AddtlInf"),
                reference=entry.first("AcctSvcrRef") or unit.first("Refs/AcctSvcrRef") or "",
                entry=entry.first("NtryRef") or "",
                transactions=count_in(batch, "NbOfTxs") if batch is not None and is_batch else None,
            )
        )

    # -- the account as a whole ----------------------------------------------------------------

    def _of_balance(self, unit: Unit) -> None:
        units = units_in(unit, "Amt") or 0
        sign = -1 if unit.first("CdtDbtInd") == _OUT else 1
        code = unit.first("Tp/CdOrPrtry/Cd") or ""
        balance = _Balance(code, unit.first("Amt@Ccy") or "", sign * units)
        if code in {*_OPENING, _CLOSING}:
            self._balances.setdefault(code, []).append(balance)

    def _of_account(self, unit: Unit) -> None:
        if self._summary is not None:
            self._check_summary(unit, self._summary)
        self._check_balances(unit)
        self._counted, self._balances, self._summary = [], {}, None

    def _check_summary(self, unit: Unit, summary: Unit) -> None:
        for total, directions in _TOTALS:
            counted = [each for each in self._counted if each[0] in directions]
            stated = count_in(summary, f"{total}/NbOfNtries")
            if stated not in (None, len(counted)):
                self.disagreements.append(
                    fault(
                        "entries_differ",
                        place=unit.place(),
                        what=total,
                        stated=stated,
                        counted=len(counted),
                    )
                )
            units, together = units_in(summary, f"{total}/Sum"), sum(each[1] for each in counted)
            if units not in (None, together):
                self.disagreements.append(
                    fault(
                        "entries_sum_differs",
                        place=unit.place(),
                        what=total,
                        stated=format_units(units or 0),
                        counted=format_units(together),
                    )
                )

    def _check_balances(self, unit: Unit) -> None:
        """Check opening and closing, where both are said once and all is in one currency."""
        opening = next((each for code in _OPENING for each in self._balances.get(code, ())), None)
        closing = self._balances.get(_CLOSING, [])
        currencies = {each[3] for each in self._counted} | {each.currency for each in closing}
        if opening is None or len(closing) != 1 or currencies != {opening.currency}:
            return
        moved = sum(
            -units if direction == _OUT else units
            for direction, units, booked, _currency in self._counted
            if booked
        )
        if opening.units + moved != closing[0].units:
            self._disagree("balance_differs", unit, closing[0].units, opening.units + moved)


def _status(entry: Unit) -> str:
    return entry.first("Sts/Cd", "Sts/Prtry", "Sts") or ""


def _direction(unit: Unit, entry: Unit) -> str | None:
    """Return which way the money went, as a transaction or else its entry says."""
    return unit.first("CdtDbtInd") or entry.first("CdtDbtInd")


def _kind(unit: Unit, entry: Unit) -> Kind:
    if _status(entry) != _BOOKED:
        return "pending"
    reverses = entry.first("RvslInd") in _TRUE
    if _direction(unit, entry) == _OUT:
        return "reversed" if reverses else "booked"
    codes = {unit.first(_BANK_CODE), entry.first(_BANK_CODE)}
    returns = unit.first(*_RETURN_REASON, "RtrInf/AddtlInf") is not None
    return "returned" if reverses or returns or codes & _RETURNS else "credited"
