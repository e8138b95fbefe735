"""What kind of report a headline announces: the news itself, a piece about it, or what somebody says to it."""

from __future__ import annotations

import re

_PIECE, _ANSWER = "q", "r"  # kinds of marks
_LABELS = (
    "analysis|opinion|editorial|commentary|comment|column|op-ed|explainer|explained|factbox|fact check|timeline|profile"
    "|interview|obituary|q&a|perspective|viewpoint|takeaways"
    "|analyse|kommentar|porträt|hintergrund|faktencheck|meinung|leitartikel|chronologie"
    "|décryptage|portrait|éditorial|tribune|chronique|entretien|récit"
    "|análisis|opinión|perfil|entrevista|cronología|claves"
    "|analiz|görüş|yorum|röportaj|söyleşi|portre"
    "|анализ|мнение|интервью|разбор|колонка|портрет|хроника|аналіз|думка|інтерв'ю|розбір|хроніка"
    "|تحليل|رأي|مقابلة"
)
_ASKED = (
    "what|why|how|where|when|which|who (?:is|are|was|were|will|could|might)"
    "|wer|was|warum|wieso|weshalb|wie|wo|wann|welche[rsnm]?"
    "|qui est|que sait-on|pourquoi|comment|quand|quels?|quelles?|qu'est-ce"
    "|quién|quiénes|qué|por qué|cómo|cuándo|dónde|cuál"
    "|кто так(?:ой|ая|ие)|что известно|что такое|почему|зачем|как|когда|где|какие|какой"
    "|хто так(?:ий|а|і)|що відомо|що таке|чому|навіщо|як|коли|де|які|який"
    "|من (?:هو|هي)|لماذا|كيف|متى|أين|ما (?:هو|هي)|ماذا"
)
_ASKING = "can|could|should|will|would|is|are|was|were|does|do|did|has|have|ist|sind|kann|wird|est-ce"
_TOLD = (
    "who (?:is|was|are) (?:the|he|she)|(?:things|everything) to know|you need to know"
    "|(?:what to|what we|everything we) know|what to expect|key (?:takeaways|quotes)|what (?:it|this|that) means"
    "|what happens next|full list|all about|guide to|cheat sheet|photos (?:show|highlight|of)"
    "|was (?:wir wissen|bekannt ist)|das müssen sie wissen|fragen und antworten"
    "|ce qu(?:e l'on sait|'il faut (?:savoir|retenir))|lo que (?:se sabe|sabemos|hay que saber)|las claves"
    r"|kimdir|nedir|niçin|neden(?! ol)|nasıl|bilinenler|merak edilenler"
    "|что известно|вс[её],? что нужно знать|що відомо|все,? що (?:варто|треба|потрібно) знати"
    "|ما نعرفه|كل ما تريد"
)
_ABOUT = re.compile(
    rf"^(?:{_ASKED})\b|^¿|[:|–—]\s*(?:who (?:is|was|are)|wer ist)\b"
    rf"|^(?:{_LABELS})\s*[:|–—-]|[:|–—(-]\s*(?:{_LABELS})\)?$"
    rf"|^here(?:'s| is) (?:what|why|how|who|when)\b|\b(?:{_TOLD})\b(?<!: what (?:to|we) know$)"
    rf"|(?:^|[.:;|–—?!] )(?:{_ASKED}|{_ASKING})\b[^.:;|–—?!]*[?؟]$"
)
_ANSWERS = {
    "blame": (
        r"condemn(?:s|ed|ation)|denounce[sd]|decr(?:ies|ied)|deplore[sd]|slam(?! into)|lambast\w*|outrage\w*"
        r"|kritisier\w*|empör\w*|rügt|rügen|dénonc\w*|fustige\w*|repudia\w*|kınadı|kınıyor|kınama\w*|tepki\w*"
        r"|осуд(?:ил[аои]?|ят)|осужда[ею]т|возмут\w*|засуд(?:ив|ил[аои])|засуджу[єю]\w*|обур\w*"
        r"|[يت]دين|أ?دانت?|[يت]?ندد\w*|استنكر\w*"
    ),
    "praise": (
        r"welcom(?:es|ed)|congratulat\w*|hail(?:s|ed)|applaud\w*|laud(?:s|ed)|prais(?:es|ed)"
        r"|begrüß(?:t|en)|gratulier\w*|lob(?:t|en)|salu(?:e|ent)|félicit\w*|felicit\w*|aplaud\w*|elogia\w*"
        r"|tebrik\w*|kutladı|övdü|memnuniyet\w*|приветств\w*|поздрав\w*|похвали\w*|привіта\w*|віта[єю]\w*"
        r"|[يت]?رحبت?|هنأت?|[يت]هنئ|أشادت?|[يت]شيد"
    ),
    "oppose": r"oppos(?:es|ed to)|objects? to|itiraz|заперечують|возража\w*",
    "respond": (
        r"respond(?:s|ed)?|react(?:s|ed)?|reactions?|weighs? (?:a )?(?:response|retaliation)|(?:hits?|fires?) back"
        r"|vow(?:s|ed)? (?:justice|revenge|retaliation|(?:a )?response|to (?:respond|retaliate|avenge))"
        r"|reagier\w*|reaktion\w*|réagi\w*|réactions?|reacciona\w*|reacción|отреагир\w*|реакц\w*|відреаг\w*|ردود"
    ),
    "mourn": (
        r"mourn(?:s|ed)?|condolences?|tributes?|kondolier\w*|beileid|condoléances|hommages?|condolencias|pésame"
        r"|başsağlığı|taziye\w*|соболезнован\w*|співчутт\w*|تعاز\w*|[يت]عزي"
    ),
    "worry": (
        r"(?:voic|express)(?:es|ed) (?:\w+ )?(?:concerns?|alarm|worry|outrage|support|solidarity)"
        r"|besorgt|préoccup\w*|endişe\w*|обеспокоен\w*|озабочен\w*|стурбован\w*|занепокоєн\w*"
    ),
}
_ANSWERING = re.compile("|".join(rf"(?P<{name}>\b(?:{words})\b)" for name, words in _ANSWERS.items()))

_BACKGROUND = re.compile(r" (?:after|amid|despite|following|as) ")  # what follows was told before


def kind_marks(title: str) -> list[str]:
    """What a title in lower case announces beside news: q for a piece about it, r and a name for what is said to it."""
    plain = title.replace("’", "'").replace("‘", "'")
    news = _BACKGROUND.split(plain, maxsplit=1)[0]
    found = dict.fromkeys(f"{_ANSWER}{match.lastgroup}" for match in _ANSWERING.finditer(news))
    return [*([_PIECE] if _ABOUT.search(plain) else ()), *found]


def of_other_kinds(marks: str, others: str) -> str:
    """Why two headlines are not reports of one kind; "" if they are."""
    one, other = marks.split(), others.split()
    if _PIECE in one or _PIECE in other:
        return "one is a piece about the news"
    answers, answered = ({mark for mark in said if mark[0] == _ANSWER} for said in (one, other))
    if answers != answered and not answers & answered:
        return "one tells what somebody says to the news"
    return ""
