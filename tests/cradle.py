"""Nurseries without the second that it takes to import all parsers: forked from a process that has done so.

    with Cradle() as cradle, cradle.used():
        ...  # nurseries of this process, and of those that it forks, come from there

They are the real program in processes of their own; only their first breath is another.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn, Self

ROOT = Path(__file__).parents[1]


class Cradle:
    """The process that nurseries are forked from; it runs inside the block."""

    def __enter__(self) -> Self:
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.cradle", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.close()
        self._process.wait()

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let nurseries come from here inside the block."""
        from feeds.sandbox import processes

        orders = self._orders

        class Forked:
            """What stands for the `Popen` of a nursery, which hears by its socket when to end."""

            def __init__(self, command: Sequence[str], *, pass_fds: Sequence[int], **_: object) -> None:
                socket.send_fds(orders, [b"n"], pass_fds)

            def wait(self) -> int:
                return 0

            def kill(self) -> None:
                """It has ended, or will when we do."""

        usual = vars(processes)["subprocess"]
        vars(processes)["subprocess"] = SimpleNamespace(Popen=Forked, DEVNULL=subprocess.DEVNULL)
        try:
            yield
        finally:
            vars(processes)["subprocess"] = usual


def _main(orders: socket.socket) -> NoReturn:
    from feeds.sandbox import nursery
    from feeds.sandbox.wire import SetUp

    nursery._ready(SetUp(tables={}, memory=0, seconds=0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        data, descriptors, _, _ = socket.recv_fds(orders, 1, 1)
        if not data:
            os._exit(0)
        if not os.fork():
            orders.close()
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.argv = ["nursery", str(descriptors[0])]
            nursery.main()
            os._exit(0)
        os.close(descriptors[0])


if __name__ == "__main__":
    _main(socket.socket(fileno=int(sys.argv[1])))
