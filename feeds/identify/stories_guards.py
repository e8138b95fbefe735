"""What tells articles of a series apart whose words are alike: dates, weekdays, numbers; and which agency they copy."""

from __future__ import annotations

import re

SERIES, NEGATED = "~", "!"

# Titles that stand over another text each day: only the very same one is the same story.
_SERIES = re.compile(
    r"\b(?:horoscopes?|wordle|connections (?:hints?|answers?)|strands|crossword|sudoku|quiz|recap"
    r"|transactions|live (?:updates?|blog)|updates? live|briefing|round-?up|podcast|newsletter|full episode"
    r"|open thread|promo codes?|(?:how|what|where) to watch|tv patrol|news wrap|lottery|powerball|mega millions"
    r"|odds|picks|(?:word|quote|thought|poem) of the day|news bulletin|superquiz"
    r"|(?:evening|morning) news|mailbag|today in|on this day|this week in|letters to|cartoons?|daybreak|late edition"
    r"|box office|photos of the day|headlines|top stories|things to know|weather forecast"
    r"|burç yorumlar[ıi]|hava durumu|manşetleri?|kaç tl|гороскоп\w*|погода|прогноз погоды"
    r"|курс (?:валют|доллара|долара)|дайджест|обзор|итоги (?:дня|недели)|головне за|météo"
    r"|horoskop|wetter|presseschau|horóscopo)\b"
    r"|^live\b|\blive ?:|[–—|-] live$"
)
_MONTHS = {
    stem: str(number)
    for number, stems in enumerate(
        (
            "jan ene oca янв січ يناير", "feb fév fev şub фев лют فبراير", "mar mär мар бер مارس",
            "apr avr abr nis апр кві أبريل ابريل", "may mai mayıs мая май трав مايو", "jun juin haz июн чер يونيو",
            "jul juil tem июл лип يوليو", "aug août ago ağu авг сер أغسطس اغسطس", "sep eyl сен вер سبتمبر",
            "oct okt eki окт жов أكتوبر اكتوبر", "nov kas ноя лис نوفمبر", "dec dez déc dic ara дек гру ديسمبر",
        ),
        start=1,
    )
    for stem in stems.split()
}  # fmt: skip
_MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\w{0,8}"
_DAY_OF_MONTH = re.compile(
    rf"\b{_MONTH}\.? (\d{{1,2}})(?:st|nd|rd|th)?\b|\b(\d{{1,2}})(?:st|nd|rd|th|\.)?(?: de| of)? {_MONTH}"
)
_DATE = re.compile(r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b")
_WEEKDAYS = {
    stem: str(number)
    for number, stems in enumerate(
        (
            "monday montag lundi lunes pazartesi понедельник понедельника понеділок понеділка الاثنين الإثنين",
            "tuesday dienstag mardi martes salı вторник вторника вторнику вівторок вівторка الثلاثاء",
            "wednesday mittwoch mercredi miércoles çarşamba среда среду среды среде середа середу середи الأربعاء",
            "thursday donnerstag jeudi jueves perşembe четверг четверга четвергу четвер الخميس",
            "friday freitag vendredi viernes cuma пятница пятницу пятницы п'ятниця п'ятницю п’ятниця п’ятницю الجمعة",
            "saturday samstag samedi sábado cumartesi суббота субботу субботы субботе субота суботу суботи السبت",
            "sunday sonntag dimanche domingo pazar воскресенье воскресенья воскресенью неділя неділю неділі الأحد",
        )
    )
    for stem in stems.split()
}
_WEEKDAY = re.compile(r"\b(" + "|".join(sorted(_WEEKDAYS, key=len, reverse=True)) + r")s?\b")
_COUNT = re.compile(
    r"#\s?(\d+)|№\s?(\d+)|\b(?:part|episode|day|week|game|round|vol|no|день|часть|bölüm|gün|tag|jour|día)\.? (\d+)"
)
_NOT = re.compile(
    r"\b(?:not|no|never|cannot|\w+n['’]t|nicht|kein\w*|ne (?:\w+ ){1,3}(?:pas|plus|jamais)|n['’]\w+ (?:pas|plus|jamais)"
    r"|não|non|değil|не|ні|нет|لا|ولا|لن|ولن|لم|ولم|ليس)\b"
)
_NOT_TURKISH = re.compile(r"\b\w{2,}m(?:[ae](?:z|yaca\w*|yece\w*|d[ıi]\w*|m[ıi]ş\w*)|[ıiuü]yor\w*)\b")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_COUNTED = "dwcn"  # kinds of marks that two titles may contradict each other by


def marks_of(title: str, language: str = "") -> str:
    """What a title in lower case counts and dates, in words of which the first letter names the kind; "" if nothing.

    l its language, which comes first, `~` a series, d a date, w a weekday, c the number of an instalment, n other
    numbers, ! a negation.
    """
    told = ["l" + language.partition("-")[0].lower()] if language else []
    found = {"w" + _WEEKDAYS[day] for day in _WEEKDAY.findall(title)}
    if _NOT.search(title) or (language[:2] in ("tr", "") and _NOT_TURKISH.search(title)):
        found.add(NEGATED)
    if _SERIES.search(title):
        found.add(SERIES)
    if not _NUMBER.search(title):
        return " ".join(told + sorted(found))
    for month, day, day_before, month_after in _DAY_OF_MONTH.findall(title):
        found.add(f"d{_MONTHS[month or month_after]}.{int(day or day_before)}")
    found |= {"d" + date for date in _DATE.findall(title)}
    found |= {"c" + "".join(number) for number in _COUNT.findall(title)}
    found |= {"n" + number for number in _NUMBER.findall(title)}
    return " ".join(told + sorted(found))


def contradict(marks: str, others: str, *, one_publisher: bool) -> bool:
    """Whether two titles name different dates, weekdays or instalments; of one publisher, any other number."""
    if not marks or not others:
        return False
    counted, against = ([mark for mark in said.split() if mark[0] in _COUNTED] for said in (marks, others))
    for kind in _COUNTED if counted and against else "":
        mine = {mark for mark in counted if mark[0] == kind}
        theirs = {mark for mark in against if mark[0] == kind}
        if not mine or not theirs:
            continue
        if (one_publisher and mine != theirs) if kind == "n" else not mine & theirs:
            return True
    return False


def language_of(marks: str) -> str:
    """The primary subtag of the language; "" if it is unknown."""
    return marks[1:].partition(" ")[0] if marks.startswith("l") else ""


# Agencies, as their copies sign them: by a credit in brackets or before a dash, as an author, or at their own address.
_AGENCIES = {
    "reuters": ("reuters", "reuters.com"),
    "ap": ("ap|associated press|the associated press", "apnews.com"),
    "afp": ("afp|agence france-presse", "afp.com"),
    "dpa": ("dpa|dpa-afx|dpa international", "dpa.com"),
    "aa": ("aa|anadolu|anadolu agency|anadolu ajansı", "aa.com.tr"),
    "tass": ("tass|тасс", "tass.com tass.ru"),
    "interfax": ("interfax|интерфакс", "interfax.com interfax.ru"),
    "ria": ("ria novosti|риа новости", "ria.ru"),
    "ukrinform": ("ukrinform|укрінформ|укринформ", "ukrinform.net ukrinform.ua"),
    "xinhua": ("xinhua", "xinhuanet.com news.cn"),
    "efe": ("efe|agencia efe", "efe.com"),
    "ansa": ("ansa", "ansa.it"),
    "pti": ("pti|press trust of india", "ptinews.com"),
    "bloomberg": ("bloomberg|bloomberg news", "bloomberg.com"),
    "iha": ("iha|ihlas haber ajansı", "iha.com.tr"),
    "dha": ("dha|demirören haber ajansı", "dha.com.tr"),
}
_NAMES = {name: agency for agency, (names, _) in _AGENCIES.items() for name in names.split("|")}
_HOMES = {home: agency for agency, (_, homes) in _AGENCIES.items() for home in homes.split()}
_NAME = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))
_CREDIT = re.compile(rf"\(({_NAME})\)|(?:^|[,.] )({_NAME}) ?[—–:]| [—–/-] ?({_NAME})\.?$")
_CREDITED = 200  # characters at either end of a text


def wire_of(publisher: str, authors: tuple[str, ...], text: str) -> str:
    """The agency that wrote an article: by its own address, as an author, or credited in the text; "" if none is."""
    if publisher in _HOMES:
        return _HOMES[publisher]
    for author in authors:
        if (name := author.casefold().removeprefix("by ").strip()) in _NAMES:
            return _NAMES[name]
    text = text.strip()
    for end in (text[:_CREDITED], text[-_CREDITED:]):
        if credit := _CREDIT.search(end.casefold()):
            return _NAMES[next(filter(None, credit.groups()))]
    return ""
