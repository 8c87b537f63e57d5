"""Record how well the flags find what is planted in a simulated city.

    python tests/flag_run.py --scale 1 --seed 2027 --folder city-2027

simulates the city in the folder, unless it is there, has the flags judge it, and writes what
`sunledger flags stats` says to docs/flags/run.json; `python tests/pages.py` puts it in the page.
The seed is to be one that nobody used to write the rules.
"""

import argparse
from pathlib import Path
from typing import Any

import msgspec
from flag_pages import RUN, Run
from pages import DOCS
from shell import sunledger

from ledger.errors import LedgerError
from projections.flags.statistics import FlagStatistics

DATABASE, TRUTH, PERSONS = "ledger.db", "truth.ndjson", "persons.ndjson"


def record(scale: str, seed: int, folder: Path) -> Run:
    """Return the run of a city.

    Raises:
        LedgerError: a command failed.

    """
    simulate = ["simulate", "city", "--scale", scale, "--seed", str(seed), "--out"]
    if not (folder / DATABASE).exists():
        _run([*simulate, str(folder)])
    # The vault's keeper tells the auditor which tokens are one person, if the city has that file.
    persons = ["--persons", PERSONS] if (folder / PERSONS).exists() else []
    stats = ["flags", "stats", "--truth", TRUTH, *persons, "--db", f"sqlite:///{DATABASE}"]
    here = [str(folder / word) if word in (TRUTH, PERSONS) else word for word in stats[:-1]]
    said = _run([*here, f"sqlite:///{folder / DATABASE}", "--json"])
    return Run(
        commands=[
            " ".join(["sunledger", *simulate, "city"]),
            f"cd city && {' '.join(['sunledger', *stats])}",
        ],
        scale=scale,
        seed=seed,
        position=said["position"],
        flags=msgspec.convert(said["flags"], list[FlagStatistics]),
    )


def _run(words: list[str]) -> dict[str, Any]:
    ended = sunledger(*words)
    if ended.code:
        raise LedgerError(f"{' '.join(words)}: {ended.err}")
    return dict(ended.document) if "--json" in words else {}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="0.02")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    run = record(asked.scale, asked.seed, asked.folder.resolve())
    text = msgspec.json.format(msgspec.json.encode(run), indent=1)
    (DOCS / "flags" / RUN).write_bytes(text + b"\n")
