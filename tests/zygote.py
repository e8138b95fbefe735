"""Refreshes by the hundred: one process imports the program once, and forks a child for each.

    with Zygote() as zygote:
        zygote.refresh(desk, fault="7")  # the child kills itself at its seventh fault point: -9

The children are real processes with real databases and files; only the second that it takes to import everything is
saved. FEEDS_FAULT is told to them in the same words.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any, Self

from tests.desk import Desk
from tests.running import ROOT


class Zygote:
    """The process that forks; it runs inside the block."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def refresh(self, desk: Desk, *, fault: str = "") -> tuple[int, str]:
        """`feeds refresh` over a desk: (exit code, negative for a signal; what it said on stderr)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = {"config": str(desk.config), "now": desk.now.isoformat(), "fault": fault}
        print(json.dumps(wanted), file=self._process.stdin, flush=True)
        code, said = json.loads(self._process.stdout.readline())
        return code, said

    def points(self, desk: Desk) -> int:
        """How many fault points a refresh of this desk passes."""
        code, said = self.refresh(desk, fault="count")
        assert code == 0, said
        return int(said.rpartition("fault points passed: ")[2].split()[0])


def _main() -> None:
    _warm_up()
    for line in sys.stdin:
        wanted = json.loads(line)
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            _refresh(wanted, write)
        os.close(write)
        with open(read, encoding="utf-8") as said:
            words = said.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), words]), flush=True)


def _warm_up() -> None:
    """Go the whole way once, so that everything is imported and every template compiled; leave no thread behind."""
    import feeds.fetch.http  # noqa: F401
    from feeds.cli.refreshing import one_pass
    from feeds.config import load
    from feeds.wiring import App

    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), sources={"samples": f"file:{ROOT / 'samples'}/*.xml"})
        with App(load(str(desk.config)), clock=lambda: desk.now) as app:
            one_pass(app, only=None, due=False, force=False, quiet=True)
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(10)
    gc.freeze()


def _refresh(wanted: dict[str, Any], said: int) -> None:
    """In the child: what `feeds --config FILE refresh` does, under a fault."""
    from feeds import faults
    from feeds.cli import main

    os.dup2(said, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ["FEEDS_NOW"] = wanted["now"]
    sys.argv = ["feeds", "--config", wanted["config"], "refresh"]
    faults.want(wanted["fault"])
    code = 0
    try:
        main()
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else 0
    except BaseException:
        traceback.print_exc()
        code = 1
    if wanted["fault"] == "count":
        print(f"fault points passed: {faults.passed()}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(code)  # in place of what the interpreter does at its end, which a fork must not do twice


if __name__ == "__main__":
    _main()
