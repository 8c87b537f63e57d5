"""A bank that answers order files: it settles, rejects, bounces, diverts, repeats and reorders.

    bank = SimulatedBank(pain001_bytes)
    bank.report({"p-1": ("RJCT", "AC04")}, "001.03")             a pain.002
    bank.notify([bank.paid("p-2", "2026-03-05")], "001.08")      a camt.054
    bank.state([bank.returned("p-2", "2026-03-09")], "001.02")   a camt.053

What it writes is in the form of the version asked for; tests hold it against the schemas.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from lxml import etree

from ledger.bank.amounts import format_fen

_CREATED = "2026-03-05T09:00:00"
_OPENING_FEN = 10**12


class Ordered(NamedTuple):
    """A payment as the order file has it."""

    name: str
    uetr: str
    amount_fen: int
    currency: str
    creditor: str
    account: str
    group: str
    debtor_account: str


class Entry(NamedTuple):
    """An entry on the paying account."""

    ordered: Ordered
    value_date: str
    reference: str
    account: str
    is_return: bool = False
    reason: str = ""
    is_booked: bool = True


class SimulatedBank:
    """A bank that got one order file."""

    def __init__(self, orders: bytes) -> None:
        """Read the order file."""
        self._messages = 0
        document = etree.fromstring(orders)
        self.message_id = _text(document, ".//{*}GrpHdr/{*}MsgId")
        self.ordered = {
            each.name: each
            for group in document.iterfind(".//{*}PmtInf")
            for each in _payments(group)
        }

    def paid(
        self,
        name: str,
        value_date: str,
        reference: str | None = None,
        account: str | None = None,
        *,
        is_booked: bool = True,
    ) -> Entry:
        """Return the entry by which a payment is paid, to another `account` if one is named."""
        ordered = self.ordered[name]
        given = f"OUT-{name}"[-35:] if reference is None else reference
        return Entry(ordered, value_date, given, account or ordered.account, is_booked=is_booked)

    def returned(
        self, name: str, value_date: str, reason: str = "AC04", reference: str | None = None
    ) -> Entry:
        """Return the entry by which what was paid comes back."""
        ordered = self.ordered[name]
        given = f"IN-{name}"[-35:] if reference is None else reference
        return Entry(ordered, value_date, given, ordered.account, is_return=True, reason=reason)

    # -- messages ------------------------------------------------------------------------------

    def report(
        self,
        statuses: Mapping[str, tuple[str, str]],
        version: str = "001.03",
        *,
        group_status: str = "",
    ) -> bytes:
        """Return a pain.002 with a status and reason for each payment named."""
        kind = f"pain.002.{version}"
        parts = [
            self._report_head(),
            f"<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(self.message_id)}</OrgnlMsgId>"
            f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{self._totals(self.ordered.values())}"
            + (f"<GrpSts>{group_status}</GrpSts>" if group_status else "")
            + "</OrgnlGrpInfAndSts>",
        ]
        groups = dict.fromkeys(self.ordered[name].group for name in statuses)
        for group in groups:
            together = [each for each in self.ordered.values() if each.group == group]
            parts.append(
                f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{group}</OrgnlPmtInfId>"
                + self._totals(together)
            )
            parts += [
                _status(self.ordered[name], *told, has_uetr=version != "001.03")
                for name, told in statuses.items()
                if self.ordered[name].group == group
            ]
            parts.append("</OrgnlPmtInfAndSts>")
        return _document(kind, "CstmrPmtStsRpt", parts)

    def notify(self, entries: Sequence[Entry], version: str = "001.08") -> bytes:
        """Return a camt.054 with entries."""
        parts = [self._report_head(), "<Ntfctn>", self._account(entries), _summary(entries)]
        parts += [_entry(each, number, version) for number, each in enumerate(entries, 1)]
        return _document(f"camt.054.{version}", "BkToCstmrDbtCdtNtfctn", [*parts, "</Ntfctn>"])

    def state(self, entries: Sequence[Entry], version: str = "001.08") -> bytes:
        """Return a camt.053 with entries, and balances that fit them."""
        booked = [each for each in entries if each.is_booked]
        closing_fen = _OPENING_FEN + sum(
            each.ordered.amount_fen * (1 if each.is_return else -1) for each in booked
        )
        parts = [
            self._report_head(),
            "<Stmt>",
            self._account(entries),
            _balance("OPBD", _OPENING_FEN, self._currency()),
            _balance("CLBD", closing_fen, self._currency()),
            _summary(entries),
            *(_entry(each, number, version) for number, each in enumerate(entries, 1)),
            "</Stmt>",
        ]
        return _document(f"camt.053.{version}", "BkToCstmrStmt", parts)

    def notify_batch(self, group: str, value_date: str, version: str = "001.08") -> bytes:
        """Return a camt.054 that books a whole PmtInf in one entry, without its transactions."""
        together = [each for each in self.ordered.values() if each.group == group]
        total = format_fen(sum(each.amount_fen for each in together))
        currency = self._currency()
        entry = (
            f'<Ntry><Amt Ccy="{currency}">{total}</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
            f"{_sts('BOOK', version)}<ValDt><Dt>{value_date}</Dt></ValDt>"
            f"<AcctSvcrRef>BATCH-{group[:16]}</AcctSvcrRef>{_CODE}<NtryDtls><Btch>"
            f"<MsgId>{escape(self.message_id)}</MsgId><PmtInfId>{group}</PmtInfId>"
            f'<NbOfTxs>{len(together)}</NbOfTxs><TtlAmt Ccy="{currency}">{total}</TtlAmt>'
            "</Btch></NtryDtls></Ntry>"
        )
        parts = [self._report_head(), "<Ntfctn>", self._account([]), entry, "</Ntfctn>"]
        return _document(f"camt.054.{version}", "BkToCstmrDbtCdtNtfctn", parts)

    # -- parts ---------------------------------------------------------------------------------

    def _report_head(self) -> str:
        self._messages += 1
        return f"<GrpHdr><MsgId>BANK-{self._messages}</MsgId><CreDtTm>{_CREATED}</CreDtTm></GrpHdr>"

    def _account(self, entries: Sequence[Entry]) -> str:
        first = entries[0].ordered if entries else next(iter(self.ordered.values()))
        return (
            f"<Id>ST-{self._messages}</Id><CreDtTm>{_CREATED}</CreDtTm><Acct><Id><Othr>"
            f"<Id>{escape(first.debtor_account)}</Id></Othr></Id></Acct>"
        )

    def _currency(self) -> str:
        return next(iter(self.ordered.values())).currency

    @staticmethod
    def _totals(payments: Iterable[Ordered]) -> str:
        together = list(payments)
        total = format_fen(sum(each.amount_fen for each in together))
        return f"<OrgnlNbOfTxs>{len(together)}</OrgnlNbOfTxs><OrgnlCtrlSum>{total}</OrgnlCtrlSum>"


_CODE = (
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn>"
    "</BkTxCd>"
)


def _document(kind: str, root: str, parts: Sequence[str]) -> bytes:
    name = f"urn:iso:std:iso:20022:tech:xsd:{kind}"
    text = "\n".join(parts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{name}"><{root}>\n{text}\n'
        f"</{root}></Document>\n"
    ).encode()


def _payments(group: Any) -> list[Ordered]:
    found = []
    for each in group.iterfind("{*}CdtTrfTxInf"):
        amount = each.find("{*}Amt/{*}InstdAmt")
        whole, _, part = (amount.text or "").partition(".")
        found.append(
            Ordered(
                name=_text(each, "{*}PmtId/{*}EndToEndId"),
                uetr=_text(each, "{*}PmtId/{*}UETR"),
                amount_fen=int(whole + part),
                currency=amount.get("Ccy"),
                creditor=_text(each, "{*}Cdtr/{*}Nm"),
                account=_text(each, "{*}CdtrAcct/{*}Id/{*}Othr/{*}Id"),
                group=_text(group, "{*}PmtInfId"),
                debtor_account=_text(group, "{*}DbtrAcct/{*}Id/{*}Othr/{*}Id"),
            )
        )
    return found


def _text(element: Any, path: str) -> str:
    return str(element.findtext(path))


def _status(ordered: Ordered, status: str, reason: str, *, has_uetr: bool) -> str:
    uetr = f"<OrgnlUETR>{ordered.uetr}</OrgnlUETR>" if has_uetr else ""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    name = escape(ordered.name)
    return (
        f"<TxInfAndSts><OrgnlInstrId>{name}</OrgnlInstrId><OrgnlEndToEndId>{name}"
        f"</OrgnlEndToEndId>{uetr}<TxSts>{status}</TxSts>{why}</TxInfAndSts>"
    )


def _balance(code: str, fen: int, currency: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{format_fen(fen)}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Dt><Dt>{_CREATED[:10]}</Dt></Dt></Bal>"
    )


def _summary(entries: Sequence[Entry]) -> str:
    total = format_fen(sum(each.ordered.amount_fen for each in entries))
    return (
        f"<TxsSummry><TtlNtries><NbOfNtries>{len(entries)}</NbOfNtries><Sum>{total}</Sum>"
        "</TtlNtries></TxsSummry>"
    )


def _sts(code: str, version: str) -> str:
    return f"<Sts><Cd>{code}</Cd></Sts>" if version > "001.06" else f"<Sts>{code}</Sts>"


def _entry(entry: Entry, number: int, version: str) -> str:
    ordered = entry.ordered
    amount = f'<Amt Ccy="{ordered.currency}">{format_fen(ordered.amount_fen)}</Amt>'
    way = f"<CdtDbtInd>{'CRDT' if entry.is_return else 'DBIT'}</CdtDbtInd>"
    own = f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>" if version < "001.04" else amount + way
    uetr = f"<UETR>{ordered.uetr}</UETR>" if version >= "001.08" else ""
    name, reference = escape(ordered.name), escape(entry.reference)
    named = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    creditor = f"<Nm>{escape(ordered.creditor)}</Nm>"
    party = creditor if version < "001.07" else f"<Pty>{creditor}</Pty>"
    account = f"<Id><Othr><Id>{escape(entry.account)}</Id></Othr></Id>"
    parties = f"<RltdPties><Cdtr>{party}</Cdtr><CdtrAcct>{account}</CdtrAcct></RltdPties>"
    why = f"<RtrInf><Rsn><Cd>{entry.reason}</Cd></Rsn></RtrInf>" if entry.is_return else ""
    status = _sts("BOOK" if entry.is_booked else "PDNG", version)
    return (
        f"<Ntry><NtryRef>{number}</NtryRef>{amount}{way}{status}"
        f"<BookgDt><Dt>{entry.value_date}</Dt></BookgDt><ValDt><Dt>{entry.value_date}</Dt></ValDt>"
        f"{named}{_CODE}<NtryDtls><TxDtls><Refs><InstrId>{name}</InstrId>"
        f"<EndToEndId>{name}</EndToEndId>{uetr}</Refs>{own}{parties}{why}</TxDtls></NtryDtls>"
        "</Ntry>"
    )
