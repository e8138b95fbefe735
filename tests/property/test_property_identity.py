"""Laws of identity: the store remembers as a ledger does, and no stream of items loses or doubles any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.identify.ledger import Ledger
from feeds.model import Article, Changes, Item, Known, Outcome, Verdict
from feeds.ports import Decide
from feeds.store.sql import SqlStore
from tests.make import KEEP, NOW, article, deciding, digest, poll, source

SOURCES = ("alpha", "beta", "gamma")
TEXTS = (
    ("Envoys meet in Geneva for grain talks", "The delegations arrived on Monday and will speak about exports."),
    ("Envoys meet in Geneva for wheat talks", "The delegations arrived on Monday and will speak about exports."),
    ("Floods break bridges along vineyards", "Heavy rain flooded the coast while mayors counted lost sheep."),
    ("Parliament passes budget after midnight", "Deputies voted for teachers' pay and against a new road fund."),
)


@st.composite
def items(draw: st.DrawFn) -> Article:
    """An item of few names and few texts, so that streams of them collide in every way."""
    name = draw(st.sampled_from(SOURCES))
    title, text = draw(st.sampled_from(TEXTS))
    guid = draw(st.sampled_from(("", "g1", "g2", "g3")))
    url = draw(st.sampled_from(("", "https://x.example/1", "https://x.example/story-of-the-great-flood", "own")))
    url = f"https://{name}.example/{guid}" if url == "own" else url
    age = draw(st.sampled_from((1, 10, 19, 21, 24 * 200)))
    published = draw(st.sampled_from((None, NOW - timedelta(hours=age))))
    return article(
        name, guid, title, text=text, url=url, published=published, digest=digest(name, guid, title, url, published)
    )


@contextmanager
def empty_store() -> Iterator[SqlStore]:
    with TemporaryDirectory() as folder:
        store = SqlStore(f"sqlite:///{Path(folder) / 'feeds.db'}")
        store.sync([source(name) for name in SOURCES], ["grain"], authority="x.example,2026", now=NOW)
        yield store
        store.close()


def as_in_a_ledger(now: datetime) -> Decide:
    """The decision of one who does not know what else stands in the document, nor who carries an article as well."""

    def decide(items: Sequence[Item], known: Known) -> Changes:
        return deciding(now)(items, replace(known, listed=frozenset(), carried=frozenset()))

    return decide


@settings(max_examples=15)
@given(st.lists(items(), max_size=12))
def test_the_store_judges_as_a_ledger_does(stream: list[Article]) -> None:
    # Not settled in between: settling may exchange who is the article and who its copy, which a ledger never does.
    ledger = Ledger(keep=KEEP)
    with empty_store() as store:
        for number, item in enumerate(stream):
            now = NOW + timedelta(hours=number)
            seen = replace(item, first_seen=now)
            (job,) = store.claim(now, limit=1, lease=timedelta(minutes=9), only=[item.source], due=False)
            outcomes = store.apply(poll(job, seen), as_in_a_ledger(now)).outcomes
            assert dict(outcomes) == {ledger.judge(seen, now=now).outcome: 1}
        store.settle(NOW)
        assert list(store.verify()) == []


@settings(max_examples=100)
@given(st.lists(items(), max_size=14))
def test_an_item_seen_again_is_the_same(stream: list[Article]) -> None:
    ledger = Ledger(keep=KEEP)
    for item in stream:
        ledger.judge(item, now=NOW)
        again = ledger.judge(item, now=NOW)
        assert again.outcome is Outcome.SAME
        assert again.act in ("pass", "sight")


@settings(max_examples=100)
@given(st.lists(items(), max_size=14))
def test_no_source_revises_the_article_of_another(stream: list[Article]) -> None:
    ledger = Ledger(keep=KEEP)
    owner: dict[int, str] = {}
    for item in stream:
        verdict: Verdict = ledger.judge(item, now=NOW)
        if verdict.act == "begin" and verdict.article is not None:
            assert verdict.article not in owner
            owner[verdict.article] = item.source
        if verdict.act == "revise" and verdict.article is not None:
            assert owner[verdict.article] == item.source
