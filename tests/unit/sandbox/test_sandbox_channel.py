"""Blocks of bytes over a socket: whole, in time, and no larger than was agreed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from feeds.sandbox.channel import Channel, Closed, TooLarge


@pytest.fixture
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    """A channel, and the bare socket at its other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), theirs


def received(channel: Channel, *, most: int | None = None) -> tuple[bytes, bytes]:
    first, second = channel.receive(most=most)
    return bytes(first), bytes(second)


@pytest.mark.parametrize("sizes", [(0, 0), (1, 0), (0, 1), (5, 3_000_000), (3_000_000, 5)], ids=str)
def test_blocks_arrive_whole(pair: tuple[Channel, socket.socket], sizes: tuple[int, int]) -> None:
    channel, other = pair
    first, second = b"a" * sizes[0], b"b" * sizes[1]
    sender = threading.Thread(target=Channel(other).send, args=(first, second))
    sender.start()
    assert received(channel) == (first, second)
    sender.join()


def test_one_after_another(pair: tuple[Channel, socket.socket]) -> None:
    channel, other = pair
    for number in range(3):
        Channel(other).send(b"%d" % number, b"x")
    assert [received(channel) for _ in range(3)] == [(b"0", b"x"), (b"1", b"x"), (b"2", b"x")]


def test_the_other_side_is_gone(pair: tuple[Channel, socket.socket]) -> None:
    channel, other = pair
    other.sendall(b"\0\0\0\5")
    other.close()
    with pytest.raises(Closed):
        channel.receive()
    with pytest.raises(Closed):
        channel.send(b"a")


@pytest.mark.parametrize(
    "sent", [b"", b"\0\0", b"\0\0\0\3\0\0\0\0ab"], ids=["silence", "half a length", "half a block"]
)
def test_a_deadline_holds_for_the_whole(pair: tuple[Channel, socket.socket], sent: bytes) -> None:
    channel, other = pair
    other.sendall(sent)
    with pytest.raises(TimeoutError):
        channel.receive(until=time.monotonic() + 0.05)
    with pytest.raises(TimeoutError):
        channel.receive(until=time.monotonic() - 1)


def test_a_drip_does_not_stretch_the_deadline(pair: tuple[Channel, socket.socket]) -> None:
    channel, other = pair
    stop = threading.Event()

    def drip() -> None:
        other.sendall(b"\0\0\xff\xff\0\0\0\0")
        while not stop.wait(0.01):
            other.sendall(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        with pytest.raises(TimeoutError):
            channel.receive(until=time.monotonic() + 0.2)
    finally:
        stop.set()
        dripping.join()


def test_nobody_takes_what_is_sent(pair: tuple[Channel, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        pair[0].send(b"a" * 50_000_000, until=time.monotonic() + 0.1)


def test_more_than_was_agreed(pair: tuple[Channel, socket.socket]) -> None:
    channel, other = pair
    Channel(other).send(b"a" * 6, b"b" * 4)
    assert received(channel, most=10) == (b"a" * 6, b"b" * 4)
    Channel(other).send(b"a" * 6, b"b" * 5)
    with pytest.raises(TooLarge):
        channel.receive(most=10)


def test_whether_it_is_open(pair: tuple[Channel, socket.socket]) -> None:
    channel, other = pair
    assert channel.is_open
    other.sendall(b"x")
    assert not channel.is_open, "it says what nobody asked for"
    other.close()
    assert not channel.is_open
    channel.close()
    assert not channel.is_open
