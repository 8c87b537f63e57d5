"""What a message holds where: the elements that are read, in the standard's order.

The union over the versions that are read. `?` may be absent, `*` may be repeated. Only these
parents are checked; what stands inside others is passed over or read by its path. A test
compares this with the published schemas, version by version.
"""

from typing import NamedTuple

VERSIONS = {
    "pain.002": ("001.03", "001.10", "001.12", "001.14"),
    "camt.053": ("001.02", "001.04", "001.07", "001.08"),
    "camt.054": ("001.02", "001.04", "001.07", "001.08"),
}
"""The versions of each message that strict mode takes."""

ROOTS = {
    "CstmrPmtStsRpt": "pain.002",
    "BkToCstmrStmt": "camt.053",
    "BkToCstmrDbtCdtNtfctn": "camt.054",
}
"""The element that makes a document a message."""

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"

_ACCOUNT_REPORT = (
    "ElctrncSeqNb? RptgSeq? LglSeqNb? CreDtTm? FrToDt? CpyDplctInd? RptgSrc? Acct RltdAcct? "
    "Intrst?*"
)
_STATUSES = "StsRsnInf?* NbOfTxsPerSts?*"
_TOTAL = "NbOfNtries? Sum? TtlNetNtryAmt? TtlNetNtry? CdtDbtInd?"

SEQUENCES = {
    "Document": "CstmrPmtStsRpt? BkToCstmrStmt? BkToCstmrDbtCdtNtfctn?",
    # pain.002
    "CstmrPmtStsRpt": "GrpHdr OrgnlGrpInfAndSts OrgnlPmtInfAndSts?* SplmtryData?*",
    "OrgnlGrpInfAndSts": (
        f"OrgnlMsgId OrgnlMsgNmId OrgnlCreDtTm? OrgnlNbOfTxs? OrgnlCtrlSum? GrpSts? {_STATUSES}"
    ),
    "OrgnlPmtInfAndSts": (
        f"OrgnlPmtInfId OrgnlNbOfTxs? OrgnlCtrlSum? PmtInfSts? {_STATUSES} TxInfAndSts?*"
    ),
    "TxInfAndSts": (
        "StsId? OrgnlInstrId? OrgnlEndToEndId? OrgnlUETR? TxSts? StsRsnInf?* ChrgsInf?* TrckrData? "
        "AccptncDtTm? AcctSvcrRef? ClrSysRef? OrgnlTxRef? SplmtryData?*"
    ),
    "StsRsnInf": "Orgtr? Rsn? AddtlInf?*",
    # camt.053 and camt.054
    "GrpHdr": (
        "MsgId CreDtTm InitgPty? FwdgAgt? DbtrAgt? CdtrAgt? MsgRcpt? MsgPgntn? OrgnlBizQry? "
        "AddtlInf?"
    ),
    "BkToCstmrStmt": "GrpHdr Stmt* SplmtryData?*",
    "BkToCstmrDbtCdtNtfctn": "GrpHdr Ntfctn* SplmtryData?*",
    "Stmt": f"Id StmtPgntn? {_ACCOUNT_REPORT} Bal* TxsSummry? Ntry?* AddtlStmtInf?",
    "Ntfctn": f"Id NtfctnPgntn? {_ACCOUNT_REPORT} TxsSummry? Ntry?* AddtlNtfctnInf?",
    "TxsSummry": "TtlNtries? TtlCdtNtries? TtlDbtNtries? TtlNtriesPerBkTxCd?*",
    "TtlNtries": _TOTAL,
    "Bal": "Tp CdtLine?* Amt CdtDbtInd Dt Avlbty?*",
    "Ntry": (
        "NtryRef? Amt CdtDbtInd RvslInd? Sts BookgDt? ValDt? AcctSvcrRef? Avlbty?* BkTxCd "
        "ComssnWvrInd? AddtlInfInd? AmtDtls? Chrgs?* TechInptChanl? Intrst?* CardTx? NtryDtls?* "
        "AddtlNtryInf?"
    ),
    "NtryDtls": "Btch? TxDtls?*",
    "Btch": "MsgId? PmtInfId? NbOfTxs? TtlAmt? CdtDbtInd?",
    "TxDtls": (
        "Refs? Amt? CdtDbtInd? AmtDtls? Avlbty?* BkTxCd? Chrgs?* Intrst?* RltdPties? RltdAgts? "
        "LclInstrm? Purp? RltdRmtInf?* RmtInf? RltdDts? RltdPric? RltdQties?* FinInstrmId? Tax? "
        "RtrInf? CorpActn? SfkpgAcct? CshDpst?* CardTx? AddtlTxInf? SplmtryData?*"
    ),
    "Refs": (
        "MsgId? AcctSvcrRef? PmtInfId? InstrId? EndToEndId? UETR? TxId? MndtId? ChqNb? ClrSysRef? "
        "AcctOwnrTxId? AcctSvcrTxId? MktInfrstrctrTxId? PrcgId? Prtry?*"
    ),
    "RtrInf": "OrgnlBkTxCd? Orgtr? Rsn? AddtlInf?*",
}

UNITS = frozenset(
    [
        "GrpHdr",
        "OrgnlGrpInfAndSts",
        "OrgnlPmtInfAndSts",
        "TxInfAndSts",
        "Stmt",
        "Ntfctn",
        "TxsSummry",
        "Bal",
        "Ntry",
        "Btch",
        "TxDtls",
    ]
)
"""The elements that are read as one record each."""

_LONG = 35
MAX_CHARS = {
    **dict.fromkeys(
        [
            "MsgId",
            "PmtInfId",
            "InstrId",
            "EndToEndId",
            "AcctSvcrRef",
            "NtryRef",
            "OrgnlMsgId",
            "OrgnlMsgNmId",
            "OrgnlPmtInfId",
            "OrgnlInstrId",
            "OrgnlEndToEndId",
        ],
        _LONG,
    ),
    "Ustrd": 140,
    "Nm": 140,
    "AddtlInf": 500,
    "AddtlNtryInf": 500,
    "AddtlTxInf": 500,
}
"""Characters of the texts that are read or often too long."""

CODES = {"CdtDbtInd": ("CRDT", "DBIT"), "RvslInd": ("true", "false", "1", "0")}
"""Elements that hold one of few codes."""


class Place(NamedTuple):
    """Where an element stands in its parent: its rank, and whether it may stand again."""

    rank: int
    repeats: bool


class Sequence(NamedTuple):
    """The elements of a parent: their places by name, and who must be there, by rank."""

    places: dict[str, Place]
    required: tuple[str | None, ...]


def _sequence(text: str) -> Sequence:
    places, required = {}, []
    for rank, written in enumerate(text.split()):
        name = written.rstrip("?*")
        places[name] = Place(rank, written.endswith("*"))
        required.append(None if "?" in written else name)
    return Sequence(places, tuple(required))


GRAMMAR = {parent: _sequence(text) for parent, text in SEQUENCES.items()}
"""The same, ready to be looked up."""
