"""Notices that an article was withdrawn, and what only looks like one."""

from __future__ import annotations

import pytest

from feeds.identify.retractions import is_notice, is_withdrawn


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("RETRACTED: Tree rings and harvests", "", id="en: label and colon"),
        pytest.param("[Withdrawn] Tree rings and harvests", "", id="en: label in brackets"),
        pytest.param("WITHDRAWN-Central bank to cut rates", "", id="en: a wire's label"),
        pytest.param("Withdrawn – Central bank to cut rates", "", id="en: label and dash"),
        pytest.param("STORY REMOVED: BC-EU--Grain Talks", "", id="en: the notice of a wire"),
        pytest.param("Article removed", "", id="en: nothing else"),
        pytest.param("This story has been withdrawn", "", id="en: the sentence as headline"),
        pytest.param("Grain talks", "This article has been removed.", id="en: removed"),
        pytest.param("Grain talks", "This story has now been withdrawn by its authors.", id="en: withdrawn"),
        pytest.param("Grain talks", "Editor’s note: We’ve retracted this report; see below.", id="en: we have"),
        pytest.param("Grain talks", "The Example Press has withdrawn its story about grain.", id="en: an agency"),
        pytest.param("Artikel zurückgezogen", "", id="de: title"),
        pytest.param("Getreide", "Dieser Artikel wurde aus rechtlichen Gründen entfernt.", id="de: text"),
        pytest.param("RÉTRACTÉ : la récolte", "", id="fr: title"),
        pytest.param("Récolte", "Cet article a été supprimé.", id="fr: text"),
        pytest.param("Noticia retirada", "", id="es: title"),
        pytest.param("Cosecha", "Esta noticia ha sido eliminada.", id="es: text"),
        pytest.param("Articolo rimosso", "", id="it: title"),
        pytest.param("Raccolto", "Questo articolo è stato rimosso.", id="it: text"),
        pytest.param("Notícia removida", "", id="pt: title"),
        pytest.param("Safra", "Esta matéria foi retirada do ar.", id="pt: text"),
        pytest.param("HABER KALDIRILDI", "", id="tr: title in capitals"),
        pytest.param("Tahıl", "Bu haber yayından kaldırılmıştır.", id="tr: text"),
        pytest.param("ОТОЗВАНО: Зерновая сделка", "", id="ru: title"),
        pytest.param("Зерно", "Эта статья была удалена.", id="ru: text"),
        pytest.param("Новину видалено", "", id="uk: title"),
        pytest.param("Зерно", "Цю публікацію було видалено за рішенням редакції.", id="uk: text"),
        pytest.param("تم سحب الخبر", "", id="ar: title"),
        pytest.param("الحبوب", "تم حذف هذا الخبر.", id="ar: text"),
        pytest.param("粮食", "本文已被撤回。", id="zh: text"),
        pytest.param("穀物", "この記事は削除されました。", id="ja: text"),
    ],
)
def test_a_notice(title: str, text: str) -> None:
    assert is_withdrawn(title, text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("Troops withdrawn from the border", "They were withdrawn on Monday.", id="troops"),
        pytest.param("Withdrawn troops return home", "", id="the word at the start, without a mark"),
        pytest.param("Retracted wings: how birds dive", "", id="an adjective before the colon"),
        pytest.param("Journal retracts paper on tree rings", "The paper was retracted on Monday.", id="about one"),
        pytest.param("Retraction watch: the week in science", "", id="a column"),
        pytest.param("Statue removed from the square", "It has been removed by the city.", id="a statue"),
        pytest.param("Grain talks", "An earlier version of this article gave a wrong date.", id="a correction"),
        pytest.param("Grain talks", "x" * 200 + " This article has been removed.", id="further down"),
        pytest.param("Ambassador withdrawn", "", id="an ambassador"),
        pytest.param("Посол отозван из Женевы", "Посол был отозван.", id="ru: an ambassador"),
        pytest.param("Büyükelçi geri çekildi", "", id="tr: an ambassador"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_no_notice(title: str, text: str) -> None:
    assert not is_withdrawn(title, text)


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
