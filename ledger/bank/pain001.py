"""pain.001.001.09: an order file as the bank takes it.

Accounts are no IBANs, so they stand in `Othr`; a bank is named by its CNAPS number (联行号) or its
BIC. An account that is named by token says so (`SchmeNm/Prtry` TOKEN). What is paid for one buyer,
from one account, is one `PmtInf`; both levels carry their number and sum. The time of creation is
the beginning of the day it is carried out: the same orders give the same bytes, and so the hash
that `payment.ordered` states.
"""

from itertools import groupby
from xml.sax.saxutils import escape

from ledger.bank.amounts import format_fen
from ledger.bank.orders import OrderFile, Side, Transfer
from ledger.bank.references import MAX_ID_CHARS, end_to_end_of, group_id_of, uetr_of

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PURPOSE = "GOVT"
"""ISO 20022 external purpose code: a payment of government."""

NOT_PROVIDED = "NOTPROVIDED"
"""What stands for a bank that is not known: banks read it so (EPC guidelines)."""

_BIC_CHARS = (8, 11)
_CNAPS_DIGITS = 12
_NAME_CHARS, _REMITTANCE_CHARS = 140, 140


def write(file: OrderFile) -> bytes:
    """Return the bytes of an order file."""
    groups = [
        (buyer, tuple(transfers))
        for buyer, transfers in groupby(file.transfers, key=lambda each: each.debtor.party)
    ]
    header = (
        f"<GrpHdr><MsgId>{_text(file.message_id, MAX_ID_CHARS)}</MsgId>"
        f"<CreDtTm>{file.day}T00:00:00{file.offset}</CreDtTm>{_totals(file.transfers)}"
        f"<InitgPty><Nm>{_text(file.origin, _NAME_CHARS)}</Nm></InitgPty></GrpHdr>"
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>',
        header,
    ]
    for buyer, transfers in groups:
        lines += _group(file, buyer, transfers)
    lines.append("</CstmrCdtTrfInitn></Document>\n")
    return "\n".join(lines).encode()


def _group(file: OrderFile, buyer: str, transfers: tuple[Transfer, ...]) -> list[str]:
    debtor = transfers[0].debtor
    header = (
        f"<PmtInf><PmtInfId>{group_id_of(file.message_id, buyer)}</PmtInfId><PmtMtd>TRF</PmtMtd>"
        f"<BtchBookg>false</BtchBookg>{_totals(transfers)}"
        f"<ReqdExctnDt><Dt>{file.day}</Dt></ReqdExctnDt>"
        f"<Dbtr><Nm>{_text(debtor.name, _NAME_CHARS)}</Nm></Dbtr>"
        f"<DbtrAcct>{_account(debtor)}<Ccy>{file.currency}</Ccy></DbtrAcct>"
        f"<DbtrAgt>{_agent(debtor)}</DbtrAgt>"
    )
    return [header, *(_transfer(file, each) for each in transfers), "</PmtInf>"]


def _transfer(file: OrderFile, transfer: Transfer) -> str:
    name = escape(end_to_end_of(transfer.payment))
    creditor = transfer.creditor
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>{name}</InstrId><EndToEndId>{name}</EndToEndId>"
        f"<UETR>{uetr_of(file.origin, transfer.payment)}</UETR></PmtId>"
        f'<Amt><InstdAmt Ccy="{file.currency}">{format_fen(transfer.amount_fen)}</InstdAmt></Amt>'
        f"<CdtrAgt>{_agent(creditor)}</CdtrAgt>"
        f"<Cdtr><Nm>{_text(creditor.name, _NAME_CHARS)}</Nm></Cdtr>"
        f"<CdtrAcct>{_account(creditor)}</CdtrAcct><Purp><Cd>{PURPOSE}</Cd></Purp>"
        f"<RmtInf><Ustrd>{_remittance(transfer)}</Ustrd></RmtInf></CdtTrfTxInf>"
    )


def _totals(transfers: tuple[Transfer, ...]) -> str:
    total_fen = sum(each.amount_fen for each in transfers)
    return f"<NbOfTxs>{len(transfers)}</NbOfTxs><CtrlSum>{format_fen(total_fen)}</CtrlSum>"


def _account(side: Side) -> str:
    scheme = "<SchmeNm><Prtry>TOKEN</Prtry></SchmeNm>" if side.by_token else ""
    return f"<Id><Othr><Id>{escape(side.account)}</Id>{scheme}</Othr></Id>"


def _agent(side: Side) -> str:
    bank = escape(side.bank)
    if bank.isdecimal() and len(bank) == _CNAPS_DIGITS:
        inner = (
            f"<ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>{bank}</MmbId></ClrSysMmbId>"
        )
    elif len(bank) in _BIC_CHARS and bank[4:6].isalpha():
        inner = f"<BICFI>{bank}</BICFI>"
    else:
        inner = f"<Othr><Id>{bank or NOT_PROVIDED}</Id></Othr>"
    return f"<FinInstnId>{inner}</FinInstnId>"


def _remittance(transfer: Transfer) -> str:
    return _text(f"{transfer.contract} {transfer.payment}", _REMITTANCE_CHARS)


def _text(text: str, limit: int) -> str:
    """Return text that XML can hold, cut to what the standard gives it."""
    clean = "".join(each if each.isprintable() else " " for each in text).strip()
    return escape(clean[:limit]) or "-"
