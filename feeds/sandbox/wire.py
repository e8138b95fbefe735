"""What crosses to the readers and back, as bytes: MessagePack, decoded into nothing but the types that it must hold.

A reader has parsed hostile bytes, so its answer is no more to be trusted than they are. Decoding checks every type, and
builds plain values of `feeds.model`; nothing in it can name code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias

from msgspec import DecodeError, Meta, Struct, ValidationError, msgpack

from feeds.model import Article, Document, Facts, FeedHead, Item, Outline, Reading, Rejected, Unreadable

_FEW = Meta(max_length=10_000)  # of a document of a thousand items, and what drowned


class Crash(Struct, frozen=True, tag="crash", array_like=True):
    """A mistake of this program, met in a reader."""

    name: str  # of the exception
    traceback: str


class _Read(Struct, frozen=True, tag="read", array_like=True):
    """A Reading; its items by kind, each with its place."""

    head: FeedHead
    articles: Annotated[list[tuple[int, Article]], _FEW]
    rejected: Annotated[list[tuple[int, Rejected]], _FEW]
    known: int
    slices: Annotated[tuple[Annotated[bytes, Meta(min_length=8, max_length=8)], ...], _FEW]
    rules: str
    trouble: str
    cuts: Annotated[dict[str, int], Meta(max_length=20)]
    differs: str


class _Refused(Struct, frozen=True, tag="refused", array_like=True):
    trouble: Unreadable


class _Listed(Struct, frozen=True, tag="listed", array_like=True):
    outlines: tuple[Outline, ...]


class Ask(Struct, frozen=True, array_like=True):
    """What a reader is asked; the body of the document travels beside it."""

    document: Document
    facts: Facts | None  # None: it is an OPML list of feeds


class SetUp(Struct, frozen=True, array_like=True):
    """What a nursery must know to make readers."""

    tables: dict[str, Any]  # of the topic rules, as in the configuration
    memory: int  # bytes of address space of one reader
    seconds: float  # a reader that is at it for longer is ended


Answer: TypeAlias = Reading | Unreadable | tuple[Outline, ...] | Crash

_encode = msgpack.Encoder().encode
_Answered: TypeAlias = _Read | _Refused | _Listed | Crash
_answer: Callable[[bytes | bytearray], _Answered] = msgpack.Decoder(_Answered).decode
_ask = msgpack.Decoder(Ask).decode
_set_up = msgpack.Decoder(SetUp).decode


class Garbled(Exception):
    """These bytes are no answer."""


def ask_bytes(document: Document, facts: Facts | None) -> bytes:
    """A question, without the body."""
    bare = Document(url=document.url, body=b"", headers=document.headers, modified=document.modified)
    return _encode(Ask(document=bare, facts=facts))


def ask_from(data: bytes, body: bytes) -> tuple[Document, Facts | None]:
    """The question that `ask_bytes` wrote, with the body that came beside it."""
    asked = _ask(data)
    bare = asked.document
    return Document(url=bare.url, body=body, headers=bare.headers, modified=bare.modified), asked.facts


def answer_bytes(answer: Answer) -> bytes:
    """An answer."""
    match answer:
        case Reading():
            numbered: list[tuple[int, Item]] = list(enumerate(answer.items))
            return _encode(
                _Read(
                    head=answer.head,
                    articles=[(n, item) for n, item in numbered if isinstance(item, Article)],
                    rejected=[(n, item) for n, item in numbered if isinstance(item, Rejected)],
                    known=answer.known,
                    slices=answer.slices,
                    rules=answer.rules,
                    trouble=answer.trouble,
                    cuts=dict(answer.cuts),
                    differs=answer.differs,
                )
            )
        case Unreadable():
            return _encode(_Refused(trouble=answer))
        case Crash():
            return _encode(answer)
        case _:
            return _encode(_Listed(outlines=answer))


def answer_from(data: bytes | bytearray) -> Answer:
    """The answer that `answer_bytes` wrote.

    Raises:
        Garbled: it did not.
    """
    try:
        answer = _answer(data)
    except (DecodeError, ValidationError, UnicodeDecodeError) as exc:  # the last: words that are not UTF-8
        raise Garbled(str(exc)) from exc
    match answer:
        case _Read():
            items: dict[int, Item] = dict(answer.articles)
            items |= dict(answer.rejected)
            if sorted(items) != list(range(len(answer.articles) + len(answer.rejected))):
                raise Garbled("items without a place")
            return Reading(
                head=answer.head,
                items=tuple(items[n] for n in range(len(items))),
                known=answer.known,
                slices=answer.slices,
                rules=answer.rules,
                trouble=answer.trouble,
                cuts=answer.cuts,
                differs=answer.differs,
            )
        case _Refused():
            return answer.trouble
        case _Listed():
            return answer.outlines
        case _:
            return answer


def set_up_bytes(tables: Mapping[str, Any], *, memory: int, seconds: float) -> bytes:
    """What a nursery is told first."""
    return _encode(SetUp(tables=dict(tables), memory=memory, seconds=seconds))


def set_up_from(data: bytes) -> SetUp:
    """What `set_up_bytes` wrote."""
    return _set_up(data)
