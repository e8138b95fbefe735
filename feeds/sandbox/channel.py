"""Blocks of bytes over a stream socket, each behind its length."""

from __future__ import annotations

import select
import socket
import struct
import time

_LENGTHS = struct.Struct(">II")
_AT_ONCE = 1 << 20  # bytes of one read


class Closed(Exception):
    """The other side is gone."""


class TooLarge(Exception):
    """The other side announced more than we take."""


class Channel:
    """One side of a conversation of pairs of blocks. Not for two threads at a time.

    Raises, from both verbs: Closed; TimeoutError at `until`, monotonic seconds, None for never.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def send(self, first: bytes, second: bytes = b"", *, until: float | None = None) -> None:
        """Send two blocks; neither is copied."""
        try:
            for block in (_LENGTHS.pack(len(first), len(second)), first, second):
                if block:
                    self._socket.settimeout(_left(until))
                    self._socket.sendall(block)
        except (BrokenPipeError, ConnectionResetError) as exc:
            raise Closed from exc

    def receive(self, *, until: float | None = None, most: int | None = None) -> tuple[bytearray, bytearray]:
        """The next two blocks.

        Raises:
            TooLarge: they hold more than `most` bytes.
        """
        first, second = _LENGTHS.unpack(self._exactly(_LENGTHS.size, until))
        if most is not None and first + second > most:
            raise TooLarge
        return self._exactly(first, until), self._exactly(second, until)

    def answers(self, within: float) -> bool:
        """Whether something is there to be read, or the end, within so many seconds."""
        return bool(select.select([self._socket], [], [], max(0.0, within))[0])

    @property
    def is_open(self) -> bool:
        """Whether the other side is there and has said nothing that we did not ask for."""
        try:
            self._socket.settimeout(0)
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """End the conversation."""
        self._socket.close()

    def _exactly(self, size: int, until: float | None) -> bytearray:
        block = bytearray(size)
        view, at = memoryview(block), 0
        try:
            while at < size:
                self._socket.settimeout(_left(until))
                read = self._socket.recv_into(view[at : at + _AT_ONCE])
                if not read:
                    raise Closed
                at += read
        except ConnectionResetError as exc:
            raise Closed from exc
        return block


def _left(until: float | None) -> float | None:
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
