"""A simulated city in a folder: what `sunledger demo` and `sunledger simulate city` share.

The folder holds the ledger, its policy, the labelled truth, the vault's extract of who tokens
stand for, and the key files where they are asked for. Nothing in it is secret: every key follows
from the seed.
"""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from api.cli.session import Session, write_file
from api.text import _
from ledger.canonical import encode
from ledger.errors import Conflict, LedgerError
from ledger.keys import KeyFile, create_key_file

if TYPE_CHECKING:
    from ledger.simulate.cast import SimulatedKey
    from ledger.simulate.city import City
    from ledger.simulate.scale import Scale

PASSWORD = "demo"  # noqa: S105 (of keys that follow from a public seed)
DATABASE, POLICY, KEYS, ARCHIVE = "ledger.db", "policy", "keys", "archive"
TRUTH, PERSONS = "truth.ndjson", "persons.ndjson"
MADE = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", POLICY, KEYS, TRUTH, PERSONS, ARCHIVE)
"""Everything that is written, and all that `--force` removes."""


class Played(NamedTuple):
    """What a year came to.

    Attributes:
        labels: how many cases of each kind were planted, or came about.
        closings: how often the books were closed.

    """

    labels: dict[str, int]
    closings: int


class CityFolder:
    """A folder for one simulated city.

    Attributes:
        path: where it is.
        url: the ledger's database.

    """

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is touched."""
        self.path = path
        self.url = f"sqlite:///{path.joinpath(DATABASE)}"

    @property
    def is_played(self) -> bool:
        """Whether a city with its keys lies here, whole: the archive is written last."""
        return all(self.path.joinpath(name).exists() for name in (DATABASE, POLICY, KEYS, ARCHIVE))

    def clear(self, *, force: bool) -> None:
        """Make room for a city; remove nothing that a city did not write.

        Raises:
            Conflict: there is something, and nobody allowed to replace it.

        """
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise Conflict(f"{self.path} is no folder; name another by `--out`")
        if not any(self.path.iterdir()):
            return
        if not force:
            raise Conflict(
                f"there is a folder {self.path} already; `--force` replaces an earlier city in it"
            )
        for name in MADE:
            path = self.path.joinpath(name)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def play(self, session: Session, scale: "Scale", seed: str, *, keys: bool) -> Played:
        """Play a city's year into the folder; write its key files where `keys` says so.

        Raises:
            LedgerError: the law refused what the city did, or the database cannot serve.

        """
        from ledger.simulate.city import City

        self.path.mkdir(parents=True, exist_ok=True)
        with self.path.joinpath(TRUTH).open("wb") as truth:
            city = City(scale, seed.encode(), truth.write)
            with self._key_files(session, city) if keys else nullcontext():
                closings = self._play(session, city)
        extract = [{"token": token, "person": person} for token, person in city.identities()]
        self.path.joinpath(PERSONS).write_bytes(b"".join(encode(each) + b"\n" for each in extract))
        return Played(dict(sorted(city.truth.counts.items())), closings)

    def _play(self, session: Session, city: "City") -> int:
        """Submit the year, its policy file first; return how often its books were closed."""
        from ledger.app import create_ledger
        from ledger.policy import Policy
        from ledger.simulate.agenda import SimulatedClock
        from ledger.simulate.playing import DAYS, play

        clock = SimulatedClock(city.genesis.recorded_ms)
        (genesis,) = city.genesis.statements
        with (
            create_ledger(self.url, genesis, city.ledger_signer, clock) as ledger,
            session.console.progress(_("A city's year"), DAYS) as steps,
        ):
            first = ledger.store.statement(0)
            if first is None:
                raise LedgerError("the ledger lost its first statement; do not use this database")
            policy = Policy.of(city.ledger_signer.verifier, first.leaf)
            write_file(self.path.joinpath(POLICY), policy.encode().encode())
            closings = 0
            for day in play(city, ledger, clock):
                closings += day.closed
                steps.done()
        return closings

    @contextmanager
    def _key_files(self, session: Session, city: "City") -> Iterator[None]:
        """Write the key files beside the work of the block, and those that it made after it."""
        secret = session.settings.key_password
        password = PASSWORD if secret is None else secret.get_secret_value()
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            early = self._write(workers, city.keys, password)
            yield
            late = self._write(workers, city.keys[len(early) :], password)
            for written in (*early, *late):
                written.result()

    def _write(
        self, workers: ThreadPoolExecutor, keys: tuple["SimulatedKey", ...], password: str
    ) -> list[Future[KeyFile]]:
        """Encrypt and write key files: each takes a sixth of a second."""
        return [
            workers.submit(
                create_key_file,
                self.path.joinpath(KEYS),
                key.name,
                key.seed,
                use=key.use,
                holder=key.holder,
                password=password,
            )
            for key in keys
        ]
