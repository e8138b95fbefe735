"""Refreshes by the hundred: one process imports the program once, and forks a child for each.

    with Zygote() as zygote:
        zygote.refresh(desk, fault="7")  # the child kills itself at its seventh fault point: -9

The children are real processes with real databases and files; only the seconds that it takes to import everything are
saved, for them and for the nurseries that they start. FEEDS_FAULT is told to them in the same words.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, NoReturn, Self

from tests.desk import Desk
from tests.running import ROOT


class Done(NamedTuple):
    """How a refresh ended."""

    code: int  # negative for a signal
    said: str  # on stderr
    points: int  # fault points that it passed; 0 if it was killed


class Order(NamedTuple):
    """What a child shall do."""

    configs: Sequence[str]  # files
    now: str
    fault: str
    copies: str  # a folder


class Zygote:
    """The process that forks; it runs inside the block."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def refresh(self, desk: Desk, *, fault: str = "", copies: Path | None = None) -> Done:
        """`feeds refresh` over a desk.

        With `copies` it goes through, and leaves in `copies/n` what stood in the desk's folder at the n-th fault
        point: what a kill there would have left.
        """
        (done,) = self._order(Order([str(desk.config)], desk.now.isoformat(), fault, str(copies or "")))
        return done

    def refresh_each(self, desks: Sequence[Desk]) -> list[Done]:
        """`feeds refresh` over one desk after the other, in one child: a fork costs more than a small refresh."""
        return self._order(Order([str(desk.config) for desk in desks], desks[0].now.isoformat(), "", ""))

    def _order(self, order: Order) -> list[Done]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return [Done(*done) for done in json.loads(self._process.stdout.readline())]


def _main() -> None:
    nurseries = _nurseries()
    _warm_up()
    for line in sys.stdin:
        order = Order(*json.loads(line))
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            _refresh(order, write)
        os.close(write)
        with open(read, encoding="utf-8") as told:
            *each, rest = told.read().split("\0")
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        done = [Done(*json.loads(one)) for one in each] if not status else [Done(status, rest, 0)]
        print(json.dumps(done), flush=True)
    nurseries.close()


def _warm_up() -> None:
    """Go the whole way twice, so that everything is imported and every template compiled; leave no thread behind."""
    import feeds.fetch.http  # noqa: F401
    from feeds.cli.refreshing import one_pass
    from feeds.config import load
    from feeds.wiring import App

    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), sources={"samples": f"file:{ROOT / 'samples'}/*.xml"})
        for _ in range(2):
            with App(load(str(desk.config)), clock=lambda: desk.now) as app:
                one_pass(app, only=None, due=False, force=False, quiet=True)
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(10)
    gc.collect()
    gc.freeze()


def _refresh(order: Order, told: int) -> NoReturn:
    """In the child: what `feeds --config FILE refresh` does, under a fault."""
    from feeds import faults

    gc.disable()  # it ends before there is much, and looking at what it shares would copy it
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ["FEEDS_NOW"] = order.now
    if order.copies:
        faults.point = _copying(faults.point, Path(order.configs[0]).parent, Path(order.copies))
    with open(told, "w", encoding="utf-8") as pipe:
        for config in order.configs:
            faults.want(order.fault or "0")  # counts, and does nothing at any point
            with tempfile.TemporaryFile("w+") as said:
                os.dup2(said.fileno(), 2)
                code = _command(config)
                sys.stderr.flush()
                said.seek(0)
                pipe.write(json.dumps(Done(code, said.read(), faults.passed())) + "\0")
    os._exit(0)  # in place of what the interpreter does at its end, which a fork must not do twice


def _command(config: str) -> int:
    from feeds.cli import main

    sys.argv = ["feeds", "--config", config, "refresh"]
    try:
        main()
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _copying(point: Callable[[], None], folder: Path, copies: Path) -> Callable[[], None]:
    """Pass a point, and leave a copy of the folder as it stands there."""
    from feeds import faults

    def passing() -> None:
        point()
        child = os.fork()  # to close a database that is open here would give up our locks on it
        if not child:
            shutil.copytree(folder, copies / str(faults.passed()))
            os._exit(0)
        os.waitpid(child, 0)

    return passing


# -------------------------------------------------------------------------------------------- nurseries


def _nurseries() -> socket.socket:
    """A process that forks nurseries, with all parsers imported; from now on they come from there."""
    from feeds.sandbox import processes

    ours, theirs = socket.socketpair()
    if not os.fork():
        ours.close()
        for descriptor in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        _fork_nurseries(theirs)
    theirs.close()

    class Forked:
        """What stands for the `Popen` of a nursery, which hears by its socket when to end."""

        def __init__(self, command: Sequence[str], *, pass_fds: Sequence[int], **_: object) -> None:
            socket.send_fds(ours, [b"n"], pass_fds)

        def wait(self) -> int:
            return 0

        def kill(self) -> None:
            """It has ended, or will when we do."""

    vars(processes)["subprocess"] = SimpleNamespace(Popen=Forked, DEVNULL=subprocess.DEVNULL)
    return ours


def _fork_nurseries(orders: socket.socket) -> NoReturn:
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
    _main()
