"""What kind of report a headline announces: the news itself, a piece about it, or what somebody says to it."""

from __future__ import annotations

import re

_PIECE, _ANSWER = "q", "r"  # kinds of marks
_LABELS = (
    "analysis|opinion|editorial|commentary|comment|column|op-ed|explainer|explained|factbox|fact check|timeline|profile"
    "|obituary|q&a|perspective|viewpoint|takeaways"
    "|analyse|kommentar|porträt|hintergrund|faktencheck|meinung|leitartikel|chronologie"
    "|décryptage|portrait|éditorial|tribune|chronique|récit|análisis|opinión|perfil|cronología|claves"
    "|analiz|görüş|yorum|portre|анализ|мнение|разбор|колонка|портрет|хроника|аналіз|думка|розбір|хроніка|تحليل|رأي"
)
_TALKS = "interview|entretien|entrevista|röportaj|söyleşi|интервью|інтерв'ю|مقابلة"  # at the end they name a source
# What begins a question, with and without a question mark ...
_ASKED = (
    r"what|why|how|where|when|which(?!\?)|who (?:is|are|was|were|will|could|might)"
    "|warum|wieso|weshalb|wer ist|qui est|que sait-on|pourquoi|comment|qu'est-ce"
    "|quién|quiénes|qué|por qué|cómo|cuándo|dónde|cuál"
    "|кто так(?:ой|ая|ие)|что известно|что такое|почему|зачем|чего ждать"
    "|хто так(?:ий|а|і)|що відомо|що таке|чому|навіщо|чого чекати"
    "|من (?:هو|هي)|لماذا|كيف|متى|أين|ما (?:هو|هي)|ماذا"
)
# ... and what does only with one.
_ASKING = (
    "can|could|should|will|would|is|are|was|were|does|do|did|has|have|who"
    "|wer|wie|wo|wann|welche[rsnm]?|ist|sind|kann|wird|hat|haben|war|soll|muss|droht"
    "|quand|quels?|quelles?|où|combien|faut-il|peut-on|qui|est-ce|kim|hangi|ne|kaç|neden|nasıl|niye"
    "|как|когда|где|какие|какой|кто|сколько|як|коли|де|які|який|хто|чи|скільки|هل|من|كم|ما"
)
# Anywhere in a title. Each begins with three letters (or an apostrophe), by which it is found.
_TOLD = (
    "things to know", "everything (?:to|we) know", "you need to know", "what (?:to|we) know", "what to expect",
    "key (?:takeaways|quotes)", "what (?:it|this|that) means", "what happens next", "cheat sheet",
    "was wir wissen", "das müssen sie wissen", "fragen und antworten", "que l'on sait", "qu'il faut (?:savoir|retenir)",
    "que (?:se sabe|sabemos|hay que saber)", "kimdir", "nedir", "niçin", "bilinenler", "merak edilenler",
    "все,? что нужно знать", "всё,? что нужно знать", "все,? що (?:варто|треба|потрібно) знати",
    "نعرفه", r"تريد معرفت\w*",
)  # fmt: skip
_BEGINS = re.compile(
    rf"(?:{_ASKED}|all about|(?:an? |your |the )?(?:\w+ )?guide to|here(?:'s| is) (?:what|why|how|who|when))\b|¿"
    rf"|(?:{_LABELS}|{_TALKS})(?:\s*[:|–—]| - )|(?:analysis|explainer|factbox|timeline)-"
)
_LABELLED = re.compile(rf"(?:[:|–—(]| -) ?(?:(?:who (?:is|was|are)|wer ist|all about)\b|(?:{_LABELS})\)?$)|[:;|–—.] ?¿")
_ASKS = re.compile(  # a last sentence, U.S. in it
    rf"(?:(?:^|[.:;|–—?!] )(?:{_ASKED}|{_ASKING})|\bm[ıiuü])\b(?:[^.:;|–—?!]|\.(?=\S)|(?<=\b\w)\.)*[?؟]$"
)
# At the end of news it only promises more.
_TAIL = re.compile(
    r"[:–—] (?:what (?:to|we) know|was wir wissen|ce qu(?:e l'|')on sait|lo que se sabe|что известно|що відомо)$"
)
# What is blamed: to sentence somebody is the same word.
_BY_GERMANS = "angriff|anschlag|anschläge|gewalt"
_BY_FRENCH = "attaque|frappe|attentat|violence"
_BY_SPANISH = "ataque|atentado|bombardeo|asesinato"
_BY_RUSSIANS = "удар|атак|нападени|агресси|действи|решени|убийств|обстрел|вторжени"
_BY_UKRAINIANS = "удар|атак|напад|агресі|обстріл|вторгнення"
_BY_ARABS = "هجوم|هجمات|قصف|غار|استهداف|عدوان|اعتداء|تفجير|اغتيال"
_ANSWERS = {
    "blame": (
        r"condemn(?<!\bto condemn)(?:s|ation)?",
        r"condemned(?! (?:to|man|men|inmate|prisoner|killer|building|apartment|block)\b)",
        "denounce[sd]?", "decr(?:y|ies|ied)", "deplore[sd]?", "lambast(?:s|ed)?",
        "entsetzt über", "kritisier(?:t|en)", "empört", "rügt",
        rf"verurteil(?:t|en) (?:\w+ ){{0,3}}(?:{_BY_GERMANS})\w*",
        "déplore(?:nt)?", "dénonce(?:nt)?(?! (?:l'|le |la |un )?(?:accord|traité|convention))",
        rf"condamne(?:nt)? (?:l'|la |le |les )?(?:{_BY_FRENCH})\w*",
        "repudian?", "repudió", rf"condenan? (?:el|la|los|las) (?:{_BY_SPANISH})\w*",
        "kınadı", "kınıyor", r"kınama\w*", r"tepki göster\w*",
        "осужда[ею]т", rf"осуди(?:л[аои]?|ли) (?:\w+ ){{0,2}}(?:{_BY_RUSSIANS})\w*",
        r"засуджу[єю]\w*", rf"засуди(?:в|л[аои]) (?:\w+ ){{0,2}}(?:{_BY_UKRAINIANS})\w*",
        *(rf"{verb} (?:\S+ ){{0,2}}(?:ال)?(?:{_BY_ARABS})\w*" for verb in ("يدين", "تدين", "أدان", "أدانت")),
        r"ندد\w*", r"يندد\w*", r"تندد\w*", "يستنكر", "تستنكر", "استنكرت?",
    ),
    "praise": (
        r"welcom(?:es|ed)(?!.*\b(?:white house|palace|airport|baby)\b)", r"congratulat\w*", "hail(?:s|ed)",
        "applaud(?:s|ed)", "laud(?:s|ed)", "prais(?:es|ed)", "begrü(?:ß|ss)(?:t|en)", "gratulier(?:t|en)",
        "salue(?:nt)?", "félicite(?:nt)?", "felicitan?", "felicitó", "elogian?", "elogió", "aplauden?", "aplaudió",
        "tebrik etti", "övdü", "memnuniyetle", "приветству[ею]т", "поздравил[аи]?", "похвалил[аи]?",
        "вітає", "вітають", "привіта(?:в|ла|ли)", r"رحبت? ب\w*", r"يرحب ب\w*", r"ترحب ب\w*",
        "هنأت?", "يهنئ", "تهنئ", r"أشادت? ب\w*", r"يشيد ب\w*", r"تشيد ب\w*",
    ),
    "oppose": ("opposes", "opposed to"),
    "respond": (
        r"respond(?:s|ed)?(?! to (?:[\w-]+ ){0,3}(?:fires?|blaze|shooting|stabbing|crash|explosion|scene)\b)",
        "react(?:s|ed)?", "weighs? (?:a )?(?:response|retaliation)", "hits? back", "fires? back",
        "vow(?:s|ed)? (?:justice|revenge|retaliation|(?:a )?response|to (?:respond|retaliate|avenge))",
        "reagier(?:t|en|te|ten)", "réagi(?:t|ssent)", "reaccionan?", "reaccionó",
        "отреагировал[аи]?", "відреагува(?:в|ла|ли)", "ردود فعل",
    ),
    "mourn": (
        "mourn(?:s|ed)?", "condolences?", "tributes?", r"kondolier\w*", "beileid", "condoléances",
        "rend(?:ent)? hommage", "condolencias", "pésame", "başsağlığı", r"taziye mesaj\w*",
        r"соболезнован\w*", r"співчутт\w*", r"تعازي\w*", "يعزي", "تعزي",
    ),
    "feel": (
        *(
            rf"{verb}(?:es|ed) (?:\w+ )?(?:concerns?|alarm|worry|outrage|support|solidarity)"
            for verb in ("voic", "express")
        ),
        "besorgt(?! sich)", "préoccupée?s?", "s'inquiète(?:nt)?", r"endişeli\w*", r"endişe duy\w*",
        r"обеспокоен\w*", r"озабочен\w*", r"стурбован\w*",
    ),
}  # fmt: skip
_BEGINNING = re.compile(r"(?<!\w)[^\W\d_][\w']{2}")
_MEANT: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # beginning of a word -> marks, for what may follow
for _mark, _said in ((_PIECE, _TOLD), *((f"{_ANSWER}{_name}", _said) for _name, _said in _ANSWERS.items())):
    for _words in _said:
        _MEANT.setdefault(_words[:3], []).append((_mark, re.compile(rf"{_words}\b")))
