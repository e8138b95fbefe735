"""Entries are written once; what is kept changes no byte and has its bounds."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.model import Entry, Hit
from feeds.publish import atom_rss
from feeds.publish.fragments import Fragments
from feeds.publish.topic import render_topic
from tests.unit.publish.publish_samples import ORIGIN, SITE, START, TOPICS, UKRAINE, entry, hostile, stories

FEW = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
OTHER: dict[str, Any] = {
    "story": 99, "article": 99, "id": "tag:x.example,2026:other", "title": "Another", "guid": "another",
    "url": "https://x.example/", "summary": "Another.", "content": "Another.", "text": "Another.", "policy": "headline",
    "authors": ("Another",), "language": "tr", "published": START.replace(year=2025),
    "updated": START.replace(year=2027), "corrected": START, "image": None, "rights": "None",
    "minutes": 9, "own_page": True,
    "origin": replace(entry().origin, title="Another"), "topics": ("turkey",), "also": (), "withdrawn": START,
    "enclosures": (), "edits": (), "because": (Hit(word="another", where="text", points=1.0),),
}  # fmt: skip


def render(entries: list[Entry], fragments: Fragments | None = None) -> dict[str, bytes]:
    return dict(render_topic(SITE, UKRAINE, entries, limit=99, all_topics=TOPICS, fragments=fragments).files)


@FEW
@given(st.lists(st.lists(hostile, max_size=3), max_size=3), st.integers(0, 30_000))
def test_what_is_kept_changes_no_byte(rounds: list[list[Entry]], room: int) -> None:
    kept = Fragments(room)
    for entries in rounds:
        assert render(entries, kept) == render(entries)
        assert kept.size <= room


@pytest.mark.parametrize("field", [field.name for field in fields(Entry)])
def test_an_entry_that_differs_in_anything_is_another(field: str) -> None:
    kept, changed = Fragments(), replace(entry(1), **{field: OTHER[field]})
    render([entry(1)], kept)
    assert render([changed], kept) == render([changed])


def test_what_moved_from_one_text_to_another_is_another_entry() -> None:
    whole = entry(1, policy="full", summary="<p>One.</p>", content="<p>Two.</p>", text="One. Two.")
    kept, moved = Fragments(), replace(whole, summary="<p>One.</p><p>Two.</p>", content="")
    render([whole], kept)
    assert render([moved], kept) == render([moved]) != render([whole])


def test_an_entry_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, written = Fragments(), list[int]()
    real = atom_rss.fragments

    def fragments(shown: Any, form: Any) -> list[bytes]:
        written.append(len(shown))
        return real(shown, form)

    monkeypatch.setattr(atom_rss, "fragments", fragments)
    render(stories(), kept)
    render([*stories(), entry(9)], kept)
    for topics in (("grain",), ("rain",)):  # the reason why it is there belongs to the topic
        render([entry(9, because=(Hit(word=topics[0], where="title", points=9.0),))], kept)
    assert [number for number in written if number] == [6, 6, 1, 1]


def test_another_site_or_topic_lets_all_be_written_anew() -> None:
    kept = Fragments()
    entries = [*stories(), entry(9, origin=replace(ORIGIN, id="", url=""))]
    render(entries, kept)
    elsewhere = replace(SITE, url="https://elsewhere.example/")
    renamed = [replace(topic, title=f"{topic.title}, once more") for topic in TOPICS]
    other = replace(SITE, authority="other.example,2026")
    for site, topics in ((elsewhere, TOPICS), (SITE, [UKRAINE]), (SITE, TOPICS), (SITE, renamed), (other, renamed)):
        new = render_topic(site, UKRAINE, entries, limit=99, all_topics=topics, fragments=kept)
        assert new.files == render_topic(site, UKRAINE, entries, limit=99, all_topics=topics).files


def test_what_was_used_last_is_kept_longest() -> None:
    kept = Fragments()
    render([entry(0)], kept)
    one = kept.size
    kept = Fragments(3 * one + one // 2)
    for number in (0, 1, 2, 0, 3, 4):  # 1 and 2 have to leave
        render([entry(number)], kept)
    size = kept.size
    render([entry(0), entry(3), entry(4)], kept)
    assert kept.size == size <= 3 * one + one // 2


def test_one_that_feedgen_cannot_write_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = atom_rss.fragments

    def fragments(shown: Any, form: Any) -> list[bytes]:
        if any(each.title == "Headline 1" for each in shown):
            raise ValueError("All strings must be XML compatible")
        return real(shown, form)

    monkeypatch.setattr(atom_rss, "fragments", fragments)
    done = render_topic(SITE, UKRAINE, [entry(0), entry(1), entry(2)], limit=9, all_topics=TOPICS)
    assert [each.story for each in done.entries] == [0, 2]
    assert done.quarantined == ((entry(1).id, "All strings must be XML compatible"),)
