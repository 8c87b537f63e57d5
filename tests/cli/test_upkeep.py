"""`doctor` and `rebuild`: how read models stand, what stopped one, and where they are kept."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from shell import DATABASE, sunledger

from ledger.store.store import open_store

pytestmark = pytest.mark.usefixtures("ledger_folder")


PARTY = {
    "type": "party.registered",
    "party": "finance",
    "names": {"en": "Finance bureau"},
    "identifier": {"scheme": "local", "id": "finance"},
    "kind": "government",
}


def register() -> None:
    """Have a party registered: one event more."""
    Path("party.ndjson").write_text(json.dumps(PARTY))
    sign = ("sign", "party.ndjson", "--key", "city/office", "--out", "party.stmt")
    assert sunledger(*sign).code == 0
    assert sunledger("submit", "party.stmt").code == 0


def findings(*arguments: str) -> dict[str, tuple[str, str]]:
    """Return what the doctor says, by what it looked at."""
    told = sunledger("doctor", *arguments, "--json").document
    return {each["subject"]: (each["level"], each["sentence"]) for each in told}


def test_the_doctor_tells_how_far_read_models_lag() -> None:
    """In events and in seconds of recorded time, until the next `show`."""
    sunledger("show", "contract")
    register()
    level, sentence = findings()["read model contracts"]
    assert level == "warning"
    assert sentence.startswith("1 events and ")
    assert sentence.endswith(" s behind; the next `show` catches up.")
    sunledger("show", "contract")
    assert findings()["read model contracts"] == ("ok", "up to date.")


def test_the_doctor_and_a_rebuild_name_the_event_that_stopped_one() -> None:
    """The others go on; both commands fail, and say which event and why."""
    register()
    with open_store(f"sqlite:///{DATABASE}") as store:
        bad = next(row for row in store.events() if row.type == "party.registered").position
    with closing(sqlite3.connect(DATABASE)) as connection, connection:
        connection.execute("DROP TRIGGER event_refuses_update")
        connection.execute("UPDATE event SET body = x'7b7d' WHERE position = ?", (bad,))
    sunledger("show", "contract")
    level, sentence = findings()["read model contracts"]
    assert level == "wrong"
    assert sentence.startswith(f"It stopped before the event at position {bad}: its body is no ")
    assert sunledger("doctor").code != 0
    ended = sunledger("rebuild", "contracts")
    assert ended.code != 0
    assert f"contracts cannot fold the event at position {bad}" in ended.err


def test_read_models_are_kept_where_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """By option or variable; the ledger's own database gets no table of theirs."""
    where = ("--projections", "sqlite:///read.db")
    register()
    assert sunledger("show", "fund", *where).code == 0
    assert Path("read.db").exists()
    assert sunledger("rebuild", *where).code == 0
    assert {level for level, _ in findings("--deep", *where).values()} <= {"ok", "warning"}
    with closing(sqlite3.connect(DATABASE)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert not [name for (name,) in names if name.startswith(("funds_", "projection"))]
    monkeypatch.setenv("SUNLEDGER_PROJECTIONS", "sqlite:///other.db")
    assert sunledger("show", "payment").code == 0
    assert Path("other.db").exists()
