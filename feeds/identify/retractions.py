"""Whether an edit withdraws an article: its publisher's notice is all that is left of headline or text."""

from __future__ import annotations

import re
from typing import Protocol

from feeds.identify.fingerprint import plain

SHORT = 500  # characters of a text that can be a notice; a longer one tells a story
_REGRETS = 60  # characters that may follow the notice of what others may have, too: a post, a page
_KEPT = 0.5  # of the words of the text before may stand in a notice, which may quote it
_MOST = 0.7  # of the words after a label are the former headline's
_TOLD = 0.5  # of the former headline's words stand after a label

# The headline begins with the notice and a mark (`STORY REMOVED: ...`, `[Article withdrawn] ...`), or is nothing else.
_OWN = (  # says what was withdrawn: the article
    r"(?:story|article) (?:removed|withdrawn|retracted|deleted|killed)|(?:mandatory|news|advisory) kill"
    r"|retracted article|(?:artikel|meldung) (?:zurückgezogen|entfernt|gelöscht|depubliziert)"
    r"|(?:article|dépêche) (?:retiré|retirée|supprimé|supprimée|annulée|rétracté)"
    r"|(?:artículo|noticia) (?:retirad[oa]|eliminad[oa])"
    r"|(?:articolo|notizia) (?:ritirat[oa]|rimoss[oa])"
    r"|(?:artigo|notícia) (?:retirad[oa]|removid[oa]|apagad[oa])"
    r"|(?:bu )?(?:haber|içerik) (?:(?:yayindan )?kaldirildi|geri çekildi|silindi)"
    r"|(?:новость|статья|материал) (?:отозван[оа]?|удал[её]н[оа]?|аннулирован[оа]?|снят[оа]? с публикации)"
    r"|(?:новину|статтю|матеріал) (?:відкликано|видалено|анульовано|знято з публікації)"
    r"|تم سحب (?:الخبر|المقال)|تم حذف (?:الخبر|المقال)|خبر ملغى"
)
_ANY = (  # troops and words are withdrawn as well, and posts of others
    r"post (?:removed|deleted)|beitrag (?:entfernt|gelöscht|zurückgezogen)|сообщение удалено|повідомлення видалено"
    r"|withdrawn|retracted|retraction|kill|zurückgezogen|depubliziert|rétract(?:é|ée|ation)|retractado|retractación"
    r"|ritirato|kaldirildi|geri çekildi|отозвано|аннулировано|відкликано|анульовано"
)
_TITLE = re.compile(
    rf"[^\w\[(]*(?P<bracket>[\[(]\W*)?(?:(?P<own>{_OWN})|(?P<any>{_ANY}))"
    r"(?P<mark>\s*[:\])|–—]+|\s*-+(?=\w|\s)|\W*\Z)"
)

# What agencies write of their own.
_AGENCY = (
    r"(?:the )?(?:associated press|reuters|agence france-presse|afp|ap|dpa|bloomberg|efe|ansa|tass|interfax|upi"
    r"|pa media|press association|canadian press|kyodo|xinhua|yonhap|anadolu agency|apa)"
)
_ADVISORY = re.compile(
    r"\W*advisory\W+(?:the )?(?:story|article|alert|report) (?:on|about|headlined|titled)\b.{1,200}"
    r" (?:is |was |has been )?(?:withdrawn|retracted|killed)\W*\Z"
)
_AGENCY_TITLE = re.compile(
    rf"{_AGENCY} (?:withdraws|withdrew|retracts|retracted|kills|killed) (?:its |the )?(?:story|article)"
    r"(?: (?:on|about)\b.*)?"
)

