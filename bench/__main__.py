"""`python -m bench append|verify|rebuild [--runs N] [--databases sqlite,postgres]`."""

import argparse

from bench import append


def main() -> None:
    """Run the measurement that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", choices=["append"])
    parser.add_argument("--runs", type=int, default=5, help="runs of each contender")
    parser.add_argument("--databases", default="sqlite,postgres", help="sqlite, postgres or both")
    given = parser.parse_args()
    append.main(given.runs, given.databases.split(","))


main()
