from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.classify.matcher import Matcher
from feeds.classify.rules import compile_rules
from feeds.fold import shape
from feeds.model import Article, Hit, Match, Source
from tests import make


def matcher(topic: dict[str, Any] | None = None, **tables: Any) -> Matcher:
    return Matcher(compile_rules({"topics": {"topic": topic} if topic else {}, **tables}))


def explained(topic: dict[str, Any], title: str = "", summary: str = "", body: str = "", **known: Any) -> Match:
    (match,) = matcher(topic).explain(title, summary, body, **known)
    return match


def article(title: str = "Nothing", **fields: Any) -> Article:
    blank = {"text": "", "summary": "", "url": "", "publisher": "desk", "language": ""}
    return make.article("desk", "1", title, **blank | fields)


DESK = Source(name="desk", url="https://desk.example/feed", title="The Desk")


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        pytest.param("gas", "Gas prices", True, id="word in any case"),
        pytest.param("gas", "gasoline", False, id="word ends"),
        pytest.param("gas", "biogas", False, id="word begins"),
        pytest.param("gas", "(gas)", True, id="brackets are no letters"),
        pytest.param("gas", "oil/gas-fired", True, id="slash and hyphen part words"),
        pytest.param("gas", "gas's", True, id="apostrophe ends a word"),
        pytest.param("gas", "gas2", False, id="digits belong to the word"),
        pytest.param("2026", "in 2026.", True, id="a number is a word"),
        pytest.param("pipeline*", "pipelines", True, id="stem with ending"),
        pytest.param("pipeline*", "pipeline", True, id="stem alone"),
        pytest.param("pipeline*", "gaspipeline", False, id="stem begins a word"),
        pytest.param("abd'*", "ABD'nin", True, id="stem of a Turkish name"),
        pytest.param("abd'*", "abdul", False, id="stem ends in its apostrophe"),
        pytest.param("=Turkey", "in Turkey", True, id="exact"),
        pytest.param("=Turkey", "a turkey", False, id="exact minds capitals"),
        pytest.param("=Turkey", "TURKEY", False, id="exact minds all capitals"),
        pytest.param("=Turkey", "Turkey’s", True, id="exact before an apostrophe"),
        pytest.param("=Turk*", "Turkish", True, id="exact stem"),
        pytest.param("=MİT", "MIT", False, id="exact minds dots"),
        pytest.param("peace talks", "the peace-talks end", True, id="phrase over a hyphen"),
        pytest.param("peace talks", "peace. Talks", False, id="phrase ends with the sentence"),
        pytest.param("peace talks", "peace\n talks", True, id="phrase over a line end"),
        pytest.param("верховн* рад*", "Верховною Радою", True, id="phrase of stems"),
        pytest.param("верховн* рад*", "верховная и рада", False, id="phrase of stems side by side"),
        pytest.param("kabinett*verhandlung*", "Kabinettsverhandlungen", True, id="star inside a word"),
        pytest.param("expel* diplomats", "expels diplomats", True, id="star in the middle, word at the end"),
        pytest.param("expel* diplomats", "expels diplomatship", False, id="word at the end ends"),
        pytest.param("u.s.", "The U.S.-led", True, id="points in a word"),
        pytest.param("türkiye", "TURKIYE", True, id="rule with marks, text without"),
        pytest.param("turkiye", "TÜRKİYE'nin", True, id="rule without marks, text with"),
        pytest.param("кремл*", "Кремлёвский", True, id="Cyrillic stem"),
        pytest.param("كييف", "وكييف", True, id="Arabic: and"),
        pytest.param("كييف", "لكييف", True, id="Arabic: to"),
        pytest.param("سفير", "بالسفير", True, id="Arabic: in the"),
        pytest.param("سفير", "للسفير", True, id="Arabic: to the"),
        pytest.param("القرم", "والقرم", True, id="Arabic: and, before an article of its own"),
        pytest.param("القرم", "للقرم", True, id="Arabic: to, which swallows it"),
        pytest.param("القرم", "قرم", False, id="Arabic: the article is part of the word"),
        pytest.param("وزير خارجية*", "ووزير خارجيته", False, id="Arabic: ta marbuta is not ta"),
        pytest.param("أوكراني*", "الأُوكرانية", True, id="Arabic: stem with article, vowels and ending"),
    ],
)
def test_a_word_is_found_where_it_stands(word: str, text: str, found: bool) -> None:
    match = explained({"words": {"10": [word]}}, title=text)
    assert [(hit.word, hit.where) for hit in match.because] == ([(word, "title")] if found else [])


