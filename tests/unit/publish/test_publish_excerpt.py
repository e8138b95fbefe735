"""Two sentences, three hundred characters, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.publish import clean
from feeds.publish.excerpt import CHARACTERS, cut, of, plain
from tests.unit.publish.publish_samples import texts


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>One</p><p>Two</p>", "One Two", id="blocks are set apart"),
        pytest.param("Ky<b>iv</b>", "Kyiv", id="inline markup is not"),
        pytest.param("one<br>two", "one two", id="line break"),
        pytest.param("AT&amp;T &lt;b&gt; &#x1F54A;", "AT&T <b> 🕊", id="unescaped once"),
        pytest.param('<img alt="a > b" src="x">caption', "caption", id="a > inside an attribute"),
        pytest.param("&#0;&#xD800;x", "x", id="references to what is no character"),
        pytest.param("x" * 19_990 + '<a href="https://e.org/long">', "x" * 19_990, id="cut inside a tag"),
        pytest.param("one&#x2028;two", "one two", id="a separator of lines is a blank"),
        pytest.param(
            "a\u202eb\u2066c\u2069 \u200fd\u200d", "abc \u200fd\u200d", id="nothing that reorders lines stays"
        ),
        pytest.param("", "", id="nothing"),
    ],
)
def test_plain(html: str, expected: str) -> None:
    assert plain(html) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("One. Two. Three.", "One. Two.", id="the third goes"),
        pytest.param("One. Two.", "One. Two.", id="two stay"),
        pytest.param("No stop at all", "No stop at all", id="less than one"),
        pytest.param("What? Yes! No.", "What? Yes!", id="other stops"),
        pytest.param("He said “no.” She left. Then I.", "He said “no.” She left.", id="stop inside quotation marks"),
        pytest.param("Mr. Fidan met Gen. Wu. Both left. End.", "Mr. Fidan met Gen. Wu. Both left.", id="titles"),
        pytest.param("J. R. R. Smith spoke. Well. End.", "J. R. R. Smith spoke. Well.", id="initials"),
        pytest.param("The U.S. Senate voted. Narrowly. End.", "The U.S. Senate voted. Narrowly.", id="letters"),
        pytest.param("It hit 12. Rescue came. End.", "It hit 12. Rescue came.", id="a number ends a sentence"),
        pytest.param("Up 3.5 per cent. Prices fell. End.", "Up 3.5 per cent. Prices fell.", id="decimals"),
        pytest.param("He waited... and left. Rain. End.", "He waited... and left. Rain.", id="a small letter follows"),
        pytest.param("Встреча в г. Киеве. На ул. Мира. Всё.", "Встреча в г. Киеве. На ул. Мира.", id="Cyrillic"),
        pytest.param("هل وصل الوفد؟ نعم. انتهى.", "هل وصل الوفد؟ نعم.", id="Arabic question mark"),
        pytest.param("یہ پہلا ہے۔ یہ دوسرا۔ تیسرا۔", "یہ پہلا ہے۔ یہ دوسرا۔", id="Urdu full stop"),
        pytest.param("Er sagte: „Nein.“ Sie ging. Ende.", "Er sagte: „Nein.“ Sie ging.", id="German quotation marks"),
        pytest.param("Er rief: »Nein!« Sie ging. Ende.", "Er rief: »Nein!« Sie ging.", id="and those of books"),
        pytest.param("Er kam. »Gut«, sagte sie. Ende.", "Er kam. »Gut«, sagte sie.", id="which may open as well"),
        pytest.param("Il dit « Non. » Elle part. Fin.", "Il dit « Non. » Elle part.", id="French ones, set apart"),
        pytest.param("Un. « Deux. » Fin.", "Un. « Deux. »", id="and they stay with what they end"),
        pytest.param("पहला वाक्य। दूसरा वाक्य। तीसरा।", "पहला वाक्य। दूसरा वाक्य।", id="Hindi"),
        pytest.param("Առաջին։ Երկրորդ։ Երրորդ։", "Առաջին։ Երկրորդ։", id="Armenian"),
        pytest.param("የመጀመሪያ። ሁለተኛ። ሦስተኛ።", "የመጀመሪያ። ሁለተኛ።", id="Amharic"),
        pytest.param("قال د. علي ذلك. ثم غادر. انتهى.", "قال د. علي ذلك. ثم غادر.", id="an Arabic initial"),
        pytest.param("一つ目。二つ目。三つ目。", "一つ目。二つ目。", id="Japanese, without blanks"),
    ],
)
def test_two_sentences(text: str, expected: str) -> None:
    assert cut(text) == expected


def test_three_hundred_characters_and_not_one_more() -> None:
    assert cut("a" * 300) == "a" * 300
    assert cut("a" * 301) == "a" * 298 + "…"
    assert cut("a" * 150 + " " + "b" * 149) == "a" * 150 + " " + "b" * 149


def test_a_long_sentence_breaks_between_words_and_says_so() -> None:
    text = "word " * 80 + "end."
    shown = cut(text)
    assert shown == ("word " * 60).strip() + "…"
    assert len(shown) <= CHARACTERS


@pytest.mark.parametrize(
    ("text", "least"),
    [
        pytest.param("新华社 " + "乌克兰和平谈判在日内瓦举行" * 40, 298, id="Chinese without a stop, after its agency"),
        pytest.param("ข่าว " + "การเจรจาสันติภาพ" * 40, 290, id="Thai"),
        pytest.param("See https://e.org/" + "a" * 400 + " now", 299, id="an address"),
        pytest.param("A " * 130 + "Donaudampfschifffahrtsgesellschaftskapitäne! " * 9, 240, id="whole words"),
    ],
)
def test_what_is_longer_than_a_word_takes_no_room_from_the_rest(text: str, least: int) -> None:
    shown = cut(text)
    assert least <= len(shown) <= CHARACTERS
    assert shown.endswith("…")


@pytest.mark.parametrize("before", ["", "x"])
def test_a_word_longer_than_all_is_never_parted_from_its_marks(before: str) -> None:
    text = before + "e\u0301" * 400
    shown = cut(text)
    assert len(shown) <= CHARACTERS
    assert shown.endswith("e\u0301…")


@given(
    st.text().map(clean.line)
    | st.lists(st.sampled_from(["a", "Wort", "слово.", "كلمة؟", "x" * 320, "…", "!"])).map(" ".join)
)
def test_an_excerpt_is_short_begins_the_text_and_needs_no_cutting(text: str) -> None:
    shown = cut(text)
    assert len(shown) <= CHARACTERS
    assert text.startswith(shown.removesuffix("…"))
    assert cut(shown) == shown


PIECES = st.sampled_from(
    ["<p>", "</p>", "<b>", "&amp;", "Yes. ", "No! ", "He said so ", "Mr. X. ", "\u202e", "é", " ", "x" * 90]
)


@given(st.lists(PIECES | texts, max_size=400).map("".join))
def test_what_comes_far_behind_changes_no_excerpt(html: str) -> None:
    assert of(html, "") == cut(plain(html))


@pytest.mark.parametrize("times", [1, 50, 150, 2000])
def test_a_text_that_is_nearly_all_markup_is_read_further(times: int) -> None:
    html = "<b></b>" * 5 * times + "It stands here. Behind all this."
    assert of(html, "") == cut(plain(html))


def test_without_a_summary_the_text_speaks() -> None:
    assert of("<p> </p>", "One. Two. Three.") == "One. Two."
