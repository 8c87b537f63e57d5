"""Checks an audit pack with nothing but Python's own library: `python check_pack.py PACK`.

With the ledger's verifier key and the genesis hash, had from somebody you trust (`log` and
`genesis` of the policy file), it also shows whose pack it is:

    python check_pack.py PACK LOG_VKEY GENESIS_HASH

It checks that every file has the hash that MANIFEST.json states, and no file is missing or too
many; that the entries of the log give the root of the checkpoint, and the events the roots that
their statements sign; that each row of the journal names such an event and its hash; that each
posting balances, each balance follows from the one before, and all of it adds up to the trial
balance and the totals, and at every closing of the ledger to what was signed then. It does not
check the law, nor the signatures of statements: `verify.pyz` and `sunledger check` do. So of what
was posted since the last closing it cannot tell whether a row was left out.
"""

import base64
import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

WIDTH = 256
"""Statements in a file of the archive."""
Row = dict[str, Any]
Point = tuple[int, int, int, int]


def main(arguments: list[str]) -> None:
    """Check the pack that the arguments name."""
    if len(arguments) not in {1, 3}:
        sys.exit("python check_pack.py PACK [LOG_VKEY GENESIS_HASH]")
    pack = Path(arguments[0])
    manifest = json.loads((pack / "MANIFEST.json").read_text(encoding="utf-8"))
    check_files(pack, manifest)
    note = (pack / "archive/checkpoint").read_text(encoding="utf-8")
    text, _, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")[:3]
    if len(arguments) == 3:
        check_signature(text + "\n", signatures, arguments[1], origin)
    stated = manifest["checkpoint"]
    if (stated["size"], stated["root"]) != (int(size), of64(root).hex()):
        fail("the manifest belongs to another checkpoint")
    genesis = check_log(pack, manifest, int(size), of64(root))
    if arguments[2:] and genesis.hex() != arguments[2]:
        fail("the ledger was opened by another genesis")
    verdict = "OK" if arguments[2:] else "consistent, not anchored: no key was given"
    events = manifest["events"]["count"]
    sys.stdout.write(f"{events} events, {size} statements of {origin}: {verdict}\n")


