"""Fifty rounds of two hundred sources: the daemon takes no more at the end than after the first of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.leak import measure


@pytest.mark.timeout(900)
def test_memory_descriptors_and_threads_stay_flat(tmp_path: Path) -> None:
    growth = measure(tmp_path, rounds=50, sources=200)
    assert growth.polls >= 50 * 180
    assert growth.last.memory - growth.first.memory <= 10 * 1024, str(growth)
    assert growth.last.descriptors <= growth.first.descriptors + 8, str(growth)
    assert growth.last.threads <= growth.first.threads + 8, str(growth)
