"""Round after round of the same sources: the daemon takes no more at the end than when its caches had filled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.leak import measure

ROUNDS, SOURCES = 50, 200
MEMORY = 12 * 1024  # KiB: caches still fill, with some 7 MiB


@pytest.mark.timeout(900)
def test_memory_descriptors_and_threads_stay_flat(tmp_path: Path) -> None:
    growth = measure(tmp_path, rounds=ROUNDS, sources=SOURCES)
    assert growth.polls >= ROUNDS * SOURCES * 0.9
    assert growth.last.memory - growth.first.memory <= MEMORY, str(growth)
    assert growth.last.descriptors <= growth.first.descriptors + 8, str(growth)
    assert growth.last.threads <= growth.first.threads + 8, str(growth)
