"""Entries of real feeds, where they are: for tests and benches of what is published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feeds.model import Article, Document, Entry, Facts, Hit, Origin, Source, Unreadable
from feeds.normalise.article import normalise
from feeds.read import read
from tests.real import snapshots

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def real_entries(number: int, *, content: str = "full") -> list[Entry]:
    """So many entries, a few of each feed, as if they had been published a minute apart."""
    found: list[Entry] = []
    for name, body in snapshots():
        url = f"https://{name.partition('.')[0]}.example/feed"
        facts = Facts(source=Source(name=name, url=url), now=NOW)
        feed = read(Document(url=url, body=body), facts)
        if isinstance(feed, Unreadable):
            continue
        head = feed.head
        origin = Origin(
            name=name, title=head.title, url=url, format=head.format, home=head.link, id=head.id, rights=head.rights
        )
        items = [normalise(raw, head, facts) for raw in feed.entries[:8]]
        for item in items:
            if isinstance(item, Article) and len(found) < number:
                found.append(_entry(item, origin, len(found), content))
        if len(found) == number:
            break
    return found


def _entry(item: Article, origin: Origin, nth: int, content: str) -> Entry:
    published = NOW - timedelta(minutes=nth)
    return Entry(
        story=nth,
        article=nth,
        id=f"tag:desk.example,2026:story/{nth:026}",
        title=item.title,
        guid=item.guid,
        url=item.url,
        summary=item.summary,
        content=item.content,
        text=item.text,
        policy=content,  # type: ignore[arg-type]
        authors=item.authors,
        language=item.language,
        published=published,
        updated=published + timedelta(microseconds=nth),
        image=item.image,
        enclosures=item.enclosures,
        rights=item.rights,
        minutes=item.minutes,
        own_page=False,
        origin=origin,
        topics=("ukraine",),
        because=(Hit(word="ukrain*", where="title", points=10.0 + nth % 3),),
    )
