"""Requests for cosignatures (C2SP tlog-witness): how they are read, and what a witness asks."""

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cosigning import (
    MAX_REQUEST_BYTES,
    NOTHING,
    NotCosigned,
    Request,
    Seen,
    check_extends,
    open_request,
)
from ledger.errors import Malformed
from ledger.merkle import EMPTY_ROOT, leaf_hash, prove_consistency, root_of
from ledger.note import Ed25519Signer, encode_base64, parse_note, sign_note
from ledger.tlog import MAX_PATH, MAX_SIZE, Checkpoint

LOG = Ed25519Signer("ledger.example.gov.cn", bytes([3]) * 32)
OTHER = Ed25519Signer("other.example", bytes([4]) * 32)
LEAVES = [leaf_hash(b"%d" % n) for n in range(70)]
FORKED = [*LEAVES[:40], leaf_hash(b"another"), *LEAVES[41:]]

# The example of the C2SP page, with the signatures and hashes that stand there.
EXAMPLE = (
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n"
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q"
    "1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V626"
    "7UEjw6QUXTS5Rovnzv++qbSzm9Q=\n"
).encode()


def root(size: int, leaves: list[bytes] = LEAVES) -> bytes:
    """Return the root over the first `size` leaves."""
    return root_of(leaves[:size])


def proof(old_size: int, size: int, leaves: list[bytes] = LEAVES) -> tuple[bytes, ...]:
    """Return the consistency proof between two sizes, computed from all leaves."""
    if not 0 < old_size <= size:
        return ()
    nodes = prove_consistency(old_size, size, lambda level, n: root_of(_span(leaves, level, n)))
    return tuple(nodes)


def _span(leaves: list[bytes], level: int, n: int) -> list[bytes]:
    return leaves[n << level : (n + 1) << level]


def asked(
    old_size: int,
    size: int,
    *,
    leaves: list[bytes] = LEAVES,
    path: tuple[bytes, ...] | None = None,
    key: Ed25519Signer = LOG,
    origin: str = LOG.verifier.name,
) -> bytes:
    """Return a request, true unless told otherwise."""
    note = sign_note(Checkpoint(origin, size, root(size, leaves)).encode(), key)
    return Request(old_size, proof(old_size, size) if path is None else path, note).encode()


def declined(data: bytes, seen: Seen = NOTHING) -> NotCosigned | None:
    """Judge a request; return why it is declined, or None when it is not."""
    try:
        check_extends(open_request(data, [LOG.verifier]), seen)
    except NotCosigned as error:
        return error
    return None


def test_the_example_of_the_standard_reads_and_is_written_back() -> None:
    """The published request has a size, four hashes, and a checkpoint with two signatures."""
    request = Request.parse(EXAMPLE)
    assert (request.old_size, len(request.path)) == (20_852_014, 4)
    checkpoint = Checkpoint.parse(parse_note(request.checkpoint).text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert request.encode() == EXAMPLE


@pytest.mark.parametrize("file", ["checkpoint.witness", "checkpoint.cosigned-by-mirror"])
def test_a_published_checkpoint_can_be_asked_for(file: str) -> None:
    """Sunlight's cosigned checkpoints, with lines of algorithms unknown here, survive a request."""
    note = (needs.data("tlog/sunlight-cosig") / file).read_bytes()
    request = Request.parse(Request(256, (bytes(32),), note).encode())
    assert request.checkpoint == note
    assert parse_note(request.checkpoint).text.startswith("rome2026h1.example.org\n300\n")


@given(
    st.integers(0, MAX_SIZE),
    st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_PATH).map(tuple),
)
def test_a_request_survives_its_bytes(old_size: int, path: tuple[bytes, ...]) -> None:
    """Reading and writing are inverse."""
    request = Request(old_size, path, sign_note("text\n", LOG))
    assert Request.parse(request.encode()) == request


HASH = encode_base64(bytes(32))


