"""Closings: only the truth is admitted, and a leaf proves it offline, complete."""

import hashlib
import json
from collections.abc import Callable

import pytest
import scenario
from world import ORIGIN, World, signer

from ledger import canonical
from ledger.errors import LedgerError, Malformed, Unverified
from ledger.events import Event, decode_event, type_of
from ledger.events.closing import LedgerClosed
from ledger.events.parties import KeyRecovered, KeyRevoked, Limits
from ledger.leaves import standing_of
from ledger.merkle import Subtree, Tree, leaf_hash
from ledger.note import sign_note
from ledger.opening import vkey_of
from ledger.policy import Policy
from ledger.proof import Located, make_event_proof
from ledger.rules.admission import Admitted
from ledger.state.subject import chain_of
from ledger.statement import decode_statement_file, encode_entry
from ledger.stateproof import check_state_proof, make_state_proof
from ledger.times import MS_PER_DAY, format_instant, parse_instant
from ledger.tlog import Checkpoint


def test_only_the_truth_is_admitted() -> None:
    """A closing with any figure that the state does not give is refused, and so is a stranger's.

    outcome               | by      | event            | fields
    closing_out_of_turn   |         | ledger.closed    | log_size=3
    closing_differs       |         | ledger.closed    | state_size=3
    closing_differs       |         | ledger.closed    | counts={"contracts":2,"keys":19,\
"lines":2,"parties":10,"tenders":1}
    closing_differs       |         | ledger.closed    | \
state_root=abababababababababababababababababababababababababababababababab
    signer_lacks_role     | AUT/one | ledger.closed    |
    signers_not_as_called | AUT/one OPR/one | ledger.closed |
    ok                    |         | ledger.closed    |
    ok                    |         | ledger.closed    |
    ok                    |         | visit.recorded   |
    ok                    |         | ledger.closed    |
    ok                    |         | claim.submitted  |
    later                 |         |                  | 21
    clock_overdue         |         | ledger.closed    |
    ok                    |         | claim.deemed_accepted |
    ok                    |         | ledger.closed    |
    """
    scenario.play(World.contracted(), test_only_the_truth_is_admitted.__doc__)


def test_every_total_of_the_trial_balance_is_judged() -> None:
    """One fen more on any account is refused."""
    world = World.contracted()
    closing = world.closed()
    for account, total_fen in closing.trial_balance.items():
        wrong = {**closing.trial_balance, account: total_fen + 1}
        event = world.make(
            LedgerClosed,
            log_size=closing.log_size,
            state_root=closing.state_root,
            state_size=closing.state_size,
            trial_balance=wrong,
            counts=closing.counts,
        )
        assert scenario.refusal(world, event).code == "closing_differs"


def test_the_keys_of_a_leaf_are_those_in_force_when_it_was_closed() -> None:
    """A recovery's end comes without an event; a key in doubt is not in force."""
    world = World.cast()
    world.do(world.make(KeyRecovered))
    new_key = world.state.keys["PRO/new"]

    def names() -> list[str]:
        leaves = standing_of(world.state, len(world.statements), world.now_ms).leaves
        (leaf,) = [json.loads(each) for each in leaves if b'"key":"party/PRO"' in each]
        assert world.do(world.closed())  # the rule computes by the recorded time
        return [vkey.partition("+")[0] for vkey in leaf["keys"]]

    assert names() == ["PRO/one", "PRO/two"]
    world.now_ms = new_key.from_ms - 1
    assert names() == ["PRO/one", "PRO/two"]
    world.now_ms = new_key.from_ms
    assert names() == ["PRO/new", "PRO/one"]
    since = format_instant(world.now_ms - 29 * MS_PER_DAY)
    world.key("PRO/x", by="PRO/one")
    world.do(
        world.make(KeyRevoked, vkey=str(signer("PRO/one").verifier), since=since), by="AUT/one"
    )
    assert names() == ["PRO/new"]


def test_the_leaves_say_what_the_ledger_holds() -> None:
    """Each subject has one leaf, in the order of keys, with its accounts, count and chain."""
    world = World.contracted(retention_ppm=50_000)
    world.visits("c-1", days=3)
    world.claim("k-1", "c-1")
    world.answer("k-1", disputed=[1_000])
    standing = standing_of(world.state, len(world.statements), world.now_ms)
    leaves = [json.loads(leaf) for leaf in standing.leaves]
    keys = [leaf["key"] for leaf in leaves]
    assert keys == sorted(world.state.subjects)
    assert {leaf["origin"] for leaf in leaves} == {ORIGIN}
    assert {leaf["size"] for leaf in leaves} == {len(world.statements)}
    contract = leaves[keys.index("contract/c-1")]
    assert contract["claims"] == [
        {"claim": "k-1", "disputed_fen": 1_000, "status": "answered", "unpaid_fen": 13_300}
    ]
    assert [(line["line"], line["accrued"], line["retained"]) for line in contract["lines"]] == [
        ("line-1", 7_980, 420),
        ("line-2", 5_320, 280),
    ]
    assert leaves[keys.index("line/line-1")]["accrued"] == 7_980
    assert leaves[keys.index("party/PRO")]["roles"] == ["provider"]
    assert len(leaves[keys.index("party/PRO")]["keys"]) == 2
    assert leaves[keys.index("tender/t-c-1")]["status"] == "published"
    assert sum(standing.trial_balance[a] for a in ("cash", "service_expense")) == sum(
        standing.trial_balance[a] for a in ("equity", "payable", "retention_payable")
    )


