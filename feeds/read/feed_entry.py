"""One entry as feedparser gives it -> RawEntry.

What feedparser returns is a dictionary full of aliases (asking for `updated` may answer `published`, with a warning)
into which elements of any name may have written anything. So keys are read with `dict.get`, and types are checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from feeds.model import Enclosure, Image, RawEntry, RawHtml
from feeds.read.dates import from_parsed

_MARKUP = re.compile(r"text/html|.*[/+]xml")
_COMMON_TAG = re.compile(r"<(?:a|b|br|div|em|i|img|li|p|span|strong|table|ul)\b[^<>]*>", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|$)", re.IGNORECASE)
_WEB = ("http://", "https://")
_get = dict.get  # thirty times an entry
_NOTHING = RawHtml(value="")


def raw_entry(
    item: Any, *, base: str, captions: bool, typed: bool, heirs: tuple[str, ...], key: bytes = b""
) -> RawEntry:
    """One entry of a feed.

    Args:
        item: the dictionary that feedparser made of the entry.
        base: address of the document; absolute.
        captions: whether plain text beside a summary is the caption of a picture: feedparser files a
            media:description that follows a description under content.
        typed: whether the format says what is markup, as Atom does. RSS does not, and feedparser guesses too shyly.
        heirs: authors of an entry that names none.
        key: of its slice.
    """
    page = link(item)
    title, summary = _detail(item, "title", base), _detail(item, "summary", base)
    content = _content(item, base, captions=captions) if "content" in item else _NOTHING
    if not typed:
        summary, content = _guess(summary), _guess(content)
    if summary.value.strip() == content.value.strip():
        summary = _NOTHING
    given = [part for part in (content, summary, title) if part.value]
    updated = _date(item, "updated")
    enclosed = [other for other in _dicts(item, "links") if _get(other, "rel") == "enclosure"]
    return RawEntry(
        guid=text(item, "id"),
        link=page,
        title=title,
        summary=_about(page, summary),
        content=_about(page, content),
        authors=names(item) or names(_dict(item, "source")) or heirs,
        language=text(item, "language") or _first([part.language for part in given]),
        published=_date(item, "published") or _date(item, "created") or updated,
        updated=updated,
        categories=_categories(item) if "tags" in item else (),
        enclosures=tuple(_enclosures(enclosed)) if enclosed else (),
        image=_image(item, enclosed),
        rights=text(item, "rights"),
        base=_first([part.base for part in given]) or base,
        slice=key,
    )


def text(item: Any, key: str) -> str:
    """The value under `key` if it is text, else ""."""
    value = _get(item, key)
    return value if isinstance(value, str) else ""


def link(item: Any) -> str:
    """Address of the page for people: the link, else any alternate, else a guid that is a permalink."""
    guid, page = text(item, "id"), text(item, "feedburner_origlink") or text(item, "link")
    if page and page != guid:
        return page
    for other in _dicts(item, "links"):
        if text(other, "rel") == "alternate" and text(other, "href"):
            return text(other, "href")
    # feedparser makes a link of every guid not marked otherwise, tag URIs of Atom included; under an empty
    # <link/> it does not say how the guid was marked.
    return guid if "link" in item and guid.startswith(_WEB) else ""


def links(item: Any) -> list[tuple[str, str]]:
    """(relation, address) of every link."""
    return [(text(other, "rel"), text(other, "href")) for other in _dicts(item, "links")]


def names(item: Any) -> tuple[str, ...]:
    """Names of the authors; an address of e-mail is no name.

    feedparser takes addresses out itself, but leaves the end of those whose domain ends in more than four letters.
    """
    author = text(item, "author")
    if "@" in author and len(_dicts(item, "authors")) == 1:
        name = " ".join(word for word in re.split(r"[\s<>()]+", author) if "@" not in word).strip()
        return (name,) if name else ()
    found = [name for author in _dicts(item, "authors") if (name := text(author, "name"))]
    return tuple(dict.fromkeys(found)) if found else ()


def _first(words: Iterable[str]) -> str:
    """The first that is not empty, "" if all are."""
    return next(filter(None, words), "")


def _categories(item: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, [text(tag, "term") or text(tag, "label") for tag in _dicts(item, "tags")])))


def _date(item: Any, key: str) -> str:
    parsed = _get(item, f"{key}_parsed")
    return text(item, key) if parsed is None else from_parsed(text(item, key), parsed)


def _content(item: Any, base: str, *, captions: bool) -> RawHtml:
    bodies = [_markup(body, base) for body in _dicts(item, "content") if _readable(body)]
    if captions and "summary_detail" in item:
        bodies = [body for body in bodies if not body.plain]
    return max(bodies, key=lambda body: (not body.plain, len(body.value)), default=_NOTHING)


def _detail(item: Any, key: str, base: str) -> RawHtml:
    detail = _dict(item, f"{key}_detail")
    if text(detail, "value"):
        return _markup(detail, base)
    value = text(item, key)
    return RawHtml(value=value) if value else _NOTHING


def _markup(detail: Any, base: str) -> RawHtml:
    """What stands in `detail`; its base only if it has one of its own (xml:base), not that of the document."""
    own = text(detail, "base")
    return RawHtml(
        value=text(detail, "value"),
        base=own if own != base and own.startswith(_WEB) else "",
        plain=not _is_markup(text(detail, "type")),
        language=text(detail, "language"),
    )


@lru_cache(maxsize=100)
def _is_markup(kind: str) -> bool:
    return _MARKUP.fullmatch(kind) is not None


def _guess(body: RawHtml) -> RawHtml:
    """Text that holds a common tag is markup after all, though it be broken."""
    if body.plain and _COMMON_TAG.search(body.value):
        return RawHtml(value=body.value, base=body.base, language=body.language)
    return body


def _readable(body: Any) -> bool:
    """Whether it is text at all: Atom content may also be a film."""
    kind = text(body, "type")
    return bool(text(body, "value").strip()) and (kind.startswith("text/") or _is_markup(kind))


def _about(page: str, part: RawHtml) -> RawHtml:
    """`part`, its relative links relative to the page that it is about, unless it has a base of its own."""
    if part.base or not part.value:
        return part
    return RawHtml(value=part.value, base=page, plain=part.plain, language=part.language)


def _enclosures(enclosed: Iterable[Any]) -> Iterator[Enclosure]:
    for other in enclosed:
        if href := text(other, "href"):
            yield Enclosure(url=href, type=text(other, "type"), length=_number(other, "length"))


def _image(item: Any, enclosed: Iterable[Any]) -> Image | None:
    """The largest picture of media:content, else of media:thumbnail, else an enclosed one; the first among equals."""
    return (
        _largest([offer for offer in _dicts(item, "media_content") if _is_picture(offer)])
        or _largest(_dicts(item, "media_thumbnail"))
        or _largest([offer for offer in enclosed if _is_picture(offer)])
    )


def _largest(offers: Sequence[Any]) -> Image | None:
    if not offers:
        return None
    images = [
        Image(url=url, width=_number(offer, "width"), height=_number(offer, "height"))
        for offer in offers
        if (url := text(offer, "url") or text(offer, "href"))
    ]
    return max(images, key=lambda image: (image.width, image.height), default=None)


def _is_picture(item: Any) -> bool:
    kind = text(item, "medium").lower() or text(item, "type").lower()
    return kind.startswith("image") if kind else _PICTURE.search(text(item, "url")) is not None


def _number(item: Any, key: str) -> int:
    value = text(item, key).strip()
    return int(value) if re.fullmatch(r"[0-9]{1,15}", value) else 0


def _dict(item: Any, key: str) -> dict[str, Any]:
    value = _get(item, key)
    return value if isinstance(value, dict) else {}


def _dicts(item: Any, key: str) -> list[dict[str, Any]]:
    value = _get(item, key)
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
