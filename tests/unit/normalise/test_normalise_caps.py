"""What is too long is cut or dropped, and each cut has a name."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from feeds.model import Article, Enclosure, Facts, FeedHead, Image, RawEntry, RawHtml
from feeds.normalise.article import LONGEST_LANGUAGE, MOST_NAMES, normalise
from feeds.normalise.caps import entry_cuts, head_cuts
from feeds.normalise.text import LONGEST_HTML, LONGEST_TEXT, MOST_TAGS
from feeds.normalise.urls import LONGEST
from tests.make import NOW, source

FACTS = Facts(source=source("alpha"), now=NOW)
HEAD = FeedHead(format="json11")
SHORT = RawEntry(title=RawHtml(value="a"), content=RawHtml(value="<p>b</p>"))
LINE, TEXT, URL = "x" * LONGEST_TEXT, "x " * (LONGEST_HTML // 2), "https://a.example/".ljust(LONGEST, "a")


def html(value: str, *, plain: bool = False) -> RawHtml:
    return RawHtml(value=value, plain=plain)


# fmt: off
AS_LONG_AS_MAY_BE: dict[str, Any] = {
    "title": html(LINE), "summary": html(TEXT), "content": html("<b>" * (MOST_TAGS // 2) + "</b>" * (MOST_TAGS // 2)),
    "guid": LINE, "link": URL, "authors": (LINE,) * MOST_NAMES, "categories": (LINE,) * MOST_NAMES,
    "enclosures": (Enclosure(url=URL, type=LINE),) * MOST_NAMES, "image": Image(url=URL), "rights": LINE,
    "language": "x" * LONGEST_LANGUAGE,
}
TOO_LONG: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "a title": ({"title": html(LINE + "x")}, {"long_title": 1}),
    "a title that is text": ({"title": html("<" + LINE, plain=True)}, {"long_title": 1}),
    "a title of a megabyte": ({"title": html("x" * 2**20)}, {"long_title": 1}),
    "a title that is long for its markup alone": ({"title": html(f"<b title='{LINE}'>a</b>")}, {}),
    "a summary and a content": ({"summary": html(TEXT + "x"), "content": html(TEXT * 40)}, {"long_text": 2}),
    "a text of an article file": ({"content": html(TEXT * 40, plain=True)}, {"long_text": 1}),
    "many tags": ({"content": html("<p>a" * (MOST_TAGS + 1))}, {"tags": 1}),
    "many tags that are text": ({"content": html("<p>a" * (MOST_TAGS + 1), plain=True)}, {}),
    "authors": ({"authors": (LINE + "x", "b", LINE + "y")}, {"long_name": 2}),
    "categories": ({"categories": (LINE + "x", "b")}, {"long_value": 1}),
    "an id": ({"guid": LINE + "x"}, {"long_value": 1}),
    "rights": ({"rights": LINE + "x"}, {"long_value": 1}),
    "dates": ({"published": LINE + "x", "updated": LINE + "x"}, {"long_value": 2}),
    "a language": ({"language": "en" + "-abcdefgh" * 9999}, {"long_value": 1}),
    "addresses": (
        {"link": URL + "x", "image": Image(url=URL + "x"), "enclosures": (Enclosure(url=URL + "x"),)},
        {"long_address": 3}),
    "a media type": ({"enclosures": (Enclosure(url=URL, type="a/" + LINE),)}, {"long_value": 1}),
    "more than a few": (
        {"authors": ("a",) * 51, "categories": ("a",) * 51, "enclosures": (Enclosure(url=URL),) * 51},
        {"many_values": 3}),
    "what is rejected anyway": ({"trouble": "broken", "guid": LINE + "x"}, {}),
}
# fmt: on


@pytest.mark.parametrize("field", AS_LONG_AS_MAY_BE)
def test_what_fits_is_no_cut(field: str) -> None:
    assert entry_cuts(replace(SHORT, **{field: AS_LONG_AS_MAY_BE[field]})) == []


@pytest.mark.parametrize(("given", "cuts"), TOO_LONG.values(), ids=TOO_LONG)
def test_each_cut_has_a_name(given: dict[str, Any], cuts: dict[str, int]) -> None:
    assert Counter(entry_cuts(replace(SHORT, **given))) == cuts


@pytest.mark.parametrize("given", [given for given, _ in TOO_LONG.values()], ids=TOO_LONG)
def test_nothing_of_an_article_is_longer_than_its_cap(given: dict[str, Any]) -> None:
    item = normalise(replace(SHORT, **given), HEAD, FACTS)
    if isinstance(item, Article):
        lines = (item.title, item.guid, item.rights, *item.authors, *item.categories)
        assert max(map(len, lines)) <= LONGEST_TEXT
        assert max(map(len, (item.url, *(file.url for file in item.enclosures)))) <= LONGEST
        assert len(item.language) <= LONGEST_LANGUAGE


def test_what_a_feed_says_of_itself() -> None:
    head = replace(HEAD, title=LINE, rights=LINE, id=LINE, link=URL, language=LINE)
    assert head_cuts(head) == []
    longer = replace(HEAD, title=LINE + "x", rights=LINE + "x", id=LINE + "x", link=URL + "x", language=LINE + "x")
    assert Counter(head_cuts(longer)) == {"long_title": 1, "long_address": 1, "long_value": 3}
