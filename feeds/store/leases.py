"""Which holders of leases are alive, told by locks that the kernel lets go of when a process ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from feeds import faults


class Holder:
    """This process as a holder of leases: a token, and a locked file of that name while it lives.

    A lease alone ends by time; that of a killed process would keep its sources waiting for minutes. `flock` tells
    at once, across process-id namespaces too. Without a folder (a database on another machine) time alone tells.
    """

    def __init__(self, folder: Path | None) -> None:
        self.token = secrets.token_hex(8)
        self._folder = folder
        self._file: int | None = None
        self._taken = False

    @property
    def holds(self) -> bool:
        """Whether it may hold leases: it has shown that it lives."""
        return self._taken

    def take(self) -> None:
        """Show that this holder lives, before its first lease is written."""
        self._taken = True
        if self._folder is None or self._file is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            file = os.open(self._folder / self.token, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_nlink:  # else a sweep came between the two lines above
                break
            os.close(file)
        self._file = file
        faults.point()
        self._sweep()

    def dead(self, tokens: Iterable[str]) -> list[str]:
        """Those of `tokens` whose holders are known to have ended."""
        return [token for token in tokens if token != self.token and self._is_dead(token)] if self._folder else []

    def _sweep(self) -> None:
        """Remove the files of holders that were killed; those that live keep theirs locked."""
        if self._folder is not None:
            for name in os.listdir(self._folder):
                if name != self.token:
                    self._is_dead(name)

    def _is_dead(self, token: str) -> bool:
        if self._folder is None or not token.isalnum():
            return False
        try:
            file = os.open(self._folder / token, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            with contextlib.suppress(FileNotFoundError):
                (self._folder / token).unlink()
            return True
        finally:
            os.close(file)

    def close(self) -> None:
        """This holder holds nothing any more."""
        if self._folder is None or self._file is None:
            return
        with contextlib.suppress(FileNotFoundError):
            (self._folder / self.token).unlink()
        os.close(self._file)
        self._file = None
