"""A feed is cut to what its reader has not seen, and both halves together are the feed."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Entry
from feeds.publish.topic import render_topic
from feeds.serve.delta import find_entries
from feeds.serve.page import Page, make_page
from feeds.serve.respond import Response, respond
from tests.unit.publish.publish_samples import SITE, TITLES, TOPICS, UKRAINE, entry

KINDS = ("atom", "rss", "json")
MODIFIED = datetime(2026, 11, 22, 12, tzinfo=UTC)
STORIES = [entry(n, title=TITLES[n % len(TITLES)][1]) for n in range(9)]


def feed(kind: str, stories: list[Entry]) -> bytes:
    return render_topic(SITE, UKRAINE, stories, limit=100, all_topics=TOPICS).files[f"ukraine.{kind}"]


def page(kind: str, stories: list[Entry], before: Page | None = None) -> Page:
    return make_page(f"ukraine.{kind}", feed(kind, stories), packed=None, modified=MODIFIED, before=before)


def ask(page: Page, tags: str, **fields: str) -> Response:
    headers = {"a_im": "feed", "if_none_match": tags} | fields
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return respond({"/f": page}, "GET", "/f", given)


def ids(kind: str, body: bytes) -> list[str]:
    if kind == "json":
        return [item["id"] for item in json.loads(body)["items"]]
    place = "{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}id" if kind == "atom" else ".//item/guid"
    return [found.text or "" for found in ET.fromstring(body).iterfind(place)]


def of(*stories: Entry) -> list[str]:
    return [story.id for story in stories]


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_new_is_sent(kind: str) -> None:
    old = page(kind, STORIES[2:])
    now = page(kind, STORIES, old)
    response = ask(now, old.identity.etag)
    assert response.status == 226
    assert ids(kind, response.body) == of(*STORIES[:2])
    fields = dict(response.headers)
    assert fields[b"im"] == b"feed"
    assert fields[b"etag"] == now.identity.etag.encode(), "of the whole feed as it is now"
    assert fields[b"cache-control"] == b"no-store, im"
    assert fields[b"vary"] == b"accept-encoding, a-im"
    assert fields[b"content-length"] == str(len(response.body)).encode()
    assert fields[b"content-type"] == dict(now.identity.headers)[b"content-type"]
    assert ask(now, now.identity.etag).status == 304, "who has put it together is up to date"


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_that_changed_is_sent_again(kind: str) -> None:
    old = page(kind, STORIES)
    edited = replace(STORIES[4], title="Corrected", updated=STORIES[4].updated + timedelta(hours=1))
    now = page(kind, [*STORIES[:4], edited, *STORIES[5:]], old)
    assert ids(kind, ask(now, old.identity.etag).body) == of(edited)


@pytest.mark.parametrize("kind", KINDS)
def test_the_head_is_that_of_the_whole(kind: str) -> None:
    old = page(kind, STORIES[1:])
    whole, cut = feed(kind, STORIES), ask(page(kind, STORIES, old), old.identity.etag).body
    start = whole.index({"atom": b"<entry", "rss": b"<item", "json": b'{"id"'}[kind])
    assert cut[:start] == whole[:start]


@pytest.mark.parametrize("kind", KINDS)
def test_in_gzip_the_tag_is_that_of_the_gzip_form(kind: str) -> None:
    old = page(kind, STORIES[1:])
    now = page(kind, STORIES, old)
    assert old.gzip is not None
    assert now.gzip is not None
    response = ask(now, old.gzip.etag, accept_encoding="gzip")
    assert (response.status, dict(response.headers)[b"etag"]) == (226, now.gzip.etag.encode())
    assert ids(kind, gzip.decompress(response.body)) == of(STORIES[0])
    assert ids(kind, ask(now, old.gzip.etag).body) == of(STORIES[0]), "the forms hold the same entries"


OLD = page("atom", STORIES[3:])
MIDDLE = page("atom", STORIES[1:], OLD)
NOW = page("atom", STORIES, MIDDLE)


@pytest.mark.parametrize(
    ("tags", "fields", "status", "entries"),
    [
        pytest.param(OLD.identity.etag, {}, 226, 3, id="two revisions ago"),
        pytest.param(MIDDLE.identity.etag, {}, 226, 1, id="the last one"),
        pytest.param(f"{MIDDLE.identity.etag}, {OLD.identity.etag}", {}, 226, 3, id="of two, what the older one lacks"),
        pytest.param(f'"?", W/{MIDDLE.identity.etag}', {}, 226, 1, id="in a list, spelled weakly"),
        pytest.param(f"{OLD.identity.etag}, {NOW.identity.etag}", {}, 304, 0, id="one of them is current"),
        pytest.param('"unknown"', {}, 200, 9, id="unknown tag"),
        pytest.param("*", {}, 304, 0, id="any"),
        pytest.param(OLD.identity.etag, {"a_im": ""}, 200, 9, id="cannot put it together"),
        pytest.param(OLD.identity.etag, {"a_im": "vcdiff, gzip"}, 200, 9, id="knows other manipulations"),
        pytest.param(OLD.identity.etag, {"a_im": "vcdiff;q=0.5, FEED;q=0.1"}, 226, 3, id="knows it among others"),
        pytest.param(OLD.identity.etag, {"a_im": "feed;q=0"}, 200, 9, id="refuses it"),
        pytest.param(OLD.identity.etag, {"user_agent": "feedparser/6.0.10 +x"}, 200, 9, id="asks and cannot take it"),
        pytest.param(OLD.identity.etag, {"user_agent": "rss2email/3.13 (+x)"}, 200, 9, id="nor can this one"),
        pytest.param(OLD.identity.etag, {"user_agent": "newsboat/2.21 feedparser/"}, 226, 3, id="another program"),
        pytest.param(OLD.identity.etag, {"if_match": '"x"'}, 412, 0, id="a condition goes first"),
    ],
)
def test_who_gets_what(tags: str, fields: dict[str, str], status: int, entries: int) -> None:
    response = ask(NOW, tags, **fields)
    assert response.status == status
    if status in (200, 226):
        assert len(ids("atom", response.body)) == entries
    if status == 200:
        assert response == replace(ask(NOW, "", a_im=""), what=response.what), "the plain answer, to the last header"


def test_head_says_what_get_says() -> None:
    fields = [(b"a-im", b"feed"), (b"if-none-match", OLD.identity.etag.encode())]
    head = respond({"/f": NOW}, "HEAD", "/f", fields)
    assert (head.status, head.headers, head.body) == (226, ask(NOW, OLD.identity.etag).headers, b"")


def test_without_a_condition_nothing_is_cut() -> None:
    assert respond({"/f": NOW}, "GET", "/f", [(b"a-im", b"feed")]).status == 200


@pytest.mark.parametrize("now", [STORIES[:5], []], ids=["entries that only left", "no entries at all"])
def test_nothing_new_is_no_document_of_its_own(now: list[Entry]) -> None:
    assert ask(page("atom", now, page("atom", STORIES)), page("atom", STORIES).identity.etag).status == 200


def test_all_new_is_the_whole() -> None:
    old = page("atom", STORIES[:4])
    assert ask(page("atom", STORIES[4:], old), old.identity.etag).status == 200


def test_an_entry_that_came_back_is_new_to_those_who_saw_it_gone() -> None:
    first = page("atom", STORIES)
    without = page("atom", STORIES[1:], first)
    again = page("atom", STORIES, without)
    assert ids("atom", ask(again, without.identity.etag).body) == of(STORIES[0])
    assert ask(again, first.identity.etag).status == 304


def test_the_memory_is_bounded() -> None:
    pages = [page("atom", STORIES)]
    for n in range(100):
        pages.append(page("atom", [entry(50 - n, title=f"later {n}"), *STORIES], pages[-1]))
    assert pages[-1].revision is not None
    assert len(pages[-1].revision.earlier) <= 64
    assert ask(pages[-1], pages[-2].identity.etag).status == 226
    assert ask(pages[-1], pages[0].identity.etag).status == 200, "forgotten, so the whole is sent"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("atom", b"<feed><!-- <entry></entry> --></feed>", id="a comment"),
        pytest.param("atom", b"<feed><![CDATA[<entry></entry>]]></feed>", id="a CDATA section"),
        pytest.param("atom", b"<?xml version='1.0'?><feed><?x <entry></entry>?></feed>", id="an instruction"),
        pytest.param("rss", b"<rss><item></item><link/><item></item></rss>", id="something between the entries"),
        pytest.param("rss", b"<rss><items></items></rss>", id="another element"),
        pytest.param("json", b'{"items":[]}', id="none"),
        pytest.param("json", b'{"entries":[{}]}', id="another key"),
        pytest.param("json", b"", id="empty"),
        pytest.param("html", b"<entry></entry>", id="no feed"),
        pytest.param("opml", b"<item></item>", id="a list"),
    ],
)
def test_what_is_built_in_another_way_is_left_whole(kind: str, body: bytes) -> None:
    assert find_entries(kind, body) == ()


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"items":[{', b'{"items":[{"a":1},'], ids=["no text", "cut", "half"])
def test_a_broken_document_does_no_harm(body: bytes) -> None:
    made = make_page("ukraine.json", body, packed=None, modified=MODIFIED)
    assert respond({"/f": made}, "GET", "/f", [(b"a-im", b"feed"), (b"if-none-match", b'"x"')]).body == body


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30) | st.sampled_from(
    ["</entry>", "<entry>", '"items":[', '","items":[{', "]}", "<![CDATA[", "</item>", "\\", '\\"items\\":[']
)


@settings(max_examples=40)
@given(texts=st.lists(TEXT, min_size=1, max_size=5), kind=st.sampled_from(KINDS))
def test_no_text_of_an_entry_is_taken_for_its_end(texts: list[str], kind: str) -> None:
    stories = [entry(n, title=text, summary=text, content=text, text=text) for n, text in enumerate(texts)]
    old = page(kind, stories[1:])
    cut = ask(page(kind, stories, old), old.identity.etag)
    whole = ids(kind, feed(kind, stories))
    spans = find_entries(kind, feed(kind, stories))
    assert len(spans) == len(whole)
    if cut.status == 226:
        assert ids(kind, cut.body) == whole[:1]
