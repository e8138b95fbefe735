"""The nursery and its readers, as seen from the process that asks them: started, asked and ended here."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from logging import getLogger
from typing import Any

from feeds.errors import SandboxError
from feeds.sandbox.channel import Block, Channel, Closed, widened
from feeds.sandbox.orders import FORK, KILL, NUMBER, ORDER, OUT_OF_MEMORY
from feeds.sandbox.wire import set_up_bytes

_PATIENCE = 1.5  # seconds of reading before a reader steps back behind the others
_BEHIND = 15  # the nice value of one that did
_START = 60.0  # seconds: a cold disk, a busy machine, five hundred topics
_OBEYED = 10.0  # seconds for an order


log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a reader ended."""

    status: int  # as os.waitpid gives it
    lost: bool = False  # with its nursery: nothing is known of it

    @property
    def out_of_memory(self) -> bool:
        """Whether it wanted more memory than it may have."""
        return os.waitstatus_to_exitcode(self.status) == OUT_OF_MEMORY

    @property
    def out_of_time(self) -> bool:
        """Whether the kernel ended it, as it took too long."""
        return os.waitstatus_to_exitcode(self.status) == -signal.SIGALRM

    @property
    def words(self) -> str:
        """For people."""
        code = os.waitstatus_to_exitcode(self.status)
        return f"ended by itself, with {code}" if code >= 0 else f"was ended by signal {-code}"


_LOST = Ended(signal.SIGKILL, lost=True)  # without its nursery a reader ends by itself


class Reader:
    """One child process. Not for two threads at a time."""

    def __init__(self, number: int, sock: socket.socket, *, nursery: int) -> None:
        self.number = number  # of the process
        self.nursery = nursery  # that it was forked from
        self.served = 0  # documents
        self.broken = False  # after a surprise nothing that comes from it can be told from what it should have said
        self.tired = False  # it is behind all others in the queue for a core, which cannot be undone
        self.ended: Ended | None = None
        self._channel = Channel(sock)

    def converse(self, asked: bytes, body: bytes, *, until: float, most: int) -> Block:
        """Ask, and return the answer.

        Raises:
            Closed, TimeoutError, TooLarge: see `channel`; the reader is broken then.
        """
        self.served += 1
        try:
            self._channel.send(asked, body, until=until)
            if not self._channel.answers(min(_PATIENCE, until - time.monotonic())):
                self._step_back()
            return self._channel.receive(until=until, most=most)[0]
        except BaseException:
            self.broken = True
            raise

    def _step_back(self) -> None:
        """Let honest documents go first: what takes so long may hang, and several that hang would take every core."""
        with suppress(OSError):  # it has just ended, or this sandbox does not let us
            os.setpriority(os.PRIO_PROCESS, self.number, _BEHIND)
        self.tired = True

    @property
    def waits(self) -> bool:
        """Whether it is still there, and silent."""
        return self._channel.is_open

    def close(self) -> None:
        """Ask no more; an idle reader then ends by itself."""
        self._channel.close()


class Nursery:
    """Starts the process that readers are forked from when it is first needed, and anew if it was lost."""

    def __init__(self, tables: Mapping[str, Any], *, memory: int, seconds: float) -> None:
        """See `wire.SetUp`."""
        self._set_up = set_up_bytes(tables, memory=memory, seconds=seconds)
        self._lock = threading.Lock()
        self._started = 0  # nurseries so far
        self._current = 0  # number of the one that is ready, 0 if none is
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def fork(self) -> Reader:
        """A new reader.

        Raises:
            SandboxError: this machine gives none.
        """
        ours, theirs = map(widened, socket.socketpair())
        with theirs, self._lock:
            try:
                number = self._order_fork(theirs)
                return Reader(number, ours, nursery=self._current)
            except BaseException:
                ours.close()
                raise

    def end(self, reader: Reader) -> Ended:
        """End `reader`, if it has not ended yet. How it did. Waits for no other nursery that is just starting."""
        reader.close()
        if reader.ended is None and reader.nursery != self._current:
            reader.ended = _LOST
        if reader.ended is None:
            with self._lock:
                reader.ended = self._kill(reader)
        return reader.ended

    def close(self) -> None:
        """End the nursery, and with it all readers; start none any more."""
        with self._lock:
            self._closed = True
            self._stop()

    def _order_fork(self, theirs: socket.socket) -> int:
        """The number of a new reader that serves the other end of `theirs`."""
        trouble: BaseException | None = None
        for _ in range(2):
            if self._closed:
                raise SandboxError("the processes that documents are read in were stopped")
            control = self._control or self._start()
            try:
                socket.send_fds(control, [ORDER.pack(FORK, 0)], [theirs.fileno()])
                return self._number(control)
            except (OSError, Closed) as exc:
                self._stop()  # the nursery was lost, to want of memory perhaps; another one may do better
                trouble = exc
        raise SandboxError(f"no process to read documents in can be had: {trouble!r}") from trouble

    def _kill(self, reader: Reader) -> Ended:
        if self._control is None or reader.nursery != self._current:
            return _LOST
        try:
            self._control.sendall(ORDER.pack(KILL, reader.number))
            return Ended(self._number(self._control))
        except (OSError, Closed):
            self._stop()
            return _LOST

    def _number(self, control: socket.socket) -> int:
        control.settimeout(_OBEYED)
        data = control.recv(NUMBER.size)
        if len(data) < NUMBER.size:
            raise Closed
        return int(NUMBER.unpack(data)[0])

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            # -I: no variables of Python's, no current folder and no user's packages; a session of its own, so that
            # ^C at a terminal reaches us alone and we end it in order.
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
                    [sys.executable, "-I", "-m", "feeds.sandbox.nursery", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    env={"MALLOC_ARENA_MAX": "1"},
                )
            except OSError as exc:
                ours.close()
                raise SandboxError(f"no process to read documents in can be had: {exc}") from exc
        self._control = ours
        self._started += 1
        channel = Channel(ours)
        until = time.monotonic() + _START
        try:
            channel.send(self._set_up, until=until)
            trouble, warning = (str(b, "utf-8", "replace") for b in channel.receive(until=until, most=1 << 20))
        except (Closed, TimeoutError, OSError) as exc:
            code = self._stop()
            words = "it is not ready after a minute" if isinstance(exc, TimeoutError) else f"it ended with {code}"
            raise SandboxError(f"the process that documents are read in does not start: {words}") from exc
        if trouble:
            self._stop()
            raise SandboxError(f"the process that documents are read in does not start: {trouble}")
        self._current = self._started
        if warning and self._started == 1:
            log.info("readers.doubtful", extra={"why": warning})
        return ours

    def _stop(self) -> int | None:
        """End the nursery, if there is one. Its exit code."""
        code, self._current = None, 0
        if self._process is not None and self._control is not None:
            try:  # its end of the socket closes when it ends
                self._control.shutdown(socket.SHUT_WR)
                self._control.settimeout(_OBEYED)
                while self._control.recv(1 << 10):
                    pass
            except OSError:
                self._process.kill()
            code = self._process.wait()
            self._control.close()
        self._control = self._process = None
        return code