def test_count_and_chain_show_that_nothing_was_left_out() -> None:
    """The leaf hashes of a subject's events, in order, give its chain; without one they do not."""
    world = World.contracted()
    world.visits("c-1", days=4)
    touching = []
    for recorded, admitted in zip(world.statements, _by_statement(world), strict=True):
        bodies = decode_statement_file(recorded.data)[1]
        for body, each in zip(bodies, admitted, strict=True):
            if "contract/c-1" in [key for key, _ in each.touched]:
                touching.append(leaf_hash(body))
    subject = world.state.subjects["contract/c-1"]
    assert len(touching) == subject.events
    assert chain_of("contract/c-1", touching) == subject.chain
    assert chain_of("contract/c-1", touching[:-1]) != subject.chain


def test_a_state_proof_holds_offline_and_no_forged_one_does() -> None:
    """The leaf leads to the closing's root, the closing to the ledger's checkpoint."""
    world = World.contracted()
    world.visits("c-1", days=2)
    leaves = standing_of(world.state, len(world.statements), world.now_ms).leaves
    closing = world.closed()
    world.do(closing)
    evidence = _Evidence(world)
    proof = make_state_proof(make_event_proof(evidence, closing.id), leaves, "contract/c-1")
    genesis = leaf_hash(evidence.entries[0])
    policy = Policy.of(signer(ORIGIN).verifier, genesis)
    checked = check_state_proof(proof, policy)
    assert (checked.key, checked.log_size) == ("contract/c-1", len(world.statements) - 1)
    assert checked.closing.verdict == "OK"
    assert check_state_proof(proof, None).closing.verdict == "consistent, not anchored"
    value = canonical.decode(proof)
    forgeries = {
        "a fen more": {**value, "leaf": value["leaf"].replace('"value_fen":1', '"value_fen":2')},
        "another place": {**value, "leaf_index": value["leaf_index"] + 1},
        "another leaf": {**value, "leaf": leaves[1].decode()},
        "a shorter path": {**value, "path": value["path"][1:]},
    }
    for forged in forgeries.values():
        with pytest.raises(Unverified):
            check_state_proof(canonical.encode(forged), policy)
    other = next(event.id for event in _events(world) if type_of(event) == "contract.signed")
    swapped = canonical.decode(make_event_proof(evidence, other))
    with pytest.raises(Unverified, match="no closing"):
        check_state_proof(canonical.encode({**value, "closing": swapped}), policy)
    for broken in ({**value, "path": "x"}, {**value, "leaf": 1}, {"leaf": "x"}):
        with pytest.raises(Malformed):
            check_state_proof(canonical.encode(broken), policy)
    with pytest.raises(LedgerError, match="contract/none"):
        make_state_proof(make_event_proof(evidence, closing.id), leaves, "contract/none")


def _by_statement(world: World) -> list[list[Admitted]]:
    journal = iter(world.journal)
    return [
        [next(journal) for _ in decode_statement_file(each.data)[1]] for each in world.statements
    ]


def _events(world: World) -> list[Event]:
    bodies = [body for each in world.statements for body in decode_statement_file(each.data)[1]]
    return [decode_event(body) for body in bodies]


class _Evidence:
    """A world's history, to make proofs from; its tree is computed naively."""

    def __init__(self, world: World) -> None:
        self.files = [decode_statement_file(each.data) for each in world.statements]
        times = [each.recorded_ms for each in world.statements]
        notes = [note for note, _ in self.files]
        self.entries = [encode_entry(ms, note) for ms, note in zip(times, notes, strict=True)]

    def checkpoint(self, _index: int) -> bytes:
        tree = Tree()
        for entry in self.entries:
            tree.append(leaf_hash(entry))
        text = Checkpoint(ORIGIN, tree.size, tree.root()).encode()
        return sign_note(text, signer(ORIGIN))

    def subtree(self, _size: int) -> Subtree:
        def hash_of(level: int, index: int) -> bytes:
            if level == 0:
                return leaf_hash(self.entries[index])
            left, right = hash_of(level - 1, 2 * index), hash_of(level - 1, 2 * index + 1)
            return hashlib.sha256(b"\x01" + left + right).digest()

        return hash_of

    def locate(self, event_id: str) -> Located | None:
        return self._find(lambda event: event.id == event_id)

    def locate_key(self, vkey_name: str) -> Located | None:
        return self._find(lambda event: vkey_of(event, vkey_name) is not None)

    def _find(self, is_it: Callable[[Event], bool]) -> Located | None:
        for index, (_, bodies) in enumerate(self.files):
            for number, body in enumerate(bodies):
                if is_it(decode_event(body)):
                    return Located(index, self.entries[index], bodies, number)
        return None


def test_the_roles_of_a_leaf_are_those_in_force_when_it_was_closed() -> None:
    """A role that expires does so without an event, after its last local day."""
    world = World.cast()
    world.grant("PRO", "evaluator", limits=Limits(expires="2026-03-01"))
    end_ms = parse_instant("2026-03-01T16:00:00.000Z")
    for now_ms, roles in ((end_ms - 1, ["evaluator", "provider"]), (end_ms, ["provider"])):
        world.now_ms = now_ms
        leaves = standing_of(world.state, len(world.statements), world.now_ms).leaves
        (leaf,) = [json.loads(each) for each in leaves if b'"key":"party/PRO"' in each]
        assert leaf["roles"] == roles
        world.do(world.closed())  # the rule computes by the recorded time