@pytest.mark.parametrize(
    ("title", "summary", "body", "hits"),
    [
        pytest.param("gas", "", "", [("title", 20.0)], id="title counts twice"),
        pytest.param("", "gas", "", [("lead", 9.0)], id="summary"),
        pytest.param("", "", "gas", [("lead", 9.0)], id="a text without summary begins with its lead"),
        pytest.param("", "oil", "gas", [("body", 2.5)], id="text after a summary is body"),
        pytest.param("", "", "word " * 100 + "gas", [("body", 2.5)], id="the lead has 100 words"),
        pytest.param("", "", "word " * 99 + "gas", [("lead", 9.0)], id="the hundredth word is lead"),
        pytest.param("", "word " * 100 + "gas", "oil", [("body", 2.5)], id="the end of a long summary is body"),
        pytest.param("gas", "gas gas", "gas", [("title", 20.0)], id="once, at the best place"),
        pytest.param("", "gas gas gas", "", [("lead", 9.0)], id="once, however often"),
    ],
)
def test_where_a_word_stands_counts(title: str, summary: str, body: str, hits: list[tuple[str, float]]) -> None:
    match = explained({"words": {"10": ["gas"]}}, title, summary, body)
    assert [(hit.where, hit.points) for hit in match.because] == hits
    assert match.score == sum(points for _, points in hits)


def test_weights_and_need_can_be_set() -> None:
    rules = {"words": {"10": ["gas"]}}
    defaults = {"need": 5, "title_factor": 1.5, "lead_factor": 1, "body_factor": 0.5, "lead_words": 2}
    (match,) = matcher(rules, defaults=defaults).explain("", "", "a b gas")
    assert (match.score, match.need) == (5.0, 5.0)


def test_reasons_are_sorted_by_points_then_word() -> None:
    rules = {"words": {"4": ["oil", "coal"], "10": ["gas"], "-3": ["olive"], "0.5": ["tar"]}}
    assert explained(rules, title="olive oil", summary="coal tar gas").because == (
        Hit(word="gas", where="lead", points=9.0),
        Hit(word="oil", where="title", points=8.0),
        Hit(word="coal", where="lead", points=3.6),
        Hit(word="tar", where="lead", points=0.45),
        Hit(word="olive", where="title", points=-6.0),
    )


def test_points_taken_away_are_counted_at_their_best_place_too() -> None:
    rules = {"words": {"10": ["oil"], "-12": ["olive oil"]}}
    assert explained(rules, title="Olive oil").score == -4.0
    assert explained(rules, title="Olive trees", summary="oil").score == 9.0


FUELS = {"fuels": {"gas": ["gas", "methane"], "oil": ["oil", "crude*"], "coal": ["coal"]}}


def test_an_entry_of_a_list_counts_once_in_all_its_spellings() -> None:
    (match,) = matcher({"words": {"3": ["@fuels"]}}, lists=FUELS).explain("methane gas and crude", "", "")
    assert [(hit.word, hit.points) for hit in match.because] == [("crude*", 6.0), ("methane", 6.0)]


