"""Numbered fault points: $FEEDS_FAULT=n kills this process at the n-th that it passes.

Every commit, write, fsync and rename passes through one, so that a test can visit them all and look at what a crash
leaves behind. $FEEDS_FAULT=eio:n has the n-th fail instead, as on a broken disk; $FEEDS_FAULT=count only counts, and
says the number on stderr at the end.
"""

from __future__ import annotations

import atexit
import errno
import os
import signal
import sys

_wanted, _passed = "", 0


def point() -> None:
    """Pass one fault point; costs nothing where none is wanted.

    Raises:
        OSError: EIO, at the point that $FEEDS_FAULT=eio:n names.
    """
    global _passed
    if not _wanted:
        return
    _passed += 1
    if _wanted == str(_passed):
        os.kill(os.getpid(), signal.SIGKILL)
    if _wanted == f"eio:{_passed}":
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def passed() -> int:
    """How many were passed since something was wanted."""
    return _passed


def want(fault: str) -> None:
    """From now on count, and do what `fault` says: n, eio:n, count, or "" for nothing."""
    global _wanted, _passed
    _wanted, _passed = fault, 0
    if fault == "count":
        atexit.register(lambda: print(f"fault points passed: {_passed}", file=sys.stderr))


want(os.environ.get("FEEDS_FAULT", ""))
