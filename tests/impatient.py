"""The program with short times and few connections, for tests that cannot wait; not a test."""

from api.cli.main import main as run
from api.http.edge import bodies, connection


def main() -> None:
    """Run it."""
    connection.HEAD_SECONDS = 3
    connection.MAX_CONNECTIONS_EACH = 20
    bodies.OTHER = bodies.Limit(bodies.OTHER.max_bytes, 2)
    run()
