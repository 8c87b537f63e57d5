"""Processes to be killed many times over, forked from one that has imported the ledger already.

A new Python takes most of a second to import what a ledger runs on: a test that kills fifty would
do little else. The one they are forked from (`multiprocessing` calls it a fork server) does nothing
but import: it has no ledger open, no thread, and no connection that a fork would share.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["bench.workload", "ledger.app", "projections.catalogue"])


def fork(target: Callable[..., None], *arguments: Any) -> tuple[BaseProcess, Connection]:
    """Start a process that runs `target`; give it, and us, an end of a pipe to speak through."""
    ours, theirs = _SERVER.Pipe()
    process = _SERVER.Process(target=target, args=(theirs, *arguments))
    process.start()
    theirs.close()
    return process, ours
