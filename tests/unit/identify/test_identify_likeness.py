"""Names of places, and texts that have nothing in common."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feeds.identify.likeness import is_another_report, is_another_story, share_almost_nothing, stop_matching
from feeds.identify.names import names_a_place
from feeds.model import Stored
from tests.make import article


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("https://bbc.example/news_1.html", id="a position"),
        pytest.param("https://site.example/", id="a front page"),
        pytest.param("https://site.example/world/item?n=3", id="a position in the query"),
        pytest.param("https://bbc.example/world-news_1.html", id="a position whose suffix is no word"),
        pytest.param(
            "https://world-news-today-52350082.example/news_1.html", id="words and a number of the host alone"
        ),
        pytest.param("7", id="a counter as guid"),
        pytest.param("https://site.example/2026/11/story-17", id="a day and a position"),
    ],
)
def test_a_place(name: str) -> None:
    assert names_a_place(name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("https://www.bbc.co.uk/news/business-52350082", id="a long number"),
        pytest.param("https://www.nytimes.com/live/2022/09/17/world/ukraine-russia-war", id="words of a headline"),
        pytest.param("https://site.example/grain-talks-geneva/", id="words before a slash"),
        pytest.param("https://site.example/about-Malcolm-X", id="a letter as last word"),
        pytest.param("https://site.example/view?title=grain-talks", id="words in the query"),
        pytest.param(
            "https://archive.example/20261122060000/https://site.example/", id="a long number, then an address"
        ),
        pytest.param("52350082", id="a long number as guid"),
        pytest.param("p54o4j", id="a code as guid"),
        pytest.param("https://s.example/collections/intl-talks-0427/", id="words and a day"),
        pytest.param("https://s.example/white-house-briefings/index.html", id="words before the last step"),
        pytest.param("geneva/grain/talks/1", id="words as guid"),
        pytest.param("https://s.example/article.cfm?c_id=1&objectid=12329880", id="a long number in the query"),
        pytest.param("tag:s.example,2026:story/01M7V41F00YJ", id="a tag with a code"),
        pytest.param("https://s.example/Українська_делегація_прибула_до_Женеви", id="words of another script"),
    ],
)
def test_a_name_of_one_story(name: str) -> None:
    assert not names_a_place(name)


BEFORE = Stored.of(article("a", "1"), article=1, story=1)


@pytest.mark.parametrize(
    ("title", "text", "nothing"),
    [
        pytest.param("Floods break bridges", "Vineyards drowned along rivers.", True, id="title and text differ"),
        pytest.param("Floods break bridges", "", True, id="title differs, no text"),
        pytest.param("Floods break bridges", BEFORE.text, False, id="the text stays"),
        pytest.param(BEFORE.title, "Vineyards drowned along rivers.", False, id="the title stays"),
        pytest.param("Floods", "Envoys meet in Geneva about rain.", False, id="the old title's words are in the text"),
        pytest.param("Cheap pills for all week", "", True, id="one word of a headline stands in the text by chance"),
        pytest.param("Pills for harvest exports", "", False, id="two words do not"),
        pytest.param("Pills for harvest week", "", True, id="an everyday word is no second one"),
        pytest.param(
            "Minister resigns", "Officials said on Monday that a cellist sang.", True, id="everyday words alone"
        ),
        pytest.param("Exporting", "", False, id="six letters of a word suffice"),
        pytest.param("7", "", True, id="a number is a word"),
        pytest.param("на", "", False, id="no words in the title: nothing is shown"),
    ],
)
def test_sharing_almost_nothing(title: str, text: str, nothing: bool) -> None:
    assert share_almost_nothing(BEFORE, article("a", "1", title, text=text)) is nothing


def test_everyday_words_count_where_there_are_no_others() -> None:
    before = replace(BEFORE, title="War in Ukraine: live updates", text="")
    assert not share_almost_nothing(before, article("a", "1", "Kherson is shelled as Ukraine waits", text=""))


@pytest.mark.parametrize(
    ("before", "edited", "other"),
    [
        pytest.param("জেনেভায় শান্তি আলোচনা শুরু", "জেনেভায় শান্তি আলোচনা স্থগিত", "উপকূলে ঝড়ে ভেঙেছে সেতু", id="Bengali"),
        pytest.param("जिनेवा में शांति वार्ता शुरू", "जिनेवा में शांति वार्ता रुकी", "तूफान से टूटे पुल", id="Hindi"),
        pytest.param(
            "بدء محادثات السَّلام في جنيف", "توقّف محادثات السلام في جنيف", "عاصفة تدمّر الجسور", id="Arabic with vowels"
        ),
    ],
)
def test_marks_are_of_the_word_that_they_stand_in(before: str, edited: str, other: str) -> None:
    stored = replace(BEFORE, title=before, text="")
    assert not stop_matching(stored, article("a", "1", edited, text=""))
    assert share_almost_nothing(stored, article("a", "1", other, text=""))


def test_one_word_by_chance_is_looked_at_from_both_sides() -> None:
    spam = Stored.of(article("a", "1", "Cheap pills for all week", text="Buy now"), article=1, story=1)
    assert share_almost_nothing(spam, article("a", "1"))


def test_the_share_counts_from_the_smaller_side() -> None:
    words = [f"{letter * 5}" for letter in "abcdefghijklmnopqrstuvwxy"]
    long = " ".join(words)
    before = replace(BEFORE, title=long, text="")
    one_of_eight = article("a", "1", " ".join([words[0], *(f"zz{n:02}" for n in range(7))]), text="")
    one_of_nine = article("a", "1", " ".join([words[0], *(f"zz{n:02}" for n in range(8))]), text="")
    assert not share_almost_nothing(before, one_of_eight)
    assert share_almost_nothing(before, one_of_nine)
    three_of_25 = article("a", "1", " ".join([*words[:3], *(f"zz{n:02}" for n in range(22))]), text="")
    assert not share_almost_nothing(before, three_of_25), "the very limit"


def test_a_copy_shares_half_of_its_words() -> None:
    before = replace(BEFORE, title="alpha bravo charlie delta", text="")
    assert not stop_matching(before, article("a", "1", "alpha bravo zulu yankee", text=""))
    assert stop_matching(before, article("a", "1", "alpha zulu yankee", text=""))
    assert not stop_matching(before, article("a", "1", "на", text="")), "no words in the title: nothing is shown"


@pytest.mark.parametrize(
    ("title", "text", "another"),
    [
        pytest.param("alpha bravo charlie yankee zulu", "", False, id="three of five words are most of them"),
        pytest.param("alpha bravo yankee zulu", "", True, id="two of four are not"),
        pytest.param("alpha bravo charlie delta echo", "other words altogether", True, id="the texts differ"),
        pytest.param("alpha bravo charlie delta echo 2", "", True, id="a number more"),
        pytest.param("на", "", False, id="no words: nothing is shown"),
    ],
)
def test_another_report(title: str, text: str, *, another: bool) -> None:
    before = replace(BEFORE, title="alpha bravo charlie delta echo")
    assert is_another_report(before, article("a", "1", title, text=text)) is another


QUAKE = article(
    "a", "1", "Earthquake in Izmir kills at least 14",
    text="At least 14 people were killed, officials said on Friday, when a tower in Izmir fell. Turkey sends teams.",
)  # fmt: skip
TOLL = "At least 40 people were killed and hundreds injured, officials said on Saturday, as hospitals ran out of beds."


@pytest.mark.parametrize(
    ("title", "text", "another"),
    [
        pytest.param("Death toll rises to 40 in Turkey", TOLL, False, id="a toll, and a name of both"),
        pytest.param("Death toll rises to 40 after disaster", TOLL, False, id="a toll, and no name at all"),
        pytest.param("Death Toll Rises to 40 After Disaster", TOLL, False, id="a toll in Title Case"),
        pytest.param(
            "Prosecutors order arrest of contractor", "A judge in Izmir heard the builder of the block on Sunday.",
            False, id="other words, and a name of both",
        ),
        pytest.param(
            "Ukraine: Russian missiles hit Kyiv", "At least 20 people were killed in Kyiv, officials said.",
            True, id="everyday words, and other names",
        ),
        pytest.param("Striker signs for club", "He moves for a record fee and wears number nine.", True, id="no word"),
    ],
)  # fmt: skip
def test_another_story_under_one_name(title: str, text: str, another: bool) -> None:
    before = Stored.of(QUAKE, article=1, story=1)
    assert is_another_story(before, article("a", "1", title, text=text)) is another
