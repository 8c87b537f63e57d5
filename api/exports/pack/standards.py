"""What auditors' standards call our columns.

AICPA Audit Data Standards, General Ledger (July 2015): names of `GL_Detail` and `Trial_Balance`.
ISO 21378:2019, Audit data collection: the module and, in words, what it asks for there. OECD
Standard Audit File for Tax 2.0: elements of the XML file.
"""

from typing import NamedTuple


class Mapped(NamedTuple):
    """A column, and what it is in each standard; empty where a standard has no such thing.

    Attributes:
        file: the table, without its ending.
        column: the column.
        ads: field of AICPA ADS.
        iso: module of ISO 21378 and what it asks for.
        saft: element of SAF-T.

    """

    file: str
    column: str
    ads: str
    iso: str
    saft: str


_GL = "GL_Detail."
_TB = "Trial_Balance."
_LINE = "GeneralLedgerEntries/Journal/Transaction/Line/"
_TRANSACTION = "GeneralLedgerEntries/Journal/Transaction/"
_PAID = "SourceDocuments/Payments/Payment/"
_ACCOUNT = "MasterFiles/GeneralLedgerAccounts/Account/"

STANDARDS = tuple(
    Mapped(*row)
    for row in (
        (
            "journal",
            "event",
            f"{_GL}Journal_ID",
            "GL: journal entry",
            f"{_TRANSACTION}TransactionID",
        ),
        ("journal", "position", "", "GL: sequence of journal entries", f"{_TRANSACTION}SystemID"),
        (
            "journal",
            "posting",
            f"{_GL}Journal_ID_Line_Number",
            "GL: journal line",
            f"{_LINE}RecordID",
        ),
        (
            "journal",
            "type",
            f"{_GL}Source",
            "GL: source of the entry",
            f"{_TRANSACTION}Description",
        ),
        (
            "journal",
            "at",
            f"{_GL}Effective_Date",
            "GL: effective date",
            f"{_TRANSACTION}TransactionDate",
        ),
        (
            "journal",
            "recorded",
            f"{_GL}Entered_Date, {_GL}Entered_Time",
            "GL: date and time of entry",
            f"{_TRANSACTION}SystemEntryDate",
        ),
        (
            "journal",
            "line",
            f"{_GL}Business_Unit_Code, {_GL}Segment01",
            "BAS: business segment",
            f"{_LINE}Analysis/AnalysisID",
        ),
        (
            "journal",
            "contract",
            f"{_GL}Segment02",
            "PUR: purchase contract",
            f"{_LINE}SourceDocumentID",
        ),
        (
            "journal",
            "account",
            f"{_GL}GL_Account_Number",
            "GL: account number",
            f"{_LINE}AccountID",
        ),
        (
            "journal",
            "debit_fen",
            f"{_GL}Amount with {_GL}Amount_Credit_Debit_Indicator D",
            "GL: amount, debit",
            f"{_LINE}DebitAmount/Amount",
        ),
        (
            "journal",
            "credit_fen",
            f"{_GL}Amount with {_GL}Amount_Credit_Debit_Indicator C",
            "GL: amount, credit",
            f"{_LINE}CreditAmount/Amount",
        ),
        ("journal", "signers", f"{_GL}Approved_By", "GL: approver", f"{_TRANSACTION}SourceID"),
        ("journal", "keys", f"{_GL}Entered_By", "BAS: user", f"{_TRANSACTION}SourceID"),
        ("journal", "evidence", "", "GL: supporting document", f"{_LINE}SourceDocumentID"),
        ("trial-balance", "line", f"{_TB}Business_Unit_Code", "BAS: business segment", ""),
        ("trial-balance", "year", f"{_TB}Fiscal_Year", "GL: fiscal year", ""),
        (
            "trial-balance",
            "account",
            f"{_TB}GL_Account_Number",
            "GL: account number",
            f"{_ACCOUNT}AccountID",
        ),
        (
            "trial-balance",
            "balance_fen",
            f"{_TB}Amount_Ending",
            "GL: balance at the end",
            f"{_ACCOUNT}ClosingDebitBalance or ClosingCreditBalance",
        ),
        ("payments", "payment", "", "AP: payment", f"{_PAID}PaymentRefNo"),
        ("payments", "value_date", "", "AP: date of payment", f"{_PAID}TransactionDate"),
        ("payments", "provider", "", "AP: supplier", f"{_PAID}Line/SupplierID"),
        ("payments", "claims", "", "AP: invoice paid", f"{_PAID}Line/SourceDocumentID"),
        ("payments", "paid_fen", "", "AP: amount paid", f"{_PAID}DocumentTotals/GrossTotal"),
        ("contracts", "contract", "", "PUR: purchase contract", ""),
        ("contracts", "value_fen", "", "PUR: contract amount", ""),
        ("contracts", "provider", "", "BAS: supplier", "MasterFiles/Suppliers/Supplier/SupplierID"),
        ("keys", "key", "", "BAS: user", ""),
        ("roles", "role", "", "BAS: role of a user", ""),
    )
)
"""Every column that a standard has a name for."""

NOT_MAPPED = (
    "Amounts are integer fen; the standards ask for decimals: divide by 100.",
    "A row is one side of a posting: `debit_fen` or `credit_fen` is 0; both share `posting`.",
    "`leaf`, `statement`, `roles`, `balance_fen` have no counterpart: they make a row provable.",
    "The fiscal year of a row is `year` of its line in the trial balance.",
)
"""What a reader of the mapping has to know."""

_HEAD = """\
# What auditors' standards call our columns

AICPA Audit Data Standards, General Ledger (July 2015); ISO 21378:2019 by module (`BAS` base, `GL`
general ledger, `AP` accounts payable, `PUR` purchase) and, in words, what it asks for there; OECD
SAF-T 2.0 by element. An empty cell: that standard has no such thing.

| file | column | AICPA ADS | ISO 21378 | SAF-T |
|---|---|---|---|---|
"""


def mapping_page() -> str:
    """Return the mapping as a page to read."""
    rows = "".join(
        f"| {each.file} | `{each.column}` | {each.ads} | {each.iso} | {each.saft} |\n"
        for each in STANDARDS
    )
    return f"{_HEAD}{rows}\n" + "".join(f"- {sentence}\n" for sentence in NOT_MAPPED)
