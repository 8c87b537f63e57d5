"""`python -m bench append|verify|rebuild|start|city|http|feed|journal|bank|audit`.

Options are `[--runs N] [--databases …] [--scale S] [--ledger FILE] [--seconds N]
[--folder DIR]`.
"""

import argparse
from pathlib import Path

from bench import append, audit, bank, city, feed, http, journal, rebuild, rebuilding, start, verify


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
    of_runs = {"verify": verify.main, "http": http.main, "bank": bank.main}
    if given.what in of_runs:
        of_runs[given.what](given.runs)
    elif given.what == "append":
        append.main(given.runs, given.databases.split(","))
    elif given.what == "start":
        start.main(given.runs, given.databases.split(","))
    elif given.what == "city":
        city.main(given.scale)
    elif given.what == "feed":
        feed.main(given.seconds, given.databases.split(","))
    elif given.what == "journal":
        if given.ledger is None:
            parser.error("journal needs --ledger FILE")
        journal.main(given.ledger, given.runs)
    elif given.what == "audit":
        audit.main(given.runs, Path(given.folder), given.ledger, given.scale)
    elif given.ledger is not None:
        rebuilding.main(given.ledger, given.databases.split(","))
    else:
        rebuild.main(given.runs)


if __name__ == "__main__":
    main()
