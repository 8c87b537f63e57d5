"""History proofs: complete or refused, and every figure in them recomputed offline."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from histories import busy_city, keep, unusual_contract
from replay.histories import LEDGER_KEY, policy_of
from world import World

from ledger import canonical
from ledger.errors import LedgerError, Malformed, Unverified
from ledger.evidence.history import history_until
from ledger.evidence.standing import last_closing
from ledger.evidence.stored import StoreEvidence
from ledger.figures import FIGURES, Moved
from ledger.historyproof import check_history_proof, make_history_proof
from ledger.policy import Policy
from ledger.proof import make_event_proof
from ledger.rules.admission import replay_statement
from ledger.snapshot import Taken, seal_snapshot
from ledger.state.tables import encode_state
from ledger.stateproof import make_state_proof
from ledger.store.histories import count_after, ids_after, opening_of
from ledger.store.reading import Reader
from ledger.store.rows import Head
from ledger.store.store import Store
from ledger.tracing.adding import figures_of


class Proved(NamedTuple):
    """A ledger's proofs of histories, by subject, as lines, and the policy they are checked by."""

    proofs: dict[str, list[bytes]]
    figures: dict[str, dict[str, int]]
    policy: Policy


def city() -> World:
    """Return a year in small, closed."""
    world = busy_city()
    unusual_contract(world)
    world.do(world.closed())
    return world


def prove(reader: Reader, key: str) -> list[bytes]:
    """Return the lines of a history proof, as of the last closing."""
    closing = last_closing(reader)
    proof = make_event_proof(StoreEvidence(reader), closing.event_id)
    state = make_state_proof(proof, closing.leaves, key)
    opening = None
    if key.startswith("contract/"):
        opening = make_event_proof(StoreEvidence(reader), opening_of(reader).id)
    return list(make_history_proof(state, history_until(reader, key, closing.position), opening))


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Proved:
    """Prove every subject of a city."""
    world = city()
    with keep(f"sqlite:///{tmp_path_factory.mktemp('city')}/ledger.db", world).ledger as ledger:
        store = ledger.store
        keys = [subject.key for subject in store.subjects()]
        figures = {key: figures_of(store, key, key) for key in keys if key.split("/")[0] in FIGURES}
        for key in keys:
            if key.startswith("contract/"):
                figures[key] |= figures_of(store, key, key, {"delivered"})
        return Proved({key: prove(store, key) for key in keys}, figures, policy_of(world))


def test_every_subject_s_history_is_proved_with_every_figure(proved: Proved) -> None:
    """From the file and the policy alone: all events, and the figures that `trace` gives."""
    assert {key.split("/")[0] for key in proved.proofs} >= {"contract", "line", "party", "tender"}
    for key, lines in proved.proofs.items():
        checked = check_history_proof(lines, proved.policy)
        assert checked.state.closing.verdict == "OK"
        assert checked.state.key == key
        opening = key.startswith("contract/")
        assert checked.events == sum(line.startswith(b"{") for line in lines[1 + opening :])
        shown = {each.name: each.value for each in checked.figures}
        expected = proved.figures.get(key, {})
        assert shown == {name: value for name, value in expected.items() if name in shown}
        assert all(value == 0 for name, value in expected.items() if name not in shown)


def test_what_each_figure_follows_from_is_said(proved: Proved) -> None:
    """Stated amounts and counts from the events, balances from the closing, the value from both."""
    checked = check_history_proof(proved.proofs["contract/c-1"], proved.policy)
    grounds = {each.name: (each.ground, each.unit) for each in checked.figures}
    assert grounds["value"] == ("both", "fen")
    assert grounds["visits"] == ("events", "count")
    assert grounds["cut"] == ("events", "fen")
    assert grounds["paid"] == grounds["line-1/paid"] == ("closing", "fen")
    payments = {name: each["principal"] for name, each in checked.payments.items()}
    assert set(payments) == {"p-1", "p-2"}
    assert payments["p-1"] == payments["p-2"] > 0


def test_visits_are_proved_by_their_days_and_claims_by_their_events(proved: Proved) -> None:
    """By the month of the visit, of everybody or of one person; and what is owed of each claim."""
    lines = proved.proofs["contract/c-1"]
    checked = check_history_proof(lines, proved.policy, None)
    values = {each.name: each.value for each in checked.figures}
    visits = {name: n for name, n in values.items() if name.startswith("delivered/")}
    assert sum(n for name, n in visits.items() if name.endswith("/visits")) == values["visits"] == 7
    people = {name for name in values if name.startswith("person/")}
    (person,) = {name.split("/")[1] for name in people}
    for asked, told in (((), set()), ((person,), people), (("nobody",), set())):
        found = check_history_proof(lines, proved.policy, asked)
        assert {each.name for each in found.figures if each.name.startswith("person/")} == told
    owed = checked.claims["k-1"]
    assert (owed["cut"], owed["disputed"]) == (100, 250)
    assert owed["payable"] == owed["claimed"] - 350 - owed["retained"] == owed["paid"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda *_: [], None),
        (lambda opening, _: [opening, opening], "line 3"),
        (lambda _, closing: [closing], "is not the ledger's opening"),
    ],
)
def test_only_the_ledger_s_opening_says_when_days_begin(
    proved: Proved,
    change: Callable[[bytes, bytes], list[bytes]],
    told: str | None,
) -> None:
    """Without it nothing is counted by days; in its place nothing else is taken."""
    first, opening, *rest = proved.proofs["contract/c-1"]
    closing = canonical.encode(canonical.decode(first.strip())["closing"]) + b"\n"
    lines = [first, *change(opening, closing), *rest]
    if told is None:
        names = {each.name for each in check_history_proof(lines, proved.policy).figures}
        assert not any(name.startswith("delivered/") for name in names)
    else:
        with pytest.raises((Malformed, Unverified), match=told):
            check_history_proof(lines, proved.policy)


