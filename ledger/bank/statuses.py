"""pain.002: the bank's answer to an order file, about all of it, a group, or one payment.

Settled is what was booked, so a status is never more than provisional: also ACSC, settlement
completed. RJCT alone is final. A rejected message or group rejects every payment in it, those
that are listed with a reason of their own included.
"""

from ledger.bank.stream import Unit
from ledger.bank.words import Control, Kind, Scope, Word
from ledger.bank.written import count_in, joined, units_in

_REJECTED = "RJCT"
_REASON = ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry")


class Statuses:
    """Takes the units of a pain.002."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.words: list[Word] = []
        self.controls: list[Control] = []
        self._message = ""
        self._status = ""

    def take(self, unit: Unit) -> None:
        """Take a unit."""
        if unit.name == "OrgnlGrpInfAndSts":
            self._of_message(unit)
        elif unit.name == "TxInfAndSts":
            self._of_transaction(unit)
        elif unit.name == "OrgnlPmtInfAndSts":
            self._of_group(unit)

    def _of_message(self, unit: Unit) -> None:
        self._message = unit.first("OrgnlMsgId") or ""
        self._status = unit.first("GrpSts") or ""
        self._control(unit, None)
        if self._status:
            self._say(unit, self._status, "message", None)

    def _of_group(self, unit: Unit) -> None:
        group = unit.first("OrgnlPmtInfId")
        self._control(unit, group)
        status = unit.first("PmtInfSts")
        if status:
            self._say(unit, status, "group", group)

    def _of_transaction(self, unit: Unit) -> None:
        above = unit.parent
        group = None if above is None else above.first("OrgnlPmtInfId")
        status = unit.first("TxSts") or (above and above.first("PmtInfSts")) or self._status
        self._say(unit, status or "", "transaction", group)

    def _control(self, unit: Unit, group: str | None) -> None:
        count, units = count_in(unit, "OrgnlNbOfTxs"), units_in(unit, "OrgnlCtrlSum")
        if self._message and (count, units) != (None, None):
            self.controls.append(Control(self._message, group, count, units))

    def _say(self, unit: Unit, status: str, scope: Scope, group: str | None) -> None:
        kind: Kind = "rejected" if status == _REJECTED else "provisional"
        amount = "OrgnlTxRef/Amt/InstdAmt"
        self.words.append(
            Word(
                kind,
                scope,
                unit.place(),
                status,
                message=self._message or None,
                group=group,
                instruction=unit.first("OrgnlInstrId"),
                end_to_end=unit.first("OrgnlEndToEndId"),
                uetr=unit.first("OrgnlUETR"),
                units=units_in(unit, amount),
                currency=unit.first(f"{amount}@Ccy"),
                reason=unit.first(*_REASON),
                explanation=joined(unit, "StsRsnInf/AddtlInf"),
            )
        )
