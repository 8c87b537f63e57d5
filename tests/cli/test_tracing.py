"""`trace`, and proofs of what `show` prints: a whole demo city, number by number."""

import re
from pathlib import Path
from typing import Any

import pytest
from shell import sunledger

from ledger.figures import is_flow
from ledger.store.store import open_store

CLAIM_FIELDS = (
    "visits",
    "gross_fen",
    "self_pay_fen",
    "accepted_fen",
    "cut_fen",
    "disputed_fen",
    "payable_fen",
    "ordered_fen",
    "paid_fen",
    "interest_booked_fen",
    "interest_owed_fen",
    "interest_paid_fen",
)
POLICY = ("--policy", "demo/policy")
DB = ("--db", "sqlite:///demo/ledger.db")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Play the demo city once."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("SUNLEDGER_KEY_PASSWORD", raising=False)
        ended = sunledger("demo")
        assert ended.code == 0, ended.err
    return folder


@pytest.fixture(autouse=True)
def _here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def traced(key: str, *of: str) -> dict[str, int]:
    """Return every figure that `trace` reaches for a subject."""
    ended = sunledger("trace", key, *of, *DB, "--json")
    assert ended.code == 0, ended.err
    figures: dict[str, int] = ended.document["figures"]
    return figures


def proved_of(figures: dict[str, int]) -> dict[str, int]:
    """Return those figures that are not 0 and no sums over single postings."""
    return {name: value for name, value in figures.items() if value and not is_flow(name)}


def some_of(figures: dict[str, int]) -> dict[str, int]:
    """Return the first and last figures of many."""
    names = [*figures]
    return {name: figures[name] for name in (*names[:4], *names[-4:])}


def test_each_figure_s_events_sum_to_it() -> None:
    """Page by page, down to the events: their amounts add up to what is printed."""
    key = "contract/c-2025-02"
    for figure, value in {**traced(key), **some_of(traced(key, "delivered"))}.items():
        after: int | None = -1
        added = events = 0
        while after is not None:
            arguments = ("trace", key, figure, *DB, "--json", "--after", after, "--limit", 400)
            page = sunledger(*arguments).document
            assert page["sum"] == value
            added += sum(each["adds"] for each in page["page"])
            events += len(page["page"])
            after = page["after"]
        assert (added, events) == (value, page["events"])


def check_claims(proved: dict[str, dict[str, int]], shown: dict[str, dict[str, Any]]) -> None:
    """Check that claims are proved as they are shown, and take them out of those shown."""
    for name in proved.keys() & shown.keys():
        owed, sums = shown.pop(name), proved[name]
        assert sums["claimed"] == owed["claim_fen"]
        for field in CLAIM_FIELDS:
            assert sums[field.removesuffix("_fen")] == owed[field], (name, field)


def test_check_proves_every_number_from_files_alone(tmp_path: Path) -> None:
    """A history proof of each contract and line, the database gone: the same figures, offline."""
    keys = [f"contract/c-2025-0{number}" for number in (1, 2, 3)]
    keys += [
        f"line/{fund['line']}"
        for fund in sunledger("show", "fund", *DB, "--json").document["funds"]["items"]
    ]
    figures = {key: traced(key) for key in keys}
    for key in keys[:3]:
        figures[key] |= traced(key, "delivered")
    people: dict[str, dict[str, dict[str, int]]] = {}
    for key in keys[:2]:
        by_person = traced(key, "person")
        for person in sorted({name.split("/")[1] for name in by_person})[:2]:
            of_one = {name: units for name, units in by_person.items() if person in name}
            people.setdefault(key, {})[person] = of_one
    for number, key in enumerate(keys):
        out = tmp_path / f"{number}.historyproof"
        assert sunledger("proof", "history", key, *DB, *POLICY, "--out", out).code == 0
    listed = sunledger("show", "payment", *DB, "--limit", 1000, "--json").document["items"]
    payments = {each["payment"]: each for each in listed}
    claims = {
        owed["claim"]["claim"]: owed["claim"]
        for each in listed[:12]
        for owed in sunledger("show", "payment", each["payment"], *DB, "--json").document["claims"]
    }
    database = Path("demo/ledger.db")
    database.rename("demo/gone.db")
    try:
        for number, key in enumerate(keys):
            ended = sunledger("check", tmp_path / f"{number}.historyproof", *POLICY, "--json")
            assert ended.code == 0, ended.err
            proved = {name: each["value"] for name, each in ended.document["figures"].items()}
            assert proved_of(proved) == proved_of(figures[key])
            for person in people.get(key, ()):
                asked = ("check", tmp_path / f"{number}.historyproof", "--beneficiary", person)
                given = sunledger(*asked, *POLICY, "--json").document["figures"]
                units = {name: each["value"] for name, each in given.items() if person in name}
                assert proved_of(units) == proved_of(people[key][person]) != {}
            for name, sums in ended.document["payments"].items():
                payment = payments.pop(name)
                assert sums["principal"] == payment["principal_fen"]
                assert sums["interest"] == payment["interest_fen"]
                assert sums["paid"] == payment["paid_fen"]
            check_claims(ended.document["claims"], claims)
        assert not payments, "every payment is in the history of its contract"
        assert not claims, "and every claim"
    finally:
        Path("demo/gone.db").rename(database)


