"""Programs of our own, started beside this process: how, and with which socket.

Each is a module with a `__main__` part, and gets a number: the descriptor of its end of a pair of
sockets. It ends when the other end is closed, so also when whoever started it is killed. It is no
`multiprocessing.Process`, which would import the caller's whole program. Of our settings it gets
none: it needs no key, and so no password of one.
"""

import os
import signal
import socket
import subprocess
import sys


def start(module: str) -> "tuple[subprocess.Popen[bytes], socket.socket]":
    """Start `module` as a process; return it and our end of the pair of sockets.

    Raises:
        OSError: no process can be started.

    """
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", "-m", module, str(theirs.fileno())]
    environment = {name: told for name, told in os.environ.items() if not _is_setting(name)}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()])  # noqa: S603 (our own module)
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()
    return process, ours


def leave_signals() -> None:
    """Leave SIGINT and SIGTERM, which reach all processes, to the one that started this program.

    That one finishes what it began, with this program's help, and ends it.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)


def _is_setting(name: str) -> bool:
    return name.startswith("SUNLEDGER_")
