"""Whatever publishers do to guids, addresses, dates and order, no story comes twice and none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.cli.items import spellings
from tests.immunity.measure import Figures, measure
from tests.immunity.mutations import MUTATIONS
from tests.immunity.sequences import made, real
from tests.immunity.stored import InStore
from tests.real import DEEP, needs_data

POLLS = 30 if DEEP else 6  # of each sequence
# Publishers' own feeds, and some that others rebuild: Bengali, merged, undated, versions side by side, headlines that
# repeat (docs/decisions/061, 098).
FEEDS = (
    "bbc_home_2021", "nyt_world_2022", "smh_2021", "aljazeera_youtube_2021",
    "jugantor_2026", "ap_merge_2026", "samakal_2026", "apnews_2026", "longreads_2026", "economist_2026",
)  # fmt: skip
MOST_LOST = 1.0  # of 1,000 items


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_small_wire_is_immune(name: str) -> None:
    figures = measure(made(), MUTATIONS[name])
    assert figures.items > 50
    assert (figures.doubled, figures.lost) == (0, 0)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_store_keeps_its_promises_under_each_mutation(tmp_path: Path, name: str) -> None:
    """The same figures as in memory; every item has one outcome, and every name an answer."""
    stores: list[InStore] = []

    def judge() -> InStore:
        stores.append(InStore(f"sqlite:///{tmp_path}/{len(stores)}.db"))
        return stores[-1]

    sequence = made(polls=8, listed=8)
    assert measure(sequence, MUTATIONS[name], judge) == measure(sequence, MUTATIONS[name])
    store = stores[-1].store
    store.settle(sequence[-1][0])
    assert list(store.verify()) == []
    seen = {name for _, _, listed in MUTATIONS[name](sequence) for item, _ in listed for name in (item.guid, item.url)}
    unknown = [name for name in sorted(seen - {""}) if not store.why(spellings(name))]
    assert unknown == []
    for each in stores:
        each.close()


@needs_data
@pytest.mark.parametrize("name", MUTATIONS)
def test_real_feeds_are_immune(name: str) -> None:
    figures = Figures()
    for feed in FEEDS:
        figures.add(measure(real(feed, polls=POLLS), MUTATIONS[name]))
    assert figures.doubled == 0
    assert figures.lost <= max(1, MOST_LOST * figures.items / 1000)