_GONE = r"(?:removed|withdrawn|retracted|deleted|taken down|unpublished|depublished|killed)"
_ENDS = r"(?!\W*\?)(?=\s*[.!;:。]|\W*\Z"  # of the sentence, or what a notice goes on with; closed where it is used
_REASON = (
    r"| (?:because|as (?:it|the|we)|since it|due to|pending|in line with|at the request|until"
    r"|and (?:will|should|must) not"
    r"|for (?:legal|editorial|technical|copyright)|from (?:our|this|the) (?:web ?)?(?:site|pages|archive)"
    r"|(?:after|following) (?:an? |our |further )?(?:internal |editorial )*(?:review|investigation|inquiry|complaint)"
    r"|by (?:its|the|our) (?:authors?|editors?|publishers?)|on (?:\d|[^\W\d]+ \d))"
)
_REASON_ELSEWHERE = (  # how it goes on in the languages whose sentence does not end with the verb
    r"(?!\W*\?)(?=\s*[.!;:,]|\W*\Z| (?:worden\b|par (?:la rédaction|l'auteur|son auteur)|à la demande"
    r"|pour (?:des )?raisons|en raison|por (?:la redacción|el autor|su autor|motivos)|a (?:petición|solicitud|pedido)"
    r"|dalla redazione|dal sito|su richiesta|per motivi|do ar\b|pela redação"
    r"|редакцией|по (?:решению|просьбе|требованию)|с сайта|из-за|в связи"
    r"|редакцією|за (?:рішенням|проханням)|на (?:прохання|вимогу)|із? сайту|з сайту|через "
    r"|من (?:الموقع|قبل)|بناء))"
)
# The opening of a text, about itself. Of a post, a page or a paper others say the same: `maybe`.
_PREFACE = (
    r"[^\w'\"“„«]*(?:(?:editor(?:'s|s'?|ial)? note|note(?: to (?:editors|readers))?|editors|notice"
    r"|retraction(?: notice)?|correction"
    r"|anmerkung der redaktion|hinweis(?: der redaktion)?|note de la rédaction|nota de la redacción|nota del editor"
    r"|editörün notu|от редакции|від редакції)\s?[:.–—-]?\s?)?(?:[\w ,]{0,40}\([\w ]{2,20}\)\s?[–—-]\s?)?"
)
_THIS = re.compile(
    rf"{_PREFACE}(?:"
    rf"this (?:news )?(?:article|story) (?:(?:has|have) (?:since |now )?been|was|is) (?:{_GONE}|no longer available)"
    rf"{_ENDS}{_REASON})"
    rf"|(?P<maybe>this (?:post|page|paper|report) (?:(?:has|have) (?:since |now )?been|was|is) (?:{_GONE}"
    rf"|no longer available){_ENDS}| by (?:its|the|our) (?:authors?|editors?|publishers?)| because it ))"
    rf"|(?:we have|we've) (?:since |now )?{_GONE} (?:this|the following) (?:article|story|report|post|page|interview"
    rf"|column){_ENDS}{_REASON})"
    rf"|{_AGENCY} (?:has |is )(?:{_GONE}|withdrawing|retracting|killing|removing)"
    r" (?:this|its|the(?: following)?) (?:article|story|dispatch)\b"
    rf"|the (?:story|article) (?:headlined|titled|entitled|slugged) .{{1,200}}? (?:has been|is|was) (?:\w+ and )?"
    rf"(?:has been |is )?{_GONE}{_ENDS}{_REASON})"
    r"|(?:dieser? (?:artikel|beitrag|meldung|bericht) (?:wurde|ist) (?:(?:inzwischen|mittlerweile|nachträglich|leider"
    r"|heute|von der redaktion|aus (?:\w+ )?gründen) )*(?:entfernt|gelöscht|zurückgezogen|depubliziert"
    r"|nicht mehr verfügbar)"
    r"|(?:cet|cette) (?:article|dépêche|page|publication) (?:a été|est) (?:retirée?|supprimée?|annulée?|rétractée?"
    r"|dépubliée?)"
    r"|est[ea] (?:artículo|noticia|página|nota|publicación) (?:ha sido|fue) (?:retirad|eliminad|borrad|suprimid)[oa]"
    r"|quest[oa] ?'?(?:articolo|notizia|pagina) è stat[oa] (?:rimoss|ritirat|cancellat|eliminat)[oa]"
    r"|est[ea] (?:artigo|notícia|página|matéria|reportagem) foi (?:retirad|removid|apagad|excluíd)[oa]"
    r"|bu (?:haber|içerik|sayfa|yazi|makale) (?:yayindan |mahkeme karariyla )?(?:kaldirilmiştir|kaldirildi"
    r"|silinmiştir|silindi|geri çekilmiştir|geri çekildi)"
    r"|(?:эта|этот|это|данная|данный) (?:новость|статья|материал|текст|публикация|сообщение|страница) "
    r"(?:была? |был |было )?(?:удал[её]н|отозван|снят|аннулирован)[оаы]?"
    r"|(?:новость|статья|материал|публикация) (?:была? )?"
    r"(?:снят[ао]? с публикации|(?:удал[её]н|отозван)[ао]?"
    r"(?= (?:редакцией|по (?:решению|просьбе|требованию))))"
    r"|(?:цю|цей|це|ця) (?:новину|новина|статтю|стаття|матеріал|публікацію|публікація|повідомлення|сторінку) "
    r"(?:було |була |був )?(?:видален|відкликан|знят|анульован)[оаи]?"
    r"|(?:новину|статтю|матеріал|публікацію) (?:було )?(?:знято з публікації|(?:видалено|відкликано) (?:на прохання"
    r"|за рішенням) редакції|(?:видалено|відкликано) редакцією)"
    r"|(?:تم|جرى) (?:حذف|سحب|إزالة) (?:هذا|هذه) (?:الخبر|المقال|المقالة|الصفحة|المادة))"
    rf"{_REASON_ELSEWHERE}|本文已被?(?:撤回|删除|撤稿)|この記事は(?:削除|撤回|取り消)され|이 기사는 (?:삭제|철회)되었"
    r")"
)
# Who speaks of an article in such words reports what others did.
_SAID = re.compile(
    r"\b(?:said|says|say|told|wrote|according to|sagte|sagten|teilten?|laut|zufolge|erklärte"
    r"|a dit|selon|affirmé|a déclaré"
    r"|dijo|dice|según|declaró|disse|secondo|segundo|dedi|diyor|göre|açikladi|söyledi|сказал\w*|заявил\w*|сообщил\w*"
    r"|пишет|по словам|сказав|сказала|заявив|повідоми\w+|пише|за словами|قال\w*|أعلن\w*|بحسب|وفق\w*)\b"
)
# Words without which no notice goes, in whatever form.
_SPEAKS_OF_IT = re.compile(
    rf"\b(?:{_GONE}|pulled|regrets?|apologi[sz]es?|entfernt|gelöscht|zurückgezogen|depubliziert|retirée?|supprimée?|rétractée?"
    r"|retirad[oa]|eliminad[oa]|rimoss[oa]|ritirat[oa]|removid[oa]|apagad[oa]|kaldir\w+|silin\w+|geri çek\w+"
    r"|удал[её]н\w*|отозван\w*|снят\w*|аннулирован\w*|видален\w*|відкликан\w*|знят\w*|حذف|سحب|إزالة)\b|撤回|删除|削除|삭제"
)
_WORD = re.compile(r"[^\W\d_]+")
_BACK = re.compile(
    r"\b(?<!not be )(?:restored|reinstated|republished)\b|\bwieder (?:online|verfügbar)\b|\brétablie?\b"
    r"|\brestablecid[oa]\b|\byeniden yayi|\bвосстановлен|\bвідновлен"
)
_SENTENCE = re.compile(r"[.!?;。](?:\s|\Z)|\Z")
_QUOTED = re.compile(r"[\"“„«][^\"”“»]*[\"”“»]")


