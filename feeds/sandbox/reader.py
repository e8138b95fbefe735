"""A reader: the loop of one child process, which looks into documents and knows nothing else of the world."""

from __future__ import annotations

import os
import resource
import signal
import socket
import traceback
from contextlib import suppress

from feeds.model import Unreadable
from feeds.sandbox.channel import Channel, Closed
from feeds.sandbox.orders import OUT_OF_MEMORY
from feeds.sandbox.pipeline import Pipeline, outlines
from feeds.sandbox.wire import Answer, Crash, answer_bytes, ask_from

_FILES = 16  # descriptors, of which time zones and the like need one now and then


def confine(memory: int) -> None:
    """Give up, for good, all that a reader needs not: big memory, files to write, many descriptors, core dumps."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # before the process that holds the database
        file.write("1000")
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def serve(sock: socket.socket, pipeline: Pipeline, *, seconds: float) -> None:
    """Answer until the other side is gone. A document may take `seconds`; then the kernel ends this process."""
    channel = Channel(sock)
    with suppress(Closed):
        while True:
            asked, body = channel.receive()
            # Without a handler the signal ends the process, whatever it is doing, and also if nobody waits any more.
            signal.setitimer(signal.ITIMER_REAL, seconds)
            try:
                answer = answer_bytes(_answer(bytes(asked), bytes(body), pipeline))
            except MemoryError:
                os._exit(OUT_OF_MEMORY)
            signal.setitimer(signal.ITIMER_REAL, 0)
            channel.send(answer)


def _answer(asked: bytes, body: bytes, pipeline: Pipeline) -> Answer:
    try:
        document, facts = ask_from(asked, body)
        answer: Answer = pipeline(document, facts) if facts else outlines(document)
    except MemoryError:
        raise
    except Exception as exc:  # noqa: BLE001 - the edge of one document; the process that asked logs it
        return Crash(name=type(exc).__name__, traceback=traceback.format_exc()[-4000:])
    if isinstance(answer, Unreadable) and answer.why == "parser_MemoryError":
        raise MemoryError
    return answer