def test_without_a_policy_nothing_is_anchored(proved: Proved) -> None:
    """Complete, but nobody said whose ledger counts."""
    checked = check_history_proof(proved.proofs["line/line-1"], None)
    assert checked.state.closing.verdict == "consistent, not anchored"


def test_both_databases_give_one_proof(proved: Proved, database_url: str) -> None:
    """The same bytes from SQLite and PostgreSQL, and what came after the closing is told."""
    world = city()
    world.amend("c-1", 5)
    with keep(database_url, world).ledger as ledger:
        store = ledger.store
        checked = check_history_proof(prove(store, "contract/c-1"), proved.policy)
        assert checked.events == check_history_proof(proved.proofs["contract/c-1"], None).events
        position = last_closing(store).position
        (later,) = ids_after(store, "contract/c-1", position)
        assert count_after(store, "contract/c-1", position) == 1
        assert later == world.last["contract.amended"]
        assert ids_after(store, "contract/none", 0) == []
        assert count_after(store, "contract/none", 0) == 0


# -- a history with something wrong --------------------------------------------------------------


def without_an_event(lines: list[bytes]) -> list[bytes]:
    """Leave a visit out."""
    at = next(at for at, line in enumerate(lines) if b'"visit.recorded"' in line)
    return [*lines[:at], *lines[at + 1 :]]


def cut_off(lines: list[bytes]) -> list[bytes]:
    """Leave the end out."""
    return lines[:-4]


def with_an_event_twice(lines: list[bytes]) -> list[bytes]:
    """Add an event once more at the end."""
    return [*lines, lines[1]]


def swapped(lines: list[bytes]) -> list[bytes]:
    """Swap two visits."""
    at = next(at for at, line in enumerate(lines) if b'"visit.recorded"' in line)
    return [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]


def with_other_units(lines: list[bytes]) -> list[bytes]:
    """Change what a visit says."""
    return [line.replace(b'"units":1,', b'"units":2,') for line in lines]


def _replaced(lines: list[bytes], change: Moved) -> list[bytes]:
    at = next(at for at, line in enumerate(lines) if line.startswith(b"["))
    return [*lines[:at], canonical.encode(list(change)) + b"\n", *lines[at + 1 :]]


def _first_posting(lines: list[bytes]) -> Moved:
    values = canonical.decode(next(line for line in lines if line.startswith(b"["))[:-1])
    return Moved(*values)


def with_a_fen_more(lines: list[bytes]) -> list[bytes]:
    """Let a posting move a fen more."""
    first = _first_posting(lines)
    return _replaced(lines, first._replace(amount_fen=first.amount_fen + 1))


def with_another_account(lines: list[bytes]) -> list[bytes]:
    """Let a posting credit another account."""
    return _replaced(lines, _first_posting(lines)._replace(credit="paid"))


def with_another_line(lines: list[bytes]) -> list[bytes]:
    """Let a posting be on a line that the contract does not have."""
    return _replaced(lines, _first_posting(lines)._replace(line="line-9"))


def with_another_contract(lines: list[bytes]) -> list[bytes]:
    """Let a posting be about another contract."""
    return _replaced(lines, _first_posting(lines)._replace(about="c-2"))


def with_no_account(lines: list[bytes]) -> list[bytes]:
    """Let a posting credit what is no account."""
    return _replaced(lines, _first_posting(lines)._replace(credit="purse"))


def without_a_posting(lines: list[bytes]) -> list[bytes]:
    """Leave a posting out."""
    at = next(at for at, line in enumerate(lines) if line.startswith(b"["))
    return [*lines[:at], *lines[at + 1 :]]


def with_a_posting_first(lines: list[bytes]) -> list[bytes]:
    """Put a posting where no event is."""
    posting = next(line for line in lines if line.startswith(b"["))
    return [lines[0], posting, *lines[1:]]


def without_a_line_s_end(lines: list[bytes]) -> list[bytes]:
    """Take the last byte away."""
    return [*lines[:-1], lines[-1][:-1]]


