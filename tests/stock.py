"""feedparser as it comes: a copy of the package that nothing of ours has changed, whoever imported it before."""

from __future__ import annotations

import importlib
import sys
from typing import Any


def _copy() -> Any:
    ours = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "feedparser"}
    try:
        return importlib.import_module("feedparser")
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "feedparser"]:
            del sys.modules[name]
        sys.modules.update(ours)


feedparser = _copy()
