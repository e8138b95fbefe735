"""Laws of corrections: what is cosmetic in any text, and that an edit is told whichever way it goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feeds.identify.corrections import MOST, corrections, exchanged
from feeds.identify.fingerprint import fingerprint
from feeds.identify.retractions import is_restored, is_withdrawn
from feeds.model import Article
from tests.make import article

LATIN = ["grain", "Geneva", "talks", "12", "1,500", "Ankara’da", "büyükelçi", "ships", "Okoro", "the", "of", "and"]
WORDS = st.sampled_from([*LATIN, "Київ", "сказав", "محادثات", "北京"])
MARKS = st.sampled_from([",", ";", " –", "!", "…", "”"])
sentences = st.lists(WORDS, min_size=1, max_size=25)
texts = st.text(max_size=60)


def version(title: str, text: str) -> Article:
    plain = article("alpha", "1", title or "x", text=text, summary="", content=text)
    print_ = fingerprint(plain, outlet="Alpha", boilerplate=frozenset())
    return article("alpha", "1", title or "x", text=text, fingerprint=print_)


@given(texts, texts)
def test_an_article_does_not_correct_itself(title: str, text: str) -> None:
    assert corrections(version(title, text), version(title, text)) == ()


@given(sentences, sentences, MARKS)
def test_marks_after_words_and_white_space_are_cosmetic(title: list[str], text: list[str], mark: str) -> None:
    before = version(" ".join(title), " ".join(text))
    after = version(f"{mark}  ".join(title) + mark, f"{mark}\n".join(text) + mark)
    assert corrections(before, after) == ()


@given(sentences)
def test_the_order_of_a_text_is_cosmetic(text: list[str]) -> None:
    assert corrections(version("x", " ".join(text)), version("x", " ".join(reversed(text)))) == ()


@given(sentences, st.integers(13, 10**9))
def test_a_figure_that_comes_or_goes_is_told(text: list[str], figure: int) -> None:
    before, after = version("x", " ".join(text)), version("x", " ".join([*text, str(figure)]))
    assert "figures" in corrections(before, after)
    assert "figures" in corrections(after, before)


@given(sentences, sentences)
def test_the_share_is_the_same_from_both_sides_and_a_share(one: list[str], other: list[str]) -> None:
    share = exchanged(" ".join(one), " ".join(other))
    assert share == exchanged(" ".join(other), " ".join(one))
    assert 0 <= share <= 1
    told = "text" in corrections(version("x", " ".join(one)), version("x", " ".join(other)))
    assert told == (share > MOST)


@given(texts, texts, texts, texts)
def test_nothing_that_anybody_writes_is_too_much(title: str, text: str, other: str, more: str) -> None:
    corrections(version(title, text), version(other, more))
    is_withdrawn(version(title, text), version(other, more))
    is_restored(version(title, text), version(other, more), seen=False)
