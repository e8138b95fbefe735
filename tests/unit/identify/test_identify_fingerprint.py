"""The content hash: what it sees, what it does not, and for whom it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.identify.fingerprint import ENOUGH, LEAD, VERSION, fingerprint, normalised_title
from feeds.model import Article, Fingerprint

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TITLE = "Ministers meet in Ankara to discuss grain"
TEXT = "The ministers of five countries met on Sunday in the Turkish capital and spoke of grain for three hours."
ARTICLE = Article(
    source="example",
    guid="1",
    url="https://example.org/1",
    canonical_url="https://example.org/1",
    title=TITLE,
    summary=f"<p>{TEXT}</p>",
    content="",
    text=TEXT,
    authors=("Ann",),
    language="en",
    published=NOON,
    updated=None,
    first_seen=NOON,
    image=None,
    enclosures=(),
    categories=("World",),
    rights="",
    publisher="example.org",
    minutes=1,
    own_page=False,
    digest=b"1",
)


def of(**fields: Any) -> Fingerprint:
    return fingerprint(replace(ARTICLE, **fields), outlet="Example", boilerplate=frozenset())


def summary(text: str, **fields: Any) -> Fingerprint:
    return of(summary=f"<p>{text}</p>", text=text, **fields)


def test_a_key_begins_with_its_version() -> None:
    assert of().key[:1] == VERSION
    assert len(of().key) == 17
    assert (len(of().title), len(of().text)) == (8, 8)


def test_stored_keys_hold() -> None:
    """If this fails, keys in the field no longer match: a change of rules needs a new VERSION."""
    assert of().key.hex() == "0106bc2c6745fb911549324ee289499ba3"
    assert of(summary="", text="").key.hex() == "01b487fa7c2a7ac6d55dff4ba9c3e48bbd"
    assert summary("", title="Morning briefing").key.hex() == "019c5dd1379f7fa9419b8a44cab9579aa1"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"source": "other", "publisher": "example.com"}, id="source and publisher"),
        pytest.param({"guid": "2", "url": "https://example.org/2", "canonical_url": ""}, id="guid and address"),
        pytest.param({"published": NOON - timedelta(days=2)}, id="date"),
        pytest.param({"authors": (), "categories": (), "language": "tr", "digest": b"2"}, id="all else"),
        pytest.param({"summary": TEXT.replace("Sunday", "<b class='x'>Sunday</b>")}, id="markup"),
        pytest.param(
            {"title": "MINISTERS meet, in Ankara: to discuss “grain”!"}, id="case and punctuation of the title"
        ),
        pytest.param({"title": f"LIVE: {TITLE} - Example"}, id="label and outlet"),
        pytest.param({"summary": TEXT.upper().replace(" ", "&nbsp; ")}, id="case and white space of the text"),
        pytest.param({"summary": f"{TEXT} Continue reading..."}, id="tail"),
        pytest.param({"summary": f"{TEXT} https://example.org/1?x=y"}, id="address in the text"),
        pytest.param(
            {"content": "<p>Much more.</p>", "text": "Much more."}, id="content beside a summary that suffices"
        ),
    ],
)
def test_what_the_hash_of_class_a_does_not_see(fields: dict[str, Any]) -> None:
    assert of(**fields) == of()
    assert of().kind == "A"


def test_it_sees_title_and_text() -> None:
    other_title, other_text = of(title=TITLE.replace("grain", "gas")), summary(TEXT.replace("three", "four"))
    assert len({of().key, other_title.key, other_text.key}) == 3
    assert other_title.title != of().title
    assert other_title.text == of().text
    assert other_text.title == of().title
    assert other_text.text != of().text


def test_class_a_needs_sixty_characters() -> None:
    assert (summary("x" * ENOUGH).kind, summary("x" * (ENOUGH - 1)).kind) == ("A", "B")
    assert summary("x, " * (ENOUGH // 2)).kind == "B", "punctuation does not count"
    assert summary("x " * (ENOUGH // 2)).kind == "B", "nor does the last space"
    assert ENOUGH == 60


def test_class_a_looks_at_four_hundred_characters() -> None:
    lead = "x" * LEAD
    assert summary(lead + "y").key == summary(lead + "z").key
    assert summary(lead + "y").text != summary(lead + "z").text
    assert summary(lead[:-1] + "y").key != summary(lead[:-1] + "z").key
    assert LEAD == 400


def test_class_b_needs_five_words() -> None:
    assert of(title="One two three four five", summary="", text="").kind == "B"
    assert of(title="One two three four", summary="", text="").kind == "C"
    assert of(title="One two – three four", summary="", text="").kind == "C"
    assert of(title="Live: one two three four", summary="", text="").kind == "C"


def test_class_b_is_of_one_publisher_and_any_day() -> None:
    thin = {"summary": "<p>Short.</p>", "text": "Short."}
    assert of(**thin).kind == "B"
    assert of(**thin, source="b", published=NOON - timedelta(days=9)) == of(**thin)
    assert of(**thin, publisher="example.com").key != of(**thin).key
    assert of(summary="<p>Other.</p>", text="Other.").key != of(**thin).key
    assert of(**thin, title=TITLE + " now").key != of(**thin).key


def test_class_c_is_of_one_publisher_and_one_day_in_utc() -> None:
    brief = {"title": "Morning briefing", "summary": "", "text": ""}
    assert of(**brief).kind == "C"
    assert of(**brief, published=NOON + timedelta(hours=-12)) == of(**brief)
    assert of(**brief, published=NOON + timedelta(hours=-13)).key != of(**brief).key
    assert of(**brief, published=None) == of(**brief), "the day of first sight"
    assert of(**brief, publisher="example.com").key != of(**brief).key
    assert of(title="Evening briefing", summary="", text="").key != of(**brief).key


@pytest.mark.parametrize(
    "title",
    [
        "Friday's horoscope: what the stars say",
        "The daily quiz: how many do you know?",
        "Letters to the editor, 22 November",
        "Today's weather in one short line",
        "Your Monday briefing: grain and gas",
        "Günün manşetleri 22 Kasım 2026 Pazar",
        "Гороскоп на 22 ноября для всех знаков",
        "Головне за день 22 листопада",
    ],
)
def test_a_series_is_generic(title: str) -> None:
    assert of(title=title, summary="", text="").kind == "C"


@pytest.mark.parametrize(
    "title",
    [
        "Weather warning issued for all towns on the Black Sea coast",
        "Quizzed for hours, the minister denies it all",
        "Ukraine says briefing of ambassadors was cut short",
        "Newspapers in Turkey stop printing for a day",
    ],
)
def test_news_is_not(title: str) -> None:
    assert of(title=title, summary="", text="").kind == "B"


@pytest.mark.parametrize(
    ("title", "normalised"),
    [
        pytest.param("Grain – deal?", "grain deal", id="punctuation"),
        pytest.param("LIVE: grain", "grain", id="LIVE"),
        pytest.param("Live updates | grain", "grain", id="live updates"),
        pytest.param("WATCH - grain", "grain", id="WATCH"),
        pytest.param("🔴 BREAKING: grain", "grain", id="BREAKING with a lamp"),
        pytest.param("Breaking news: Exclusive: grain", "grain", id="two labels"),
        pytest.param("Live: watch: exclusive: grain", "exclusive grain", id="three labels: two of them"),
        pytest.param("[Video] grain", "grain", id="brackets"),
        pytest.param("Grain (photos)", "grain", id="brackets at the end"),
        pytest.param("SON DAKİKA: tahıl", "tahıl", id="Turkish"),
        pytest.param("Son dakika haberi | tahıl", "tahıl", id="Turkish, longer"),
        pytest.param("CANLI | tahıl", "tahıl", id="Turkish, dotless"),
        pytest.param("EN DIRECTO: grano", "grano", id="Spanish"),
        pytest.param("En direct - blé", "blé", id="French"),
        pytest.param("Терміново: зерно", "зерно", id="Ukrainian"),
        pytest.param("Срочно! Зерно", "срочно зерно", id="not with any sign"),
        pytest.param("عاجل: قمح", "قمح", id="Arabic"),
        pytest.param("Grain | Opinion", "grain", id="Opinion"),
        pytest.param("Grain - live", "grain", id="live at the end"),
        pytest.param("Live music is back", "live music is back", id="a word, no label"),
        pytest.param("Live-streaming is back", "live streaming is back", id="a hyphen, no label"),
        pytest.param("Where children watch", "where children watch", id="a last word, no label"),
        pytest.param("Grain - The Example", "grain", id="outlet"),
        pytest.param("Grain — Example", "grain", id="outlet without its article"),
        pytest.param("Grain – Example", "grain", id="outlet after a short dash"),
        pytest.param("Grain|THE EXAMPLE", "grain", id="outlet after a bar"),
        pytest.param("Grain • Example", "grain", id="outlet after a bullet"),
        pytest.param("Grain · Example", "grain", id="outlet after a point"),
        pytest.param("Grain - Example - The Example", "grain", id="outlet twice"),
        pytest.param("Grain | Analysis - The Example", "grain", id="label and outlet"),
        pytest.param("Grain - The Example | Video", "grain", id="outlet and label"),
        pytest.param("Grain - Another", "grain another", id="another outlet"),
        pytest.param("A pro-Example rally", "a pro example rally", id="outlet as a word"),
        pytest.param("pro-Example", "pro example", id="outlet after a hyphen"),
        pytest.param("The Example", "the example", id="outlet alone"),
        pytest.param("- Example", "example", id="outlet after nothing"),
        pytest.param("Live", "live", id="label alone"),
        pytest.param("Live:", "live", id="label before nothing"),
        pytest.param("🔥!", "🔥!", id="signs alone"),
        pytest.param("", "", id="empty"),
        pytest.param("Don’t / don't / don`t", "dont dont dont", id="apostrophes"),
        pytest.param("İSTANBUL Istanbul", "istanbul istanbul", id="Turkish capitals"),
        pytest.param("ﬁne ＡＢＣ ²", "fine abc 2", id="NFKC"),
        pytest.param("Київ Йорк", "київ йорк", id="ї and й stay"),
        pytest.param("مُحَمَّد مـحمد", "محمد محمد", id="Arabic vowel signs and tatweel"),
        pytest.param("हिन्दी", "हिन्दी", id="marks that make a letter stay"),
        pytest.param("zero\u200bwidth\u00ad", "zerowidth", id="invisible"),
        pytest.param("AT&amp;amp;T &lt;b&gt;x&lt;/b&gt;", "at t x", id="unescaped twice, tags stripped"),
        pytest.param("AT&amp;amp;amp;T", "at amp t", id="never thrice"),
        pytest.param("See https://example.org/a?b=c now", "see now", id="address"),
    ],
)
def test_normalised_title(title: str, normalised: str) -> None:
    assert normalised_title(title, "The Example") == normalised


def test_no_outlet_takes_nothing_away() -> None:
    assert normalised_title("Grain -", "") == "grain"


@pytest.mark.parametrize(
    "tail",
    [
        "Continue reading...",
        "Continue reading this story at example.org",
        "Read more »",
        "[…]",
        "[&#8230;]",
        "…",
        "The post Ministers meet in Ankara appeared first on Kyiv Post.",
        "The post Ministers meet appeared first on <a href='https://example.org'>The Post</a>. Read more",
        "This article was originally published on Example.",
        "Sign up for our weekly newsletter and never miss a word",
        "Follow our Ukraine war live blog for all updates",
        "Seguir leyendo",
        "La entrada Ministros se publicó primero en Ejemplo.",
        "Lire la suite",
        "L’article Ministres est apparu en premier sur Exemple.",
        "Weiterlesen",
        "Der Beitrag Minister erschien zuerst auf Beispiel.",
        "Devamı için tıklayınız",
        "DEVAMI İÇİN TIKLAYINIZ",
        "Haberin devamı…",
        "Читать далее",
        "Запись Министры впервые появилась Пример.",
        "Читати далі",
        "Запис Міністри спершу з’явиться на Приклад.",
        "اقرأ المزيد",
        "ظهرت المقالة وزراء أولاً على مثال.",
    ],
)
def test_what_a_site_adds_to_each_text_does_not_count(tail: str) -> None:
    assert of(summary=f"{TEXT} {tail}") == of()
    assert of(summary=f"<p>{TEXT[:-1]}</p><p>{tail}</p>") == of()
    assert of(summary=tail, text="").text == b""


def test_white_space_around_such_sentences_does_not_count() -> None:
    assert of(summary=f"<p>{TEXT}</p><p>Read more</p>{'<p></p>' * 50}") == of()
    assert of(summary=f"{TEXT} Read more{' ' * 99}<br>Continue reading") == of()


def test_two_such_sentences_do_not_count() -> None:
    first = "Continue reading Ministers meet in Ankara to discuss grain at Example →"
    second = "The post Ministers meet in Ankara to discuss grain appeared first on Example."
    assert of(summary=f"{TEXT} {first} {second}") == of()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{TEXT[:-1]} and asked all to read more about wheat.", id="inside a sentence"),
        pytest.param(f"{TEXT} Read more slowly, he said, {'and then again ' * 9}", id="far from the end"),
    ],
)
def test_what_only_sounds_like_it_counts(text: str) -> None:
    assert of(summary=text).text != of().text


@pytest.mark.parametrize(
    "repeated",
    [
        pytest.param(TITLE, id="equal"),
        pytest.param(TITLE.upper() + "!", id="but for case and punctuation"),
        pytest.param(f"{TITLE}&nbsp;&nbsp;Example", id="and the outlet, as the title has it"),
    ],
)
def test_a_text_that_repeats_the_title_is_none(repeated: str) -> None:
    nothing = of(title=f"{TITLE} - Example", summary="", text="")
    assert of(title=f"{TITLE} - Example", summary=repeated) == nothing
    assert nothing.text == b""


def test_a_short_summary_gives_way_to_the_content() -> None:
    assert of(summary="Short.", content=f"<p>{TEXT}</p>", text=TEXT) == of()
    assert of(summary="", content=f"<p>{TEXT}</p>", text=TEXT) == of()
    assert of(summary="Short.", content="<p>Shorter</p>", text="Shorter") == summary("Shorter")
    assert of(summary="Short.", content="<p>!</p>", text="!") == summary("Short.")


def test_boilerplate_counts_for_nothing_but_keeps_its_hash() -> None:
    learnt = frozenset({of().text})
    known = fingerprint(ARTICLE, outlet="Example", boilerplate=learnt)
    assert known.text == of().text
    assert known == replace(of(summary="", text=""), text=of().text)
    assert known.kind == "B"


def test_behind_boilerplate_stands_the_content() -> None:
    learnt = frozenset({of().text})
    body = TEXT.replace("grain", "gas")
    known = fingerprint(replace(ARTICLE, content=f"<p>{body}</p>", text=body), outlet="Example", boilerplate=learnt)
    assert (known.key, known.kind) == (summary(body).key, "A")
    assert known.text == of().text
    both = learnt | {summary(body).text}
    thin = fingerprint(replace(ARTICLE, content=f"<p>{body}</p>", text=body), outlet="Example", boilerplate=both)
    assert (thin.key, thin.kind) == (of(summary="", text="").key, "B")


def test_behind_a_content_of_boilerplate_stands_a_short_summary() -> None:
    learnt = frozenset({of().text})
    item = replace(ARTICLE, summary="<p>Short.</p>", content=f"<p>{TEXT}</p>")
    assert fingerprint(item, outlet="Example", boilerplate=learnt).key == summary("Short.").key


def test_sixty_characters_keep_their_hash_when_learnt() -> None:
    just_enough = summary("x" * ENOUGH)
    item = replace(ARTICLE, summary="x" * ENOUGH, content=f"<p>{TEXT}</p>")
    assert fingerprint(item, outlet="Example", boilerplate=frozenset({just_enough.text})).text == just_enough.text


def test_other_boilerplate_changes_nothing() -> None:
    assert fingerprint(ARTICLE, outlet="Example", boilerplate=frozenset({b"12345678"})) == of()


def test_a_number_without_end_is_no_reason_to_stop() -> None:
    words = "The delegations {} arrived on Monday and will speak about harvest exports all week."
    assert summary(words.format(f"&#{'1' * 5000};")).text == summary(words.format("")).text