_SINCE = (
    "after|amid|despite|following|as|nach|trotz|après|malgré|tras|pese a|после|на фоне|після|на тлі|بعد|رغم|وسط|إثر"
)
_BACKGROUND = re.compile(rf"^(?:{_SINCE}) [^,]*, | (?:{_SINCE}) .*")  # what was told before


def kind_marks(title: str, spelled: str) -> list[str]:
    """What a title in lower case announces beside news: q for a piece about it, r and a name for what is said to it.

    `spelled` is the title as it was written, with the capitals that tell the WHO from a question.
    """
    plain = _TAIL.sub("", title.replace("’", "'").replace("‘", "'"))
    if "WHO" in spelled and not spelled.isupper():
        plain = re.sub(r"\bwho\b", "", plain)
    found = _meant(plain)
    if found - {_PIECE}:
        found = found & {_PIECE} | _meant(_BACKGROUND.sub("", plain))
    if _BEGINS.match(plain) or _LABELLED.search(plain) or (plain.endswith(("?", "؟")) and _ASKS.search(plain)):
        found.add(_PIECE)
    return sorted(found)


def _meant(title: str) -> set[str]:
    return {
        mark
        for word in _BEGINNING.finditer(title)
        for mark, words in _MEANT.get(word[0], ())
        if words.match(title, word.start())
    }


def of_other_kinds(marks: str, others: str) -> str:
    """Why two headlines are no two reports of one news, by their kinds; "" if these say nothing."""
    one, other = marks.split(), others.split()
    if _PIECE in one or _PIECE in other:
        return "a piece about the news stands alone"
    answers, answered = ({mark for mark in said if mark[0] == _ANSWER} for said in (one, other))
    if answers != answered and not answers & answered:
        return "one tells what somebody says to the news"
    return ""