class _Version(Protocol):
    """An article as it was at one time."""

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...


def is_withdrawn(before: _Version, after: _Version) -> bool:
    """Whether an edit put the notice that this very article was withdrawn in its place.

    Three things do. A short text that opens with the notice, where the story is gone from it. A headline that is
    nothing else, or an agency's, likewise. Or a label before the former headline: one that names the article, or
    stands in brackets or capitals; the text may stay then. English, German, French, Spanish, Italian, Portuguese,
    Turkish, Russian, Ukrainian, Arabic; the text also in Chinese, Japanese and Korean.
    """
    if reads_as_notice(before):
        return False  # nobody saw what it is the notice of
    if _is_former_headline_labelled(before.title, after.title):
        return True
    if not _is_gone(before.text, after.text):
        return False
    said, empty = _folded(after.title), not after.text.strip()
    if is_notice(after.title) and (empty or _names_the_article(said)):
        return True
    if empty and _AGENCY_TITLE.fullmatch(said):
        return bool(_words(before.title) & _words(after.title))
    return bool(_ADVISORY.match(said)) or _is_notice_text(after.text)


def is_restored(before: _Version, after: _Version, *, seen: bool) -> bool:
    """Whether an edit of the notice brings the article back; not if it only says in other words that it is gone.

    `seen`: whether `after` is a version that the article had before.
    """
    said = _folded(after.title)
    if _TITLE.match(said) or _ADVISORY.match(said) or _AGENCY_TITLE.fullmatch(said):
        return False
    if is_notice(after.title) or _opens(_folded(after.text)):
        return False
    if seen:
        return True
    if not after.text.strip() and before.title == after.title:
        return False
    return len(after.text) > SHORT or not _SPEAKS_OF_IT.search(_folded(after.text))


