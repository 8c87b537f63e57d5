"""The policy file: whom a verifier trusts (C2SP tlog-policy, with two lines of our own).

It is given out of band and says which log, which witnesses, and how many of them:

    log ledger.example.gov.cn+bc53de8e+Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR
    genesis edcd405822aa9a1d4dc227bad4552649480fc7dedf3d368a47326633bab30a65
    witness audit audit.example.gov.cn+19d1f203+BMqTrBcFGHBx1nuDx/8O/oEI6OxFMFdddyaHkzPb2r58
    witness press press.example.org+6d650da6+BG56HN0psLeP0Tr0xVmP7/TvKpcWbjym8uT7/M2AUFvx
    replays audit
    group two-of-them all audit press
    quorum two-of-them

Items are divided by spaces or tabs; lines that are empty or begin with `#` are skipped. `log` and
`witness` take an address as a last item: a witness is asked for cosignatures there. A group counts
as a witness when enough of its members do: `all`, `any` or a number. Exactly one line says
`quorum`, of a witness, a group or `none`. A name is defined before it is used and is a member at
most once.

Our two lines: `genesis` is the leaf hash of entry 0 in hex, which names the authority's keys;
`replays` names witnesses that cosign only what they have replayed.

A policy with a log and the genesis *anchors* a check. Without both, whoever holds the ledger's key
could have invented everybody, and a check ends `consistent, not anchored`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, NoReturn

import msgspec

from ledger.errors import Malformed, Unverified
from ledger.merkle import HASH_SIZE
from ledger.note import COSIGNATURE_V1, ED25519, Note, VerifierKey, cosigned_at, open_note
from ledger.tlog import Checkpoint, read_back

MAX_POLICY_CHARACTERS = 1 << 16  # room for 32 logs, witnesses and groups each, as C2SP asks, twice
NONE = "none"

_ITEM = re.compile(r"[^ \t]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # control characters but tab and newline
_THRESHOLD = re.compile(r"[1-9][0-9]{0,5}")
_GENESIS = re.compile(rf"[0-9a-f]{{{2 * HASH_SIZE}}}")


class Log(msgspec.Struct, frozen=True):
    """A log whose checkpoints are accepted; its key's name is its origin."""

    key: VerifierKey
    url: str | None = None


class Witness(msgspec.Struct, frozen=True):
    """A witness; `name` is used in this policy only."""

    name: str
    key: VerifierKey
    url: str | None = None


class Group(msgspec.Struct, frozen=True):
    """Witnesses and earlier groups, `threshold` of which count as one witness."""

    name: str
    threshold: int
    members: tuple[str, ...]


