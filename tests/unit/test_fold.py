from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.fold import fold, fold_letters, is_unmistakable, shape, spell, tidy

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
LETTERS = "aäâéçğıiİIşöüßžжйїіёєґщъсبتأإةىكي'"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("KYIV", "kyiv", id="capitals"),
        pytest.param("İstanbul ISPARTA ısırgan ilk", "istanbul isparta isirgan ilk", id="the four Turkish i are one"),
        pytest.param("Türkiye Çağrı Şimşek Öğün", "turkiye cagri simsek ogun", id="Turkish marks"),
        pytest.param("Außenminister", "aussenminister", id="sharp s"),
        pytest.param("Æro œuvre Łódź", "aero oeuvre lodz", id="Latin letters that do not decompose"),
        pytest.param("Ǣlfric Ǿrsted", "aelfric orsted", id="nor do they below a mark"),
        pytest.param("ещё ЁЛКА", "еще елка", id="Russian yo"),
        pytest.param("Війна, воїн, Київ", "війна, воїн, київ", id="short i and yi keep their marks"),
        pytest.param("и\u0306 і\u0308", "й ї", id="also when decomposed"),
        pytest.param("за\u0301мок", "замок", id="stress marks go"),
        pytest.param("أُوكْرَانِيَا إلى آسيا", "اوكرانيا الي اسيا", id="Arabic vowel signs and alefs"),
        pytest.param("القاهـــرة", "القاهره", id="tatweel and ta marbuta"),
        pytest.param("کی", "كي", id="Persian keyboards"),
        pytest.param("ﻛﻴﻴﻒ", "كييف", id="presentation forms"),
        pytest.param("U.S.-led “peace” talks—again", "u.s. led peace talks again", id="hyphens and quotes part words"),
        pytest.param("Kyiv’s Перемирʼя", "kyiv's перемир'я", id="one apostrophe"),
        pytest.param(" a\n\tb\u00a0 c ", "a b c", id="spaces"),
        pytest.param("Uk\u00adrai\u200bne", "ukraine", id="soft hyphens and zero widths"),
        pytest.param(
            "📌Срочно: 🇺🇦☎️5", "срочно: 🇺🇦☎5", id="pictures part words, and need no sign that says how they look"
        ),
        pytest.param("Ｋｙｉｖ ﬁnd", "kyiv find", id="full width and ligatures"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_text_is_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_letters_that_change_the_word_stay_apart() -> None:
    assert fold("война") != fold("воина")
    assert fold("Київ") != fold("Киів")


@given(WORDS)
@settings(max_examples=300)
def test_what_is_folded_stays_so(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(WORDS)
@settings(max_examples=300)
def test_what_is_tidied_stays_so(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.text(LETTERS, max_size=30))
def test_capitals_do_not_matter(text: str) -> None:
    assert fold(text.upper()) == fold(text) == fold(text.lower())


@given(st.text(LETTERS, max_size=30))
def test_composition_does_not_matter(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


@given(st.text(LETTERS + " -\n", max_size=60))
def test_words_keep_their_number(text: str) -> None:
    """Places of exact and of folded words are compared, so folding letters must not part or join words."""
    tidied = tidy(text)
    assert fold_letters(tidied).count(" ") == tidied.count(" ")


@given(st.text(LETTERS[:19] + "أإآةىكي١چ łđøæœ…•i̇\u0301\u064e", max_size=60))
@settings(max_examples=1000)
def test_a_letter_is_folded_the_same_whatever_else_stands_in_its_text(text: str) -> None:
    """A text in one script is folded by a table, one that also has other letters is not."""
    assert fold(f"{text} ж原") == f"{fold(text)} ж原".strip()


COMMON = "aZ9 \n\u00a0\u00ad\u200b-–«»“”’ʼ_/`…№•·€.,<&"
ALPHABETS = {
    "Latin": "äÄßŞışİIłæŒđĐ¿",
    "Cyrillic": "оиОИйїЁёґЎқҺ",
    "Arabic": "اأآةىيکگھ،٠۹",
    "several": "ßİœоиЁاآ原Ωά\u0301\u064e\u0307\0\u2009™ǆﬁ💡",
}


@pytest.mark.parametrize("script", ALPHABETS)
@given(data=st.data())
@settings(max_examples=200)
def test_parts_are_spelled_at_once_as_each_is_by_itself(script: str, data: st.DataObject) -> None:
    """What fits into a code page goes another way than what does not."""
    text = st.text(st.sampled_from(COMMON + ALPHABETS[script]), max_size=40)
    parts = data.draw(st.lists(text, min_size=1, max_size=4))
    spelling = spell(*parts)
    tidied, folded = spelling.tidied(), spelling.folded()
    assert [part.strip(" ") for part in tidied.split("\n")] == [tidy(part) for part in parts]
    assert [part.strip(" ") for part in folded.split("\n")] == [fold_letters(tidy(part)) for part in parts]
    assert "  " not in tidied + "." + folded
    assert (spelling.tidied_shape(), spelling.folded_shape()) == (shape(tidied), shape(folded))


def test_every_character_is_spelled_alone_as_among_others() -> None:
    for code in (*range(1, 0x3100), *range(0xFB00, 0x10000)):
        text = f"a{chr(code)}a"
        spelling = spell(text)
        assert (spelling.tidied(), spelling.folded()) == (tidy(text), fold_letters(tidy(text))), hex(code)
        assert spelling.tidied_shape() == shape(spelling.tidied()), hex(code)
        assert spelling.folded_shape() == shape(spelling.folded()), hex(code)


@pytest.mark.parametrize(
    ("text", "shaped"),
    [
        pytest.param("aZ 09", b"aZ 09", id="letters and digits of ASCII stand for themselves"),
        pytest.param("a'b.c_d\0e€", b"a b c d e ", id="all that is no letter or digit is a gap"),
        pytest.param("a\nb", b"a\nb", id="a line end stays"),
        pytest.param("\u2192", b" ", id="an arrow is a gap"),
        pytest.param("\ud800", b" ", id="half a character is one"),
        pytest.param("", b"", id="nothing"),
    ],
)
def test_a_shape_has_one_byte_for_each_character(text: str, shaped: bytes) -> None:
    assert shape(text) == shaped


EVERY_LETTER = [chr(code) for code in (*range(1, 0x3100), *range(0xFB00, 0x10000)) if chr(code).isalnum()]


def test_nothing_has_the_shape_of_an_unmistakable_letter() -> None:
    several = [char for char in EVERY_LETTER if is_unmistakable(char)]
    others = {shape(char) for char in EVERY_LETTER} - {shape(char) for char in several}
    assert len(set(map(shape, several))) == len(several)
    assert not others & set(map(shape, several))
    assert b" " not in others
    assert b"\n" not in others


@pytest.mark.parametrize(
    ("word", "is_one"),
    [
        ("peace2", True),
        ("київ", True),
        ("أ", False),  # is folded to another
        ("السلام", True),
        ("qaraġ", False),
        ("αθήνα", False),
        ("peace talks", False),
        ("o'neill", False),
    ],
)
def test_words_in_the_usual_letters_are_unmistakable(word: str, is_one: bool) -> None:
    assert is_unmistakable(word) is is_one


@pytest.mark.parametrize(
    "alphabet", ["αβγδεζηθικλμνξοπρστυφχψω", "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ", "אבגדהוזחטיכלמנסעפצקרשת"]
)
def test_letters_of_other_scripts_differ_from_one_another(alphabet: str) -> None:
    assert len(set(shape(alphabet))) == len(set(alphabet))


def test_characters_that_are_not_kept_have_the_same_shape_again() -> None:
    every = "".join(map(chr, (*range(0x3400, 0x9000), *range(0x400, 0x460))))
    assert shape(every) == shape(every)
    assert is_unmistakable("чжщ")
    assert len({*shape("чжщ"), *shape("原")}) == 4
