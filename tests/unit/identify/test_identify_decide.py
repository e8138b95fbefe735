"""What becomes of an item, told by a ledger that remembers as a store does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from feeds.identify.decide import decide
from feeds.identify.ledger import Ledger
from feeds.model import Article, Fingerprint, Known, Outcome, Rejected, Verdict
from tests.make import KEEP, NOW, article, digest

LATER = NOW + timedelta(hours=3)
OTHER_TEXT = "Heavy rain flooded vineyards near the coast while mayors counted broken bridges and lost sheep."


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(keep=KEEP)


def judge(ledger: Ledger, item: Article, now: datetime = NOW) -> Verdict:
    return ledger.judge(item, now=now)


FIRST = article("alpha", "1")
REWRITTEN = {"title": "Floods break bridges along vineyards", "text": OTHER_TEXT}


@pytest.mark.parametrize(
    ("second", "outcome", "same_article"),
    [
        pytest.param(FIRST, Outcome.SAME, True, id="the very same item"),
        pytest.param(replace(FIRST, published=NOW, digest=b"other"), Outcome.SAME, True, id="only the date moved"),
        pytest.param(
            replace(FIRST, summary="<div>other markup</div>", digest=b"m"), Outcome.SAME, True, id="only markup differs"
        ),
        pytest.param(
            replace(FIRST, text=FIRST.text.replace(" ", "\n ")), Outcome.SAME, True, id="only white space differs"
        ),
        pytest.param(
            article("alpha", "1", "Envoys meet in Geneva for wheat talks"), Outcome.CHANGED, True, id="title edited"
        ),
        pytest.param(
            article("alpha", "1", text=FIRST.text + " A second round follows."), Outcome.CHANGED, True, id="text edited"
        ),
        pytest.param(
            article("alpha", "1", url="https://alpha.example/moved"),
            Outcome.CHANGED,
            True,
            id="address moved, guid stays",
        ),
        pytest.param(article("alpha", "1", authors=("A. Writer",)), Outcome.CHANGED, True, id="author added"),
        pytest.param(
            article("alpha", "new-guid", url=FIRST.url), Outcome.SAME, True, id="guid churns, address and text stay"
        ),
        pytest.param(
            article("alpha", "new-guid", "Envoys meet in Geneva for wheat talks", url=FIRST.url),
            Outcome.CHANGED,
            True,
            id="guid churns while the title is edited",
        ),
        pytest.param(
            article("alpha", "2", "Geneva: three farmers tell their own story", text=OTHER_TEXT, url=FIRST.url),
            Outcome.NEW,
            False,
            id="another story on the same page",
        ),
        pytest.param(
            article("alpha", "1", url="https://alpha.example/2", **REWRITTEN), Outcome.NEW, False, id="guid reused"
        ),
        pytest.param(
            article("alpha", "9", url=FIRST.url, **REWRITTEN), Outcome.NEW, False, id="address reused for another story"
        ),
        pytest.param(article("beta", "1"), Outcome.DUPLICATE, True, id="the same text from another source"),
        pytest.param(
            article("beta", "b", "Envoys meet in Geneva again", url=FIRST.url),
            Outcome.DUPLICATE,
            True,
            id="the same address from another source, headline edited",
        ),
        pytest.param(
            article("beta", "b", url=FIRST.url, **REWRITTEN),
            Outcome.NEW,
            False,
            id="the same address from another source, wholly different text",
        ),
        pytest.param(article("beta", "1", **REWRITTEN), Outcome.NEW, False, id="another source's guid means nothing"),
        pytest.param(
            article("alpha", "2", url="https://alpha.example/2"),
            Outcome.DUPLICATE,
            True,
            id="one publisher, equal text within 20 h",
        ),
    ],
)
def test_the_second_item_of_two(ledger: Ledger, second: Article, outcome: Outcome, same_article: bool) -> None:
    first = judge(ledger, FIRST)
    verdict = judge(ledger, second)
    assert verdict.outcome is outcome
    assert (verdict.article == first.article) is same_article


@pytest.mark.parametrize(
    ("gap", "outcome"),
    [
        pytest.param(timedelta(hours=20) - timedelta(seconds=1), Outcome.DUPLICATE, id="just inside the window"),
        pytest.param(timedelta(hours=20), Outcome.NEW, id="a recurring feature: 20 h later"),
        pytest.param(-timedelta(hours=20), Outcome.NEW, id="20 h earlier"),
    ],
)
def test_one_publisher_repeats_a_text(ledger: Ledger, gap: timedelta, outcome: Outcome) -> None:
    judge(ledger, FIRST)
    assert FIRST.published is not None
    again = article("alpha", "2", url="https://alpha.example/2", published=FIRST.published + gap)
    assert judge(ledger, again).outcome is outcome


def test_the_window_is_measured_by_first_sight_when_a_date_is_missing(ledger: Ledger) -> None:
    judge(ledger, FIRST)
    undated = article("alpha", "2", url="https://alpha.example/2", published=None)
    assert judge(ledger, undated, NOW + timedelta(hours=21)).outcome is Outcome.NEW


def test_another_publisher_may_repeat_a_text_much_later(ledger: Ledger) -> None:
    judge(ledger, FIRST)
    again = article("beta", "2", published=NOW + timedelta(days=3))
    assert judge(ledger, again, NOW + timedelta(days=3)).outcome is Outcome.DUPLICATE


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        pytest.param(KEEP, Outcome.NEW, id="exactly as old as is kept"),
        pytest.param(KEEP + timedelta(seconds=1), Outcome.STALE, id="a second older"),
    ],
)
def test_an_old_item_is_remembered_and_not_stored(ledger: Ledger, age: timedelta, outcome: Outcome) -> None:
    old = article("alpha", "old", published=NOW - age)
    verdict = judge(ledger, old)
    assert verdict.outcome is outcome
    assert (verdict.article is None) is (outcome is Outcome.STALE)
    edited = replace(old, title="Envoys meet in Geneva, at last", digest=b"e")
    assert judge(ledger, edited, LATER).outcome is (Outcome.SAME if outcome is Outcome.STALE else Outcome.CHANGED)


@pytest.mark.parametrize(
    ("published", "outcome"),
    [
        pytest.param(NOW - timedelta(hours=1), Outcome.NEW, id="the year is mended"),
        pytest.param(NOW - KEEP, Outcome.NEW, id="a later one, just as old as is kept"),
        pytest.param(NOW - KEEP - timedelta(seconds=1), Outcome.SAME, id="later, and still too old"),
        pytest.param(NOW - timedelta(days=365), Outcome.SAME, id="the same date"),
        pytest.param(None, Outcome.SAME, id="no date any more"),
    ],
)
def test_an_old_item_whose_date_is_mended(ledger: Ledger, published: datetime | None, outcome: Outcome) -> None:
    judge(ledger, article("alpha", "1", published=NOW - timedelta(days=365)))
    verdict = judge(ledger, article("alpha", "1", published=published, digest=b"mended"))
    assert verdict.outcome is outcome
    if outcome is Outcome.NEW:
        assert verdict.because == "its names are known, but of another item, or of one that is not kept"
        edited = article("alpha", "1", "Envoys meet in Geneva, at last", published=published)
        assert judge(ledger, edited).outcome is Outcome.CHANGED


def test_a_known_but_old_article_elsewhere_is_a_sighting_not_stale(ledger: Ledger) -> None:
    judge(ledger, FIRST)
    late = NOW + KEEP + timedelta(days=1)
    assert judge(ledger, article("beta", "1"), late).outcome is Outcome.DUPLICATE


def test_the_desks_own_items_are_never_stale() -> None:
    changes = decide([article("alpha", "x", published=NOW - 9 * KEEP)], Known(), now=NOW, keep=timedelta.max)
    assert changes.verdicts[0].outcome is Outcome.NEW


def test_a_rejected_item_is_remembered_and_may_come_back_whole(ledger: Ledger) -> None:
    broken = Rejected(source="alpha", why="no title and no text", guid="1", digest=b"r")
    assert ledger.judge(broken, now=NOW).outcome is Outcome.REJECTED
    assert ledger.judge(broken, now=LATER).outcome is Outcome.REJECTED
    assert judge(ledger, FIRST, LATER).outcome is Outcome.NEW
    assert ledger.judge(broken, now=LATER).outcome is Outcome.REJECTED
    assert judge(ledger, FIRST, LATER).outcome is Outcome.SAME


def test_an_entry_that_broke_keeps_its_article_and_its_new_address_is_remembered_with_the_reason(
    ledger: Ledger,
) -> None:
    judge(ledger, FIRST)
    url = "https://alpha.example/elsewhere"
    broken = Rejected(source="alpha", why="no title and no text", guid="1", url=url, digest=b"r")
    changes = decide([broken], ledger.known(broken), now=LATER, keep=KEEP)
    assert [(key.kind, key.key, key.article, key.why) for key in changes.keys] == [("url", url, None, broken.why)]


def test_a_change_of_authors_alone_corrects_nothing(ledger: Ledger) -> None:
    judge(ledger, FIRST)
    signed = replace(FIRST, authors=("A. Writer",))
    assert (judge(ledger, signed).differs, judge(ledger, signed).corrections) == (("authors",), ())
    retitled = article("alpha", "1", "Envoys meet in Geneva for wheat talks", authors=("A. Writer",))
    verdict = judge(ledger, retitled)
    assert (verdict.differs, verdict.corrections) == (("title",), ("headline",))


def test_a_notice_that_it_was_withdrawn_is_a_version_of_an_article(ledger: Ledger) -> None:
    judge(ledger, FIRST)
    notice = article("alpha", "1", text="This article has been removed.")
    verdict = judge(ledger, notice)
    assert (verdict.outcome, verdict.article, verdict.withdrawn) == (Outcome.CHANGED, 1, True)
    assert "withdrawn" in verdict.corrections
    again = judge(ledger, replace(notice, authors=("The desk",)))
    assert (again.withdrawn, again.corrections) == (True, ())
    back = judge(ledger, FIRST)
    assert (back.outcome, back.withdrawn) == (Outcome.CHANGED, False)
    assert back.corrections[:1] == ("restored",)


def test_an_article_that_is_back_after_a_notice_without_text_is_told(ledger: Ledger) -> None:
    judge(ledger, FIRST)
    judge(ledger, article("alpha", "1", "This story has been withdrawn", text=""))
    assert "restored" in judge(ledger, FIRST).corrections


def test_an_article_that_began_as_a_notice_is_never_called_withdrawn(ledger: Ledger) -> None:
    judge(ledger, article("alpha", "1", "Retraction: minister takes back his words"))
    edited = judge(ledger, article("alpha", "1", "Retraction: minister takes back all his words"))
    assert (edited.withdrawn, edited.corrections) == (False, ("headline",))


def test_a_sighting_changes_nothing_of_the_article(ledger: Ledger) -> None:
    judge(ledger, FIRST)
    judge(ledger, article("beta", "b"))
    edited = article("beta", "b", "Envoys meet in Geneva for grain talks, says our reporter")
    verdict = judge(ledger, edited)
    assert (verdict.outcome, verdict.act, verdict.was_copy) == (Outcome.CHANGED, "sight", True)
    assert verdict.corrections == ("headline",), "of the copy"
    assert judge(ledger, FIRST).outcome is Outcome.SAME


def test_an_edit_of_an_article_is_none_of_a_copy(ledger: Ledger) -> None:
    judge(ledger, FIRST)
    verdict = judge(ledger, replace(FIRST, title="Envoys meet in Geneva for wheat talks"))
    assert (verdict.outcome, verdict.was_copy) == (Outcome.CHANGED, False)


@pytest.mark.parametrize(
    ("guid", "second", "outcome", "act", "same_story"),
    [
        pytest.param(
            "b", "Envoys meet in Geneva for wheat talks", Outcome.CHANGED, "sight", True, id="edited a little"
        ),
        pytest.param(
            "b", "Geneva: three farmers tell their own story", Outcome.CHANGED, "begin", True, id="another report of it"
        ),
        pytest.param("b", REWRITTEN["title"], Outcome.NEW, "begin", False, id="a place that holds another story now"),
        pytest.param(
            "tag:beta.example,2026:story/7f3a9c21", REWRITTEN["title"], Outcome.CHANGED, "begin", False, id="gone"
        ),
    ],
)
def test_a_sighting_whose_text_changes(
    ledger: Ledger, guid: str, second: str, outcome: Outcome, act: str, same_story: bool
) -> None:
    first = judge(ledger, FIRST)
    judge(ledger, article("beta", guid))
    now_says = article("beta", guid, second, text=FIRST.text if act == "sight" else OTHER_TEXT)
    verdict = judge(ledger, now_says)
    assert (verdict.outcome, verdict.act) == (outcome, act)
    assert (verdict.story == first.story) is same_story
    assert (verdict.article == first.article) is (act == "sight")
    assert judge(ledger, now_says).outcome is Outcome.SAME
    assert judge(ledger, FIRST).outcome is Outcome.SAME


def test_a_sighting_whose_guid_churns_never_becomes_a_version_of_the_others_article(ledger: Ledger) -> None:
    judge(ledger, FIRST)
    judge(ledger, article("beta", "b1", url="https://beta.example/x"))
    churned = article("beta", "b2", "Envoys meet in Geneva for grain talks (2)", url="https://beta.example/x")
    assert judge(ledger, churned).act == "sight"


def test_two_articles_that_share_a_guid_are_told_apart_by_address(ledger: Ledger) -> None:
    one = article("alpha", "g", url="https://alpha.example/one")
    two = article("alpha", "g", url="https://alpha.example/two", **REWRITTEN)
    first, second = judge(ledger, one), judge(ledger, two)
    assert first.article != second.article
    edited = article("alpha", "g", "Envoys meet in Geneva for wheat talks", url="https://alpha.example/one")
    verdict = judge(ledger, edited)
    assert (verdict.outcome, verdict.article) == (Outcome.CHANGED, first.article)


RICH = "https://alpha.example/live/2026/11/20/world/grain-talks-in-geneva-news"


def test_a_story_rewritten_from_the_ground_up_under_its_own_address_is_an_edit(ledger: Ledger) -> None:
    first = judge(ledger, article("alpha", RICH, url=RICH))
    verdict = judge(ledger, article("alpha", RICH, url=RICH, **REWRITTEN))
    assert (verdict.outcome, verdict.article) == (Outcome.CHANGED, first.article)


def test_an_own_address_whose_former_text_is_listed_elsewhere_was_reassigned() -> None:
    ledger = Ledger(keep=KEEP)
    first = judge(ledger, article("alpha", RICH, url=RICH))
    known = ledger.known(article("alpha", RICH, url=RICH))
    shifted = [article("alpha", RICH, url=RICH, **REWRITTEN), article("alpha", RICH + "-2", url=RICH + "-2")]
    verdicts = decide(shifted, known, now=NOW, keep=KEEP).verdicts
    assert [v.outcome for v in verdicts] == [Outcome.NEW, Outcome.DUPLICATE]
    assert verdicts[1].article == first.article


def test_items_without_guid_and_address_are_known_by_their_bytes(ledger: Ledger) -> None:
    bare = article("alpha", "", url="", digest=b"12345678")
    first = judge(ledger, bare)
    assert first.outcome is Outcome.NEW
    assert judge(ledger, bare).outcome is Outcome.SAME


def test_class_b_and_c_never_join_two_publishers(ledger: Ledger) -> None:
    weak = Fingerprint(key=b"\1" + digest("weak", size=16), kind="B", title=b"t", text=b"")
    judge(ledger, replace(FIRST, fingerprint=weak))
    # The publisher is in their key, so that an equal key of another publisher cannot come to be.
    same_publisher = replace(article("alpha2", "z"), publisher=FIRST.publisher, fingerprint=weak)
    assert judge(ledger, same_publisher).outcome is Outcome.DUPLICATE


def test_later_items_of_one_reading_know_of_the_earlier_ones() -> None:
    changes = decide([FIRST, replace(FIRST, guid="2", url="", canonical_url=""), FIRST], Known(), now=NOW, keep=KEEP)
    assert [v.outcome for v in changes.verdicts] == [Outcome.NEW, Outcome.DUPLICATE, Outcome.SAME]
    assert {key.article for key in changes.keys} == {1}


KYIV, LVIV = ("Kyiv reopens a bridge", "Cars cross the Dnipro."), ("Lviv plants trees in Ukraine", "Oaks, mostly.")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("g1", "https://a.example/live"), ("g2", "https://a.example/live"), id="one address, two guids"),
        pytest.param(("g", "https://a.example/1"), ("g", "https://a.example/2"), id="one guid, two addresses"),
        pytest.param(("", "https://a.example/"), ("", "https://a.example/"), id="one address, no guids"),
        pytest.param(("g", ""), ("g", ""), id="one guid, no addresses"),
    ],
)
def test_a_name_that_several_items_of_a_document_share_names_none(
    first: tuple[str, str], second: tuple[str, str]
) -> None:
    items = [
        article("alpha", guid, title, text=text, url=url)
        for (guid, url), (title, text) in ((first, KYIV), (second, LVIV))
    ]
    verdicts = decide(items, Known(), now=NOW, keep=KEEP).verdicts
    assert [(v.outcome, v.article) for v in verdicts] == [(Outcome.NEW, 1), (Outcome.NEW, 2)]


def test_names_that_all_items_of_a_document_share_name_none() -> None:
    """Two are versions of one item; three are not, whatever words they share."""
    titles = ("Wheat seminar opens in Oslo", "A seminar on barley", "Dockers hold their seminar")
    items = [article("alpha", "g", title, text="", url="https://a.example/", published=None) for title in titles]
    for shown, numbers in ((items[:2], [1, 1]), (items, [1, 2, 3])):
        assert [v.article for v in decide(shown, Known(), now=NOW, keep=KEEP).verdicts] == numbers


def test_an_address_that_several_items_share_leads_to_no_other_source(ledger: Ledger) -> None:
    page = "https://beta.example/grain-talks-geneva"
    judge(ledger, article("beta", "b", url=page))
    two = [
        article("alpha", "1", "Envoys meet in Geneva for wheat talks", url=page),
        article("alpha", "2", REWRITTEN["title"], text=OTHER_TEXT, url=page),
    ]
    changes = decide(two, ledger.known(two[0]), now=LATER, keep=KEEP)
    assert [verdict.act for verdict in changes.verdicts] == ["begin", "begin"]
    assert [v.act for v in decide(two[:1], ledger.known(two[0]), now=LATER, keep=KEEP).verdicts] == ["sight"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["newest first", "oldest first"])
def test_of_two_versions_in_one_document_the_newer_stands(order: tuple[int, int]) -> None:
    versions = [
        article("alpha", "1", "Envoys meet in Geneva for wheat talks", published=NOW - timedelta(hours=1)),
        article("alpha", "1", "Envoys meet in Geneva for grain talks", published=NOW - timedelta(hours=9)),
    ]
    verdicts = decide([versions[n] for n in order], Known(), now=NOW, keep=KEEP).verdicts
    expected = [Outcome.NEW, Outcome.SAME] if order == (0, 1) else [Outcome.NEW, Outcome.CHANGED]
    assert [v.outcome for v in verdicts] == expected
    assert verdicts[1].differs == (() if order == (0, 1) else ("title",))
    written = [v.item.title for v in verdicts if v.act != "pass"]
    assert written[-1] == versions[0].title


def test_of_two_versions_of_one_date_in_one_document_the_upper_stands() -> None:
    titles = "Envoys meet in Geneva for wheat talks", "Envoys meet in Geneva for grain talks"
    upper, lower = decide([article("alpha", "1", title) for title in titles], Known(), now=NOW, keep=KEEP).verdicts
    assert (upper.act, lower.act, lower.differs) == ("begin", "pass", ())


def test_an_older_version_beside_a_known_one_takes_nothing_back(ledger: Ledger) -> None:
    newer = article("alpha", "1", "Envoys meet in Geneva for wheat talks", published=NOW - timedelta(hours=1))
    judge(ledger, newer)
    older = article("alpha", "1", "Envoys meet in Geneva for grain talks", published=NOW - timedelta(hours=9))
    verdicts = decide([replace(newer, digest=b"n"), older], ledger.known(newer), now=LATER, keep=KEEP).verdicts
    assert [v.outcome for v in verdicts] == [Outcome.SAME, Outcome.SAME]


def test_numbers_follow_on_from_those_of_the_store() -> None:
    changes = decide(
        [FIRST, article("alpha", "2", **REWRITTEN)], Known(next_article=7, next_story=5), now=NOW, keep=KEEP
    )
    assert [(v.article, v.story) for v in changes.verdicts] == [(7, 5), (8, 6)]


def test_a_text_that_is_left_out_at_times_corrects_nothing_when_it_comes_back() -> None:
    ledger = Ledger(keep=KEEP)
    told = [judge(ledger, article("alpha", "1", text=text)) for text in (FIRST.text, "", FIRST.text, "", OTHER_TEXT)]
    assert [verdict.outcome for verdict in told] == [Outcome.NEW, *[Outcome.CHANGED] * 4]
    assert [bool(verdict.corrections) for verdict in told] == [False, False, False, False, True]
