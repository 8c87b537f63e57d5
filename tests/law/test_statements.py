"""Attacks on a statement: what is changed after signing, or never was signed, stays outside."""

import pytest
import scenario
from snapshots import snapshot
from world import World, signer

from ledger.errors import LedgerError, Malformed, Refused, Unverified
from ledger.events import encode_event
from ledger.events.contract import ContractAmended, ContractPublished
from ledger.events.delivery import VisitRecorded, WorkerEnrolled
from ledger.events.parties import LedgerOpened
from ledger.note import SignatureLine, format_note, parse_note, sign_line
from ledger.opening import open_statement
from ledger.statement import (
    MAX_EVENTS,
    MAX_STATEMENT_BYTES,
    decode_entry,
    decode_statement_file,
    encode_entry,
    encode_statement_file,
    parse_statement,
    statement_text,
)
from ledger.times import MS_PER_DAY, MS_PER_MINUTE


def amendment(world: World) -> bytes:
    """Return a statement that needs both sides, signed by both."""
    return world.sign(world.make(ContractAmended, value_delta_fen=1_000), by="BUY/one PRO/one")


def with_lines(data: bytes, lines: list[SignatureLine]) -> bytes:
    """Return a statement file with other signature lines."""
    note, bodies = decode_statement_file(data)
    return encode_statement_file(format_note(parse_note(note).text, lines), bodies)


def lines_of(data: bytes) -> list[SignatureLine]:
    """Return a statement file's signature lines."""
    return list(parse_note(decode_statement_file(data)[0]).signatures)


def test_a_countersignature_cannot_be_stripped() -> None:
    """With one line fewer the statement names a signer that did not sign."""
    world = World.contracted()
    data = amendment(world)
    for line in lines_of(data):
        with scenario.refused(world) as caught:
            world.admit(with_lines(data, [line]))
        assert caught.value.code == "signatures_do_not_match_signers"
    world.admit(data)


def test_a_signature_cannot_be_added() -> None:
    """A third party's line, or a second one of a party that signed, was not called for."""
    world = World.contracted()
    data = amendment(world)
    text = parse_note(decode_statement_file(data)[0]).text
    for name in ("BUY/two", "FIN/one"):
        lines = sorted([*lines_of(data), sign_line(text, signer(name))], key=lambda it: it.name)
        with scenario.refused(world) as caught:
            world.admit(with_lines(data, lines))
        assert caught.value.code == "signatures_do_not_match_signers"


def test_a_one_sided_event_does_not_slip_into_a_bilateral_statement() -> None:
    """Every event calls for exactly the signers there are, wherever it stands."""
    world = World.contracted()
    both = world.make(ContractAmended)
    one = world.make(ContractPublished)
    for events, place in (([both, one], 1), ([one, both], 0)):
        refused = scenario.refusal(world, *events, by="BUY/one PRO/one")
        assert (refused.code, refused.event_index) == ("signers_not_as_called", place)


def test_a_signature_by_another_key_is_no_signature() -> None:
    """Neither another party's key under the name, nor another key of the party."""
    world = World.contracted()
    data = world.sign(world.make(WorkerEnrolled), by="PRO/one")
    text = parse_note(decode_statement_file(data)[0]).text
    (line,) = lines_of(data)
    for name in ("PR2/one", "PRO/two"):
        forged = SignatureLine(line.name, line.key_id, sign_line(text, signer(name)).signature)
        with pytest.raises(Unverified, match="PRO/one does not hold"):
            world.admit(with_lines(data, [forged]))
        renamed = SignatureLine(line.name, signer(name).verifier.key_id, forged.signature)
        with pytest.raises(Refused, match="key_unknown"):
            world.admit(with_lines(data, [renamed]))


def test_no_byte_of_a_statement_can_be_changed() -> None:
    """Every single flipped bit of the file is refused, and nothing of it is admitted."""
    world = World.contracted()
    data = world.sign(world.make(WorkerEnrolled), by="PRO/one")
    before = snapshot(world.state)
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 1 << (place % 7)
        with pytest.raises(LedgerError):
            world.admit(bytes(broken))
    assert snapshot(world.state) == before
    world.admit(data)


@pytest.mark.parametrize("change", ["drop", "add", "swap", "replace", "double"])
def test_the_events_are_exactly_those_that_were_signed(change: str) -> None:
    """None can be left out, added, moved or replaced after signing."""
    world = World.contracted()
    events = [world.make(VisitRecorded) for _ in range(3)]
    note, signed = decode_statement_file(world.sign(*events, by="PRO/one"))
    other = encode_event(world.make(VisitRecorded))
    bodies = {
        "drop": signed[:2],
        "add": (*signed, other),
        "swap": (signed[1], signed[0], signed[2]),
        "replace": (*signed[:2], other),
        "double": (signed[0], signed[0], signed[2]),
    }[change]
    with pytest.raises(Unverified):
        world.admit(encode_statement_file(note, bodies))


