"""OPML lists: what other readers write is taken in; what is none is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Document, Outline, Unreadable
from feeds.read import read_opml

HEAD = '<opml version="2.0"><head><title>mine</title></head><body>'


def read(body: str | bytes, **headers: str) -> tuple[Outline, ...] | Unreadable:
    data = body.encode() if isinstance(body, str) else body
    return read_opml(Document(url="file:///a.opml", body=data, headers=headers))


def test_a_list_with_folders() -> None:
    body = f"""<?xml version="1.0"?>{HEAD}
    <outline text="News"><outline type="rss" text="Varta" title="Beregova  Varta" xmlUrl="https://varta.example/rss"
      htmlUrl="https://varta.example/" language="uk"/></outline>
    <outline text="Loose" xmlUrl="http://loose.example/feed?a=1&amp;b=2"/></body></opml>"""
    assert read(body) == (
        Outline(url="https://varta.example/rss", title="Beregova Varta", home="https://varta.example/", language="uk"),
        Outline(url="http://loose.example/feed?a=1&b=2", title="Loose"),
    )


@pytest.mark.parametrize(
    ("outline", "found"),
    [
        pytest.param('<outline XMLURL="https://a.example/f"/>', Outline(url="https://a.example/f"), id="any case"),
        pytest.param('<x xmlUrl="https://a.example/f"/>', Outline(url="https://a.example/f"), id="any element"),
        pytest.param('<outline xmlUrl=" https://a.example/f "/>', Outline(url="https://a.example/f"), id="spaces"),
        pytest.param(
            '<outline xmlUrl="https://a.example/f" htmlUrl="javascript:x"/>',
            Outline(url="https://a.example/f"),
            id="a home that is no page",
        ),
        pytest.param(
            '<outline title="" text="T" xmlUrl="https://a.example/f"/>',
            Outline(url="https://a.example/f", title="T"),
            id="an empty title",
        ),
        pytest.param(
            '<outline xmlUrl="https://a.example/f"/><outline title="again" xmlUrl="https://a.example/f"/>',
            Outline(url="https://a.example/f"),
            id="listed twice",
        ),
    ],
)
def test_one_feed(outline: str, found: Outline) -> None:
    assert read(f"{HEAD}{outline}</body></opml>") == (found,)


@pytest.mark.parametrize(
    ("body", "why", "words"),
    [
        pytest.param("", "not_a_list", "line 1", id="empty"),
        pytest.param("no list", "not_a_list", "line 1", id="a text"),
        pytest.param(f"{HEAD}<outline></body></opml>", "not_a_list", "mismatched tag", id="malformed"),
        pytest.param(f"{HEAD}</body></opml>", "not_a_list", "no feed in it", id="a list of nothing"),
        pytest.param("<rss><channel/></rss>", "not_a_list", "first element is <rss>", id="a feed"),
        pytest.param(f'{HEAD}<x xmlUrl="file:///etc/passwd"/></body></opml>', "not_a_list", "no feed", id="a file"),
        pytest.param(f'<!DOCTYPE a [<!ENTITY x "&y;&y;">]>{HEAD}', "dtd_entities", "its DTD", id="entities that grow"),
        pytest.param(
            f'<!-- <a --><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{HEAD}&x;</body></opml>',
            "dtd_entities", "entities", id="an external entity behind a comment",
        ),
    ],
)  # fmt: skip
def test_what_is_no_list(body: str, why: str, words: str) -> None:
    found = read(body)
    assert isinstance(found, Unreadable)
    assert (found.why, words in found.detail) == (why, True), found


def test_encodings() -> None:
    body = f'<?xml version="1.0" encoding="windows-1251"?>{HEAD}<outline text="Варта" xmlUrl="https://a.example/f"/></body></opml>'
    assert read(body.encode("cp1251"), **{"content-type": "text/xml; charset=windows-1251"}) == (
        Outline(url="https://a.example/f", title="Варта"),
    )
    assert read(body.encode("cp1251")) == (Outline(url="https://a.example/f", title="Варта"),)
    assert read("\ufeff" + body.replace("windows-1251", "utf-8")) == (
        Outline(url="https://a.example/f", title="Варта"),
    )


@given(st.binary(max_size=80), st.sampled_from([b"", HEAD.encode(), b"<"]))
def test_no_bytes_raise(body: bytes, start: bytes) -> None:
    assert isinstance(read(start + body), tuple | Unreadable)
