"""By how much a crowd of bad clients delays good ones: `python -m tests.bench.crowd`.

Good clients fetch a feed over kept connections, alone and beside 2,000 idle connections, 200 that drip a head and 50
that do not read what they asked for, in turns. The 95th percentile of their answers, medians over the rounds.
"""

from __future__ import annotations

import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from feeds.publish.files import Folder
from tests.bench.serving import OURS, answer, free_port, peer
from tests.bench.verdict import say

ROUNDS, REQUESTS, GOOD = 7, 150, 8
IDLE, DRIPS, DEAF = 2000, 200, 50
REQUEST = b"GET /ukraine.atom HTTP/1.1\r\nHost: a\r\n\r\n"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        Folder(folder).put("ukraine.atom", b"<feed>" + b"x" * 60_000)
        Folder(folder).put("large.atom", b"<feed>" + b"x" * 8_000_000)
        port = free_port()
        with peer(sys.executable, "-c", OURS, folder, str(port), port=port):
            alone, beside = [], []
            for _ in range(ROUNDS):
                alone.append(p95(port))
                with crowd(port):
                    beside.append(p95(port))
    ratio = statistics.median(beside) / statistics.median(alone)
    print(f"alone {statistics.median(alone) * 1000:.2f} ms, beside the crowd {statistics.median(beside) * 1000:.2f} ms")
    say(f"p95 of good clients beside {IDLE} idle, {DRIPS} slow and {DEAF} deaf ones", ratio, 2, at_most=True)


def p95(port: int) -> float:
    """Seconds."""
    with ExitStack() as stack:
        socks = [stack.enter_context(connect(port)) for _ in range(GOOD)]
        times = []
        for _ in range(REQUESTS):
            for sock in socks:
                start = time.perf_counter()
                sock.sendall(REQUEST)
                answer(sock)
                times.append(time.perf_counter() - start)
        return statistics.quantiles(times, n=20)[-1]


@contextmanager
def crowd(port: int) -> Iterator[None]:
    """Bad clients, as long as the block lasts."""
    over = threading.Event()
    with ExitStack() as stack:
        for _ in range(IDLE):
            stack.enter_context(connect(port))
        slow = [stack.enter_context(connect(port)) for _ in range(DRIPS)]
        for _ in range(DEAF):
            stack.enter_context(connect(port)).sendall(REQUEST.replace(b"ukraine", b"large"))

        def drip() -> None:
            while not over.wait(0.5):
                for sock in slow:
                    with suppress(OSError):
                        sock.send(b"X")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def connect(port: int) -> socket.socket:
    """A connection to the server."""
    return socket.create_connection(("127.0.0.1", port), timeout=30)


if __name__ == "__main__":
    main()
