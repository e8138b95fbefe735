"""Whether the daemon takes more the longer it runs: memory, descriptors, threads, over many rounds of many sources."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.desk import Desk
from tests.running import ROOT, HandClock, Running, eventually, running
from tests.soak.wire import FAULTS, SoakWire, hosts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
# Of the clock, twenty times a second: in the warm-up of 1,000 rounds more than the 72 hours of stories and the 48 of
# topics go by, and from then on as much leaves them as comes.
A_STEP = timedelta(seconds=30)
WARM = 0.3  # of the rounds, in which caches fill, pools grow, and stories and topics come to what they stay at
FILLING, NEWS = 0.1, 0.02  # of the sources have something new in a round of the warm-up, and after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the daemon, the process that readers are forked from, and one reader take after a round."""

    memory: int  # KiB
    descriptors: int
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The last tenth of the samples against the first after the warm-up: medians, so that no one moment decides."""

    rounds: int
    polls: int
    first: Sample
    last: Sample

    @property
    def per_poll(self) -> float:
        """Bytes of memory that a poll leaves behind."""
        return (self.last.memory - self.first.memory) * 1024 / max(1, self.polls * (1 - WARM))

    def __str__(self) -> str:
        first, last = self.first, self.last
        return (
            f"{self.rounds} rounds, {self.polls} polls: memory {first.memory / 1024:.1f} to "
            f"{last.memory / 1024:.1f} MiB ({self.per_poll:+.0f} bytes a poll), "
            f"descriptors {first.descriptors} to {last.descriptors}, threads {first.threads} to {last.threads}"
        )


def measure(folder: Path, *, rounds: int, sources: int, tell: Callable[[str], object] = str) -> Growth:
    """Let a daemon poll all of `sources` so many times, an item new here and there, faults everywhere."""
    faults = {name: share for name, share in FAULTS.items() if name not in ("slow", "503 with Retry-After")}
    with hosts(20) as origins:
        clock = HandClock(folder / "clock", NOW)
        wire = SoakWire(origins, sources, faults=faults, seconds=lambda: clock.now.timestamp())
        desk = Desk(folder, sources=wire.urls, per_host=4, publish='debounce = "5s"', fetch='timeout = "1s"')
        desk.poll = 'interval_min = "1s"\ninterval_max = "1s"'
        samples: list[Sample] = []
        with running(desk, environment=clock.environment | as_the_unit_has_it()) as daemon:
            daemon.ready()
            for number in range(1, rounds + 1):
                wait_for_round(wire, clock, daemon, number * int(0.9 * sources))
                samples.append(
                    Sample(
                        memory=daemon.memory_with_one_reader(),
                        descriptors=daemon.descriptors(),
                        threads=daemon.threads(),
                    )
                )
                if number % max(1, rounds // 10) == 0:
                    tell(f"round {number}: {samples[-1]}")
                wire.news(FILLING if number < WARM * rounds else NEWS)
            assert daemon.stop()[0] == 0
        assert "Traceback" not in daemon.log
    return Growth(
        rounds=rounds, polls=sum(wire.asked.values()), first=_middle(samples, WARM), last=_middle(samples, 0.9)
    )


def as_the_unit_has_it() -> dict[str, str]:
    """The environment of the service: without its heaps of glibc each of sixteen threads may fill one of its own."""
    unit = (ROOT / "systemd" / "feeds.service").read_text(encoding="utf-8")
    return dict(re.findall(r"^Environment=(MALLOC_\w+)=(\d+)$", unit, re.MULTILINE))


def wait_for_round(wire: SoakWire, clock: HandClock, daemon: Running, wanted: int) -> None:
    """So many polls in all, by a clock that runs fast enough for every source to be always due."""

    def asked() -> bool:
        daemon.notices(seconds=0)  # as a manager does: else each tick waits a second for room
        clock.advance(A_STEP)
        return sum(wire.asked.values()) >= wanted

    eventually(asked, what=lambda: daemon.log[-2000:])


def _middle(samples: list[Sample], start: float) -> Sample:
    """The medians of a tenth of the samples."""
    at = int(start * len(samples))
    some = samples[at : at + max(1, len(samples) // 10)]
    return Sample(
        memory=int(statistics.median(sample.memory for sample in some)),
        descriptors=int(statistics.median(sample.descriptors for sample in some)),
        threads=int(statistics.median(sample.threads for sample in some)),
    )
