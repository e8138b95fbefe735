"""Bytes of an XML document -> the same in UTF-8, whatever they are in and whatever they say of it."""

from __future__ import annotations

import codecs
import re

from feeds.model import Document
from feeds.read import encoding

_LONGEST = 1024  # bytes of a declaration
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s{0,20}=\s{0,20}["']([\w.:-]{1,40})["']""")
_LANGUAGE = re.compile(rb"<(?:dc:)?language>\s{0,20}([A-Za-z-]{2,35})\s{0,20}</")
_UTF8 = ("utf8", "ascii", "usascii")


def settle(document: Document, *, language: str) -> bytes:
    """The body in UTF-8, without a declaration that says otherwise, so that nobody has to guess any more.

    A byte order mark beats the charset of HTTP, which beats the XML declaration (RFC 7303 section 3); one in which
    the body is not valid loses. Where feedparser would take cp1252 for want of better, the language tells: ours of
    the source, or the feed's own.
    """
    body = document.body
    wide = encoding.wide(body)
    if wide:
        return _declared_utf8(body.decode(wide, "ignore").lstrip("\ufeff").encode("utf-8", "ignore"))
    body = body.lstrip(b" \t\r\n")
    if body.startswith(codecs.BOM_UTF8):
        body = body[3:].lstrip(b" \t\r\n")
        claims = ["utf-8"]
    else:
        declared = _ENCODING.match(body, 0, _LONGEST)
        claims = [
            encoding.charset(document.headers.get("content-type", "")),
            declared[1].decode("ascii", "ignore") if declared else "",
        ]
    name = encoding.fitting(body, *filter(None, claims), "utf-8")
    if name.lower().replace("-", "") in _UTF8:
        return _declared_utf8(body)
    if name:
        return _declared_utf8(body.decode(name).encode("utf-8", "ignore"))
    own = _LANGUAGE.search(body)
    return _declared_utf8(encoding.decode(body, language=language or (own[1].decode() if own else "")).encode())


def _declared_utf8(body: bytes) -> bytes:
    """`body` with the encoding that it declares, if any, made true."""
    declared = _ENCODING.match(body, 0, _LONGEST)
    if declared is None or declared[1].lower() == b"utf-8":
        return body
    return body[: declared.start(1)] + b"utf-8" + body[declared.end(1) :]
