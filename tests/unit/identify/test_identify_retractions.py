"""Notices that an article was withdrawn, and what only looks like one."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from feeds.identify.retractions import SHORT, is_notice, is_restored, is_withdrawn


class Version(NamedTuple):
    title: str
    text: str


TITLE = "Central bank to cut rates in May"
TEXT = "The bank will cut its main rate by half a point in May, its governor told reporters after a meeting in Geneva."
BEFORE = Version(TITLE, TEXT)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param(f"RETRACTED: {TITLE}", TEXT, id="en: capitals and colon"),
        pytest.param(f"[Withdrawn] {TITLE}", TEXT, id="en: label in brackets"),
        pytest.param(f"WITHDRAWN-{TITLE}", TEXT, id="en: a wire's label"),
        pytest.param("KILL: Central bank to cut rates", "", id="en: most of the headline behind it"),
        pytest.param(f"Story removed: {TITLE}", TEXT, id="en: a label that names the article"),
        pytest.param("Article removed", "", id="en: nothing else"),
        pytest.param("Withdrawn", "", id="en: one word, and no text"),
        pytest.param("This story has been withdrawn", "", id="en: the sentence as headline"),
        pytest.param("Retraction: rates", "This article has been withdrawn. We regret the error.", id="en: both"),
        pytest.param(
            "ADVISORY-Story on rates withdrawn", "It is wrong. There will be none instead.", id="en: advisory"
        ),
        pytest.param("KILL: Rates", "AP has killed the story. Do not publish.", id="en: an agency kills"),
        pytest.param(
            "Reuters withdraws story on rates", "Reuters is withdrawing this story as it is wrong.", id="en: withdraws"
        ),
        pytest.param("Reuters withdraws story on rates", "", id="en: the headline of an agency alone"),
        pytest.param(
            "Advisory",
            'The story headlined "Bank says it will cut" is wrong and has been withdrawn.',
            id="en: headlined",
        ),
        pytest.param(TITLE, "This article has been removed.", id="en: removed"),
        pytest.param(TITLE, "This story has now been withdrawn by its authors.", id="en: withdrawn"),
        pytest.param(TITLE, "LONDON (Reuters) - This story has been withdrawn.", id="en: after the dateline"),
        pytest.param(TITLE, "Editor’s note: We’ve retracted this report; see below.", id="en: we have"),
        pytest.param(TITLE, "The Associated Press has withdrawn its story about rates.", id="en: an agency"),
        pytest.param(TITLE, "This story has been withdrawn. AFP said it was a hoax.", id="en: and then who said why"),
        pytest.param("Artikel zurückgezogen", "", id="de: title"),
        pytest.param("Artikel depubliziert", "Dieser Artikel wurde depubliziert.", id="de: depubliziert"),
        pytest.param(TITLE, "Dieser Artikel wurde aus rechtlichen Gründen entfernt.", id="de: text"),
        pytest.param(f"RÉTRACTÉ : {TITLE}", TEXT, id="fr: title"),
        pytest.param(TITLE, "Cet article a été supprimé.", id="fr: text"),
        pytest.param("Noticia retirada", "", id="es: title"),
        pytest.param(TITLE, "Esta noticia ha sido eliminada.", id="es: text"),
        pytest.param("Articolo rimosso", "", id="it: title"),
        pytest.param(TITLE, "Questo articolo è stato rimosso.", id="it: text"),
        pytest.param("Notícia removida", "", id="pt: title"),
        pytest.param(TITLE, "Esta matéria foi retirada do ar.", id="pt: text"),
        pytest.param("HABER KALDIRILDI", "", id="tr: title in capitals"),
        pytest.param("Kaldırıldı", "Bu haber yayından kaldırılmıştır.", id="tr: text"),
        pytest.param(f"ОТОЗВАНО: {TITLE}", TEXT, id="ru: title"),
        pytest.param(TITLE, "Эта статья была удалена.", id="ru: text"),
        pytest.param(TITLE, "Статья удалена по решению суда.", id="ru: by a court"),
        pytest.param("Опровержение", "Новость снята с публикации, редакция приносит извинения.", id="ru: off the site"),
        pytest.param("Статья удалена", "Материал удалён редакцией.", id="ru: both"),
        pytest.param("Новину видалено", "Новину видалено на прохання редакції.", id="uk: title"),
        pytest.param(TITLE, "Цю публікацію було видалено за рішенням редакції.", id="uk: text"),
        pytest.param("تم سحب الخبر", "", id="ar: title"),
        pytest.param(TITLE, "تم حذف هذا الخبر.", id="ar: text"),
        pytest.param(TITLE, "本文已被撤回。", id="zh: text"),
        pytest.param(TITLE, "この記事は削除されました。", id="ja: text"),
    ],
)
def test_a_notice(title: str, text: str) -> None:
    assert is_withdrawn(BEFORE, Version(title, text))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("Troops withdrawn from the border", "They were withdrawn on Monday.", id="troops"),
        pytest.param(
            "Withdrawn - troops leave Niamey base", "The last soldiers left, the army said.", id="troops, dash"
        ),
        pytest.param("Withdrawn: troops leave Niamey base", "", id="troops, colon"),
        pytest.param("WITHDRAWN: TROOPS LEAVE NIAMEY BASE", "The last soldiers left.", id="troops, shouted"),
        pytest.param("Withdrawn", "The last soldiers left Niamey base.", id="troops, one word"),
        pytest.param(f"Withdrawn: {TITLE}", TEXT, id="in small letters, over the story"),
        pytest.param(f"WITHDRAWN: {TITLE}".upper(), TEXT, id="where all is shouted"),
        pytest.param("Withdrawn troops return home", "", id="the word at the start, without a mark"),
        pytest.param("Retracted wings: how birds dive", "", id="an adjective before the colon"),
        pytest.param("Retraction: minister takes back his words", "He did so in parliament.", id="of words"),
        pytest.param("Retracted: what we know of the study", "The journal retracted the study.", id="of a study"),
        pytest.param("Journal retracts paper on tree rings", "The paper was retracted on Monday.", id="about one"),
        pytest.param("Retraction watch: the week in science", "", id="a column"),
        pytest.param("Kill Bill: a film turns twenty", "", id="a film"),
        pytest.param("Statue removed from the square", "It has been removed by the city.", id="a statue"),
        pytest.param("Page not found", "Sorry, this page could not be found.", id="a page that is not found"),
        pytest.param(TITLE, "An earlier version of this article gave a wrong date.", id="a correction"),
        pytest.param(
            TITLE, "An earlier version of this article was removed because of an error; this is it.", id="earlier one"
        ),
        pytest.param(TITLE, "Editor’s note: a photo in this story has been removed.", id="a photo"),
        pytest.param(TITLE, "A quote in this article has been removed.", id="a quote"),
        pytest.param(TITLE, "This story has been updated to add a comment.", id="an update"),
        pytest.param(TITLE, "This article has been removed from behind the paywall.", id="a paywall"),
        pytest.param(TITLE, "This article has been withdrawn from the draft bill.", id="an article of a law"),
        pytest.param(TITLE, "He wrote: it is so. This post has since been deleted, aides said.", id="a post"),
        pytest.param(TITLE, "This post was deleted an hour later. Aides call it a mistake.", id="a post, first"),
        pytest.param(TITLE, "This post has been deleted. Aides said it was a mistake.", id="a post, and who said so"),
        pytest.param(
            TITLE,
            "This post has been deleted. The mayor took it down as prosecutors asked him to on Friday.",
            id="a post, and more",
        ),
        pytest.param(TITLE, "“This article has been removed,” the screen read.", id="a quotation"),
        pytest.param(TITLE, "This article has been removed, the ministry said.", id="somebody says so"),
        pytest.param(TITLE, "The World Bank has withdrawn its report on growth.", id="another's report"),
        pytest.param(TITLE, "The New York Times has withdrawn its story about rates.", id="another's story"),
        pytest.param("Reuters withdraws story on a film", "", id="an agency's, of something else"),
        pytest.param("Reuters withdraws story on rates", "The agency did so after a protest.", id="news of an agency"),
        pytest.param(TITLE, f"This article has been removed. {TEXT}", id="the story is there still"),
        pytest.param("This story has been withdrawn", TEXT, id="the story is there under a notice"),
        pytest.param(TITLE, "This article has been removed. " + "word " * SHORT, id="too long to be a notice"),
        pytest.param(TITLE, "x" * 200 + " This article has been removed.", id="further down"),
        pytest.param(TITLE, 'Bakan "bu haber kaldırıldı" dedi ve tepki çekti.', id="tr: somebody says so"),
        pytest.param(TITLE, "Dieser Beitrag wurde gelöscht, teilte das Amt mit.", id="de: somebody says so"),
        pytest.param("This post has been removed", "Thousands saw it on Monday.", id="a post, in the headline"),
        pytest.param(f"Post deleted: {TITLE}", "It stood there for an hour.", id="a post, before the headline"),
        pytest.param("Сообщение удалено", "Оно было на канале час.", id="ru: a post"),
        pytest.param(TITLE, "This article has been removed? No: it is here.", id="a question"),
        pytest.param(TITLE, "This story was withdrawn on 3 May and is restored today.", id="it is over"),
        pytest.param(TITLE, "Dieser Artikel wurde aus dem Grundgesetz entfernt.", id="de: an article of a law"),
        pytest.param(TITLE, "Cet article a été supprimé de la loi.", id="fr: an article of a law"),
        pytest.param(TITLE, "Este artículo fue eliminado de la Constitución.", id="es: an article of a law"),
        pytest.param(TITLE, "Эта статья была удалена из конституции.", id="ru: an article of a law"),
        pytest.param(TITLE, "Bu haber silindi mi? Bakan anlattı.", id="tr: a question"),
        pytest.param("Ambassador withdrawn", "", id="an ambassador"),
        pytest.param("Посол отозван из Женевы", "Посол был отозван.", id="ru: an ambassador"),
        pytest.param("Büyükelçi geri çekildi", "", id="tr: an ambassador"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_no_notice(title: str, text: str) -> None:
    assert not is_withdrawn(BEFORE, Version(title, text))


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(Version("STORY REMOVED", TEXT), id="headline"),
        pytest.param(Version(TITLE, "This story has been withdrawn."), id="text"),
    ],
)
def test_what_was_a_notice_when_it_was_first_seen_withdraws_nothing(before: Version) -> None:
    assert not is_withdrawn(before, Version("Article removed", "This article has been removed."))


def test_a_feed_without_texts_withdraws_by_headlines() -> None:
    assert is_withdrawn(Version(TITLE, ""), Version("Article removed", ""))


@pytest.mark.parametrize(
    ("before", "after", "restored"),
    [
        pytest.param(Version("Article removed", ""), BEFORE, True, id="the article"),
        pytest.param(Version(TITLE, "This article has been removed."), BEFORE, True, id="its text"),
        pytest.param(Version(f"WITHDRAWN: {TITLE}", TEXT), BEFORE, True, id="its headline"),
        pytest.param(Version(f"WITHDRAWN: {TITLE}", TEXT), Version(f"WITHDRAWN: {TITLE}", ""), False, id="label stays"),
        pytest.param(Version("Article removed", ""), Version("This story has been withdrawn", ""), False, id="another"),
        pytest.param(
            Version(TITLE, "This article has been removed."),
            Version(TITLE, "We removed it after complaints and regret the error."),
            False,
            id="in words of its own",
        ),
        pytest.param(Version(TITLE, "This article has been removed."), Version(TITLE, ""), False, id="no text at all"),
        pytest.param(
            Version(TITLE, "This article has been removed."),
            Version(TITLE, "This article has been removed. " + "word " * SHORT),
            False,
            id="a long notice",
        ),
    ],
)
def test_what_brings_an_article_back(before: Version, after: Version, *, restored: bool) -> None:
    assert is_restored(before, after, seen=False) is restored


def test_a_version_that_was_there_before_is_back_whatever_its_words() -> None:
    after = Version(TITLE, "Troops were withdrawn.")
    assert not is_restored(Version(TITLE, "This article has been removed."), after, seen=False)
    assert is_restored(Version(TITLE, "This article has been removed."), after, seen=True)


@pytest.mark.parametrize(
    ("title", "alone"),
    [
        pytest.param("[Withdrawn]", True, id="a label"),
        pytest.param("This story has been withdrawn by its authors", True, id="a sentence"),
        pytest.param("WITHDRAWN: Central bank to cut rates", False, id="the headline is there still"),
        pytest.param("Central bank says this story has been withdrawn", False, id="others say it"),
        pytest.param("Grain talks", False, id="no notice"),
    ],
)
def test_a_notice_that_stands_alone(title: str, *, alone: bool) -> None:
    assert is_notice(title) is alone