def check_files(pack: Path, manifest: Any) -> None:
    """Check that every file is there, no other is, and each has its hash."""
    stated = {each["path"]: each["sha256"] for each in manifest["files"]}
    found = {path.relative_to(pack).as_posix() for path in pack.rglob("*") if not path.is_dir()}
    for name in sorted(found ^ {*stated, "MANIFEST.json"}):
        fail(f"{name} is {'not in the manifest' if name in found else 'missing'}")
    for name, sha256 in stated.items():
        digest = hashlib.sha256()
        with (pack / name).open("rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
        if digest.hexdigest() != sha256:
            fail(f"{name} is not what the manifest states")


def check_log(pack: Path, manifest: Any, size: int, root: bytes) -> bytes:
    """Check log, events and journal against each other; return the hash of the genesis."""
    tree, genesis, position = Tree(), b"", 0
    with (pack / "journal.csv").open(encoding="utf-8-sig", newline="") as file:
        books = Books(pack, csv.DictReader(file))
        for index, entry, bodies in statements(pack / "archive", size):
            tree.add(leaf(entry))
            genesis = genesis or leaf(entry)
            lines, events = entry.decode().split("\n"), Tree()
            for body in bodies:
                events.add(leaf(body))
                books.event(position, index, lines, body)
                position += 1
            if (events.root(), len(bodies)) != (of64(lines[6]), int(lines[5])):
                fail(f"the events of statement {index} are not those that were signed")
        books.end(manifest["journal"])
    if tree.root() != root:
        fail("the entries of the log do not give the root of the checkpoint")
    if position != manifest["events"]["count"]:
        fail(f"there are {position} events, not {manifest['events']['count']}")
    return genesis


class Books:
    """The journal as it is read, and what each account then holds."""

    def __init__(self, pack: Path, rows: Iterator[Row]) -> None:
        """Read the rows of a journal, and the trial balance they must end with."""
        with (pack / "trial-balance.csv").open(encoding="utf-8-sig", newline="") as file:
            self.trial = {(row["line"], row["account"]): row for row in csv.DictReader(file)}
        self.held = dict.fromkeys(self.trial, (0, 0))
        self.rows = rows
        self.row = next(rows, None)
        self.first: Row | None = None  # of a posting whose second row is to come
        self.count = 0

    def event(self, position: int, index: int, lines: list[str], body: bytes) -> None:
        """Check the rows of the event at a position, in statement `index`."""
        event = json.loads(body)
        if event["type"] == "ledger.closed":
            self.close(position, event["trial_balance"])
        while self.row is not None and self.row["position"] == str(position):
            row = self.row
            told = [row[name] for name in ("event", "type", "at", "leaf", "statement")]
            given = [event["id"], event["type"], event["at"], leaf(body).hex(), str(index)]
            if told != given:
                fail(f"a row of the journal at position {position} is of no such event")
            if (f"recorded {row['recorded']}", row["signers"]) != (lines[0], lines[4]):
                fail(f"a row at position {position} was not recorded or signed so")
            self.post(row)
            self.row = next(self.rows, None)

    def close(self, position: int, stated: Any) -> None:
        """Check that the journal so far adds up to what the operator signed when it closed."""
        totals = dict.fromkeys(stated, 0)
        for key in self.held:
            totals[key[1]] += self.balance(key)
        if totals != stated:
            fail(f"the journal does not add up to what was signed at position {position}")

    def post(self, row: Row) -> None:
        """Check a row's balance, and that a posting's second row is the other side of its first."""
        key = row["line"], row["account"]
        if key not in self.held:
            fail(f"the trial balance has no {' '.join(key)}")
        debit, credit = self.held[key]
        self.held[key] = debit + fen(row, "debit"), credit + fen(row, "credit")
        if fen(row, "balance") != self.balance(key):
            fail(f"the balance of {' '.join(key)} at position {row['position']} does not follow")
        self.count += 1
        first, self.first = self.first, None if self.first else row
        if first is not None:
            same = ("position", "posting", "line", "contract")
            swapped = fen(row, "credit"), fen(row, "debit")
            if [first[name] for name in same] != [row[name] for name in same] or swapped != (
                fen(first, "debit"),
                fen(first, "credit"),
            ):
                fail(f"a posting at position {row['position']} does not balance")

    def balance(self, key: tuple[str, str]) -> int:
        """Return what an account holds on its normal side."""
        debit, credit = self.held[key]
        return debit - credit if self.trial[key]["normal_side"] == "debit" else credit - debit

    def end(self, stated: Any) -> None:
        """Check that nothing is left, and that all adds up to what is stated."""
        if self.row is not None or self.first is not None:
            fail(f"the journal has a row too many or too few behind row {self.count}")
        for key, row in self.trial.items():
            told = fen(row, "debit"), fen(row, "credit"), fen(row, "balance")
            if told != (*self.held[key], self.balance(key)):
                fail(f"the trial balance of {' '.join(key)} is not what the journal adds up to")
        debits, credits_ = (sum(side) for side in zip((0, 0), *self.held.values(), strict=True))
        if (self.count, debits, credits_) != tuple(
            stated[name] for name in ("rows", "debit_fen", "credit_fen")
        ):
            fail("the journal does not add up to what the manifest states")


def statements(archive: Path, size: int) -> Iterator[tuple[int, bytes, list[bytes]]]:
    """Yield index, entry and events of each statement, 256 in a file."""
    for start in range(0, size, WIDTH):
        width = min(WIDTH, size - start)
        name = numbered(start // WIDTH) + ("" if width == WIDTH else f".p/{width}")
        data = (archive / "tile/entries" / name).read_bytes()
        bodies: dict[int, list[bytes]] = {}
        for line in (archive / "events" / name).read_bytes().splitlines():
            number, _, body = line.partition(b" ")
            bodies.setdefault(int(number), []).append(body)
        at = 0
        for index in range(start, start + width):
            length = int.from_bytes(data[at : at + 2], "big")
            yield index, data[at + 2 : at + 2 + length], bodies.get(index, [])
            at += 2 + length


def numbered(n: int) -> str:
    """Return the path of a tile's number (C2SP tlog-tiles): 1234 is x001/234."""
    parts = [f"{n % 1000:03}"]
    while n := n // 1000:
        parts.insert(0, f"x{n % 1000:03}")
    return "/".join(parts)


class Tree:
    """An RFC 6962 tree: the roots of its complete subtrees, from the largest to the smallest."""

    def __init__(self) -> None:
        """Begin with no leaf."""
        self.peaks: list[tuple[int, bytes]] = []

    def add(self, hashed: bytes) -> None:
        """Add the hash of a leaf."""
        count = 1
        while self.peaks and self.peaks[-1][0] == count:
            hashed = node(self.peaks.pop()[1], hashed)
            count *= 2
        self.peaks.append((count, hashed))

    def root(self) -> bytes:
        """Return the root over all leaves."""
        hashed = self.peaks[-1][1] if self.peaks else hashlib.sha256().digest()
        for _, peak in reversed(self.peaks[:-1]):
            hashed = node(peak, hashed)
        return hashed


def leaf(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def fen(row: Row, side: str) -> int:
    """Return an amount of a row."""
    return int(row[f"{side}_fen"])


def of64(text: str) -> bytes:
    """Return what base64 says."""
    return base64.b64decode(text, validate=True)


# -- Ed25519 (RFC 8032, 5.1.7), slow and plain -------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def check_signature(text: str, signatures: str, vkey: str, origin: str) -> None:
    """Check that a note bears the signature of a verifier key (C2SP signed-note)."""
    name, _, rest = vkey.partition("+")
    key = of64(rest.partition("+")[2])[1:]
    made = [line.split(" ") for line in signatures.split("\n") if line.startswith(f"— {name} ")]
    if name != origin or len(made) != 1 or not verifies(key, text.encode(), of64(made[0][2])[4:]):
        fail(f"the checkpoint is not signed by {vkey}")


def verifies(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature holds."""
    point, commitment = decompress(key), decompress(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or commitment is None or scalar >= L or len(signature) != 64:
        return False
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    challenge = int.from_bytes(hashed, "little") % L
    y = 4 * pow(5, P - 2, P) % P
    base = decompress(y.to_bytes(32, "little"))
    if base is None:
        return False
    left, right = times(scalar, base), plus(commitment, times(challenge, point))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % P
        or (left[1] * right[2] - right[1] * left[2]) % P
    )


def decompress(data: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or y >= P or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def plus(one: Point, other: Point) -> Point:
    """Return the sum of two points."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]), (one[1] + one[0]) * (other[1] + other[0])
    c, d = 2 * one[3] * other[3] * D, 2 * one[2] * other[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    """Return a multiple of a point."""
    found: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = plus(found, point)
        point, scalar = plus(point, point), scalar >> 1
    return found


def fail(why: str) -> NoReturn:
    """End with what is wrong."""
    sys.exit(f"WRONG: {why}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        fail(f"{error.filename} cannot be read: {error.strerror}")
    except (ArithmeticError, LookupError, TypeError, ValueError, csv.Error) as error:
        fail(f"a file is not in its form: {error!r}")