def combo(within: int = 5, **more: Any) -> dict[str, Any]:
    return {"combo": [{"points": 8, "within": within, "all": ["@fuels", "@fuels", ["price*", "cost"]]} | more]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("gas and oil prices", "gas + oil + price*", id="all there"),
        pytest.param("prices of oil and gas", "price* + oil + gas", id="in any order"),
        pytest.param("methane and gas prices", "", id="two spellings are one entry"),
        pytest.param("gas and gas prices", "", id="the same word twice is one entry"),
        pytest.param("gas and oil", "", id="one missing"),
        pytest.param("gas a b c oil price", "gas + oil + price*", id="just within five words"),
        pytest.param("gas a b c d oil price", "", id="too far apart"),
        pytest.param("gas a b c d e coal oil price", "coal + oil + price*", id="a later stretch"),
        pytest.param("gas price a b c d gas oil cost", "gas + oil + cost", id="the first is out of reach"),
    ],
)
def test_a_combination_wants_all_near_each_other(text: str, words: str) -> None:
    (match,) = matcher(combo(), lists=FUELS).explain(text, "", "")
    assert [(hit.word, hit.where, hit.points) for hit in match.because] == ([(words, "title", 16.0)] if words else [])


def test_only_the_best_combination_counts() -> None:
    rules = {
        "combo": [
            {"points": 3, "all": ["gas", "price"]},
            {"points": 5, "all": ["gas", "cut"]},
            {"points": 4, "all": ["gas", "deal"]},
        ]
    }
    assert explained(rules, "gas price deal", "gas cut").because == (Hit(word="gas + deal", where="title", points=8.0),)


def test_combinations_are_not_looked_for_in_the_body() -> None:
    (match,) = matcher(combo(), lists=FUELS).explain("", "summary", "gas and oil prices")
    assert match.because == ()


def test_exact_and_folded_words_stand_near_each_other() -> None:
    rules = {"combo": [{"points": 5, "within": 3, "all": ["=EU", ["größe*"]]}]}
    assert explained(rules, "ßß ﬁ İİ EU a b Größen").score == 10.0
    assert explained(rules, "ßß ﬁ İİ EU a b c Größen").score == 0


@pytest.mark.parametrize(
    ("categories", "hits"),
    [
        pytest.param(["Oil & Gas"], [("oil & gas", 6.0)], id="folded"),
        pytest.param(["fnc/energy/gas-deals"], [("* energy *", 4.0)], id="wildcards, slash is a space"),
        pytest.param(["Oil & Gas", "a/energy/b"], [("oil & gas", 6.0)], id="only the best"),
        pytest.param(["Gas"], [], id="whole names"),
    ],
)
def test_publishers_categories_add_points(categories: list[str], hits: list[tuple[str, float]]) -> None:
    match = explained({"categories": {"oil & gas": 6, "*/energy/*": 4}}, "Nothing", categories=categories)
    assert [(hit.word, hit.points) for hit in match.because] == hits
    assert all(hit.where == "category" for hit in match.because)


@pytest.mark.parametrize(
    ("source", "domain", "points"),
    [
        pytest.param("oil-wire", "", 5.0, id="name of the source"),
        pytest.param("x", "oilprice.com", 4.0, id="domain"),
        pytest.param("x", "www.oilprice.com", 4.0, id="host below it"),
        pytest.param("x", "notoilprice.com", 0, id="another domain"),
        pytest.param("x", "energy.gov.ua", 3.0, id="wildcard"),
        pytest.param("oil-wire", "oilprice.com", 5.0, id="only the best"),
    ],
)
def test_sources_are_a_hint(source: str, domain: str, points: float) -> None:
    rules = {"sources": {"oil-wire": 5, "oilprice.com": 4, "energy.gov.*": 3}, "words": {"10": ["gas"]}}
    match = explained(rules, "Nothing", source=Source(name=source, url=""), domain=domain)
    assert [(hit.where, hit.points) for hit in match.because] == ([("source", points)] if points else [])