def test_a_statement_lives_for_thirty_days_and_no_clock_runs_five_minutes_ahead() -> None:
    """Both limits to the millisecond."""
    world = World.cast()
    for made_at_ms, code in (
        (world.now_ms - 30 * MS_PER_DAY - 1, "statement_expired"),
        (world.now_ms + 5 * MS_PER_MINUTE + 1, "statement_from_the_future"),
    ):
        data = world.sign(world.make(WorkerEnrolled), by="PRO/one", made_at_ms=made_at_ms)
        with scenario.refused(world) as caught:
            world.admit(data)
        assert caught.value.code == code
    oldest, newest = world.now_ms - 30 * MS_PER_DAY, world.now_ms + 1_000 + 5 * MS_PER_MINUTE
    world.admit(world.sign(world.make(WorkerEnrolled), by="PRO/one", made_at_ms=oldest))
    last = world.make(WorkerEnrolled, worker="w-2")
    world.admit(world.sign(last, by="PRO/one", made_at_ms=newest))


def test_the_genesis_comes_first_and_alone() -> None:
    """Nothing else opens a ledger, and no second one is opened inside it."""
    opening = World().make(LedgerOpened)
    world = World()
    with pytest.raises(Refused, match="genesis_expected"):
        world.do(opening, opening)
    late = World.opened()
    for events in ([opening], [late.make(WorkerEnrolled), opening]):
        with pytest.raises(Refused, match="genesis_expected"):
            late.do(*events, by="AUT/one AUT/two OPR/one")


def test_the_text_has_one_spelling() -> None:
    """Six lines, to the letter; every other way to write the same is refused."""
    world = World.cast()
    body = encode_event(world.make(WorkerEnrolled))
    text = statement_text(world.origin, world.now_ms, ["PRO", "FIN"], [body])
    origin, made_at, signers, count, root = text.split("\n")[1:6]
    spellings = [
        text.replace("v1", "v2", 1),
        text.replace(origin, "sunledger/city"),
        text.replace(origin, origin.upper()),
        text.replace(made_at, made_at.replace(".000Z", "Z")),
        text.replace(made_at, made_at.replace("Z", "+00:00")),
        text.replace(made_at, "2026-02-30T01:00:00.000Z"),
        text.replace(signers, "PRO FIN"),
        text.replace(signers, "FIN  PRO"),
        text.replace(signers, "FIN PRO "),
        text.replace(f"\n{count}\n", "\n01\n"),
        text.replace(f"\n{count}\n", "\n+1\n"),
        text.replace(f"\n{count}\n", "\n0\n"),
        text.replace(f"\n{count}\n", "\n1_0\n"),
        text.replace(f"\n{count}\n", f"\n{MAX_EVENTS + 1}\n"),
        text.replace(f"\n{count}\n", "\n١\n"),
        text.replace(root, root[:-1]),
        text.replace(root, root[:-2] + "B="),
        text.replace(root, root.replace(root[0], "-", 1)),
        text + "\n",
        text + "more\n",
    ]
    for spelling in spellings:
        assert spelling != text
        signed = format_note(spelling, [sign_line(spelling, signer(n)) for n in ("FIN/one",)])
        with pytest.raises(Malformed):
            parse_statement(signed)


def test_signers_and_lines_are_in_order_and_few() -> None:
    """Lines stand in the order of key names, at most sixteen."""
    world = World.contracted()
    data = amendment(world)
    with pytest.raises(Malformed, match="order"):
        world.admit(with_lines(data, lines_of(data)[::-1]))
    body = encode_event(world.make(WorkerEnrolled))
    text = statement_text(world.origin, world.now_ms, ["PRO"] * 17, [body])
    names = sorted(f"PRO/{n}" for n in range(17))
    many = format_note(text, [sign_line(text, signer(name)) for name in names])
    with pytest.raises(Malformed, match="16 signatures"):
        parse_statement(many)


@pytest.mark.parametrize(
    "name", ["PRO", "PRO/one/two", "/one", "PRO/", "sunledger/one", "cosignature/one", "PRÖ/one"]
)
def test_a_key_name_is_a_party_and_a_label(name: str) -> None:
    """Anything else, or a reserved word, could be taken for another signed text."""
    world = World.cast()
    body = encode_event(world.make(WorkerEnrolled))
    text = statement_text(world.origin, world.now_ms, ["PRO"], [body])
    note = format_note(text, [sign_line(text, signer(name))])
    with pytest.raises((Malformed, Refused)):
        open_statement(note, [body], world.find_key)


def test_a_statement_file_is_limited_before_it_is_split() -> None:
    """Too many bytes, too many lines, no note, no last newline."""
    data = World.cast().sign(World.cast().make(WorkerEnrolled), by="PRO/one")
    note, _ = decode_statement_file(data)
    for broken in (
        data + b"x" * MAX_STATEMENT_BYTES,
        note + b"\n" + b"\n" * (MAX_EVENTS + 1),
        data[:-1],
        note,
        b"",
        b"\n\n",
        b"\n\n\n\n",
    ):
        with pytest.raises(Malformed):
            World.cast().admit(broken)


def test_an_entry_gives_its_time_and_note_back() -> None:
    """`recorded` and the note, verbatim; anything else is no entry."""
    data = World.cast().sign(World.cast().make(WorkerEnrolled), by="PRO/one")
    note, _ = decode_statement_file(data)
    entry = encode_entry(1_767_139_200_123, note)
    assert entry.startswith(b"recorded 2025-12-31T00:00:00.123Z\n")
    assert decode_entry(entry) == (1_767_139_200_123, note)
    for broken in (b"recorded now\n" + note, note, entry.replace(b"Z", b"z", 1), entry[1:]):
        with pytest.raises(Malformed):
            decode_entry(broken)
    with pytest.raises(Malformed):
        encode_entry(0, b"x" * 65_535)
