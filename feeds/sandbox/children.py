"""Reading in child processes under limits: what looks into documents has no database, no network and no second chance.

A few readers, one per core, are kept and used again. One that takes long gives its place to another and steps back
behind the others, so that a document that hangs delays nobody for longer than half a second, unless more than eight
hang at the same time; at its deadline it is ended and its document is Unreadable. A source whose last document took too
much waits for others of that kind.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from logging import getLogger
from typing import Any

from feeds.config import ReadSettings
from feeds.errors import SandboxError
from feeds.model import Document, Facts, Outline, Reading, Unreadable
from feeds.sandbox.channel import Closed, TooLarge
from feeds.sandbox.processes import Nursery, Reader
from feeds.sandbox.wire import Answer, Crash, Garbled, answer_from, ask_bytes

RECYCLED = 300  # documents after which a reader is replaced: what a parser leaks ends there
LARGEST_ANSWER = 64 << 20  # bytes
SLOW = 0.5  # seconds at one document, after which a reader no longer counts as one of the few
MOST_SLOW = 8  # readers that may be at it for longer at the same time

log = getLogger(__name__)


class Children:
    """Reads documents, each in one of a few child processes. For any number of threads.

    The first document starts them. Why they may be Unreadable, beside all that reading itself finds: parse_timeout,
    parse_memory, parse_crashed, reply_too_large, reply_garbled, and crash_ with the name of an exception for a mistake
    of this program, which is logged.
    """

    def __init__(self, tables: Mapping[str, Any], settings: ReadSettings, *, recycled: int = RECYCLED) -> None:
        """`tables`: of the topic rules, as in the configuration, and known to be right."""
        self._seconds, self._memory, self._recycled = settings.timeout, settings.memory, recycled
        self._lanes = settings.processes or len(os.sched_getaffinity(0))
        self._nursery = Nursery(tables, memory=settings.memory, seconds=settings.timeout + 1)
        self._changed = threading.Condition()
        self._idle: list[Reader] = []
        self._suspects = threading.Lock()  # they are read one at a time: what hung once will hang again
        self._at_work: dict[int, float | None] = {}  # ticket -> monotonic time when a reader began, None: not yet
        self._tickets = 0
        self._closed = False

    def __call__(self, document: Document, facts: Facts) -> Reading | Unreadable:
        """All items of one document.

        Raises:
            SandboxError: no reader can be had on this machine.
        """
        with self._suspects if facts.suspect else nullcontext():
            answer = self._ask(document, facts)
        return answer if isinstance(answer, Reading | Unreadable) else _garbled("another answer than was asked for")

    def outlines(self, document: Document) -> tuple[Outline, ...] | Unreadable:
        """The feeds that an OPML document lists.

        Raises:
            SandboxError: no reader can be had on this machine.
        """
        answer = self._ask(document, None)
        return answer if isinstance(answer, tuple | Unreadable) else _garbled("another answer than was asked for")

    def close(self) -> None:
        """End all readers; those that are at work as well."""
        with self._changed:
            self._closed = True
            for reader in self._idle:
                reader.close()
            self._idle.clear()
            self._changed.notify_all()
        self._nursery.close()

    # --------------------------------------------------------------------------------------------- one document

    def _ask(self, document: Document, facts: Facts | None) -> Answer:
        """Ask a reader; once more if it was lost through no fault of this document."""
        asked = ask_bytes(document, facts)
        for _ in range(2):
            with suppress(_Lost):
                return self._ask_once(document, asked)
        raise SandboxError("the process that readers are forked from is lost again and again")

    def _ask_once(self, document: Document, asked: bytes) -> Answer:
        ticket = self._wait_for_place()
        reader: Reader | None = None
        try:
            reader = self._take_idle() or self._nursery.fork()
            self._at_work[ticket] = time.monotonic()
            answer = self._converse(reader, asked, document.body)
            if reader.served < self._recycled and not reader.broken and not reader.tired:
                with self._changed:
                    if not self._closed and len(self._idle) < self._lanes:
                        self._idle.append(reader)
                        reader = None
        finally:
            with self._changed:
                del self._at_work[ticket]
                self._changed.notify()
            if reader is not None:
                self._nursery.end(reader)
        if isinstance(answer, Crash):
            log.error("reader.crashed", extra={"url": document.url, "why": answer.name, "traceback": answer.traceback})
            return Unreadable(why=f"crash_{answer.name}", detail="a mistake of this program")
        return answer

    def _converse(self, reader: Reader, asked: bytes, body: bytes) -> Answer:
        until = time.monotonic() + self._seconds
        try:
            return answer_from(reader.converse(asked, body, until=until, most=LARGEST_ANSWER))
        except TimeoutError:
            return self._too_slow()
        except TooLarge:
            return Unreadable(why="reply_too_large", detail=f"what it says takes more than {LARGEST_ANSWER >> 20} MiB")
        except Garbled as exc:
            reader.broken = True
            return _garbled(str(exc))
        except Closed:
            return self._post_mortem(reader)

    def _post_mortem(self, reader: Reader) -> Unreadable:
        ended = self._nursery.end(reader)
        if self._closed:
            raise SandboxError("the processes that documents are read in were stopped")
        if ended.lost:
            raise _Lost
        if ended.out_of_memory:
            return Unreadable(
                why="parse_memory", detail=f"reading it takes more than {self._memory >> 20} MiB of memory"
            )
        if ended.out_of_time:
            return self._too_slow()
        return Unreadable(why="parse_crashed", detail=f"its reader {ended.words}")

    def _too_slow(self) -> Unreadable:
        return Unreadable(why="parse_timeout", detail=f"reading it takes more than {self._seconds:g} s")

    # ------------------------------------------------------------------------------------------------- places

    def _wait_for_place(self) -> int:
        with self._changed:
            while True:
                if self._closed:
                    raise SandboxError("the processes that documents are read in were stopped")
                now = time.monotonic()
                left = [SLOW if began is None else SLOW - (now - began) for began in self._at_work.values()]
                quick = [seconds for seconds in left if seconds > 0]
                if len(quick) < self._lanes and len(left) < self._lanes + MOST_SLOW:
                    self._tickets += 1
                    self._at_work[self._tickets] = None
                    return self._tickets
                self._changed.wait(min(quick, default=None))

    def _take_idle(self) -> Reader | None:
        """A reader that waits, and is still there."""
        while True:
            with self._changed:
                if not self._idle:
                    return None
                reader = self._idle.pop()
            if reader.waits:
                return reader
            self._nursery.end(reader)


class _Lost(Exception):
    """The nursery of a reader was lost, and with it what became of the reader."""


def _garbled(detail: str) -> Unreadable:
    return Unreadable(why="reply_garbled", detail=detail[:200])