@pytest.mark.parametrize(
    ("title", "known"),
    [
        pytest.param("Rain - Gas Today", {"source": Source(name="x", url="", title="Gas Today")}, id="dash"),
        pytest.param("Rain | Gas Today", {"source": Source(name="gas-today", url="")}, id="bar, name of the source"),
        pytest.param("Rain — The Gas Today", {"domain": "www.gastoday.com"}, id="long dash, domain, the"),
        pytest.param("Rain - Snow - Gas Today", {"domain": "gastoday.com"}, id="the last part alone"),
        pytest.param("Gas Today: Rain", {"source": Source(name="x", url="", title="Gas Today")}, id="colon after it"),
        pytest.param("The Gas Today | Rain", {"source": Source(name="gas-today", url="")}, id="bar after it"),
        pytest.param("Gas-today.com — Rain", {"domain": "www.gas-today.com"}, id="long dash after its domain"),
        pytest.param("GAS TODAY : Rain | Gas Today", {"source": Source(name="gas-today", url="")}, id="at both ends"),
    ],
)
def test_the_outlets_own_name_is_no_news(title: str, known: dict[str, Any]) -> None:
    rules = {"words": {"10": ["gas"]}}
    assert explained(rules, title, **known).because == ()
    assert explained(rules, title).score == 20.0
    assert explained(rules, title.replace("Rain", "Gas"), **known).score == 20.0


@pytest.mark.parametrize(
    ("title", "known"),
    [
        pytest.param("Gas: dear again", {"domain": "gas.example.com"}, id="a part of its domain"),
        pytest.param("Gas: dear", {"source": Source(name="gas", url="", title="The Wire")}, id="what we file it under"),
        pytest.param("Gas Today and tomorrow: rain", {"domain": "gastoday.com"}, id="more than its name"),
        pytest.param("Rain: Gas Today", {"source": Source(name="gas-today", url="")}, id="a colon is before no name"),
    ],
)
def test_what_stands_before_a_title_is_news_unless_it_is_the_outlets_whole_name(
    title: str, known: dict[str, Any]
) -> None:
    assert explained({"words": {"10": ["gas"]}}, title, **known).score == 20.0


def test_a_veto_takes_all_points_away() -> None:
    rules = {"words": {"10": ["gas"]}, "none": ["wordle*"]}
    match = explained(rules, "Gas", "Today's Wordle")
    assert match.because[-1] == Hit(word="wordle*", where="lead", points=-20.0)
    assert match.score == 0
    assert explained(rules, "Gas", "rain", "Play Wordle").score == 20.0, "in passing is no veto"


@pytest.mark.parametrize(
    ("points", "hits"),
    [
        pytest.param("0.1239", [0.112, -0.112], id="to the last thousandth"),
        pytest.param("0.5", [0.45, -0.45], id="even less than one"),
        pytest.param("-1", [-0.9], id="none to take"),
        pytest.param("0", [], id="nothing there"),
    ],
)
def test_a_veto_takes_what_is_there(points: str, hits: list[float]) -> None:
    match = explained({"words": {points: ["gas"], "5": ["tar"]}, "require": ["poland"]}, summary="gas")
    assert ([hit.points for hit in match.because], match.score) == (hits, min(0, sum(hits)))


def test_required_words_must_be_somewhere() -> None:
    rules = {"words": {"10": ["gas"]}, "require": ["poland", "polish"]}
    assert explained(rules, "Gas").score == 0
    assert explained(rules, "Gas").because[-1] == Hit(word="none of the required words", where="require", points=-20.0)
    assert explained(rules, "Gas", "a", "in Poland").score == 20.0


@pytest.mark.parametrize(("language", "score"), [("tr", 20.0), ("tr-TR", 20.0), ("", 20.0), ("de", 0.0)])
def test_a_topic_may_want_languages(language: str, score: float) -> None:
    match = explained({"words": {"10": ["gas"]}, "languages": ["tr", "az"]}, "Gas", language=language)
    assert match.score == score
    assert match.because[1:] == (() if score else (Hit(word=language, where="language", points=-20.0),))
    assert explained({"words": {"10": ["gas"]}, "languages": ["tr"]}, "Gas").score == 20.0, "unknown"


HOME = {"country": "TR", "home": 7, "abroad": ["@states", "nasa"], "words": {"4": ["belediye*"]}}


