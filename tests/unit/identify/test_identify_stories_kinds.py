"""What kind of report a headline announces, and that a piece or an answer does not join the news that it is about."""

from __future__ import annotations

import pytest

from feeds.identify import stories_kinds
from feeds.identify.fingerprint import lowered
from feeds.identify.stories_kinds import kind_marks, of_other_kinds
from tests.unit.identify.test_identify_stories import are_one, judge, told

NAMED = "Parliament names Deniz Akyol as the new president of the central bank"


@pytest.mark.parametrize(
    ("title", "marks"),
    [
        pytest.param("parliament names deniz akyol as bank president", [], id="news"),
        pytest.param("who is deniz akyol, the bank's new president?", ["q"], id="a question"),
        pytest.param("WHO is sending vaccines to Gaza", [], id="the WHO is no question"),
        pytest.param("WHO IS DENIZ AKYOL", ["q"], id="a question in capitals"),
        pytest.param("deniz akyol: who is the bank's new president", ["q"], id="a question after a name"),
        pytest.param("can the bank’s new president tame prices?", ["q"], id="a question that begins with its verb"),
        pytest.param("execution on hold? minister says killings have stopped", [], id="news after a question"),
        pytest.param("analysis: a bank without a president", ["q"], id="a label before"),
        pytest.param("a bank without a president | opinion", ["q"], id="a label after"),
        pytest.param("analysis finds lead in water of three towns", [], id="a label's word in a sentence"),
        pytest.param("what to know about the new president", ["q"], id="what to know"),
        pytest.param("deniz akyol dies at 81: what to know", [], id="news, with a tail that promises more"),
        pytest.param("mother pleads: we need to know that she is alive", [], id="somebody's need to know"),
        pytest.param("minister flies to ankara: is a deal near?", ["q"], id="a question at the end"),
        pytest.param("minister shares video of strike; new bombs used?", [], id="a doubt at the end"),
        pytest.param("here's why the bank has a new president", ["q"], id="an announced reason"),
        pytest.param("floods: everything you need to know", ["q"], id="everything"),
        pytest.param("wer ist deniz akyol", ["q"], id="German question"),
        pytest.param("pourquoi la banque change de président", ["q"], id="French question"),
        pytest.param("¿quién es deniz akyol?", ["q"], id="Spanish question"),
        pytest.param("yeni başkan deniz akyol kimdir", ["q"], id="Turkish question"),
        pytest.param("yangına elektrik kontağı neden oldu", [], id="Turkish cause is no question"),
        pytest.param("что известно о новом главе банка", ["q"], id="Russian question"),
        pytest.param("чому банк змінив голову", ["q"], id="Ukrainian question"),
        pytest.param("من هو رئيس البنك الجديد", ["q"], id="Arabic question"),
        pytest.param("un chief condemns attack on mosque", ["rblame"], id="blame"),
        pytest.param("arab states condemn strike", ["rblame"], id="blame by many"),
        pytest.param("senators urge trump to condemn vote", [], id="blame that is asked for"),
        pytest.param("nine condemned to death over fire", [], id="a sentence is no blame"),
        pytest.param("minister slams allies, says days are decisive", [], id="a statement of one"),
        pytest.param("china denies strike after kabul vows retaliation", [], id="an answer in the background"),
        pytest.param("bus slams into pedestrians in oslo", [], id="a crash is no blame"),
        pytest.param("ankara yeni yasayı kınadı", ["rblame"], id="Turkish blame"),
        pytest.param("мзс засудило удар по києву", ["rblame"], id="Ukrainian blame"),
        pytest.param("пекин осудил удар", ["rblame"], id="Russian blame"),
        pytest.param("أدانت أنقرة الهجوم", ["rblame"], id="Arabic blame"),
        pytest.param("EU begrüßt Waffenruhe", ["rpraise"], id="German praise"),
        pytest.param("Wie die Polizei mitteilte, starben drei Menschen", [], id="German as"),
        pytest.param("Mordfall gelöst durch DNA-Analyse", [], id="a hyphen before a label's word"),
        pytest.param("Will the U.S. strike Iran again?", ["q"], id="dots in a question"),
        pytest.param("Ministre démissionne après les réactions", [], id="French background"),
        pytest.param("Иванова осудили на 13 лет", [], id="a Russian sentence is no blame"),
        pytest.param("Elecciones en Chile: ¿quién ganará?", ["q"], id="a Spanish question at the end"),
        pytest.param("putin congratulates akyol on election", ["rpraise"], id="praise"),
        pytest.param("china opposes tariff threat", ["roppose"], id="opposition"),
        pytest.param("india vows justice after blast", ["rrespond"], id="a vow"),
        pytest.param("party vows to build more homes", [], id="a promise answers nothing"),
        pytest.param("uk weighs response to expulsion", ["rrespond"], id="a response"),
        pytest.param("fans mourn striker, fifa pays tribute", ["rmourn"], id="one mark for one answer"),
        pytest.param("un voices deep concern, us welcomes vote", ["rfeel", "rpraise"], id="two answers"),
    ],
)
def test_kinds_of_a_headline(title: str, marks: list[str]) -> None:
    assert kind_marks(lowered(title), title) == marks


def test_everything_that_is_looked_for_begins_so_that_it_is_found() -> None:
    assert [beginning for beginning in stories_kinds._MEANT if not stories_kinds._BEGINNING.fullmatch(beginning)] == []


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        pytest.param("len kalpha", "len", "", id="news and news"),
        pytest.param("q", "", "a piece about the news stands alone", id="a piece and news"),
        pytest.param("q", "q", "a piece about the news stands alone", id="two pieces: each has a question of its own"),
        pytest.param("rblame", "", "one tells what somebody says to the news", id="an answer and news"),
        pytest.param("rblame", "rpraise", "one tells what somebody says to the news", id="two answers"),
        pytest.param("rblame", "rblame rmourn", "", id="an answer that both tell"),
    ],
)
def test_kinds_that_are_no_one_story(one: str, other: str, why: str) -> None:
    assert of_other_kinds(one, other) == why
    assert of_other_kinds(other, one) == why


@pytest.mark.parametrize(
    ("other", "one"),
    [
        pytest.param("Deniz Akyol named new president of the central bank by parliament", True, id="the same news"),
        pytest.param("Who is Deniz Akyol, new president of the central bank?", False, id="a profile"),
        pytest.param("Ankara welcomes Deniz Akyol as new central bank president", False, id="an answer"),
        pytest.param("Analysis: " + NAMED, True, id="a label over the very same words"),
    ],
)
def test_a_piece_or_an_answer_is_a_story_of_its_own(other: str, one: bool) -> None:
    assert are_one(told("alpha", NAMED), told("beta", other)) is one


def test_nor_does_a_third_report_make_them_one() -> None:
    news, profile = told("alpha", NAMED), told("beta", "Who is Deniz Akyol, new president of the central bank?")
    third = told("gamma", "Deniz Akyol named to lead the central bank, parliament says")
    assert are_one(news, third)
    stories = [verdict.story for verdict in judge(news, profile, third)]
    assert stories[0] == stories[2] != stories[1]
