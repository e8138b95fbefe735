"""Numbered fault points: $FEEDS_FAULT=n kills this process at the n-th that it passes.

Every commit, write, fsync and replace passes through one, so that a test can visit them all and look at what a crash
leaves behind. $FEEDS_FAULT=count only counts, and says the number on stderr at the end.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys

_wanted = os.environ.get("FEEDS_FAULT", "")
_passed = 0


def point() -> None:
    """Pass one fault point; costs nothing where none is wanted."""
    global _passed
    if _wanted:
        _passed += 1
        if _wanted == str(_passed):
            os.kill(os.getpid(), signal.SIGKILL)


if _wanted == "count":
    atexit.register(lambda: print(f"fault points passed: {_passed}", file=sys.stderr))