def reads_as_notice(version: _Version) -> bool:
    """Whether headline or text is a notice, whatever stood there before."""
    return is_notice(version.title) or _is_notice_text(version.text)


def is_notice(title: str) -> bool:
    """Whether the headline is the notice alone, and has no word of what was withdrawn."""
    said = _folded(title)
    label = _TITLE.match(said)
    return bool(label and label.end() == len(said)) or _opens(said)


def _names_the_article(said: str) -> bool:
    """Whether the notice in a headline can be about nothing else."""
    label, sentence = _TITLE.match(said), _THIS.match(said)
    return bool(label and label["own"]) or bool(sentence and not sentence["maybe"])


def _is_notice_text(text: str) -> bool:
    return len(text) <= SHORT and _opens(_folded(text))


def _opens(said: str) -> bool:
    """Whether a text begins with the notice, which nobody else speaks of, and does not say that it is over."""
    found = _THIS.match(said)
    if found is None:
        return False
    end = _SENTENCE.search(said, found.end())
    if found["maybe"] and len(said) > found.end() + _REGRETS:
        return False  # of a post of somebody else there is more to tell
    about = said[:SHORT] if found["maybe"] or end is None else said[: min(end.start(), SHORT)]
    return not _SAID.search(_QUOTED.sub("", about)) and not _BACK.search(said[:SHORT])


def _is_former_headline_labelled(before: str, after: str) -> bool:
    """Whether the headline is the former one, or most of it, behind a label that nothing but a notice has."""
    said = _folded(after)
    label = _TITLE.match(said)
    if label is None or _TITLE.match(_folded(before)):
        return False
    rest, was = _words(said[label.end() :]), _words(before)
    shared = len(rest & was)
    if not shared or shared < _MOST * len(rest) or shared < _TOLD * len(was):
        return False
    first = _WORD.search(after)
    shouted = first is not None and first[0].isupper() and not after.isupper()
    return bool(label["own"] or label["bracket"]) or shouted


def _is_gone(before: str, after: str) -> bool:
    """Whether what is left is too short, and too unlike the text before, to tell its story."""
    if not after or len(after) > SHORT or before == after:
        return not after
    was = _words(before)
    return len(was & _words(after)) <= _KEPT * len(was)


def _words(text: str) -> set[str]:
    return {word for word in plain(_folded(text)).split() if len(word) > 2 or word.isdigit()}


def _folded(text: str) -> str:
    small = text.replace("’", "'").casefold().replace("\u0307", "")
    return " ".join(small.replace("ı", "i").split())  # capitals do not tell the two letters of Turkish apart