def with_a_short_posting(lines: list[bytes]) -> list[bytes]:
    """Give a posting four values."""
    return [b'["a","b","c",1]\n' if line.startswith(b"[") else line for line in lines]


def with_a_text_for_fen(lines: list[bytes]) -> list[bytes]:
    """Give a posting's amount as a text."""
    return [b'["a","b","c","d","1"]\n' if line.startswith(b"[") else line for line in lines]


FORGERIES = (
    (without_an_event, Unverified, "left out"),
    (cut_off, Unverified, "cut off"),
    (with_an_event_twice, Unverified, "one more"),
    (swapped, Unverified, "not in their order"),
    (with_other_units, Unverified, "not those of contract/c-1"),
    (with_a_fen_more, Unverified, "come to"),
    (with_another_account, Unverified, "come to"),
    (with_another_line, Unverified, "come to"),
    (with_another_contract, Unverified, "not about contract/c-1"),
    (with_no_account, Malformed, "chart"),
    (without_a_posting, Unverified, "come to"),
    (with_a_posting_first, Malformed, "line 2: "),
    (without_a_line_s_end, Malformed, "cut off"),
    (with_a_short_posting, Malformed, "5 values"),
    (with_a_text_for_fen, Malformed, "four names"),
)


@pytest.mark.parametrize(("forge", "error", "told"), FORGERIES)
def test_a_forged_history_is_refused(
    proved: Proved, forge: object, error: type[LedgerError], told: str
) -> None:
    """Nothing can be left out, added, moved or changed, and no posting brought out of balance."""
    assert callable(forge)
    lines = forge(list(proved.proofs["contract/c-1"]))
    with pytest.raises(error, match=told):
        check_history_proof(lines, proved.policy)


def test_another_subject_s_leaf_proves_no_history(proved: Proved) -> None:
    """The leaf of one contract does not go with the events of another."""
    mine, other = proved.proofs["contract/c-1"], proved.proofs["contract/c-2"]
    with pytest.raises(Unverified):
        check_history_proof([other[0], *mine[1:]], proved.policy)


def test_a_bit_of_every_fiftieth_byte_counts(proved: Proved) -> None:
    """One flipped bit anywhere, in the leaf, an event or a posting, is found."""
    true = b"".join(proved.proofs["contract/c-2"])
    check_history_proof(true.splitlines(keepends=True), proved.policy)
    for at in range(0, len(true), 50):
        false = true[:at] + bytes([true[at] ^ 1 << at // 50 % 8]) + true[at + 1 :]
        with pytest.raises(LedgerError):
            check_history_proof(false.splitlines(keepends=True), proved.policy)


def test_a_history_is_checked_line_by_line(proved: Proved) -> None:
    """What is read is not kept: a wrong event count stops the reading at once."""
    lines = proved.proofs["contract/c-1"]
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield from lines
        while True:
            taken += 1
            yield lines[1]

    with pytest.raises(Unverified, match="one more"):
        check_history_proof(endless(), proved.policy)
    assert taken <= 2


def test_an_empty_file_is_no_proof(proved: Proved) -> None:
    """Nothing proves nothing."""
    with pytest.raises(Malformed):
        check_history_proof([], proved.policy)


# -- where the leaves come from ------------------------------------------------------------------


def keep_snapshot(store: Store, world: World, closed_at: int, *, forged: bool = False) -> None:
    """Keep the state before a closing, as the ledger would; or another one, well signed."""
    before = World(world.origin)
    for recorded_ms, data in world.statements[: closed_at - forged]:
        before.now_ms = recorded_ms
        before.admit(data)
    head = Head(world.origin, closed_at, len(before.journal))
    taken = Taken(head, bytes(32), encode_state(before.state))
    store.put_snapshot(seal_snapshot(taken, LEDGER_KEY))


@pytest.mark.parametrize("forged", [False, True])
def test_a_snapshot_spares_the_replay_and_can_make_nothing_wrong(
    database_url: str, monkeypatch: pytest.MonkeyPatch, *, forged: bool
) -> None:
    """From the state kept at the closing, or at an earlier one, the same leaves; from none other.

    A state that is not what the history gives is left alone: everything is replayed.
    """
    world = city()
    first = len(world.statements) - 1
    world.amend("c-1", 5)
    world.do(world.closed())
    replayed = 0

    def counted(*arguments: object) -> None:
        nonlocal replayed
        replayed += 1
        replay_statement(*arguments)  # type: ignore[arg-type]  # as they come

    monkeypatch.setattr("ledger.evidence.standing.replay_statement", counted)
    with keep(database_url, world).ledger as ledger:
        store, last = ledger.store, len(world.statements) - 1
        whole = last_closing(store)
        assert (replayed, whole.size) == (last, last)
        for kept_at, steps in ((last, 0), (first, 2)):
            replayed = 0
            keep_snapshot(store, world, kept_at, forged=forged)
            assert last_closing(store) == whole
            assert replayed >= last if forged else replayed == steps
