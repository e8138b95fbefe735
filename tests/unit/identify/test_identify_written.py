"""What a decision says and writes, to the last field: the store believes it unread."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from feeds.identify.decide import decide
from feeds.identify.ledger import Ledger
from feeds.model import Article, Changes, Item, Key, KeyKind, Known, Outcome, Rejected, Stored, Verdict
from tests.make import KEEP, NOW, article

LATER = NOW + timedelta(hours=3)
UNKNOWN = "neither guid, address nor text was known"
REWRITTEN = {
    "title": "Floods break bridges along vineyards",
    "text": "Heavy rain flooded the coast while mayors counted broken bridges and lost sheep.",
}
RICH = "https://beta.example/live/2026/11/20/world/grain-talks-in-geneva-news"  # an address of one story

FIRST = article("alpha", "1")
COPY = article("beta", "b")
TWIN = article("alpha", "2", url="https://alpha.example/2")
OLD = article("alpha", "old", published=NOW - KEEP - timedelta(days=1))
BROKEN = Rejected(source="alpha", why="no title and no text", guid="1", digest=b"r", slice=b"r")


def after(history: tuple[Item, ...], *items: Item, now: datetime = LATER) -> Changes:
    """What is decided on `items`, the last of which the history is looked up for."""
    ledger = Ledger(keep=KEEP)
    for item in history:
        ledger.judge(item, now=NOW)
    return decide(items, ledger.known(items[-1]), now=now, keep=KEEP)


def own_keys(item: Article, **fields: Any) -> list[Key]:
    """The keys of guid and address, as of an item first seen at NOW that began article 1."""
    values: dict[str, Any] = {
        "source": item.source,
        "article": 1,
        "outcome": Outcome.NEW,
        "why": UNKNOWN,
        "slice": item.slice,
        "publisher": item.publisher,
        "claimed": item.published,
        "first_seen": NOW,
    } | fields
    names: tuple[tuple[KeyKind, str], ...] = (("guid", item.guid), ("url", item.canonical_url))
    return [Key(kind=kind, key=key, **values) for kind, key in names]


def all_keys(item: Article, *, text_seen: datetime = LATER, **fields: Any) -> list[Key]:
    """Likewise, and the key of its text."""
    guid, url = own_keys(item, **fields)
    text = item.fingerprint.key.hex()
    return [guid, url, replace(guid, kind="hash", key=text, hash_kind="A", first_seen=text_seen)]


def test_new() -> None:
    assert after((), FIRST) == Changes(
        verdicts=(Verdict(item=FIRST, outcome=Outcome.NEW, article=1, story=1, because=UNKNOWN, act="begin"),),
        keys=tuple(all_keys(FIRST, first_seen=LATER)),
    )


def test_the_same() -> None:
    """Its keys keep how it stands and since when; the bytes are those of today."""
    touched = replace(FIRST, published=NOW, slice=b"other")
    because = "known, and nothing of weight differs"
    assert after((FIRST,), touched) == Changes(
        verdicts=(Verdict(item=touched, outcome=Outcome.SAME, article=1, story=1, because=because, act="pass"),),
        keys=tuple(all_keys(touched, text_seen=NOW)),
    )


def test_changed() -> None:
    edited = article("alpha", "1", "Envoys meet in Geneva for wheat talks", authors=("Ann",), text=FIRST.text + " Now.")
    moved = replace(edited, canonical_url="https://alpha.example/moved")
    because = "known; title and text and link and authors changed"
    verdict = Verdict(
        item=moved,
        outcome=Outcome.CHANGED,
        article=1,
        story=1,
        because=because,
        differs=("title", "text", "link", "authors"),
        corrections=("headline",),
        act="revise",
    )
    guid, url, text = all_keys(moved, outcome=Outcome.CHANGED, why=because)
    assert after((FIRST,), moved) == Changes(verdicts=(verdict,), keys=(guid, replace(url, first_seen=LATER), text))


@pytest.mark.parametrize(
    ("copy", "because"),
    [
        pytest.param(COPY, "the same text (class A) as in alpha", id="text"),
        pytest.param(
            article("beta", "b", "Envoys meet in Geneva again", url=FIRST.url),
            "the same address as in alpha",
            id="address",
        ),
    ],
)
def test_a_duplicate(copy: Article, because: str) -> None:
    verdict = Verdict(item=copy, outcome=Outcome.DUPLICATE, article=1, story=1, because=because, act="sight")
    keys = all_keys(copy, outcome=Outcome.DUPLICATE, why=because, first_seen=LATER)
    assert after((FIRST,), copy) == Changes(verdicts=(verdict,), keys=tuple(keys))


def test_stale() -> None:
    because = "published 2026-05-23, longer ago than is kept"
    assert after((), OLD) == Changes(
        verdicts=(Verdict(item=OLD, outcome=Outcome.STALE, because=because),),
        keys=tuple(own_keys(OLD, article=None, outcome=Outcome.STALE, why=because, first_seen=LATER)),
    )
    again = replace(OLD, slice=b"again")
    assert after((OLD,), again) == Changes(
        verdicts=(Verdict(item=again, outcome=Outcome.SAME, because="known, and longer ago published than is kept"),),
        keys=tuple(own_keys(again, article=None, outcome=Outcome.STALE, why=because)),
    )


def test_an_item_whose_article_is_no_longer_kept() -> None:
    known = Known(keys=tuple(own_keys(FIRST, article=None)))
    assert decide([FIRST], known, now=LATER, keep=KEEP) == Changes(
        verdicts=(Verdict(item=FIRST, outcome=Outcome.SAME, because="known, and its article is no longer kept"),),
        keys=tuple(own_keys(FIRST, article=None)),
    )


def test_rejected() -> None:
    verdict = Verdict(item=BROKEN, outcome=Outcome.REJECTED, because="no title and no text")
    key = Key(
        kind="guid",
        key="1",
        source="alpha",
        article=None,
        outcome=Outcome.REJECTED,
        why="no title and no text",
        slice=b"r",
        first_seen=LATER,
    )
    assert after((), BROKEN) == Changes(verdicts=(verdict,), keys=(key,))
    assert after((BROKEN,), BROKEN) == Changes(verdicts=(verdict,), keys=(replace(key, first_seen=NOW),))
    assert after((FIRST,), BROKEN) == Changes(verdicts=(verdict,)), "a known article keeps its keys"


MOVED_TEXT = article("beta", RICH, url=RICH, **REWRITTEN)


@pytest.mark.parametrize(
    ("history", "item", "outcome", "place", "act"),
    [
        pytest.param(
            (FIRST,),
            article("alpha", "churned", "Envoys meet in Geneva for wheat talks", url=FIRST.url),
            Outcome.CHANGED,
            (1, 1),
            "revise",
            id="the guid churns, the address stays: its own",
        ),
        pytest.param(
            (FIRST, TWIN),
            article("alpha", "churned", "Envoys meet in Geneva for wheat talks", url=TWIN.url),
            Outcome.CHANGED,
            (1, 1),
            "sight",
            id="the guid of a copy churns within one source: no more its own than before",
        ),
        pytest.param(
            (FIRST, TWIN),
            replace(TWIN, title="Envoys meet in Geneva for wheat talks"),
            Outcome.CHANGED,
            (1, 1),
            "sight",
            id="an edited copy within one source",
        ),
        pytest.param(
            (FIRST, article("beta", RICH, url=RICH)),
            MOVED_TEXT,
            Outcome.CHANGED,
            (2, 2),
            "begin",
            id="a copy rewritten, its address that of one story",
        ),
        pytest.param(
            (FIRST, article("alpha", RICH, url=RICH)),
            replace(MOVED_TEXT, source="alpha"),
            Outcome.CHANGED,
            (2, 2),
            "begin",
            id="likewise within one source",
        ),
        pytest.param(
            (FIRST, article("beta", "b", url=RICH)),
            MOVED_TEXT,
            Outcome.CHANGED,
            (2, 2),
            "begin",
            id="under a new guid too, as the former is listed no more",
        ),
        pytest.param(
            (FIRST, article("beta", "b", "Geneva: three farmers", url=FIRST.url, text="They arrived for talks.")),
            article("beta", "b", "Geneva: three farmers", url=FIRST.url, text="They arrived  for talks."),
            Outcome.SAME,
            (1, 1),
            "pass",
            id="a copy that never matched well stays where its address put it",
        ),
        pytest.param(
            (FIRST, article("alpha", "2", **REWRITTEN)),
            article("alpha", "1", url="https://alpha.example/3", **REWRITTEN),
            Outcome.SAME,
            (2, 2),
            "sight",
            id="a guid moves on to a text that its source has elsewhere",
        ),
        pytest.param(
            (FIRST, article("beta", "2", **REWRITTEN)),
            article("beta", "2", url="https://beta.example/3"),
            Outcome.DUPLICATE,
            (1, 1),
            "sight",
            id="a guid moves on to a text that another source has",
        ),
    ],
)
def test_whose_article_it_is(
    history: tuple[Item, ...], item: Article, outcome: Outcome, place: tuple[int, int], act: str
) -> None:
    changes = after(history, item)
    (verdict,) = changes.verdicts
    assert (verdict.outcome, (verdict.article, verdict.story), verdict.act) == (outcome, place, act)
    standing = Outcome.DUPLICATE if act in ("sight", "pass") else outcome  # an edited copy is still a copy
    assert {(key.outcome, key.article) for key in changes.keys} == {(standing, verdict.article)}


def test_a_name_that_moves_on_is_as_old_as_its_new_article() -> None:
    moved = article("alpha", "1", **REWRITTEN)
    assert {key.first_seen for key in after((FIRST,), moved).keys} == {LATER}


def test_why_a_copy_left() -> None:
    (verdict,) = after((FIRST, article("beta", RICH, url=RICH)), MOVED_TEXT).verdicts
    assert verdict.because == "no longer the text that it was a copy of"


def test_a_place_that_shows_an_old_text_again() -> None:
    """Days later a text of one publisher counts as another, but not under the address that it had."""
    later = FIRST.first_seen + timedelta(days=2)
    again = replace(FIRST, published=later)
    (verdict,) = after((FIRST, article("alpha", "1", **REWRITTEN)), again, now=later).verdicts
    assert (verdict.outcome, verdict.article) == (Outcome.SAME, 1)


def test_a_copy_is_edited_after_it_left_within_one_reading() -> None:
    later = MOVED_TEXT.dated + timedelta(minutes=1)
    edited = replace(MOVED_TEXT, title=MOVED_TEXT.title + " again", published=later, first_seen=later)
    verdicts = after((FIRST, article("beta", RICH, url=RICH)), MOVED_TEXT, edited).verdicts
    assert [(v.outcome, v.article, v.story, v.act) for v in verdicts] == [
        (Outcome.CHANGED, 2, 2, "begin"),
        (Outcome.CHANGED, 2, 2, "revise"),
    ]


def test_a_copy_listed_twice_is_compared_with_itself() -> None:
    copy = article("beta", "b", "Envoys meet in Geneva again", url=FIRST.url)
    assert [v.outcome for v in after((FIRST,), copy, copy).verdicts] == [Outcome.DUPLICATE, Outcome.SAME]


def text_key(source: str, article: int | None, first_seen: datetime) -> Key:
    text = FIRST.fingerprint.key.hex()
    return Key(
        kind="hash",
        key=text,
        source=source,
        article=article,
        outcome=Outcome.NEW,
        publisher=f"{source}.example",
        first_seen=first_seen,
    )


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param([("z", 1, NOW), ("y", 2, LATER), ("x", 3, LATER)], id="the one seen first"),
        pytest.param([("x", 1, NOW), ("y", 2, NOW), ("z", 3, NOW)], id="at one time: by name of source"),
        pytest.param([("x", None, NOW), ("y", 1, LATER)], id="one that is still kept"),
    ],
)
def test_which_of_several_articles_a_copy_joins(keys: list[tuple[str, int | None, datetime]]) -> None:
    articles = {n: Stored.of(FIRST, article=n, story=n) for n in (1, 2, 3)}
    for order in permutations(text_key(*key) for key in keys):
        (verdict,) = decide([COPY], Known(keys=order, articles=articles), now=LATER, keep=KEEP).verdicts
        assert (verdict.outcome, verdict.article) == (Outcome.DUPLICATE, 1)


def test_a_ledger_numbers_articles_and_stories_without_a_gap() -> None:
    ledger = Ledger(keep=KEEP)
    copy = article("beta", RICH, url=RICH)
    items = (FIRST, copy, MOVED_TEXT, article("gamma", "c", "Parliament votes", text="Budget."))
    verdicts = [ledger.judge(item, now=NOW) for item in items]
    assert [(v.article, v.story) for v in verdicts] == [(1, 1), (1, 1), (2, 2), (3, 3)]
    last = article("gamma", "d", "Lakes freeze early", text="Skaters rejoice.")
    assert (ledger.known(last).next_article, ledger.known(last).next_story) == (4, 4)


def test_a_ledger_knows_what_was_judged_and_nothing_else() -> None:
    ledger = Ledger(keep=KEEP)
    assert ledger.known(FIRST) == Known()
    for item in (FIRST, COPY, COPY):
        ledger.judge(item, now=NOW)
    stored, sighting = Stored.of(FIRST, article=1, story=1), Stored.of(COPY, article=1, story=1)
    assert ledger.known(COPY).articles == {1: stored}, "a copy seen again replaces nothing"
    assert ledger.known(COPY).sightings == {COPY.item: sighting}
    assert ledger.known(FIRST).sightings == {}
