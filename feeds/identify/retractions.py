"""Whether an article is withdrawn: its publisher's notice stands where headline or text did."""

from __future__ import annotations

import re

OPENING = 200  # characters of a text in which a notice must begin; further down it is somebody's quotation

# The headline begins with the notice and a mark (`RETRACTED: ...`, `[Withdrawn] ...`), or is nothing else.
_LABEL = (
    r"withdrawn|retracted|retraction|story (?:removed|withdrawn)|article (?:removed|withdrawn)|mandatory kill"
    r"|zurückgezogen|(?:artikel|beitrag|meldung) (?:zurückgezogen|entfernt|gelöscht)"
    r"|rétract(?:é|ée|ation)|(?:article|dépêche) (?:retiré|retirée|supprimé|supprimée|annulée)"
    r"|retractado|retractación|(?:artículo|noticia) (?:retirad[oa]|eliminad[oa])"
    r"|ritirato|(?:articolo|notizia) (?:ritirat[oa]|rimoss[oa])"
    r"|(?:artigo|notícia) (?:retirad[oa]|removid[oa]|apagad[oa])"
    r"|geri çekildi|haber (?:kaldirildi|geri çekildi|silindi)"
    r"|отозвано|аннулировано|(?:новость|статья|материал|сообщение) (?:отозван[оа]?|удал[её]н[оа]?|аннулирован[оа]?)"
    r"|відкликано|анульовано|(?:новину|статтю|матеріал|повідомлення) (?:відкликано|видалено|анульовано)"
    r"|تم سحب (?:الخبر|المقال)|تم حذف (?:الخبر|المقال)|خبر ملغى"
)
_TITLE = re.compile(rf"\W*(?:{_LABEL})(?:\s*[:\])|–—]|\s*-(?=\w|\s)|\W*\Z)")

_THIS = re.compile(
    r"\b(?:"
    r"this (?:article|story|report|post|page|item|paper|interview|column) "
    r"(?:(?:has|have) (?:since |now )?been|was|is) (?:removed|withdrawn|retracted|deleted|taken down|unpublished"
    r"|no longer available)"
    r"|(?:we have|we've|(?:the )?\w+(?: \w+){0,3} has) (?:removed|withdrawn|retracted|deleted|taken down|unpublished) "
    r"(?:this|its|the following) (?:article|story|report|post|page|item|interview|column)\b"
    r"|dieser? (?:artikel|beitrag|text|meldung|bericht) (?:wurde|ist) (?:\w+ ){0,3}(?:entfernt|gelöscht|zurückgezogen"
    r"|nicht mehr verfügbar)"
    r"|(?:cet|cette) (?:article|dépêche|page|publication) (?:a été|est) (?:retirée?|supprimée?|annulée?|rétractée?)"
    r"|est[ea] (?:artículo|noticia|página|nota|publicación) (?:ha sido|fue) (?:retirad|eliminad|borrad|suprimid)[oa]"
    r"|quest[oa] ?'?(?:articolo|notizia|pagina) è stat[oa] (?:rimoss|ritirat|cancellat|eliminat)[oa]"
    r"|est[ea] (?:artigo|notícia|página|matéria|reportagem) foi (?:retirad|removid|apagad|excluíd)[oa]"
    r"|bu (?:haber|içerik|sayfa|yazi|makale) (?:yayindan )?(?:kaldirilmiştir|kaldirildi|silinmiştir|silindi"
    r"|geri çekilmiştir|geri çekildi)"
    r"|(?:эта|этот|это|данная|данный) (?:новость|статья|материал|текст|публикация|сообщение|страница) "
    r"(?:была? |был |было )?(?:удал[её]н|отозван|снят|аннулирован)[оаы]?"
    r"|(?:цю|цей|це|ця) (?:новину|новина|статтю|стаття|матеріал|публікацію|публікація|повідомлення|сторінку) "
    r"(?:було |була |був )?(?:видален|відкликан|знят|анульован)[оаи]?"
    r"|(?:تم|جرى) (?:حذف|سحب|إزالة) (?:هذا|هذه) (?:الخبر|المقال|المقالة|الصفحة|المادة)"
    r"|本文已被?(?:撤回|删除|撤稿)|この記事は(?:削除|撤回|取り消)され|이 기사는 (?:삭제|철회)되었"
    r")"
)


def is_withdrawn(title: str, text: str) -> bool:
    """Whether headline or the opening of the text is the notice that this very article was withdrawn.

    An article about something that was withdrawn does not say so of itself: the headline must begin with the word and
    a mark, or consist of it; the text must speak of "this article". English, German, French, Spanish, Italian,
    Portuguese, Turkish, Russian, Ukrainian, Arabic; the text also in Chinese, Japanese and Korean.
    """
    return bool(_TITLE.match(_plain(title)) or _THIS.search(_plain(text[:OPENING]))) or is_notice(title)


def is_notice(title: str) -> bool:
    """Whether the headline is the notice alone, and has no word of what was withdrawn."""
    said = _plain(title)
    label = _TITLE.match(said)
    return bool(_THIS.match(said)) or bool(label and label.end() == len(said))


def _plain(text: str) -> str:
    small = text.replace("’", "'").casefold().replace("\u0307", "")
    return " ".join(small.replace("ı", "i").split())  # capitals do not tell the two letters of Turkish apart