@pytest.mark.parametrize(
    ("country", "title", "points"),
    [
        pytest.param("TR", "Yeni park", [7.0], id="a story at home"),
        pytest.param("TR", "Belediye yeni park yaptı", [8.0, 7.0], id="and a word for it"),
        pytest.param("TR", "Almanya'da yeni park", [], id="a story abroad"),
        pytest.param("TR", "NASA'dan yeni park", [], id="a word that means abroad"),
        pytest.param("TR", "Türkiye'de yeni park", [7.0], id="its own country is not abroad"),
        pytest.param("DE", "Yeni park", [], id="an outlet from elsewhere"),
        pytest.param("", "Yeni park", [], id="an outlet from nowhere"),
    ],
)
def test_a_domestic_outlet_writes_about_its_country(country: str, title: str, points: list[float]) -> None:
    match = explained(HOME, title, source=Source(name="x", url="", country=country))
    assert [hit.points for hit in match.because] == points
    assert {hit.where for hit in match.because} <= {"title", "country"}


def test_topics_that_name_one_list_each_leave_out_their_own_country() -> None:
    tables = {name: {**HOME, "country": country} for name, country in (("turkey", "TR"), ("germany", "DE"))}
    matcher = Matcher(compile_rules({"topics": tables}))
    for country, title, points in (
        ("TR", "Türkiye'de yeni park", [0.0, 7.0]),
        ("DE", "Türkiye'de yeni park", [0.0, 0.0]),
        ("DE", "Neuer Park in Deutschland", [7.0, 0.0]),
        ("TR", "Almanya'da yeni park", [0.0, 0.0]),
    ):
        matches = matcher.explain(title, "", "", source=Source(name="x", url="", country=country))
        assert [match.score for match in matches] == points, (country, title)


OPENING = {"opening": {"3": ["deal"], "-2": ["school*"]}, "beside": ["@states"]}


@pytest.mark.parametrize(
    ("title", "summary", "body", "score"),
    [
        pytest.param("France seeks a deal", "", "", 6.0, id="title"),
        pytest.param("France", "A deal is near.", "", 2.7, id="lead"),
        pytest.param("France", "Nothing.", "A deal is near.", 0.0, id="not in the body"),
        pytest.param("A deal", "Paris wants it.", "", 6.0, id="beside is in the lead"),
        pytest.param("A deal", "Nothing.", "France wants it.", 0.0, id="beside is in the body"),
        pytest.param("A deal", "", "", 0.0, id="beside is nowhere"),
        pytest.param("France seeks a deal on schools", "", "", 2.0, id="points against"),
        pytest.param("A deal on schools", "", "", 0.0, id="points against with nothing beside"),
    ],
)
def test_words_of_the_opening(title: str, summary: str, body: str, score: float) -> None:
    assert explained(OPENING, title, summary, body).score == score


def test_words_of_the_opening_need_nothing_beside_them_if_nothing_is_asked() -> None:
    assert explained({"opening": {"3": ["deal"]}}, "A deal").score == 6.0


def test_what_nothing_stands_beside_is_shown_for_nothing() -> None:
    topic = OPENING | {"words": {"10": ["embassy"]}}
    alone = Hit(word="deal", where="title alone", points=0.0)
    assert explained(topic, "Embassy deal").because == (Hit(word="embassy", where="title", points=20.0), alone)
    assert [hit.points for hit in explained(topic, "French embassy deal").because] == [20.0, 6.0]
    (decided,) = matcher(topic).classify(article("Embassy deal"), DESK)
    assert [hit.word for hit in decided.because] == ["embassy"]


@pytest.mark.parametrize("half", [{"country": "TR"}, {"home": 7}], ids=["a country", "points"])
def test_home_is_a_country_and_its_points(half: dict[str, Any]) -> None:
    for country in ("TR", ""):
        source = Source(name="x", url="", country=country)
        assert explained({"words": {"10": ["gas"]}, **half}, "Park", source=source).because == ()


def test_a_source_may_belong_to_a_topic() -> None:
    rules = {"words": {"10": ["gas"], "-12": ["rain"]}, "none": ["wordle"]}
    source = Source(name="desk", url="", topics=("topic", "no-such-topic"))
    assert matcher(rules).classify(article("Wordle in the rain"), source) == (
        Match(topic="topic", score=10.0, need=10.0, because=(Hit(word="desk", where="source", points=10.0),)),
    )


