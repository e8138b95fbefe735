"""`make soak`: a daemon over hundreds of sources that misbehave, killed, stopped and reloaded; then every item is
accounted for. After that, whether it takes more the longer it runs."""

from __future__ import annotations

import argparse
import json
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from feeds.store.rows import key16
from tests.desk import Desk
from tests.running import Running, running
from tests.soak.leak import measure
from tests.soak.wire import FAULTS, SoakWire, hosts


def main() -> int:
    """Returns the exit code: 0 if nothing was lost, came twice or leaked."""
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=1000, help="of 200 sources, to look for leaks; 0: none")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    findings: list[str] = []
    with tempfile.TemporaryDirectory(prefix="feeds-soak-") as folder:
        findings += soak(Path(folder), minutes=asked.minutes, sources=asked.sources, seed=asked.seed)
    if asked.rounds:
        with tempfile.TemporaryDirectory(prefix="feeds-soak-") as folder:
            growth = measure(Path(folder), rounds=asked.rounds, sources=200, tell=tell)
        tell(f"leaks: {growth}")
        if growth.last.memory - growth.first.memory > 16 * 1024:
            findings.append(f"memory grew: {growth}")
        if growth.last.descriptors > growth.first.descriptors + 8 or growth.last.threads > growth.first.threads + 8:
            findings.append(f"descriptors or threads grew: {growth}")
    for finding in findings:
        tell(f"FOUND {finding}")
    tell(f"{len(findings)} findings" if findings else "every item is accounted for")
    return 1 if findings else 0


def soak(folder: Path, *, minutes: float, sources: int, seed: int) -> list[str]:
    """Run, disturb, end, count. Returns what is not as it should be."""
    chance, done, findings = random.Random(seed), Counter[str](), list[str]()
    with hosts(50) as origins:
        wire = SoakWire(origins, sources, faults=FAULTS, seed=seed)
        desk = Desk(folder, sources=wire.urls, per_host=2, publish='debounce = "2s"', fetch='timeout = "5s"')
        desk.poll = 'interval_min = "2s"\ninterval_max = "8s"'
        desk.now = datetime.now(UTC)  # noqa: TID251  # the daemon runs by the real clock, and so does the last refresh
        end, told = time.monotonic() + 60 * minutes, 0.0
        tell(f"{sources} sources on {len(origins)} hosts for {minutes:g} minutes")
        while time.monotonic() < end:
            with running(desk) as daemon:
                daemon.ready()
                until = min(end, time.monotonic() + chance.uniform(20, 90))
                while time.monotonic() < until:
                    time.sleep(1)
                    wire.news(0.01)
                    if chance.random() < 0.02:
                        done["reload"] += 1
                        daemon.process.send_signal(signal.SIGHUP)
                    if chance.random() < 0.02:
                        done["feeds refresh beside it"] += 1
                        code = run(desk, "refresh")[0]
                        if code not in (0, 75):
                            findings.append(f"feeds refresh beside the daemon: exit code {code}")
                    if time.monotonic() - told > 30:
                        told = time.monotonic()
                        tell(state(wire, daemon))
                findings += end_it(daemon, "kill -9" if chance.random() < 0.6 else "SIGTERM", done)
            if "Traceback" in daemon.log:
                findings.append(f"a traceback in the log:\n{daemon.log[daemon.log.index('Traceback') - 500 :][:2000]}")
        wire.well = True
        code, said = run(desk, "refresh", "--all", "--force", "--json")
        tell(f"the last refresh: {said[:300]}")
        if code:
            findings.append(f"the last refresh: exit code {code}")
        findings += account(desk, wire)
    tell(f"disturbed by: {dict(done)}")
    tell(f"faults served: {dict(sorted(wire.faults.items()))}; answers: {dict(wire.answers)}")
    return findings


def run(desk: Desk, *command: str) -> tuple[int, str]:
    """A command beside the daemon, by the real clock: (exit code, what it printed)."""
    desk.now = datetime.now(UTC)  # noqa: TID251
    finished = desk.run(*command, check=False)
    return finished.returncode, finished.stdout


def end_it(daemon: Running, how: str, done: Counter[str]) -> list[str]:
    """Kill it, or stop it and look how that went."""
    done[how] += 1
    if daemon.process.poll() is not None:
        return [f"the daemon ended by itself with {daemon.process.returncode}"]
    if how == "kill -9":
        daemon.process.kill()
        return []
    code, seconds = daemon.stop()
    return [] if code == 0 and seconds < 5 else [f"SIGTERM: exit code {code} after {seconds:.1f} s"]


def state(wire: SoakWire, daemon: Running) -> str:
    """How it is going."""
    return (
        f"{sum(wire.asked.values())} requests, {len(wire.offered())} items offered; "
        f"memory {daemon.memory() // 1024} MiB, {daemon.descriptors()} descriptors, {daemon.threads()} threads"
    )


def account(desk: Desk, wire: SoakWire) -> list[str]:
    """Hold what was offered against what is stored and published."""
    findings = []
    code, said = run(desk, "db", "verify")
    tell(f"feeds db verify: {said.strip()}")
    if code:
        findings.append(said)
    with sqlite3.connect(desk.folder / "feeds.db") as connection:
        known = {key for (key,) in connection.execute("select key from keys where kind = 'guid'")}
        outcomes = dict(connection.execute("select outcome, count(*) from keys where kind = 'guid' group by 1"))
        (articles,) = connection.execute("select count(*) from articles").fetchone()
        (guids,) = connection.execute("select count(distinct source_id || ' ' || guid) from articles").fetchone()
        (leased,) = connection.execute("select count(*) from sources where lease_token != ''").fetchone()
    offered = wire.offered()
    lost = sorted(guid for guid in offered if key16(guid) not in known)
    tell(f"{len(offered)} items offered, {len(lost)} without outcome; outcomes: {outcomes}; {articles} articles")
    if lost:
        findings.append(f"{len(lost)} items lost, as {lost[:5]}")
    if articles != guids:
        findings.append(f"{articles - guids} articles are there twice")
    if leased:
        findings.append(f"{leased} leases are left")
    for topic in ("ukraine", "turkey", "diplomacy"):
        ids = [item["id"] for item in json.loads((desk.public / f"{topic}.json").read_bytes())["items"]]
        tell(f"{topic}: {len(ids)} stories published")
        if len(ids) != len(set(ids)):
            findings.append(f"{topic}: a story is published twice")
    return findings


def tell(words: str) -> None:
    """One line, at once."""
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
