r"""State proofs: how a contract or a fund line stood at a closing, provable offline.

**State proof** (`.stateproof.json`), canonical JSON:

    {"closing":{…an event proof of the ledger.closed…},
     "leaf":"{\"chain\":\"4da6…\",\"key\":\"contract/c-1\", …}",
     "leaf_index":7,
     "path":["FEmwey9nEE…="]}

`leaf` is the subject's leaf (`ledger.leaves`); with `path` it gives the state root that the closing
states; and the event proof shows that the operator signed that closing and where it stands in the
log. With the count and the rolling hash in the leaf it tells how many events there are: whoever
holds them all can show that nothing was left out (`chain_of`).

It is as good as whoever replayed: a replaying witness cosigns a checkpoint only after it has
recomputed every closing below it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ledger import canonical
from ledger.errors import LedgerError, Malformed, Unverified
from ledger.events import decode_event
from ledger.events.closing import LedgerClosed
from ledger.merkle import check_inclusion, leaf_hash, leaf_hashes, prove_inclusion_among
from ledger.note import decode_base64, encode_base64
from ledger.policy import Policy
from ledger.proof import MAX_PROOF_BYTES, Checked, check_event_proof

_FIELDS = frozenset({"closing", "leaf", "leaf_index", "path"})


class CheckedState(NamedTuple):
    """What a state proof shows.

    Attributes:
        leaf: the subject's leaf, as JSON.
        key: its key.
        log_size: statements that the state reflects.
        closing: where its closing stands, and who vouches for it.

    """

    leaf: bytes
    key: str
    log_size: int
    closing: Checked


def make_state_proof(closing_proof: bytes, leaves: Sequence[bytes], key: str) -> bytes:
    """Return the proof of the leaf with this key under the closing that `closing_proof` proves.

    Raises:
        LedgerError: there is no such leaf.

    """
    for _, proof in make_state_proofs(closing_proof, leaves, lambda found: found == key):
        return proof
    raise LedgerError(f"there was no {key} at the last closing")


def make_state_proofs(
    closing_proof: bytes, leaves: Sequence[bytes], wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Yield key and proof of each leaf whose key is wanted, in the order of the leaves.

    Cost: hashing all leaves once, and half of them again for each proof.
    """
    closing, hashes = canonical.decode(closing_proof, MAX_PROOF_BYTES), leaf_hashes(leaves)
    for place, leaf in enumerate(leaves):
        key = canonical.decode(leaf)["key"]
        if wanted(key):
            proof = {
                "closing": closing,
                "leaf": leaf.decode(),
                "leaf_index": place,
                "path": [encode_base64(each) for each in prove_inclusion_among(hashes, place)],
            }
            yield key, canonical.encode(proof, MAX_PROOF_BYTES)


def check_state_proof(data: bytes, policy: Policy | None) -> CheckedState:
    """Check a state proof; works offline.

    Raises:
        Malformed: it is not in its form.
        Unverified: it does not show what it claims.
        Refused: the closing's signatures are not those it calls for.

    """
    proof = canonical.decode(data, MAX_PROOF_BYTES)
    if not isinstance(proof, dict) or proof.keys() != _FIELDS:
        names = ", ".join(sorted(_FIELDS))
        raise Malformed(f"a state proof has the fields {names} and no other")
    leaf_text, place, path = proof["leaf"], proof["leaf_index"], proof["path"]
    if not isinstance(leaf_text, str) or type(place) is not int:
        raise Malformed("a state proof's leaf is a text, and its place a number")
    if not isinstance(path, list) or not all(isinstance(each, str) for each in path):
        raise Malformed("the path is not a list of hashes")
    checked = check_event_proof(canonical.encode(proof["closing"], MAX_PROOF_BYTES), policy)
    closing = decode_event(checked.bodies[0])
    if not isinstance(closing, LedgerClosed):
        raise Unverified("the event proved is no closing")
    if closing.log_size != checked.index:
        raise Unverified(f"the closing of {closing.log_size} statements stands at {checked.index}")
    leaf = leaf_text.encode()
    root, hashes = bytes.fromhex(closing.state_root), [decode_base64(each) for each in path]
    check_inclusion(leaf_hash(leaf), place, closing.state_size, hashes, root)
    told = canonical.decode(leaf)
    if (told["origin"], told["size"]) != (checked.origin, closing.log_size):
        raise Unverified("the leaf is of another log or size than its closing")
    return CheckedState(leaf, told["key"], closing.log_size, checked)