def test_a_topic_may_always_take_a_source() -> None:
    rules = {"words": {"10": ["gas"]}, "always": ["desk"]}
    (match,) = matcher(rules).classify(article("Gas"), DESK)
    assert match.because == (
        Hit(word="gas", where="title", points=20.0),
        Hit(word="desk", where="always", points=10.0),
    )
    assert matcher(rules).classify(article("Rain"), Source(name="other", url="")) == ()
    (little,) = matcher(rules | {"words": {"0.5": ["gas"]}}).classify(article("Gas"), DESK)
    assert [hit.points for hit in little.because] == [10.0, 1.0]


def test_an_article_without_content_leads_with_its_text() -> None:
    (match,) = matcher({"need": 9, "words": {"10": ["gas"]}}).classify(
        article(summary="<p>Gas &amp; oil</p>", text="Gas & oil"), DESK
    )
    assert match.because == (Hit(word="gas", where="lead", points=9.0),)


def test_an_article_with_content_leads_with_its_summary() -> None:
    found = matcher({"need": 1, "words": {"10": ["gas", "oil", "alt", "coal & tar"]}}).classify(
        article(summary='<p>Gas<br>coal &amp; <b>tar</b> <img alt="alt > all"></p>', content="<p>x</p>", text="oil"),
        DESK,
    )
    assert [(hit.word, hit.where) for hit in found[0].because] == [
        ("coal & tar", "lead"),
        ("gas", "lead"),
        ("oil", "body"),
    ]


def test_an_article_with_content_alone_leads_with_its_beginning() -> None:
    (match,) = matcher({"need": 9, "words": {"10": ["gas"]}}).classify(article(content="<p>x</p>", text="gas"), DESK)
    assert match.because == (Hit(word="gas", where="lead", points=9.0),)


def test_the_host_of_an_article_is_its_own_not_the_feeds() -> None:
    rules = {"need": 4, "sources": {"oilprice.com": 4}, "words": {"10": ["gas"]}}
    assert matcher(rules).classify(article(canonical_url="https://oilprice.com/a", publisher="oilprice.com"), DESK)
    assert matcher(rules).classify(article(canonical_url="", publisher="oilprice.com"), DESK)
    assert not matcher(rules).classify(article(canonical_url="https://a.example/oilprice.com"), DESK)
    deep = article(canonical_url="https://oilprice.com/a/b?of=https://a.example/c")
    assert matcher(rules).classify(deep, DESK)


def test_what_an_article_says_of_itself_counts() -> None:
    rules = {"need": 6, "categories": {"oil": 6}, "words": {"10": ["gas"]}, "languages": ["tr"]}
    assert matcher(rules).classify(article(categories=("Oil",), language="tr"), DESK)
    assert not matcher(rules).classify(article(categories=("Oil",), language="de"), DESK)


def test_topics_come_sorted_by_name_and_only_those_that_pass() -> None:
    topics = {name: {"words": {"10": ["gas"]}, "need": need} for name, need in (("b", 20), ("a", 5), ("c", 21))}
    rules = Matcher(compile_rules({"topics": topics}))
    assert [match.topic for match in rules.classify(article("Gas"), DESK)] == ["a", "b"]
    assert [match.topic for match in rules.explain("Gas", "", "")] == ["a", "b", "c"]


def test_no_topics_are_fine() -> None:
    assert matcher().classify(article("Gas"), DESK) == ()


def test_own_words_add_to_a_pack_and_prevail() -> None:
    own = {"use": "ukraine", "need": 12, "words": {"7": ["Ukrain*"], "0": ["kyiv*"], "10": ["borshch"]}}
    assert [(hit.word, hit.points) for hit in explained(own, "Ukraine: borshch in Kyiv and Crimea").because] == [
        ("borshch", 20.0),
        ("crimea", 20.0),
        ("Ukrain*", 14.0),
    ]


