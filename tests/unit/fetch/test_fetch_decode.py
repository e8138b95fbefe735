"""Bodies out of their coding, within limits."""

from __future__ import annotations

import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.fetch.decode import decode
from feeds.fetch.why import Trouble, Why

FEED = b"<rss version='2.0'><channel><title>Wire</title></channel></rss>" * 40


def gzip(body: bytes, level: int = 6) -> bytes:
    return zlib.compress(body, level, wbits=31)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def why(chunks: list[bytes], coding: str, limit: int = 1_000_000) -> str:
    with pytest.raises(Trouble) as caught:
        decode(chunks, coding, max_bytes=limit)
    assert caught.value.detail
    return caught.value.why


@given(
    st.binary(max_size=300).flatmap(lambda piece: st.integers(1, 3000).map(lambda times: piece * times)),
    st.integers(0, 9),
    st.sampled_from([1, 2, 7, 1000, 65536]),
)
@settings(max_examples=60)
def test_gzip_comes_out_as_it_went_in(body: bytes, level: int, size: int) -> None:
    packed = gzip(body, level)
    chunks = cut(packed, max(size, len(packed) // 2000))
    assert decode(chunks, "gzip", max_bytes=1_000_000) == body


@given(st.binary(max_size=2000), st.floats(0, 1, exclude_max=True))
@settings(max_examples=60)
def test_gzip_that_ends_early_is_never_taken_for_a_body(body: bytes, share: float) -> None:
    packed = gzip(body)
    kept = packed[: max(1, int(len(packed) * share))]
    assert why([kept], "gzip") == Why.TRUNCATED


@pytest.mark.parametrize("coding", ["", "identity", "Identity, ", "gzip", "GZIP", "x-gzip", "identity, gzip"])
def test_codings_that_are_taken(coding: str) -> None:
    body = gzip(FEED) if "gzip" in coding.lower() else FEED
    assert decode(cut(body, 100), coding, max_bytes=len(FEED)) == FEED


@pytest.mark.parametrize(
    ("coding", "named"),
    [
        pytest.param("br", "'br'", id="brotli, sent unasked"),
        pytest.param("zstd", "'zstd'", id="zstd"),
        pytest.param("deflate", "'deflate'", id="deflate, of which there are two"),
        pytest.param("gzip, gzip", "2 deep", id="stacked"),
        pytest.param(", ".join(["gzip"] * 5000), "5000 deep", id="stacked high"),
        pytest.param("x" * 9000, "x'", id="a long name"),
    ],
)
def test_other_codings_are_refused_by_name(coding: str, named: str) -> None:
    with pytest.raises(Trouble) as caught:
        decode([b"x"], coding, max_bytes=100)
    assert caught.value.why == Why.ENCODING
    assert named in caught.value.detail
    assert len(caught.value.detail) < 120


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([FEED], id="plain text said to be gzip"),
        pytest.param([b"\x1f", b"no"], id="one byte right"),
        pytest.param([gzip(FEED)[:-8] + b"\0" * 8], id="wrong checksum"),
        pytest.param([gzip(FEED)[:10] + b"\xff" * 30], id="junk behind the head"),
        pytest.param([gzip(FEED) + gzip(FEED)], id="two members"),
        pytest.param([gzip(FEED), gzip(FEED)], id="two members in two chunks"),
        pytest.param([*cut(gzip(FEED), 1), *cut(gzip(FEED), 1)], id="two members byte by byte"),
    ],
)
def test_what_is_not_one_sound_gzip_stream_is_refused(chunks: list[bytes]) -> None:
    assert why(chunks, "gzip") == Why.ENCODING


@pytest.mark.parametrize("after", [b"\r\n", b"\0" * 512, b"\x1f", b"<!-- cached -->"])
def test_what_follows_the_stream_means_nothing(after: bytes) -> None:
    assert decode([gzip(FEED) + after], "gzip", max_bytes=len(FEED)) == FEED
    assert decode([gzip(FEED), after], "gzip", max_bytes=len(FEED)) == FEED


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_no_bytes_are_an_empty_body(coding: str) -> None:
    assert decode([], coding, max_bytes=100) == b""


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_the_limit_is_the_last_size_that_is_taken(coding: str) -> None:
    body = gzip(FEED) if coding else FEED
    assert decode([body], coding, max_bytes=len(FEED)) == FEED
    assert why([body], coding, len(FEED) - 1) == Why.TOO_LARGE


def test_an_endless_wire_is_left_at_the_limit() -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 1000

    with pytest.raises(Trouble, match="larger than"):
        decode(endless(), "", max_bytes=10_000)  # type: ignore[arg-type]
    assert taken == 11


def test_a_bomb_costs_the_limit_and_no_more() -> None:
    squeeze = zlib.compressobj(9, wbits=31)
    bomb = b"".join([*(squeeze.compress(bytes(1 << 20)) for _ in range(100)), squeeze.flush()])
    assert len(bomb) < 125_000
    tracemalloc.start()
    try:
        assert why(cut(bomb, 65536), "gzip", 4_000_000) == Why.TOO_LARGE
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 4_000_000
