"""From the bytes on the wire to the body: gzip or nothing, never more than was asked for."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor, IsalError

from feeds.fetch.why import Trouble, Why, megabytes

_PIECE = 64 * 1024  # bytes: what one call may inflate
_GZIP = ("gzip", "x-gzip")  # RFC 9110 section 8.4.1.3 holds them equal
_MAGIC = b"\x1f\x8b"


def decode(chunks: Iterable[bytes], coding: str, *, max_bytes: int, take: Callable[[int], object] = int) -> bytes:
    """The body behind `chunks`, freed of the content coding that the header `coding` names.

    Neither the wire nor the body may have more than `max_bytes`, and no call makes more than 64 KiB out of what
    it was given, so that a bomb costs the limit and no more (RFC 1952; RFC 9110 section 8.4). `take` hears beforehand
    how many bytes the body is about to have.

    Raises:
        Trouble: ENCODING, TRUNCATED or TOO_LARGE.
    """
    names = [name for part in coding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if len(names) > 1:
        raise Trouble(Why.ENCODING, f"codings stacked {len(names)} deep; only one gzip is accepted")
    if names and names[0] not in _GZIP:
        raise Trouble(Why.ENCODING, f"content coding {names[0][:40]!r}, though only gzip was asked for")
    limited = _limited(chunks, max_bytes)
    body = io.BytesIO()  # gives its bytes away without a second copy, unlike a list of pieces or a bytearray
    if names:
        _gunzip(limited, body, max_bytes, take)
    else:
        for chunk in limited:
            take(body.tell() + len(chunk))
            body.write(chunk)
    return body.getvalue()


def _limited(chunks: Iterable[bytes], max_bytes: int) -> Iterable[bytes]:
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if seen > max_bytes:
            raise too_large(max_bytes)
        yield chunk


def _gunzip(chunks: Iterable[bytes], body: io.BytesIO, max_bytes: int, take: Callable[[int], object]) -> None:
    start, after = b"", b""
    stream = IgzipDecompressor(flag=DECOMP_GZIP)
    for chunk in chunks:
        if stream.eof:
            after = (after + chunk)[:2]
            continue
        if len(start) < 2:
            start = (start + chunk)[:2]
            if not _MAGIC.startswith(start):
                raise Trouble(Why.ENCODING, "said to be gzip, but is not")
        data = chunk
        while True:
            take(body.tell() + _PIECE)
            try:
                body.write(stream.decompress(data, _PIECE))
            except IsalError as exc:  # type: ignore[misc]  # the stub takes the class for an instance of it
                raise Trouble(Why.ENCODING, f"broken gzip: {exc}") from exc
            if body.tell() > max_bytes:
                raise too_large(max_bytes)
            if stream.eof or stream.needs_input:
                break
            data = b""
        after = stream.unused_data[:2]
    if after == _MAGIC:  # anything else there, line ends and zeros, means nothing
        raise Trouble(Why.ENCODING, "several gzip members in a row; only one is accepted")
    if start and not stream.eof:  # a server that labels an empty body gzip sends no gzip at all
        raise Trouble(Why.TRUNCATED, "the gzip stream ends before its end")


def too_large(max_bytes: int) -> Trouble:
    """What a document of more than `max_bytes` comes to."""
    return Trouble(Why.TOO_LARGE, f"larger than {megabytes(max_bytes)}; raise [fetch] max_bytes if it has to be")