def test_own_lists_add_to_shared_ones() -> None:
    rules = {"combo": [{"points": 5, "all": ["@states", "@states"]}]}
    lists = {"states": {"UA": ["slava*"], "Wonderland": ["alice*"]}}
    (found,) = matcher(rules, lists=lists).explain("Alice meets Slavas", "", "")
    assert found.because[0].word == "alice* + slava*"
    assert matcher(rules, lists=lists).explain("Slavas in Ukraine", "", "")[0].because == ()


@given(st.lists(st.sampled_from(["gas", "oil", "coal", "price", "a", "b", "- Desk", "Gas’s"]), max_size=20))
def test_what_classify_passes_explain_confirms(parts: list[str]) -> None:
    both = matcher({"words": {"4": ["gas"], "-3": ["coal"]}, **combo()}, lists=FUELS)
    title, text = " ".join(parts[:5]), " ".join(parts[5:])
    given_topics = both.classify(article(title or "-", text=text), DESK)
    explained_ones = both.explain(title or "-", text, "", source=DESK, domain="desk")
    assert given_topics == tuple(match for match in explained_ones if match.score >= match.need)


@given(st.text(st.characters(codec="utf-8"), max_size=80), st.text(st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_survived_and_the_score_is_the_sum_of_reasons(title: str, text: str) -> None:
    for match in PACKED.explain(title, text, text):
        assert match.score == pytest.approx(sum(hit.points for hit in match.because))


PACKED = Matcher(compile_rules({"topics": {name: {"use": name} for name in ("diplomacy", "turkey", "ukraine")}}))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        pytest.param("o'neill", "o neill", id="an apostrophe is no space"),
        pytest.param("white house", "white.house", id="nor is a full stop"),
        pytest.param("თბილ", "".join(chr(ord(letter) + 64 * 200) for letter in "თბილ"), id="letters of other scripts"),
    ],
)
def test_what_only_looks_like_a_word_is_none(word: str, text: str) -> None:
    """The matcher goes through shapes of texts, which are the same for these."""
    assert shape(word) == shape(text)
    rules = Matcher(compile_rules({"topics": {"topic": {"words": {"10": [word]}}}}))
    assert rules.explain(word, "", "")[0].score
    assert not rules.explain(text, "", "")[0].score


def test_a_word_counts_once_though_it_is_written_together_with_others() -> None:
    match = explained({"words": {"10": ["أوكرانيا"]}}, "", "وأوكرانيا بأوكرانيا أوكرانيا")
    assert [(hit.where, hit.points) for hit in match.because] == [("lead", 9.0)]


@pytest.mark.parametrize(
    ("words", "title", "chosen"),
    [
        pytest.param({"1": ["gas", "oil"], "4": ["coal"]}, "Gas, oil, coal", True, id="small points add up to it"),
        pytest.param({"0.4": ["gas", "oil"], "4.2": ["coal"]}, "Gas, oil, coal", True, id="to the tenth"),
        pytest.param({"1": ["gas", "oil"], "2": ["coal"]}, "Gas, oil, coal", False, id="not enough of them"),
        pytest.param({"5": ["gas"], "-1": ["oil"]}, "Gas, oil", False, id="what speaks against it is taken off"),
    ],
)
def test_points_of_several_words(words: dict[str, list[str]], title: str, *, chosen: bool) -> None:
    assert bool(matcher({"words": words}).classify(article(title), DESK)) is chosen


def test_each_topic_has_its_best_combo() -> None:
    """One that beats nothing ends no search."""
    first = {"combo": [{"points": 8, "all": [["gas"], ["deal"]]}, {"points": 6, "all": [["gas"], ["price*"]]}]}
    second = {"combo": [{"points": 5, "all": [["gas"], ["price*"]]}]}
    rules = Matcher(compile_rules({"topics": {"first": first, "second": second}}))
    found = rules.classify(article("Gas deal lowers prices"), DESK)
    assert [(match.topic, match.score) for match in found] == [("first", 16.0), ("second", 10.0)]