class Policy(msgspec.Struct, frozen=True):
    """Whom a verifier trusts.

    Attributes:
        logs: the logs that are accepted.
        witnesses: the witnesses that are known.
        groups: each refers to witnesses and earlier groups.
        quorum: name of the witness or group that must have cosigned, or `none`.
        genesis: leaf hash of entry 0, 32 bytes.
        replays: names of witnesses that replay before they cosign.

    """

    logs: tuple[Log, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NONE
    genesis: bytes | None = None
    replays: frozenset[str] = frozenset()

    @classmethod
    def of(cls, log: VerifierKey, genesis: bytes | None = None) -> "Policy":
        """Trust one log, without witnesses."""
        return cls(logs=(Log(log),), genesis=genesis)

    @property
    def anchored(self) -> bool:
        """Whether both values are here without which nothing can be trusted."""
        return bool(self.logs) and self.genesis is not None

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """Return the policy that a file's text writes.

        Raises:
            Malformed: the number of the line is in the message.

        """
        if len(text) > MAX_POLICY_CHARACTERS:
            raise Malformed(
                f"the policy has {len(text)} characters; at most {MAX_POLICY_CHARACTERS}"
            )
        if _FORBIDDEN.search(text):
            raise Malformed("the policy holds a control character")
        lines = text.split("\n")
        if lines.pop():
            raise Malformed("the policy's last line does not end with a newline")
        reader = _Reader()
        for number, line in enumerate(lines, 1):
            items = _ITEM.findall(line)
            if items and not items[0].startswith("#"):
                try:
                    reader.read(items[0], items[1:])
                except Malformed as error:
                    raise Malformed(f"line {number} of the policy: {error}") from error
        return reader.policy()

    def encode(self) -> str:
        """Return the text of the policy, without comments.

        Raises:
            ValueError: the policy, made by hand, is one that no text writes.

        """
        lines: list[Iterable[str | None]] = [("log", str(log.key), log.url) for log in self.logs]
        if self.genesis is not None:
            lines.append(("genesis", self.genesis.hex()))
        lines.extend(("witness", w.name, str(w.key), w.url) for w in self.witnesses)
        if self.replays:
            lines.append(("replays", *sorted(self.replays)))
        lines.extend(("group", g.name, str(g.threshold), *g.members) for g in self.groups)
        lines.append(("quorum", self.quorum))
        text = "".join([" ".join([item for item in line if item]) + "\n" for line in lines])
        misfit = "the policy's text would read as another policy"
        return read_back(text, Policy.parse, self, misfit)

    def is_met_by(self, witnesses: Iterable[str]) -> bool:
        """Tell whether cosignatures by these witnesses, given by name, are the quorum."""
        counted = set(witnesses)
        for group in self.groups:
            if sum(member in counted for member in group.members) >= group.threshold:
                counted.add(group.name)
        return self.quorum == NONE or self.quorum in counted


class OpenedCheckpoint(NamedTuple):
    """A checkpoint that a log of the policy signed and the quorum cosigned.

    Attributes:
        checkpoint: what is committed to.
        note: its text and all its lines, also those of unknown keys.
        cosigned_s: when each known witness cosigned it: POSIX seconds by the witness's name.

    """

    checkpoint: Checkpoint
    note: Note
    cosigned_s: Mapping[str, int]


def open_checkpoint(data: bytes, policy: Policy) -> Checkpoint:
    """Return the checkpoint in a note, verified by a policy.

    Raises:
        Malformed: not a note, or its text not a checkpoint.
        Unverified: a known key's signature does not hold, no log of the policy with that origin
            signed, or the quorum is not met.

    """
    return open_cosigned(data, policy).checkpoint


def open_cosigned(data: bytes, policy: Policy) -> OpenedCheckpoint:
    """Return the checkpoint in a note, verified by a policy, with the times of its witnesses.

    Raises:
        Malformed: not a note, or its text not a checkpoint.
        Unverified: a known key's signature does not hold, no log of the policy with that origin
            signed, or the quorum is not met.

    """
    logs = [log.key for log in policy.logs]
    names = {witness.key: witness.name for witness in policy.witnesses}
    opened = open_note(data, [*logs, *names])
    checkpoint = Checkpoint.parse(opened.note.text)
    lines = {(line.name, line.key_id): line for line in opened.verified}
    if not any(key.name == checkpoint.origin and (key.name, key.key_id) in lines for key in logs):
        raise Unverified(f"the checkpoint is not signed by the log {checkpoint.origin}")
    cosigned_s = {
        name: cosigned_at(lines[key.name, key.key_id])
        for key, name in names.items()
        if (key.name, key.key_id) in lines
    }
    if not policy.is_met_by(cosigned_s):
        raise Unverified(
            f"the checkpoint of size {checkpoint.size} is cosigned by "
            f"{' '.join(cosigned_s) or 'nobody'}, which is not the quorum {policy.quorum}"
        )
    return OpenedCheckpoint(checkpoint, opened.note, cosigned_s)


class _Reader:
    """Reads a policy line by line; a line may name only what stands above it."""

    def __init__(self) -> None:
        self._logs: dict[bytes, Log] = {}  # by public key, as are the witnesses: no duplicates
        self._witnesses: dict[bytes, Witness] = {}
        self._lines: set[tuple[str, bytes]] = set()  # what tells one key's signature lines apart
        self._groups: list[Group] = []
        self._names: set[str] = {NONE}
        self._free: set[str] = set()  # names that are not yet a member of a group
        self._quorum: str | None = None
        self._genesis: bytes | None = None
        self._replays: set[str] = set()

    def read(self, keyword: str, items: list[str]) -> None:
        """Take one line."""
        match keyword, items:
            case "log", [key, *url] if len(url) <= 1:
                self._log(_key(key, ED25519), *url)
            case "witness", [name, key, *url] if len(url) <= 1:
                self._witness(name, _key(key, COSIGNATURE_V1), *url)
            case "group", [name, threshold, *members] if members:
                self._group(name, threshold, members)
            case "quorum", [name]:
                self._set_quorum(name)
            case "genesis", [text]:
                self._set_genesis(text)
            case "replays", [_, *_]:
                self._mark_replaying(items)
            case _:
                raise Malformed(f"{keyword[:40]!r} with {len(items)} items means nothing here")

    def policy(self) -> Policy:
        """Return what was read."""
        if self._quorum is None:
            raise Malformed("the policy has no line `quorum`")
        return Policy(
            tuple(self._logs.values()),
            tuple(self._witnesses.values()),
            tuple(self._groups),
            self._quorum,
            self._genesis,
            frozenset(self._replays),
        )

    def _log(self, key: VerifierKey, url: str | None = None) -> None:
        self._check_new(key, self._logs)
        self._logs[key.public_key] = Log(key, url)

    def _witness(self, name: str, key: VerifierKey, url: str | None = None) -> None:
        self._check_new(key, self._witnesses)
        self._define(name)
        self._witnesses[key.public_key] = Witness(name, key, url)

    def _group(self, name: str, threshold_text: str, members: list[str]) -> None:
        for member in members:
            if member not in self._free:
                _refuse_name(member, "is not defined above, or is already a member")
            self._free.remove(member)
        threshold = {"any": 1, "all": len(members)}.get(threshold_text)
        if threshold is None and _THRESHOLD.fullmatch(threshold_text):
            threshold = int(threshold_text)
        if threshold is None or threshold > len(members):
            raise Malformed(f"{threshold_text!r} of {len(members)} members cannot be asked for")
        self._define(name)
        self._groups.append(Group(name, threshold, tuple(members)))

    def _set_quorum(self, name: str) -> None:
        if self._quorum is not None:
            raise Malformed("a second quorum")
        if name not in self._names:
            _refuse_name(name, "is not defined above")
        self._quorum = name

    def _set_genesis(self, text: str) -> None:
        if self._genesis is not None:
            raise Malformed("a second genesis hash")
        if not _GENESIS.fullmatch(text):
            raise Malformed(f"the genesis hash is not {2 * HASH_SIZE} lower-case hex digits")
        self._genesis = bytes.fromhex(text)

    def _mark_replaying(self, names: list[str]) -> None:
        known = {witness.name for witness in self._witnesses.values()}
        for name in names:
            if name not in known or name in self._replays:
                _refuse_name(name, "is not a witness defined above, or is already named")
            self._replays.add(name)

    def _check_new(self, key: VerifierKey, others: Mapping[bytes, object]) -> None:
        if key.public_key in others or (key.name, key.key_id) in self._lines:
            raise Malformed(f"the key of {key.name} stands twice")
        self._lines.add((key.name, key.key_id))

    def _define(self, name: str) -> None:
        if name in self._names:
            _refuse_name(name, "is already taken")
        self._names.add(name)
        self._free.add(name)


def _key(text: str, algorithm: int) -> VerifierKey:
    """Return a verifier key that must be of `algorithm`."""
    key = VerifierKey.parse(text)
    if key.algorithm != algorithm:
        raise Malformed(f"the key of {key.name} is of algorithm {key.algorithm}, not {algorithm}")
    return key


def _refuse_name(name: str, reason: str) -> NoReturn:
    raise Malformed(f"the name {name[:80]!r} {reason}")
