"""Made-up stories for the tests of `publish`, and strategies for hostile ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from feeds.model import Also, Category, Edit, Enclosure, Entry, Hit, Image, Origin, Site, Topic
from feeds.publish.entry import Shown, show

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

SITE = Site(
    title="Foreign desk",
    url="https://news.example.org/desk/",
    authority="news.example.org,2026-11",
    contact="mailto:desk@example.org",
    language="en",
)
UKRAINE = Topic(
    name="ukraine",
    title="Ukraine",
    description="Ukraine, its people and politics.",
    categories=(Category(term="medtop:20000056", scheme="http://cv.iptc.org/newscodes/mediatopic/", label="war"),),
)
TURKEY = Topic(name="turkey", title="Türkiye & region")
TOPICS = (TURKEY, UKRAINE)

ORIGIN = Origin(
    name="agency-a",
    title="Agency A & Sons",
    url="https://a.example.com/rss?x=1&y=2",
    format="rss20",
    home="https://a.example.com/",
    id="urn:agency:a",
    rights="© Agency A",
    language="en",
)

TITLES = (
    ("en", "Talks & “pause” in Kyiv <update>"),
    ("tr", "Zelenskiy İstanbul’da Erdoğan ile görüştü"),
    ("uk", "Переговори у Києві"),
    ("ar", "محادثات في أنقرة"),
    ("ko", "한국 & emoji 🕊️"),
    ("en", 'x < y && z > "q" \x0b\ud83d \x93quoted\x94'),
)


def entry(nth: int = 0, **changes: Any) -> Entry:
    """A whole and harmless story, seven minutes older than the one before."""
    published = START - timedelta(minutes=7 * nth)
    whole = Entry(
        story=nth,
        article=nth,
        id=f"tag:news.example.org,2026-11:story/{nth:026}",
        title=f"Headline {nth}",
        guid=f"guid-{nth:04}",
        url=f"https://a.example.com/{nth}?a=1&b=2",
        summary=f"<p>First sentence of {nth}. A second one &amp; its end. A third that nobody shows.</p>",
        content="",
        text=f"First sentence of {nth}. A second one & its end. A third that nobody shows.",
        policy="excerpt",
        authors=("Ada Byline",),
        language="en",
        published=published,
        updated=published + timedelta(minutes=3, microseconds=nth),
        image=Image(url="https://a.example.com/p.jpg", width=640, height=360),
        enclosures=(),
        rights="© Agency A 2026",
        minutes=2,
        own_page=False,
        origin=ORIGIN,
        topics=("turkey", "ukraine"),
        because=(Hit(word="ukrain*", where="title", points=20.0), Hit(word="kyiv*", where="lead", points=9.0)),
        also=(
            Also(
                source="b",
                outlet="Agency B",
                title="The same <b>",
                url=f"https://b.example.net/{nth}",
                published=published,
            ),
            Also(source="c", outlet="Ajans C", title="Aynısı", url=f"https://c.example.net/{nth}", published=published),
        ),
    )
    return replace(whole, **changes)


def stories() -> list[Entry]:
    """One story for each of TITLES, in their languages."""
    return [entry(nth, title=title, language=language) for nth, (language, title) in enumerate(TITLES)]


def shown(nth: int = 0, **changes: Any) -> Shown:
    """`entry`, ready to be written."""
    return show(entry(nth, **changes), site=SITE, topics={topic.name: topic for topic in TOPICS})


# Any text, with a liking for what breaks documents: markup, C0 and C1 controls, lone surrogates, non-characters.
_FORBIDDEN = ("\x00", "\x0b", "\x85", "\ud800", "\udfff", "\ufffe", "\U0001ffff", "\r", "\u202e")
_MARKUP = ("]]>", "<!--", "</title>", "&#0;", "&lt;b&gt;")
_NASTY = st.sampled_from((*_FORBIDDEN, *_MARKUP))
_HOSTILE_CHARACTERS = st.characters(categories=["Cc", "Cs", "Cf", "Zs"])
texts = st.lists(_NASTY | st.text(max_size=12) | _HOSTILE_CHARACTERS, max_size=6).map("".join)
_paths = st.lists(_NASTY | st.text(max_size=8), max_size=4).map("".join)
urls = texts | _paths.map("https://h.example/".__add__) | _paths.map("http://".__add__) | st.just("javascript:alert(1)")
moments = st.datetimes(timezones=st.just(UTC) | st.none())

hostile = st.builds(
    entry,
    st.integers(0, 5),
    title=texts,
    url=urls,
    summary=texts,
    content=texts,
    text=texts,
    policy=st.sampled_from(["headline", "excerpt", "full"]),
    authors=st.lists(texts, max_size=3).map(tuple),
    language=texts | st.sampled_from(["en", "ar", "uk-UA", "zh_Hant"]),
    published=moments,
    updated=moments,
    image=st.none() | st.builds(Image, url=urls, width=st.integers(-1, 9), height=st.integers(-1, 9)),
    enclosures=st.lists(st.builds(Enclosure, url=urls, type=texts, length=st.integers(-9, 9)), max_size=2).map(tuple),
    rights=texts,
    own_page=st.just(False),
    origin=st.builds(Origin, name=texts, title=texts, url=urls, home=urls, id=texts, rights=texts, language=texts),
    topics=st.lists(st.sampled_from(["ukraine", "turkey", "gone"]), max_size=3).map(tuple),
    because=st.lists(st.builds(Hit, word=texts, where=texts, points=st.floats(0, 99)), max_size=2).map(tuple),
    edits=st.lists(st.builds(Edit, at=moments, what=st.just(("headline",)), was=texts), max_size=2).map(tuple),
    withdrawn=st.none() | moments,
    corrected=st.none() | st.datetimes(timezones=st.just(UTC)),
    also=st.lists(st.builds(Also, outlet=texts, title=texts, url=urls, published=moments), max_size=3).map(tuple),
)
