"""How many items of 280 characters a second the matcher decides, by script: `python -m tests.bench.matching`.

The three packs, and 500 topics of 50 words that are taken from the items themselves, common ones left out: once such
that two of its words make a topic, as in topics that people write, and once such that each does, which puts an item
into a dozen topics. CPU time of one core, garbage collected as in a reader; the best of many short rounds, because
whatever else the machine does only slows it down.
"""

from __future__ import annotations

import gc
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import Any

from feeds.classify.matcher import Matcher
from feeds.classify.packs import pack_names
from feeds.classify.rules import compile_rules
from feeds.model import Article, Document, Facts, Reading, Source
from feeds.sandbox.nursery import COLLECTED
from feeds.sandbox.pipeline import Pipeline
from tests import make
from tests.bench.verdict import say
from tests.make import NOW
from tests.real import DATA, lines, snapshots

ROUNDS = 40
ITEMS = 250
LENGTH = 280  # characters of title and summary together
SOURCE = Source(name="bench", url="https://bench.example/feed")
SAMPLES = Path(__file__).parents[2] / "samples"
SCRIPTS = {
    "Cyrillic": re.compile("[\u0400-\u04ff]"),
    "Arabic": re.compile("[\u0600-\u06ff]"),
    "Turkish": re.compile("[ğışĞİŞ]"),
    "Latin with accents": re.compile("[\u00c0-\u017f]"),
    "English": re.compile(""),
}
COMMON = 8_000  # most frequent words, which no topic would name
# There is hardly any Arabic in the data: sentences of our own, in an order of their own for each item.
ARABIC = """أعلنت الحكومة اليوم عن خطة جديدة لتحسين شبكة الطرق في المدينة القديمة.
ارتفعت أسعار القمح في الأسواق العالمية بعد موجة من الجفاف. قال المتحدث باسم الرئاسة إن الاجتماع سيعقد يوم الخميس المقبل.
افتتح المتحف الوطني معرضا للصور القديمة يستمر حتى نهاية الشهر. وصل وفد من وزارة الخارجية إلى العاصمة لإجراء محادثات.
فاز الفريق الأول بالمباراة النهائية بعد ركلات الترجيح أمام جمهور كبير. أوكرانيا وروسيا تتبادلان الأسرى في إسطنبول.
يستعد الطلاب لامتحانات نهاية العام وسط إجراءات جديدة أعلنتها الجامعة. سجلت درجات الحرارة أرقاما قياسية في الجنوب."""


def main() -> None:
    """Print one line for each script and set of rules."""
    texts = _texts()
    packs = Matcher(compile_rules({"topics": {name: {"use": name} for name in pack_names()}}))
    every = [text for several in texts.values() for text in several]
    two, one = (Matcher(compile_rules(_many_topics(every, points))) for points in ("5", "10"))
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    for script, several in texts.items():
        items = [_item(text) for text in islice(cycle(several), ITEMS)]
        say(f"{script}, three packs", _rate(packs, items), 20_000, unit="/s")
        say(f"{script}, 500 topics x 50 words, two needed", _rate(two, items), 15_000, unit="/s")
        say(f"{script}, 500 topics x 50 words, one suffices", _rate(one, items), 15_000, unit="/s")


def _texts() -> dict[str, list[str]]:
    """Title and text of real items, by the script that they are written in."""
    pipeline = Pipeline(Matcher(compile_rules({})), rules="")
    bodies = [b for _, b in snapshots()[::2]] if DATA.is_dir() else [f.read_bytes() for f in SAMPLES.glob("*.xml")]
    texts: dict[str, list[str]] = {script: [] for script in SCRIPTS}
    if DATA.is_dir():
        turkish = [f"{item['title']}\n{item['summary']}" for item in lines(DATA / "labelled" / "ntv_tr.jsonl.zst")]
        texts["Turkish"] += [f"{a} {b}"[:LENGTH] for a, b in pairwise(turkish)]
    for body in bodies:
        found = pipeline(Document(url=SOURCE.url, body=body), Facts(source=SOURCE, now=NOW))
        for item in found.items if isinstance(found, Reading) else ():
            if isinstance(item, Article) and len(text := f"{item.title[:80]}\n{item.text}") >= LENGTH:
                texts[next(s for s, sign in SCRIPTS.items() if sign.search(text, 0, LENGTH))].append(text[:LENGTH])
    chance = random.Random(1)
    for _ in range(100):
        sentences = chance.sample(re.split(r"(?<=\.)\s", ARABIC), 6)
        texts["Arabic"].append(" ".join(sentences).replace(". ", ".\n", 1)[:LENGTH])
    return {script: several for script, several in texts.items() if several}


def _item(text: str) -> Article:
    title, _, rest = text.partition("\n")
    return make.article("bench", "1", title, text=rest, summary=rest)


def _many_topics(texts: Sequence[str], points: str) -> dict[str, Any]:
    times = Counter(word for text in texts for word in re.findall(r"[^\W\d_]{5,}", text.lower()))
    words = [word for word, _ in times.most_common()[COMMON:]]
    random.Random(1).shuffle(words)
    spelled = [word + "*" * (place % 2) for place, word in enumerate(islice(cycle(words), 25_000))]
    return {"topics": {f"t{n}": {"words": {points: spelled[n * 50 : n * 50 + 50]}} for n in range(500)}}


def _rate(matcher: Matcher, items: Sequence[Article]) -> float:
    rates = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for item in items:
            matcher.classify(item, SOURCE)
        rates.append(len(items) / (time.process_time() - started))
    return max(rates)


if __name__ == "__main__":
    main()
