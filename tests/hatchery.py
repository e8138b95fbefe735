"""Commands by the hundred: one process imports the program once, and forks a process for each command.

    with Hatchery() as hatchery:
        process = hatchery.start("--config", str(desk.config), "refresh", environment={"FEEDS_FAULT": "7"})
        assert process.wait() == -signal.SIGKILL

They are real processes with real databases, files and signals; only the seconds that it takes to import everything and
to compile SQL are saved, for them and for the nurseries that they start. What measures a start, what is imported, or a
whole family of processes must start its own.
"""

from __future__ import annotations

import atexit
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
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, ClassVar, NamedTuple, NoReturn, Self

from tests.cradle import ROOT, Cradle
from tests.statements import share_statements

_MOST = 1 << 17  # bytes of one order


class Order(NamedTuple):
    """What a process shall do."""

    commands: Sequence[Sequence[str]]  # one after the other, until one fails
    environment: Mapping[str, str]
    copies: str  # see `start`


class Hatched:
    """A process that was forked, with what `subprocess.Popen` has."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self._lines = told.makefile("r", encoding="ascii")
        self.pid = int(self._lines.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended: negative for a signal; None if it has not."""
        with suppress(TimeoutError):
            self.wait(timeout=0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            TimeoutError: it goes on.
        """
        if self.returncode is None:
            self._told.settimeout(timeout)
            try:
                self._told.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                raise TimeoutError from None
            self._told.settimeout(None)
            self.returncode = int(self._lines.readline())
            self._lines.close()
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Hatchery:
    """The process that forks; it runs inside the block."""

    used: ClassVar[Hatchery | None] = None  # where a `Desk` has its commands run, and daemons come from

    def __enter__(self) -> Self:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            command = [sys.executable, "-m", "tests.hatchery", str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd=ROOT, stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.close()
        self._process.wait()

    def start(
        self,
        *arguments: str,
        environment: Mapping[str, str],
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        stderr: IO[bytes] | None = None,
        each: Sequence[Sequence[str]] = (),
        copies: Path | None = None,
    ) -> Hatched:
        """`feeds` and these arguments, or each of several commands one after the other.

        With `copies` there stands in `copies/n` what stood beside the configuration when the n-th fault point was
        passed: what a kill there would have left.
        """
        order = Order(each or [arguments], environment, str(copies or ""))
        ours, theirs = socket.socketpair()
        with theirs, open(os.devnull, "r+b", buffering=0) as null:
            files = [file.fileno() for file in (stdin or null, stdout or null, stderr or null, theirs)]
            with self._lock:
                socket.send_fds(self._orders, [json.dumps(order).encode()], files)
        return Hatched(ours)

    def run(
        self, *arguments: str, environment: Mapping[str, str], stdin: str = "", **more: object
    ) -> subprocess.CompletedProcess[str]:
        """Start, wait, and give back what it printed."""
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
            told.write(stdin.encode())
            told.seek(0)
            files = {"stdin": told, "stdout": printed, "stderr": said}
            code = self.start(*arguments, environment=environment, **files, **more).wait()  # type: ignore[arg-type]
            printed.seek(0)
            said.seek(0)
            return subprocess.CompletedProcess(arguments, code, printed.read().decode(), said.read().decode())


# --------------------------------------------------------------------------------------- the process itself


def _main(orders: socket.socket) -> None:
    share_statements()
    _warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    while True:
        data, descriptors, _, _ = socket.recv_fds(orders, _MOST, 4)
        if not data:
            return
        if not os.fork():
            orders.close()
            _keep(Order(*json.loads(data)), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _keep(order: Order, descriptors: Sequence[int]) -> NoReturn:
    """Fork the process, and tell its number and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    told = socket.socket(fileno=descriptors[3])
    child = os.fork()
    if not child:
        told.close()
        for number, descriptor in enumerate(descriptors[:3]):
            os.dup2(descriptor, number)
            os.close(descriptor)
        _become(order)
    for descriptor in descriptors[:3]:
        os.close(descriptor)
    told.sendall(f"{child}\n".encode())
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(OSError):  # nobody listens any more
        told.sendall(f"{status}\n".encode())
    os._exit(0)


def _warm_up() -> None:
    """Go the whole way twice, so that everything is imported and every template compiled; leave no thread behind."""
    import feeds.daemon
    import feeds.fetch.http
    import feeds.serve.app  # noqa: F401
    from feeds.cli.refreshing import one_pass
    from feeds.config import load
    from feeds.wiring import App
    from tests.desk import Desk

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


def _become(order: Order) -> NoReturn:
    """In the child: what `feeds` does with these arguments in this environment, to the end of the interpreter."""
    from feeds import faults

    os.environ.clear()
    os.environ.update(order.environment)
    if order.copies:
        faults.point = _copying(faults.point, Path(order.commands[0][1]).parent, Path(order.copies))
    code = 0
    for arguments in order.commands:
        faults.want(os.environ.get("FEEDS_FAULT", ""))
        code = code or _command(arguments)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _command(arguments: Sequence[str]) -> int:
    from feeds.cli import main

    sys.argv = ["feeds", *arguments]
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


if __name__ == "__main__":
    with Cradle() as cradle, cradle.used():
        _main(socket.socket(fileno=int(sys.argv[1])))