def test_a_bank_entry_is_traced_in_words() -> None:
    """Up to the appropriation and down again, an event a line, indented, in both languages."""
    with open_store("sqlite:///demo/ledger.db") as store:
        settled = next(row for row in store.events() if row.type == "payment.settled")
        appropriated = next(row for row in store.events() if row.type == "budget.appropriated")
    for row in (settled, appropriated):
        event = f"{row.id.hex()[:8]}-{row.id.hex()[8:12]}-{row.id.hex()[12:16]}"
        event += f"-{row.id.hex()[16:20]}-{row.id.hex()[20:]}"
        ended = sunledger("trace", event, *DB, "--depth", 20)
        assert ended.code == 0, ended.err
        lines = ended.out.splitlines()
        assert lines[0].startswith(f"{row.position} {event} {row.type}, signed by lushan-")
        if row is appropriated:
            below = rf"^ +{settled.position} \S+ payment\.settled"
            assert re.search(below, ended.out, re.MULTILINE)
        assert re.search(
            r"^ +\d+ \S+ contract\.signed, signed by \S+ \S+: CN¥", ended.out, re.MULTILINE
        )
        assert "visit.recorded × " in ended.out
    chinese = sunledger("--lang", "zh", "trace", event, *DB)
    assert "签署" in chinese.out
    assert "signed by" not in chinese.out
    document = sunledger("trace", event, *DB, "--down", "--json").document
    assert document["event"]["moved_fen"] > 0
    assert document["down"][0]["type"] == "budget.allotted"
    assert "up" not in document


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("trace", "contract/none"), "there is no contract/none in this ledger"),
        (("trace", "payment/none"), "there is no payment/none in this ledger"),
        (("trace", "party/lushan-finance"), "party/lushan-finance has no figures"),
        (("trace", "contract/c-2025-01", "none"), "has no figure none; it has value,"),
        (("trace", "party/yangguang-care", "none"), "has no figure none; it has value,"),
        (("trace", "overview/1999"), "overview/1999 has no figures"),
        (("trace", "contract/c-2025-01", "paid", "--month", "2025-13"), "2025-13 is no month"),
        (("trace", "01934715-5280-7a1f-8498-000000000000"), "there is no event"),
        (("proof", "receivable", "none"), "nothing of a claim none was unpaid"),
        (("proof", "state", "contract/none"), "there was no contract/none at the last closing"),
    ],
)
def test_what_is_not_there_is_told(arguments: tuple[str, ...], told: str) -> None:
    """One sentence: what was asked for, and what can be."""
    ended = sunledger(*arguments, *DB)
    assert ended.code == 1
    assert told in ended.err


# -- check knows its files -----------------------------------------------------------------------


def test_check_knows_each_kind_by_its_content(tmp_path: Path) -> None:
    """Whatever a file is called; what is no proof is named, with what to do."""
    claim = sunledger(
        "proof", "state", "contract/c-2025-01", *DB, "--json", "--out", tmp_path / "1"
    )
    assert claim.document["later"] == {"events": 0, "ids": []}
    with open_store("sqlite:///demo/ledger.db") as store:
        event = next(row for row in store.events() if row.type == "claim.submitted").id.hex()
    name = "-".join((event[:8], event[8:12], event[12:16], event[16:20], event[20:]))
    assert sunledger("proof", name, *DB, "--out", tmp_path / "2").code == 0
    assert sunledger("proof", "history", "tender/t-2025-01", *DB, "--out", tmp_path / "3").code == 0
    leaf = sunledger("check", tmp_path / "1", *POLICY, "--json").document["events"][0]
    owed = re.search(r'"claim":"([^"]+)","disputed_fen":0,"status":"released"', leaf)
    assert owed is not None
    made = sunledger("proof", "receivable", owed[1], *DB, "--out", tmp_path / "4", "--json")
    assert made.document["subject"] == "contract/c-2025-01"
    for number in (1, 2, 3):
        ended = sunledger("check", tmp_path / str(number), *POLICY)
        assert ended.code == 0, ended.err
    stale = sunledger("check", tmp_path / "4", *POLICY)
    assert (stale.code, "hours old, and since its closing the sum may" in stale.err) == (1, True)
    taken = sunledger("check", tmp_path / "4", *POLICY, "--stale-ok")
    assert taken.code == 0, taken.err
    assert "yangguang-care" in taken.out
    assert "Only stated: this file shows no confirmation by both sides." in taken.out
    assert "It was assigned to nobody then." in taken.out
    assert "Stated by the operator, not checked by a replaying witness." in taken.out
    machine = sunledger("check", tmp_path / "4", *POLICY, "--stale-ok", "--json").document
    assert (machine["claim"], machine["assigned_to"]) == (owed[1], None)
    unanchored = sunledger("check", tmp_path / "3", "--policy", empty_policy(tmp_path))
    assert unanchored.code == 3, unanchored.err


def empty_policy(folder: Path) -> Path:
    """Return a policy that trusts nobody."""
    path = folder / "policy"
    path.write_text("quorum none\n")
    return path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"log ledger.example+x\n", "is a policy: it belongs behind `--policy`"),
        (b"sunledger/statement/v1\n", "is a statement file (.stmt)"),
        (b"SQLite format 3\0", "is a database: `sunledger verify` judges one"),
        (b"", "is neither a receipt nor a proof"),
        (b'{"a":1}', "is neither a receipt nor a proof"),
        (b"[1]", "is neither a receipt nor a proof"),
        (b"\xff\xfe", "is neither a receipt nor a proof"),
        (b'{"leaf":1}', "a state proof has the fields"),
        (b'{"leaf":1}\n', "a state proof has the fields"),
        (b'{"receipt":1}', "an event proof has the fields"),
        (b'{"claim":1}', "a receivable proof has the fields"),
        (b"c2sp.org/tlog-proof@v1\n", "name its statement file by `--statement`"),
    ],
)
def test_check_says_what_a_wrong_file_is(tmp_path: Path, content: bytes, told: str) -> None:
    """What is wrong, where, and what to do."""
    path = tmp_path / "file"
    path.write_bytes(content)
    ended = sunledger("check", path, *POLICY)
    assert ended.code == 1
    assert told in ended.err
