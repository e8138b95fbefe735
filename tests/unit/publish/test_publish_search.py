"""A query as a feed and as a page: rendered as topics are, whatever was asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feeds.classify.query import parse_query
from feeds.model import Entry, Form, Misread, Query
from feeds.publish import topic
from feeds.publish.fragments import Fragments
from feeds.publish.search import render_form, render_search
from feeds.publish.topic import render_topic
from tests.judges.rules import judged
from tests.unit.publish.publish_samples import SITE, TOPICS, UKRAINE, entry, stories

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIMIT = 100
FORMS: tuple[Form, ...] = ("atom", "rss", "json", "html")
HOSTILE = "“x” <script>alert(1)</script> & 'y' javascript%3A %00 ../ {{7+7}} -é ]]>"


def query(text: str) -> Query:
    query = parse_query(text, now=NOW)
    assert isinstance(query, Query)
    return query


def rendered(form: Form, text: str = "kerch bridge", entries: list[Entry] | None = None) -> bytes:
    some = stories() if entries is None else entries
    return render_search(SITE, query(text), some, form, limit=LIMIT, topics=TOPICS, fragments=Fragments()).body


def name(form: Form, asked: Query) -> str:
    return f"search.{form}?{urlencode({'q': asked.text})}"


def parsed(page: bytes) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page.decode())


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
@pytest.mark.parametrize("text", ["kerch bridge", HOSTILE])
@pytest.mark.parametrize("entries", [None, []], ids=["some", "none"])
def test_a_feed_is_right_whatever_was_asked(form: Form, text: str, entries: list[Entry] | None) -> None:
    body = rendered(form, text, entries)
    assert judged(name(form, query(text)), body) == []
    assert body == rendered(form, text, entries)


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_entries_are_those_of_topics_to_the_byte(form: str) -> None:
    of_topic = render_topic(SITE, UKRAINE, stories(), limit=9, all_topics=TOPICS).files[f"ukraine.{form}"]
    pieces = re.findall(rb"<entry.*?</entry>|<item>.*?</item>", of_topic, re.DOTALL)
    if form == "json":
        found = json.loads(rendered("json"))["items"]
        there = json.loads(of_topic)["items"]
        assert [item["id"] for item in found] == [item["id"] for item in there]
    else:
        assert pieces
        assert re.findall(rb"<entry.*?</entry>|<item>.*?</item>", rendered(form), re.DOTALL) == pieces  # type: ignore[arg-type]


def test_a_page_leads_to_pages_of_those_stories_alone_that_have_one() -> None:
    page = rendered("html", entries=[entry(1), entry(2, topics=())]).decode()
    assert re.findall(r'href="\./story/(\d+)/"', page) == [f"{1:026}"]


def test_a_feed_says_where_it_is() -> None:
    feed = json.loads(rendered("json"))
    assert feed["feed_url"] == "https://news.example.org/desk/search.json?q=kerch+bridge"
    assert feed["home_page_url"] == "https://news.example.org/desk/search?q=kerch+bridge"
    assert feed["title"] == "Foreign desk: kerch bridge"
    assert b"<id>tag:news.example.org,2026-11:search/kerch%20bridge</id>" in rendered("atom")


def test_what_does_not_fit_is_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    import feeds.publish.search as module

    whole = json.loads(rendered("json"))["items"]
    monkeypatch.setattr(module, "LARGEST_FEED", topic.LARGEST_FEED // 1000 * 3)
    cut = json.loads(rendered("json"))["items"]
    assert 0 < len(cut) < len(whole)
    assert cut == whole[: len(cut)]


def test_the_page_leads_to_its_feeds_and_asks_again() -> None:
    tree = parsed(rendered("html"))
    links = [(link.get("type"), link.get("href")) for link in tree.findall(".//link[@rel='alternate']")]
    assert links == [
        ("application/atom+xml", "./search.atom?q=kerch+bridge"),
        ("application/rss+xml", "./search.rss?q=kerch+bridge"),
        ("application/feed+json", "./search.json?q=kerch+bridge"),
    ]
    (form,) = tree.findall(".//form")
    assert (form.get("method"), form.get("action")) == ("get", "./search")
    assert tree.find(".//input[@name='q']").get("value") == "kerch bridge"
    assert tree.find(".//input[@readonly]").get("value") == "https://news.example.org/desk/search.atom?q=kerch+bridge"
    assert len(tree.findall(".//article")) == len(stories())


def test_the_page_says_when_there_may_be_more_than_it_shows() -> None:
    whole = rendered("html").decode()
    some = stories()
    cut = render_search(SITE, query("x"), some, "html", limit=len(some), topics=TOPICS, fragments=Fragments()).body
    assert f"{len(some)} stories found, newest first" in whole
    assert f"The newest {len(some)} stories; there may be more" in cut.decode()


def test_the_page_gives_examples_of_its_own_topics() -> None:
    assert "<code>topic:turkey</code>" in render_form(SITE, "", None, topics=TOPICS).body.decode()


def test_links_of_the_page_begin_where_it_lies() -> None:
    own = entry(3, own_page=True, url="article/a-dance/")
    page = rendered("html", entries=[own, *stories()]).decode()
    assert 'href="./article/a-dance/"' in page
    assert "../" not in page


@pytest.mark.parametrize("text", ["", "x", HOSTILE])
def test_every_page_is_valid_and_runs_nothing(text: str) -> None:
    pages = [rendered("html", text, [])] if text else []
    pages += [render_form(SITE, text, misread, topics=TOPICS).body for misread in (None, WRONG)]
    for page in pages:
        tree = parsed(page)
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert len(tree.findall(".//h1")) == 1
        assert tree.findall(".//script") == []
        assert tree.find(".//meta[@name='robots']").get("content") == "noindex"


WRONG = Misread(at=3, why="filter_meant", values={"name": "<b>", "meant": "topic", "value": "x"})


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", 'Not understood: there is no filter "<b>:"; write topic:x'),
        ("tr", "Sorgu anlaşılamadı: “<b>:” diye bir süzgeç yok; topic:x yazın"),
        ("uk", "Запит незрозумілий: фільтра «<b>:» немає; напишіть topic:x"),
        pytest.param("ar", 'Not understood: there is no filter "<b>:"; write topic:x', id="a language without a table"),
    ],
)
def test_the_page_says_what_is_wrong_beside_what_was_asked(language: str, told: str) -> None:
    answered = render_form(replace(SITE, language=language), "a <b", WRONG, topics=TOPICS)
    tree = parsed(answered.body)
    assert not answered.understood
    assert tree.find(".//input[@name='q']").get("value") == "a <b"
    said = "".join(tree.find(".//p[@id='misread']").itertext())
    assert said == told
    assert tree.find(".//input[@name='q']").get("aria-describedby") == "misread"
    assert tree.findall(".//link[@rel='alternate']") == []


@given(text=st.text(max_size=60))
@example(text='"><img src=x onerror=alert(1)>')
@example(text="\x1b\x85\ufffe\U0001f600")
@settings(max_examples=40)
def test_whatever_is_asked_is_echoed_safely(text: str) -> None:
    read = parse_query(text, now=NOW)
    if isinstance(read, Misread):
        page = render_form(SITE, text, read, topics=TOPICS).body
    else:
        page = render_search(SITE, read, [], "html", limit=LIMIT, topics=TOPICS, fragments=Fragments()).body
        for form in FORMS[:3]:
            body = render_search(SITE, read, [], form, limit=LIMIT, topics=TOPICS, fragments=Fragments()).body
            assert judged(name(form, read), body) == []
    tree = parsed(page)
    assert len(tree.findall(".//form")) == 1
    assert tree.findall(".//img") == []