@pytest.mark.parametrize(
    "head",
    [
        "",
        "old",
        "old ",
        "old  1",
        " old 1",
        "old 1 ",
        "Old 1",
        "size 1",
        "old 01",
        "old +1",
        "old -1",
        "old 1_000",
        "old \u0661",
        "old 9223372036854775808",
        f"old 1\n{HASH[:-1]}",
        f"old 1\n{HASH} ",
        f"old 1\n {HASH}",
        f"old 1\r\n{HASH}",
        f"old 1\n{encode_base64(bytes(31))}",
        f"old 1\n{encode_base64(bytes(33))}",
        "old 1\n" + "\n".join([HASH] * (MAX_PATH + 1)),
    ],
)
def test_what_is_no_request_is_refused(head: str) -> None:
    """Sizes and hashes have one spelling; more than 63 hashes are no proof."""
    data = head.encode() + b"\n\n" + sign_note(Checkpoint("a", 1, bytes(32)).encode(), LOG)
    with pytest.raises(Malformed):
        Request.parse(data)
    refused = declined(data)
    assert refused is not None
    assert refused.status == 400


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        b"old 0\n\nno checkpoint\n\n",
        b"old 0\n\n" + sign_note("no\ncheckpoint\n", LOG),
        EXAMPLE + b"\n",
        EXAMPLE[:-1],
        b"old 0\n\n" + b"x" * MAX_REQUEST_BYTES,
    ],
)
def test_a_request_without_a_whole_checkpoint_is_refused(data: bytes) -> None:
    """What stands behind the empty line must be a checkpoint, and nothing after it."""
    refused = declined(data)
    assert refused is not None
    assert refused.status == 400


def test_every_growth_is_cosigned_and_no_other() -> None:
    """From every size to every larger one the true proof holds; of a fork no proof does.

    The fork differs from leaf 40 on: up to there the two logs are one.
    """
    for old_size in range(len(LEAVES) + 1):
        seen = Seen(old_size, root(old_size)) if old_size else NOTHING
        for size in range(old_size, len(LEAVES) + 1, 7):
            assert declined(asked(old_size, size), seen) is None
            if not old_size or size <= 40:
                continue
            forked = proof(old_size, size, FORKED)
            refused = declined(asked(old_size, size, leaves=FORKED, path=forked), seen)
            if old_size <= 40:
                assert refused is None  # it is another log with the same beginning
            else:
                assert refused is not None
                assert refused.status == (409 if size == old_size else 422)


SEEN = Seen(50, root(50))


@pytest.mark.parametrize(
    ("data", "status", "size"),
    [
        (asked(50, 60), None, None),
        (asked(50, 50), None, None),
        (asked(0, 60), 409, 50),
        (asked(49, 60), 409, 50),
        (asked(40, 40), 409, 50),  # a rollback
        (asked(51, 60), 409, 50),
        (asked(60, 50, path=()), 400, None),
        (asked(50, 50, leaves=FORKED), 409, 50),  # another root of one size
        (asked(50, 60, leaves=FORKED), 422, None),
        (asked(50, 60, path=()), 422, None),
        (asked(50, 60, path=proof(49, 60)), 422, None),
        (asked(50, 60, path=proof(50, 61)), 422, None),
        (asked(50, 60, path=proof(50, 60)[:-1]), 422, None),
        (asked(50, 60, path=(*proof(50, 60), bytes(32))), 422, None),
        (asked(50, 50, path=(bytes(32),)), 422, None),
        (asked(50, 60, key=Ed25519Signer(LOG.verifier.name, bytes([9]) * 32)), 403, None),
        (asked(50, 60, key=OTHER), 403, None),  # signed by a log of another name only
        (asked(50, 60, key=OTHER, origin=OTHER.verifier.name), 404, None),
    ],
)
def test_what_is_declined_and_why(data: bytes, status: int | None, size: int | None) -> None:
    """Each way in which a request can be wrong has its status; a conflict tells the size."""
    refused = declined(data, SEEN)
    assert (refused and refused.status, refused and refused.size) == (status, size)


def test_a_first_request_needs_no_proof_and_may_bring_none() -> None:
    """Of a log that was never cosigned any size is taken, from the empty tree without hashes."""
    assert declined(asked(0, 60)) is None
    refused = declined(asked(0, 60, path=(bytes(32),)))
    assert refused is not None
    assert refused.status == 422
    empty = sign_note(Checkpoint(LOG.verifier.name, 0, EMPTY_ROOT).encode(), LOG)
    assert declined(Request(0, (), empty).encode()) is None
    false = sign_note(Checkpoint(LOG.verifier.name, 0, bytes(32)).encode(), LOG)
    refused = declined(Request(0, (), false).encode())
    assert refused is not None
    assert (refused.status, refused.size) == (409, 0)
