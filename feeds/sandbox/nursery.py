"""`python -I -m feeds.sandbox.nursery FD`: the process that the readers are forked from.

It has imported all parsers and compiled all rules, has one thread, and opens no document itself. A new reader is there
within milliseconds and shares its memory; a fresh interpreter would take half a second each time one is lost.

Over the socket FD it is told what to know, then: `f` with a descriptor: fork a reader that serves it, answered by its
number; `k` and a number: end that reader, answered by its wait status. When the socket closes all readers end with it.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NoReturn, TypeAlias

from feeds.model import Document, Facts, Source
from feeds.sandbox.channel import Channel
from feeds.sandbox.orders import FORK, NUMBER, ORDER
from feeds.sandbox.wire import SetUp, set_up_from

Read: TypeAlias = Callable[[socket.socket], None]

COLLECTED = (50_000, 20, 100)  # the garbage collector's thresholds in a reader

_SAMPLE = (
    b"<rss version='2.0'><channel><title>t</title><item><title>a</title><link>http://a.example/b</link>"
    b"<description>&lt;p&gt;c&lt;/p&gt;</description><pubDate>Thu, 26 Nov 2026 06:00:00 GMT</pubDate></item>"
    b"</channel></rss>"
)


def main() -> None:
    """Serve the socket whose descriptor is the one argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    channel = Channel(control)
    first, _ = channel.receive()
    set_up = set_up_from(bytes(first))
    try:
        read, doubts = _ready(set_up)
    except Exception as exc:  # noqa: BLE001 - the edge of this process: whoever started it says what is wrong
        channel.send(f"{type(exc).__name__}: {exc}".encode("utf-8", "replace"))
        return
    channel.send(b"", doubts.encode())
    control.settimeout(None)
    _attend(control, read)


def _ready(set_up: SetUp) -> tuple[Read, str]:
    """What a reader does, everything imported, compiled and looked at once; and what is doubtful about it."""
    # Imported here, so that whoever started this process hears why one of them cannot be.
    from feeds.classify.matcher import Matcher
    from feeds.classify.rules import compile_rules
    from feeds.read import assert_ours, old_expat, unproven
    from feeds.sandbox.pipeline import Pipeline
    from feeds.sandbox.reader import confine, serve

    assert_ours()
    rules = compile_rules(set_up.tables)
    pipeline = Pipeline(Matcher(rules), rules=rules.version)
    source = Source(name="warm", url="http://a.example/")
    pipeline(Document(url=source.url, body=_SAMPLE), Facts(source=source, now=datetime(2026, 11, 26, tzinfo=UTC)))
    gc.collect()
    gc.freeze()  # what is there by now lives as long as the process; nobody need look at it again
    gc.set_threshold(*COLLECTED)  # a document makes its garbage and is gone

    def read(sock: socket.socket) -> None:
        confine(set_up.memory)
        serve(sock, pipeline, seconds=set_up.seconds)

    return read, "; ".join(filter(None, (unproven(), old_expat())))


def _attend(control: socket.socket, read: Read) -> None:
    readers: set[int] = set()  # not waited for: as long as that is so, their numbers are given to no other process
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, ORDER.size, 1)
        if not data:
            break
        while len(data) < ORDER.size:
            data += control.recv(ORDER.size - len(data))
        order, number = ORDER.unpack(data)
        if order == FORK:
            number = os.fork()
            if not number:
                control.close()
                _become_reader(descriptors[0], read)
            os.close(descriptors[0])
            readers.add(number)
            control.sendall(NUMBER.pack(number))
        elif number in readers:  # KILL
            os.kill(number, signal.SIGKILL)  # does nothing to one that ended by itself
            readers.discard(number)
            control.sendall(NUMBER.pack(os.waitpid(number, 0)[1]))
    for number in readers:
        os.kill(number, signal.SIGKILL)


def _become_reader(descriptor: int, read: Read) -> NoReturn:
    code = 1
    with suppress(Exception):
        os.setsid()
        read(socket.socket(fileno=descriptor))
        code = 0
    os._exit(code)


if __name__ == "__main__":
    main()
