"""Blocks of bytes over a stream socket, each behind its length."""

from __future__ import annotations

import select
import socket
import struct
import time
from typing import TypeAlias

_LENGTHS = struct.Struct(">II")
_AT_ONCE = 1 << 20  # bytes of one read, and of one write if the system lets us

Block: TypeAlias = bytes | bytearray


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
        left = [_LENGTHS.pack(len(first), len(second)), first, second]
        try:
            self._socket.settimeout(_left(until))
            sent = self._socket.sendmsg(left)  # mostly all of it: see `widened`
            for block in left:
                if sent < len(block):
                    self._socket.settimeout(_left(until))
                    self._socket.sendall(memoryview(block)[sent:])
                sent = max(0, sent - len(block))
        except (BrokenPipeError, ConnectionResetError) as exc:
            raise Closed from exc

    def receive(self, *, until: float | None = None, most: int | None = None) -> tuple[Block, Block]:
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

    def _exactly(self, size: int, until: float | None) -> Block:
        try:
            if until is None:
                if self._socket.gettimeout() is not None:
                    self._socket.settimeout(None)
                whole = self._socket.recv(size, socket.MSG_WAITALL) if size else b""
                if len(whole) < size:
                    raise Closed
                return whole
            block = bytearray(size)
            view, at = memoryview(block), 0
            while at < size:
                self._socket.settimeout(_left(until))
                read = self._socket.recv_into(view[at : at + _AT_ONCE])
                if not read:
                    raise Closed
                at += read
        except ConnectionResetError as exc:
            raise Closed from exc
        return block


def widened(sock: socket.socket) -> socket.socket:
    """`sock`, which takes a usual document in one go, if the system lets it: nobody need be woken halfway."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _AT_ONCE)
    return sock


def _left(until: float | None) -> float | None:
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
