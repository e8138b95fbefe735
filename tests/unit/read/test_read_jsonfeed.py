"""JSON Feed, as the standard has it and as people write it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Document, Enclosure, Image, RawFeed, RawHtml
from feeds.read import read
from feeds.read.entries import MOST
from tests.unit.read.read_samples import URL, facts, feed_of

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(*items: Any, **more: Any) -> str:
    return json.dumps({"version": VERSION, "title": "t", "items": items} | more)


@pytest.mark.parametrize(
    ("version", "form"),
    [
        pytest.param("https://jsonfeed.org/version/1", "json10", id="1.0"),
        pytest.param("https://jsonfeed.org/version/1.1", "json11", id="1.1"),
        pytest.param("http://www.jsonfeed.org/version/1.1/", "json11", id="another spelling"),
        pytest.param("https://jsonfeed.org/version/2", "json20", id="of the future"),
    ],
)
def test_versions(version: str, form: str) -> None:
    assert feed_of(json_feed(version=version)).head.format == form


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings_of_json(encoding: str) -> None:
    feed = feed_of(json.dumps({"version": VERSION, "title": "Київ", "items": []}, ensure_ascii=False).encode(encoding))
    assert feed.head.title == "Київ"


def test_json_in_an_encoding_that_is_not_allowed() -> None:
    body = json.dumps({"version": VERSION, "title": "Київ", "items": []}, ensure_ascii=False).encode("cp1251")
    assert feed_of(body, content_type="application/json; charset=windows-1251").head.title == "Київ"


@pytest.mark.parametrize(
    ("item", "field", "value"),
    [
        pytest.param({"id": 7}, "guid", "7", id="a number for an id"),
        pytest.param({"id": True}, "guid", "", id="a boolean is no id"),
        pytest.param({"url": "u", "external_url": "e"}, "link", "u", id="its own page"),
        pytest.param({"external_url": "e"}, "link", "e", id="only a page elsewhere"),
        pytest.param({"title": "1 < 2"}, "title", RawHtml(value="1 < 2", plain=True), id="titles are text"),
        pytest.param({"title": ["x"]}, "title", RawHtml(value=""), id="a list for a title"),
        pytest.param(
            {"content_text": "t", "content_html": "<p>h</p>", "url": "u"},
            "content",
            RawHtml(value="<p>h</p>", base="u"),
            id="HTML before text",
        ),
        pytest.param({"content_html": "h"}, "content", RawHtml(value="h", base=URL), id="no page of its own"),
        pytest.param({"authors": [{"name": "A"}], "author": {"name": "B"}}, "authors", ("A",), id="1.1 before 1.0"),
        pytest.param({"author": {"name": "B"}}, "authors", ("B",), id="1.0"),
        pytest.param({"authors": [{"url": "u"}]}, "authors", ("Desk",), id="nobody with a name: the feed's"),
        pytest.param({"banner_image": "b"}, "image", Image(url="b"), id="a banner"),
        pytest.param({"image": 5, "banner_image": None}, "image", Image(url="5"), id="no check of addresses here"),
        pytest.param({"image": {}}, "image", None, id="no picture"),
        pytest.param(
            {"attachments": [{"url": "u", "size_in_bytes": -1}, {"mime_type": "t"}, "x"]},
            "enclosures",
            (Enclosure(url="u"),),
            id="attachments of sorts",
        ),
        pytest.param({"tags": ["a", 1, None, "a", ""]}, "categories", ("a",), id="tags of sorts"),
        pytest.param({"language": "tr"}, "language", "tr", id="its own language"),
        pytest.param({"date_published": "2024-05-09"}, "published", "2024-05-09", id="dates as given"),
        pytest.param({"date_modified": 1715000000}, "updated", "1715000000", id="a number for a date"),
    ],
)
def test_fields(item: dict[str, Any], field: str, value: object) -> None:
    (entry,) = feed_of(json_feed(item, authors=[{"name": "Desk"}])).entries
    assert getattr(entry, field) == value
    assert entry.trouble == ""


@pytest.mark.parametrize(
    ("item", "what"),
    [
        ("x", "a JSON string"),
        (None, "JSON null"),
        (3, "a JSON number"),
        ([], "a JSON array of 0"),
        (True, "a JSON boolean"),
    ],
)
def test_what_is_no_item_costs_the_others_nothing(item: Any, what: str) -> None:
    feed = feed_of(json_feed({"id": "1"}, item, {"id": "2"}))
    assert [entry.guid for entry in feed.entries] == ["1", "", "2"]
    assert feed.entries[1].trouble.startswith(f"not an item: {what}")


@pytest.mark.parametrize("items", [None, {}, "many", 3])
def test_items_that_are_no_list(items: Any) -> None:
    feed = feed_of(json_feed(items=items))
    assert feed.entries == ()
    assert feed.trouble.startswith("items: ")


# fmt: off
DATES = {
    "newest first": (lambda n: {"date_published": f"{3500 - n}-01-02T00:00:00Z"}, slice(0, MOST)),
    "oldest first": (lambda n: {"date_published": f"{2000 + n}-01-02T00:00:00Z"}, slice(500, MOST + 500)),
    "oldest first, by the date of their last change": (
        lambda n: {"date_modified": f"{2000 + n}-01-02"}, slice(500, MOST + 500)),
    "without dates": (lambda n: {}, slice(0, MOST)),
    "dates that are none": (lambda n: {"date_published": [n]}, slice(0, MOST)),
}
# fmt: on


@pytest.mark.parametrize(("date", "kept"), DATES.values(), ids=DATES)
def test_the_newest_thousand_items_are_read_and_the_others_counted(date: Any, kept: slice) -> None:
    feed = feed_of(json_feed(*({"id": str(n), **date(n)} for n in range(MOST + 500))))
    assert [entry.guid for entry in feed.entries] == [str(n) for n in range(MOST + 500)][kept]
    assert feed.cuts == {"items": 500}


def test_a_thousand_items_are_not_too_many() -> None:
    feed = feed_of(json_feed(*({"id": str(n)} for n in range(MOST))))
    assert (len(feed.entries), feed.cuts) == (MOST, {})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
# fmt: off
KEYS = [
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image", "authors",
    "author", "date_published", "date_modified", "tags", "language", "attachments",
]
# fmt: on
ITEMS = ANYTHING | st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, ANYTHING))


@settings(max_examples=100)
@given(st.lists(ITEMS, max_size=4))
def test_every_item_is_an_entry_whatever_it_is(items: list[Any]) -> None:
    found = read(Document(url=URL, body=json_feed(*items).encode()), facts())
    assert isinstance(found, RawFeed)
    assert len(found.entries) == len(found.slices) == len(items)
    assert not any(entry.trouble.startswith("cannot be read") for entry in found.entries)
