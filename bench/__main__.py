"""`python -m bench append|verify|rebuild|start|city|http|feed|journal|bank|audit`.

Options are `[--runs N] [--databases …] [--scale S] [--ledger FILE] [--seconds N]
[--folder DIR]`.
"""

import argparse
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Run the measurement that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "what",
        choices=[
            *("append", "verify", "rebuild", "start", "city", "http", "feed", "journal", "bank"),
            "audit",
        ],
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each contender")
    parser.add_argument("--databases", default="sqlite,postgres", help="sqlite, postgres or both")
    parser.add_argument("--scale", default="0.05", help="of a city: demo, city or a factor")
    parser.add_argument("--ledger", help="rebuild, journal: the ledger in this SQLite file")
    parser.add_argument("--seconds", type=int, default=60, help="feed: how long is written")
    parser.add_argument("--folder", default="bench-audit", help="audit: where its ledgers are kept")
    given = parser.parse_args()
    # Only the one that is asked for: processes that a bench starts import this module again.
    rebuilds = given.what == "rebuild" and given.ledger is not None
    bench = import_module(f"bench.{'rebuilding' if rebuilds else given.what}")
    databases = given.databases.split(",")
    if given.what in ("append", "start"):
        bench.main(given.runs, databases)
    elif given.what == "city":
        bench.main(given.scale)
    elif given.what == "feed":
        bench.main(given.seconds, databases)
    elif given.what == "journal":
        if given.ledger is None:
            parser.error("journal needs --ledger FILE")
        bench.main(given.ledger, given.runs)
    elif given.what == "audit":
        bench.main(given.runs, Path(given.folder), given.ledger, given.scale)
    elif rebuilds:
        bench.main(given.ledger, databases)
    else:
        bench.main(given.runs)


if __name__ == "__main__":
    main()
