"""Bad files: one sentence each, nothing read any further, and memory that does not grow with them.

The files here are what a broken line, a careless bank or an attacker may hand in. What is wrong
only beside the ledger's own orders (totals, currency) is in `test_matching`.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.importing_bank import CHUNK_BYTES, _read
from ledger.bank.faults import ALWAYS, FileRefused
from ledger.bank.reading import read

DOCUMENT = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">'
HEAD = (
    f"{DOCUMENT}<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M</MsgId>"
    "<CreDtTm>2026-03-05T09:00:00</CreDtTm></GrpHdr>"
)
NTFCTN = "<Ntfctn><Id>1</Id><Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>"
NTRY = (
    '<Ntry><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BkTxCd></BkTxCd></Ntry>"
)
END = "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
WHOLE = HEAD + NTFCTN + NTRY + END
BOMB = "".join(
    f'<!ENTITY b{n} "{f"&b{n - 1};" * 10 if n else "bomb"}">' for n in range(12)
)  # a billion laughs

BAD = {
    "file_empty": "",
    "not_xml broken off": WHOLE[: len(WHOLE) // 2],
    "not_xml junk": "MZ\x90\x00 this is no bank message",
    "not_xml two roots": WHOLE + WHOLE,
    "not_xml unknown entity": WHOLE.replace("<MsgId>M<", "<MsgId>&payload;<"),
    "not_xml too deep": HEAD + NTFCTN + "<a>" * 1_000,
    "has_doctype bomb": f"<!DOCTYPE Document [{BOMB}]>" + WHOLE.replace(">M<", ">&b11;<"),
    "has_doctype external entity": (
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + WHOLE.replace(">M<", ">&x;<")
    ),
    "has_doctype external DTD": '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">' + WHOLE,
    "has_doctype parameter entity": (
        '<!DOCTYPE Document [<!ENTITY % p SYSTEM "file:///dev/zero"> %p;]>' + WHOLE
    ),
    "not_bank_message": "<html><body>Session expired</body></html>",
    "not_bank_message order": '<Document xmlns="urn:x"><CstmrCdtTrfInitn/></Document>',
    "several_messages": (
        f"<Messages>{WHOLE}{WHOLE}</Messages>"
    ),
    "amount_invalid": WHOLE.replace("1.00", "1,00"),
    "amount_invalid exponent": WHOLE.replace("1.00", "1e9"),
    "unit_too_large": HEAD + NTFCTN + "<Ntry>" + "<Prtry>x</Prtry>" * 10_001,
}  # fmt: skip
"""Files that are refused in either mode, by the fault and what makes it."""


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("chunk", [1 << 16, 7])
def test_a_bad_file_is_refused_with_one_sentence(name: str, chunk: int) -> None:
    """In lenient mode too, and however its bytes arrive."""
    data = BAD[name].encode("latin-1")
    pieces = [data[start : start + chunk] for start in range(0, len(data), chunk)]
    with pytest.raises(FileRefused) as refused:
        read(pieces, strict=False)
    assert refused.value.code == name.partition(" ")[0]
    assert refused.value.code in ALWAYS
    told = str(refused.value)
    assert told.endswith(".")
    assert "\n" not in told
    assert "root:" not in told


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("element_unknown", "<BkTxCd>", "<Evil/><BkTxCd>"),
        ("element_misplaced", "<BkTxCd></BkTxCd>", "<BkTxCd></BkTxCd><Sts><Cd>BOOK</Cd></Sts>"),
        ("element_repeated", "<BkTxCd></BkTxCd>", "<BkTxCd></BkTxCd><BkTxCd></BkTxCd>"),
        ("element_missing", "<BkTxCd></BkTxCd>", ""),
        ("foreign_element", "<BkTxCd>", '<BkTxCd xmlns="urn:other">'),
        ("code_unknown", "DBIT", "OUT"),
        ("date_invalid", "<BkTxCd>", "<ValDt><Dt>5.3.2026</Dt></ValDt><BkTxCd>"),
        ("text_too_long", "<MsgId>M<", f"<MsgId>{'M' * 36}<"),
        ("namespace_missing", "urn:iso:std:iso:20022:tech:xsd:", "urn:"),
        ("version_unknown", "054.001.08", "054.001.99"),
        ("wrapped", DOCUMENT, f"{DOCUMENT}<a>"),
    ],
)
def test_a_fault_of_form_is_refused_in_strict_mode_and_remarked_in_lenient(
    code: str, old: str, new: str
) -> None:
    """Each fault of form, one at a time."""
    text = WHOLE.replace(old, new, 1)
    if code == "wrapped":
        text = text.replace("</Document>", "</a></Document>")
    with pytest.raises(FileRefused) as refused:
        read([text.encode()], strict=True)
    assert refused.value.code == code
    file = read([text.encode()], strict=False)
    assert code in {each.code for each in file.remarks}
    assert len(file.words) == 1


def test_a_sound_file_is_read_in_whatever_encoding_it_comes() -> None:
    """UTF-8 with a mark, UTF-16, and GB 18030, as banks send them."""
    text = WHOLE.replace("<BkTxCd></BkTxCd>", "<BkTxCd></BkTxCd><AddtlNtryInf>长青</AddtlNtryInf>")
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        name = encoding.removesuffix("-sig")
        data = f'<?xml version="1.0" encoding="{name}"?>{text}'.encode(encoding)
        assert read([data]) == read([text.encode()])


def test_a_file_that_is_not_there_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """So is a folder."""
    for path in (tmp_path / "none.xml", tmp_path):
        refused = _read(path, strict=True).refused
        assert refused is not None
        assert refused.code == "file_unreadable"


JUNK = """
import sys
sys.path[:0] = {path!r}
from test_bad_files import STREAMS, refused_code
name = sys.argv[1]
code = refused_code(STREAMS[name]())
from bench.measure import peak_mib
print(code, peak_mib())
"""

TWO_GB = 2 << 30


def _repeated(piece: bytes, before: bytes = b"") -> Iterator[bytes]:
    """Yield 2 GB of a piece, in chunks."""
    yield before
    chunk = piece * (CHUNK_BYTES // len(piece))
    for _ in range(TWO_GB // len(chunk)):
        yield chunk


STREAMS = {
    "zeros": lambda: _repeated(b"\0"),
    "words": lambda: _repeated(b"junk "),
    "spaces": lambda: _repeated(b" "),
    "text": lambda: _repeated(b"x", f"{HEAD}{NTFCTN}<Ntry><NtryRef>".encode()),
    "comment": lambda: _repeated(b"x", b"<!--"),
    "attribute": lambda: _repeated(b"x", b'<a b="'),
    "name": lambda: _repeated(b"x", b"<"),
    "entries": lambda: _repeated(NTRY.encode(), f"{HEAD}{NTFCTN}".encode()),
    "elements": lambda: _repeated(b"<a/>", b"<envelope>"),
    "balances": lambda: _repeated(b'<Bal><Amt Ccy="CNY">1</Amt></Bal>', (HEAD + NTFCTN).encode()),
}
"""Two gigabytes of each."""


def refused_code(chunks: Iterator[bytes]) -> str:
    """Return the code of the fault for which a file is refused."""
    try:
        read(chunks, strict=False)
    except FileRefused as refused:
        return refused.code
    return "read"


@pytest.mark.parametrize("name", STREAMS)
def test_two_gigabytes_are_refused_in_bounded_memory(name: str) -> None:
    """Whatever they are made of; measured in a process of its own."""
    program = JUNK.format(path=[str(Path(__file__).parent), *sys.path])
    ended = subprocess.run(
        [sys.executable, "-c", program, name], check=True, capture_output=True, text=True
    )
    code, megabytes = ended.stdout.split()
    assert code in {"not_xml", "file_too_large", "too_many_entries", "too_many_elements"}, code
    assert int(megabytes) < 400


def test_a_sparse_file_of_two_gigabytes_is_refused(tmp_path: Path) -> None:
    """It is not read to its end."""
    path = tmp_path / "sparse.xml"
    with path.open("wb") as file:
        file.truncate(TWO_GB)
    refused = _read(path, strict=False).refused
    assert refused is not None
    assert refused.code == "not_xml"
