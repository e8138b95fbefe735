"""What becomes of each item: new, changed, same, duplicate, stale or rejected (DESIGN, The article's identity)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from feeds.identify.corrections import corrections, differences
from feeds.identify.homes import has_last_word
from feeds.identify.likeness import is_another_report, is_another_story, share_almost_nothing, stop_matching
from feeds.identify.names import PARTED, is_own, names_a_place, oldest_first, other_name, shared_names, why_new
from feeds.identify.places import Places
from feeds.identify.retractions import reads_as_notice
from feeds.identify.stories import Stories
from feeds.identify.stories_desk import Placed, StoryDesk, in_words
from feeds.identify.texts import Texts
from feeds.model import (
    Act,
    Article,
    Changes,
    Item,
    Key,
    KeyKind,
    Known,
    Outcome,
    Rejected,
    Stored,
    Verdict,
    item_keys,
)


def decide(
    items: Sequence[Item],
    known: Known,
    *,
    now: datetime,
    keep: timedelta,
    stories: Stories | None = None,
    outlet: str = "",
) -> Changes:
    """Decide on every item of one reading, in its order; the later ones know of the earlier ones.

    `keep`: items never seen and published before now - keep are stale; pass `timedelta.max` for a source whose
    items never are. `stories` is the index of near-duplicates, which follows what the store holds; without it every new
    article begins a story. `outlet` is the name that titles of the source end with. Equal arguments give equal changes.
    """
    placing = StoryDesk(stories, known, now=now, outlet=outlet) if stories is not None else None
    desk = _Desk(known, items, now=now, keep=keep, placing=placing)
    verdicts = tuple(desk.judge(item) for item in items)
    return Changes(
        verdicts=verdicts,
        keys=tuple(desk.written.values()),
        traces=tuple(placing.traces.values()) if placing else (),
        same_stories=tuple(placing.same) if placing else (),
    )


class _Desk:
    """The store's knowledge, and what this reading adds to it."""

    def __init__(
        self, known: Known, items: Sequence[Item], *, now: datetime, keep: timedelta, placing: StoryDesk | None
    ) -> None:
        articles = [item for item in items if isinstance(item, Article)]
        self._shared = shared_names(articles)
        # Article, or item that is a copy -> date of the newest version that this reading lists.
        self._newest: dict[int | str, datetime] = {}
        self._keys: dict[tuple[KeyKind, str], dict[str, Key]] = {}
        for key in known.keys:
            self._keys.setdefault((key.kind, key.key), {})[key.source] = key
        self._articles = dict(known.articles)
        self._carried, self._homes = known.carried, known.homes
        self._places = Places(known, articles)
        self._texts = Texts(self._keys, self._articles, articles, known.listed, now=now)
        self._sightings = dict(known.sightings)
        self._next_article, self._next_story = known.next_article, known.next_story
        self._now, self._keep, self._placing = now, keep, placing
        self.written: dict[tuple[str, str, str], Key] = {}

    def judge(self, item: Item) -> Verdict:
        """One item's verdict; its keys are known from here on."""
        if isinstance(item, Rejected):
            return self._reject(item)
        return self._recognise(item) or self._join(item) or self._refuse_old(item) or self._begin(item)

    # ------------------------------------------------------------------ an item of this source, seen before

    def _recognise(self, item: Article) -> Verdict | None:
        """The verdict on a known item; None if nothing is known, or its names were reused for another article."""
        if moved := self._recognise_text(item):
            return moved
        for own in self._own_keys(item):
            stored = self._article_of(own)
            if stored is None:
                if self._is_old(item, own):
                    return self._pass_over(item, own)
                continue
            sighting = self._sightings.get(item.item) if item_keys(item)[0] not in self._shared else None
            if sighting is not None and sighting.article != stored.article:
                sighting = None  # the name leads to another article since
            before = sighting or stored
            if self._is_anothers_name(own, before, item):
                continue
            if sighting is None and is_own(own, stored, item):
                if self._is_replaced(stored, item):
                    return self._begin(item, outcome=Outcome.CHANGED, because="no longer what others carry as well")
                return self._compare(item, own, stored, before, "revise")
            if differences(before, item) and has_last_word(item, stored, self._homes):
                return self._take(item, stored, before)
            if differences(before, item) and stop_matching(stored, item):
                story = None if share_almost_nothing(stored, item, telling=False) else stored.story
                return self._begin(item, outcome=Outcome.CHANGED, story=story, because=PARTED, before=sighting)
            return self._compare(item, own, stored, before, "sight")
        return None

    def _recognise_text(self, item: Article) -> Verdict | None:
        """The verdict on an item of a list of places that stood at another place before; undated, at whatever age."""
        own = self._places.left(item)
        stored = self._article_of(own) if own else None
        if own is None or stored is None:
            return None
        if own.kind == "hash" and item.published and not self._texts.in_window(item, own):
            return None
        return self._compare(item, own, stored, stored, "revise")

    def _is_replaced(self, stored: Stored, item: Article) -> bool:
        """Whether what others carry too, or tell in their words, gives way to something wholly different."""
        if not is_another_story(stored, item) or self._is_notice_or_back(stored, item):
            return False
        return stored.article in self._carried or bool(self._placing and self._placing.is_misplaced(item, stored))

    def _is_anothers_name(self, own: Key, before: Stored, item: Article) -> bool:
        """Whether a known name of `item` stands for another article by now, or still does.

        Words alone do not tell: some publishers rewrite a story from the ground up. What was known by this name must
        be listed beside it, or have moved to another name, or the name must be that of a place.
        """
        place, apart = names_a_place(own.key), other_name(own, before, item)
        if apart and self._texts.stands(own, item):
            return True  # as if both were looked at now
        if not apart and self._is_notice_or_back(before, item):
            return False
        moved = self._texts.stands_elsewhere(before.fingerprint.key, item)
        if place and self._places.rearranged:
            return (moved and before.fingerprint.key != item.fingerprint.key) or is_another_report(before, item)
        if place and (apart or own.claimed != item.published):
            return stop_matching(before, item)
        return (place or moved) and share_almost_nothing(before, item)

    def _article_of(self, key: Key) -> Stored | None:
        return None if key.article is None else self._articles.get(key.article)

    def _own_keys(self, item: Article) -> list[Key]:
        names = (name for name in item_keys(item) if name not in self._shared)
        found = (self._keys.get(name, {}).get(item.source) for name in names)
        return [key for key in found if key is not None and key.outcome is not Outcome.REJECTED]

    def _is_old(self, item: Article, own: Key) -> bool:
        """Whether an item may be the one that is not kept under its name: it has no later date, or a text of its."""
        if item.published is None or item.published <= (own.claimed or own.first_seen):
            return True
        text = self._texts.own(item)
        return self._is_stale(item) or (text is not None and text.article is None)

    def _is_stale(self, item: Article) -> bool:
        return self._keep < self._now - item.dated

    def _pass_over(self, item: Article, own: Key) -> Verdict:
        why = "longer ago published than is kept" if own.outcome is Outcome.STALE else "its article is no longer kept"
        self._remember(item, own.outcome, None, why=own.why)
        return Verdict(item=item, outcome=Outcome.SAME, because=f"known, and {why}")

    def _compare(self, item: Article, own: Key, stored: Stored, before: Stored, act: Act) -> Verdict:
        differs = differences(before, item)
        is_copy = before is not stored
        if is_copy or act == "revise":
            name = item.item if is_copy else stored.article
            newest = self._newest.get(name)
            if newest is not None and newest >= item.dated:
                differs = ()  # a document may list two versions of an item: the newer one stands, else the upper one
            self._newest[name] = max(item.dated, newest or item.dated)
        seen = self._was_seen(before, item)
        is_told = bool(differs) and (is_copy or act == "revise")
        told = corrections(before, item, withdrawn=before.withdrawn, seen=seen) if is_told else ()
        still = before.withdrawn and "restored" not in told
        verdict = Verdict(
            item=item,
            outcome=Outcome.CHANGED if differs else Outcome.SAME,
            article=stored.article,
            story=stored.story,
            because=f"known; {' and '.join(differs)} changed" if differs else "known, and nothing of weight differs",
            differs=differs,
            corrections=told,
            was_copy=bool(differs) and is_copy,
            withdrawn=bool(differs) and act == "revise" and (still or "withdrawn" in told),
            act=act if differs else "pass",
        )
        if differs:
            if act == "revise" and self._placing and not verdict.withdrawn and {"title", "text"} & set(differs):
                self._placing.place_again(item, article=stored.article)
                self._note_equal(item, stored)
            self._store(item, verdict)
        else:
            self._remember(item, own.outcome, stored.article, why=own.why)
            # Its window counts from its latest date; the text may be a new one: another summary, another day.
            self._write_text(item, own.outcome, stored.article, own.why, takes=False)
        return verdict

    def _is_notice_or_back(self, before: Stored, item: Article) -> bool:
        """Whether the item is a notice, or what one had taken the place of."""
        return reads_as_notice(item) or (before.withdrawn and self._was_seen(before, item))

    def _was_seen(self, before: Stored, item: Article) -> bool:
        """Whether the article had the text of `item` before."""
        return any(key.article == before.article for key in self._texts.of(item) if key.source == item.source)

    def _note_equal(self, item: Article, stored: Stored) -> None:
        """An edited article may now have the text of another source's, however long ago that began: one story."""
        for key in self._texts.copies(item):
            other = self._article_of(key)
            if self._placing and other and key.source != item.source and other.story != stored.story:
                self._placing.unite(item, stored, other)

    # ------------------------------------------------------------------------ the same article elsewhere

    def _join(self, item: Article) -> Verdict | None:
        known = bool(self._own_keys(item))
        for key, because in self._elsewhere(item):
            stored = self._article_of(key)
            if stored is None:
                continue
            if stored.source == key.source == item.source and self._texts.has_left(key, item):
                return self._compare(item, key, stored, stored, "revise")  # it has moved: where it stood it is no more
            if has_last_word(item, stored, self._homes):
                return self._take(item, stored, stored)
            verdict = Verdict(
                item=item,
                outcome=Outcome.SAME if known and stored.source == item.source else Outcome.DUPLICATE,
                article=stored.article,
                story=stored.story,
                because=because,
                act="sight",
            )
            self._newest[item.item] = item.dated
            return self._store(item, verdict)
        return None

    def _take(self, item: Article, stored: Stored, before: Stored) -> Verdict:
        """Let the article be of the source whose page it is, and what `stored` says a place of it.

        `before`: what was known of the item. It is no correction of what another said.
        """
        differs, said_so = differences(stored, item), before.fingerprint.key == stored.fingerprint.key
        verdict = Verdict(
            item=item,
            outcome=Outcome.CHANGED,
            article=stored.article,
            story=stored.story,
            because=f"its own address; {stored.source} had {' and '.join(differs)} otherwise",
            differs=differs,
            corrections=corrections(before, item) if before is not stored and said_so else (),
            withdrawn=reads_as_notice(item),
            act="revise",
        )
        if self._placing and not verdict.withdrawn:
            self._placing.place_again(item, article=stored.article)
        self._newest[stored.article] = item.dated
        return self._store(item, verdict)

    def _elsewhere(self, item: Article) -> Iterator[tuple[Key, str]]:
        if item.canonical_url and ("url", item.canonical_url) not in self._shared:
            for key in oldest_first(self._keys.get(("url", item.canonical_url), {}).values()):
                stored = self._article_of(key)
                if key.source == item.source or stored is None:
                    continue
                if not share_almost_nothing(stored, item, telling=False):
                    yield key, f"the same address as in {key.source}"
        for key in self._texts.copies(item):
            yield key, f"the same text (class {item.fingerprint.kind}) as in {key.source}"

    # ----------------------------------------------------------------------------------- everything else

    def _refuse_old(self, item: Article) -> Verdict | None:
        if not self._is_stale(item):
            return None
        why = f"published {item.dated:%Y-%m-%d}, longer ago than is kept"
        self._remember(item, Outcome.STALE, None, why=why)
        return Verdict(item=item, outcome=Outcome.STALE, because=why)

    def _begin(
        self,
        item: Article,
        *,
        outcome: Outcome = Outcome.NEW,
        story: int | None = None,
        because: str = "",
        before: Stored | None = None,
    ) -> Verdict:
        """Let the item be an article. `before`: what it was as a copy of another."""
        placed = Placed(story or self._next_story)
        if self._placing:
            placed = self._placing.place(item, article=self._next_article, story=story, spare=self._next_story)
        if placed.story == self._next_story:
            self._next_story += 1
        verdict = Verdict(
            item=item,
            outcome=outcome,
            article=self._next_article,
            story=placed.story,
            because=because or (in_words(placed.near) if placed.near else why_new(self._own_keys(item))),
            differs=differences(before, item) if before else (),
            corrections=corrections(before, item) if before else (),
            was_copy=before is not None,
            act="begin",
            near=placed.near,
            related=placed.related,
        )
        self._newest[self._next_article] = item.dated
        self._next_article += 1
        return self._store(item, verdict)

    def _reject(self, item: Rejected) -> Verdict:
        for kind, key in item_keys(item):
            before = self._keys.get((kind, key), {}).get(item.source)
            if before is not None and before.outcome is not Outcome.REJECTED:
                continue  # a known article whose entry broke keeps its article
            self._write(
                Key(
                    kind=kind,
                    key=key,
                    source=item.source,
                    article=None,
                    outcome=Outcome.REJECTED,
                    why=item.why,
                    slice=item.slice,
                    first_seen=before.first_seen if before else self._now,
                )
            )
        return Verdict(item=item, outcome=Outcome.REJECTED, because=item.why)

    # ------------------------------------------------------------------------------------------- memory

    def _store(self, item: Article, verdict: Verdict) -> Verdict:
        if verdict.article is None or verdict.story is None:
            raise ValueError("only an item with an article can be stored")
        now_stored = Stored.of(item, article=verdict.article, story=verdict.story, withdrawn=verdict.withdrawn)
        if verdict.act == "sight":
            self._sightings[item.item] = now_stored
        else:
            self._articles[verdict.article] = now_stored
            self._sightings.pop(item.item, None)
        standing = Outcome.DUPLICATE if verdict.act == "sight" else verdict.outcome
        self._remember(item, standing, verdict.article, why=verdict.because)
        self._write_text(item, standing, verdict.article, verdict.because)
        return verdict

    def _write_text(self, item: Article, outcome: Outcome, article: int, why: str, *, takes: bool = True) -> None:
        """Note who has the text. `takes`: the article has it from now on, whoever had it last."""
        if displaced := self._texts.displaced(item, article, takes=takes):
            self._write(displaced)
        for name in self._texts.names(item, article, takes=takes):
            self._write(self._key(item, *name, outcome, article, why))

    def _remember(self, item: Article, outcome: Outcome, article: int | None, *, why: str) -> None:
        first = item_keys(item)[0]
        for kind, key in item_keys(item):
            before = self._keys.get((kind, key), {}).get(item.source)
            if article is None and (kind, key) != first and before and self._article_of(before):
                continue  # what is not stored takes no address from an article that is
            self._write(self._key(item, kind, key, outcome, article, why))

    def _key(self, item: Article, kind: KeyKind, key: str, outcome: Outcome, article: int | None, why: str) -> Key:
        before = self._keys.get((kind, key), {}).get(item.source)
        return Key(
            kind=kind,
            key=key,
            source=item.source,
            article=article,
            outcome=outcome,
            why=why,
            slice=item.slice,
            hash_kind=item.fingerprint.kind if kind == "hash" else "",
            publisher=item.publisher,
            claimed=item.published,
            first_seen=before.first_seen if before and before.article == article else self._now,
        )

    def _write(self, key: Key) -> None:
        self._keys.setdefault((key.kind, key.key), {})[key.source] = key
        self.written[key.kind, key.key, key.source] = key
