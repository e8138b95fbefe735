"""The systemd units: how much they expose, and a machine that really runs them."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from tests.running import PROMPT, eventually
from tests.system.machine import ROOT, Machine, lacking

UNITS = ("feeds.service", "feeds-refresh.service", "feeds-refresh.timer", "feeds-serve.service", "feeds-serve.socket")
needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed: units are not judged"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units as installed, for a machine on which this very shell stands for the interpreter."""
    place = tmp_path_factory.mktemp("installed")
    subprocess.run(
        ["make", "-s", "install-units", f"DESTDIR={place}", "PREFIX=/opt/feeds"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return place / "etc" / "systemd" / "system"


def test_every_unit_is_installed_and_nothing_is_left_to_fill_in(installed: Path) -> None:
    assert {file.name for file in installed.iterdir()} == set(UNITS)
    assert [file.name for file in installed.iterdir() if re.search("@[a-z]+@", file.read_text())] == []
    assert oct((installed.parents[1] / "feeds" / "credentials").stat().st_mode)[-3:] == "700"


@pytest.mark.parametrize(
    ("unit", "lines"),
    [
        pytest.param("feeds.service", ["Type=notify", "WatchdogSec=60", "Restart=on-failure"], id="hung or killed"),
        pytest.param("feeds.service", ["RestartPreventExitStatus=78"], id="what no new start mends"),
        pytest.param(
            "feeds-serve.service", ["WatchdogSec=60", "RestartPreventExitStatus=78"], id="the server likewise"
        ),
        pytest.param("feeds-serve.service", ["IPAddressDeny=any"], id="the server reaches nobody"),
        pytest.param("feeds-refresh.service", ["Type=oneshot", "SuccessExitStatus=1 75"], id="one pass"),
        pytest.param("feeds-refresh.timer", ["Persistent=true"], id="one pass for all that were missed"),
        pytest.param("feeds-refresh.timer", ["RandomizedDelaySec=120", "FixedRandomDelay=true"], id="not all at once"),
    ],
)
def test_a_unit_says(installed: Path, unit: str, lines: list[str]) -> None:
    assert set(lines) <= set((installed / unit).read_text().splitlines())


@pytest.mark.parametrize("unit", ["feeds.service", "feeds-refresh.service"])
@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.20.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "ff02::1",
    ],
)
def test_a_poller_can_send_nothing_into_a_private_network(installed: Path, unit: str, address: str) -> None:
    (denied,) = re.findall(r"^IPAddressDeny=(.*)$", (installed / unit).read_text(), re.MULTILINE)
    networks = denied.replace("multicast", "224.0.0.0/4 ff00::/8").split()  # as systemd.resource-control(5) says
    assert any(ip_address(address) in ip_network(network) for network in networks)


def test_what_is_installed_goes_and_what_is_the_operators_stays(tmp_path: Path) -> None:
    def make(target: str) -> set[str]:
        command = ["make", "-s", target, f"DESTDIR={tmp_path}", "PREFIX=/opt/feeds"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        return {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}

    units = {f"etc/systemd/system/{unit}" for unit in UNITS}
    guides = {f"opt/feeds/share/doc/topic-feeds/{name}.md" for name in ("operations", "configuration")}
    config = tmp_path / "etc" / "feeds" / "config.toml"
    assert make("install-units") == units | guides | {"etc/feeds/config.toml"}
    assert config.read_bytes() == (ROOT / "config.toml").read_bytes()
    theirs = {
        "etc/feeds/config.toml", "etc/feeds/credentials/wire", "etc/systemd/system/feeds.service.d/override.conf",
        "etc/systemd/system/other.service", "var/lib/private/feeds/feeds.db", "opt/other/file",
    }  # fmt: skip
    for name in theirs | {"opt/feeds/bin/feeds"}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("theirs")
    (tmp_path / "etc/systemd/system/feeds.service").write_text("of the version before")
    assert make("install-units") >= theirs
    assert "ExecStart=" in (tmp_path / "etc/systemd/system/feeds.service").read_text()
    assert make("uninstall-systemd") == theirs
    assert {(tmp_path / name).read_text() for name in theirs} == {"theirs"}
    assert not (tmp_path / "opt" / "feeds").exists()
    assert make("uninstall-systemd") == theirs, "a second time is no mistake"


@needs_analyze
@pytest.mark.parametrize(
    ("unit", "most"), [("feeds.service", 1.2), ("feeds-refresh.service", 1.2), ("feeds-serve.service", 0.3)]
)
def test_a_unit_exposes_no_more_than_promised(installed: Path, unit: str, most: float) -> None:
    figures = "gives both poller units 1.2 at most and the server 0.3 at most"
    assert figures in " ".join((ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split())
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(installed / unit)]
    told = subprocess.run(command, capture_output=True, text=True).stdout
    (exposure,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert float(exposure) <= most, told


@needs_analyze
def test_systemd_finds_nothing_wrong_with_the_units(installed: Path, tmp_path: Path) -> None:
    for (
        unit
    ) in installed.iterdir():  # the interpreter and the guide are looked for, and are not there before it is used
        text = unit.read_text().replace("/opt/feeds/bin/python", "/bin/true")
        (tmp_path / unit.name).write_text(re.sub("file:/opt/feeds/share/doc/topic-feeds", f"file:{ROOT}/docs", text))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit) for unit in UNITS)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")


READERS = """# readers limit themselves before they look at anything from outside
SystemCallFilter=setrlimit prlimit64 setpriority
"""


def test_the_three_services_share_one_sandbox_and_one_user(installed: Path) -> None:
    texts = [(installed / unit).read_text() for unit in UNITS if unit.endswith(".service")]
    sandboxes = [text.partition("# ---- what it may see and do")[2].partition("[Install]")[0].strip() for text in texts]
    assert all("ExecPaths=" in sandbox for sandbox in sandboxes), "each to its last line"
    # Only the server starts no readers, which limit themselves.
    assert sorted(READERS in sandbox for sandbox in sandboxes) == [False, True, True]
    assert len({sandbox.replace(READERS, "") for sandbox in sandboxes}) == 1
    assert all("DynamicUser=yes\nUser=feeds\n" in text and "StateDirectory=feeds\n" in text for text in texts)


# -------------------------------------------------------------------------------------- a real machine

CONFIG = """
[site]
title = "Trial"
url = "http://127.0.0.1:8080/"
authority = "desk.example,2026"
contact = "mailto:desk@desk.example"
[store]
url = "sqlite:///feeds.db"
[publish]
debounce = "0s"
[poll]
interval_min = "1s"
interval_max = "1s"
host_delay = "0s"
[fetch]
allow = ["127.0.0.0/8"]
[serve]
[[sources]]
name = "wire"
url_file = "credentials_wire"
[[sources]]
name = "desk"
url = "file:articles"
kind = "own"
[topics.ukraine]
use = "ukraine"
"""
FEED = """<rss version="2.0"><channel><title>Wire</title><item><title>Kyiv votes on grain in Ukraine</title>
<guid>1</guid><link>https://wire.example/1</link></item></channel></rss>"""
ARTICLE = "2026-11-20 08:00:00\nA note on Ukraine\nThe war in Ukraine goes on, says our desk.\n"
QUICKER = "[Service]\nWatchdogSec=6\nRestartSec=1\n"
ASK = """LD_LIBRARY_PATH=/opt/python/lib /opt/python/bin/python3 -c '
import sys, urllib.request
answer = urllib.request.urlopen("http://127.0.0.1:8080" + sys.argv[1], timeout=30)
print(answer.status, answer.read().decode())' """
SUBSCRIBE = """LD_LIBRARY_PATH=/opt/python/lib /opt/python/bin/python3 -c '
import urllib.parse, urllib.request
site = "http://127.0.0.1:8080/"
form = {"hub.mode": "subscribe", "hub.topic": site + "ukraine.atom", "hub.callback": "http://127.0.0.1:8000/cb"}
print(urllib.request.urlopen(site + "hub", urllib.parse.urlencode(form).encode(), timeout=30).status)' """
# A publisher whose hub pushes, once we have confirmed, what it serves to nobody who polls.
HUB = r"""
import hmac, http.server, threading, urllib.parse, urllib.request
HERE = "http://127.0.0.1:8001/"

def feed(title):
    item = f"<item><title>{title}</title><guid>{title}</guid><link>https://paper.example/{len(title)}</link></item>"
    return f"<rss version='2.0'><channel><title>Paper</title>{item}</channel></rss>".encode()

class Publisher(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Link", f'<{HERE}hub>; rel="hub", <{HERE}feed>; rel="self"')
        self.end_headers()
        self.wfile.write(feed("Ukraine sows its winter wheat"))

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.send_response(202)
        self.end_headers()
        threading.Thread(target=push, args=(form,)).start()

def push(form):
    asked = {"hub.mode": "subscribe", "hub.topic": form["hub.topic"], "hub.challenge": "c", "hub.lease_seconds": 9000}
    assert urllib.request.urlopen(form["hub.callback"] + "?" + urllib.parse.urlencode(asked)).read() == b"c"
    body = feed("A ferry crosses to Odesa, says Ukraine")
    signature = "sha256=" + hmac.new(form["hub.secret"].encode(), body, "sha256").hexdigest()
    urllib.request.urlopen(urllib.request.Request(form["hub.callback"], body, {"X-Hub-Signature": signature}))

http.server.ThreadingHTTPServer(("127.0.0.1", 8001), Publisher).serve_forever()
"""
# What the readers of documents must be able to do, and what nobody inside may.
INSIDE = r"""
import os, resource, socket, subprocess, sys
resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))
resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
resource.prlimit(0, resource.RLIMIT_CORE, (0, 0))
left, right = socket.socketpair()
child = os.fork()
if not child:
    os.setsid()
    right.send(b"x")
    os._exit(0)
assert left.recv(1) == b"x" and os.waitpid(child, 0)[1] == 0
assert subprocess.run([sys.executable, "-I", "-c", "import feeds, selectolax, nh3, sqlite3"]).returncode == 0
for path in ("/etc/feeds/credentials/wire", "/root/.bashrc"):
    try:
        open(path).read()
    except OSError:
        continue
    sys.exit("could read " + path)
try:
    open("/etc/feeds/written", "w")
except OSError:
    print("all is as it should be")
"""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    if why := lacking():
        pytest.skip(f"no machine is booted: {why}")
    booted = Machine(tmp_path)
    files = {
        "etc/feeds/config.toml": CONFIG,
        "etc/feeds/credentials/wire": "http://127.0.0.1:8000/wire.xml",
        "etc/feeds/articles/note.txt": ARTICLE,
        "etc/systemd/system/feeds.service.d/quicker.conf": QUICKER,
        "etc/systemd/system/feeds-serve.service.d/quicker.conf": QUICKER,
        "srv/origin/wire.xml": FEED,
        "srv/inside.py": INSIDE,
        "srv/hub.py": HUB,
    }
    for name, text in files.items():
        (booted.disk / name).parent.mkdir(parents=True, exist_ok=True)
        (booted.disk / name).write_text(text, encoding="utf-8")
    (booted.disk / "etc/feeds/credentials/wire").chmod(0o600)
    with booted:
        booted.run("systemd-run -q --unit origin /opt/python/bin/python3 -m http.server -d /srv/origin 8000")
        yield booted


def published(machine: Machine, *words: str, path: str = "/ukraine.atom") -> bool:
    told = machine.run(f"{ASK}'{path}'", check=False)
    return told.startswith("200") and all(word in told for word in words)


def test_the_poller_becomes_active_publishes_and_is_served(machine: Machine) -> None:
    started = time.monotonic()
    machine.run("systemctl start feeds.service feeds-serve.socket")
    assert machine.show("feeds.service", "ActiveState") == "active"
    assert time.monotonic() - started < 60
    eventually(lambda: published(machine, "Kyiv votes on grain", "A note on Ukraine"), what=machine.journal)
    assert machine.show("feeds-serve.service", "ActiveState") == "active"
    assert machine.show("feeds-serve.service", "StatusText").startswith("Serving on http://127.0.0.1:8080")
    assert machine.show("feeds.service", "StatusText") == "Polling 2 sources for 1 topics"
    assert published(machine, "Kyiv votes on grain", path="/search.atom?q=kyiv"), "the database can be looked into"
    same = {machine.run(f"stat -c %u /proc/{machine.show(unit, 'MainPID')}") for unit in ("feeds", "feeds-serve")}
    assert len(same) == 1
    assert same != {"0"}
    assert machine.run(SUBSCRIBE) == "202"
    # The server left it in the database, and the poller asked what is no callback.
    eventually(lambda: "event=hub.unconfirmed" in machine.journal(), what=machine.journal)
    machine.run("systemctl reload feeds.service")
    eventually(lambda: machine.show("feeds.service", "ActiveState") == "active", what=machine.journal)
    started = time.monotonic()
    machine.run("systemctl stop feeds.service")
    assert time.monotonic() - started < PROMPT
    for name, value in (("ActiveState", "inactive"), ("Result", "success"), ("ExecMainStatus", "0")):
        assert machine.show("feeds.service", name) == value
    assert published(machine, "Kyiv votes on grain"), "the server goes on without the poller"
    assert published(machine, "Kyiv votes on grain", path="/search.atom?q=kyiv+votes"), "and looks into its database"
    machine.run("systemctl stop feeds-serve.service feeds-serve.socket")
    assert machine.show("feeds-serve.service", "Result") == "success"


def test_what_a_hub_pushes_comes_in_by_the_server_and_is_published_by_the_poller(machine: Machine) -> None:
    """The server has no way out and no parser, the poller no ear: between them is the inbox."""
    machine.run("systemd-run -q --unit hub /opt/python/bin/python3 /srv/hub.py")
    lines = '[[sources]]\\nname = "paper"\\nurl = "http://127.0.0.1:8001/feed"\\n'
    machine.run(f"printf '{lines}' >>/etc/feeds/config.toml")
    machine.run("systemctl start feeds.service feeds-serve.socket")
    eventually(lambda: published(machine, "A ferry crosses to Odesa"), what=machine.journal)
    assert "event=push.read source=paper" in machine.journal()


def test_the_poller_is_back_after_a_kill_and_after_a_hang(machine: Machine) -> None:
    machine.run("systemctl start feeds.service feeds-serve.socket")
    eventually(lambda: published(machine, "Kyiv votes on grain"), what=machine.journal)
    for signal, cause in (("KILL", "signal"), ("STOP", "watchdog")):
        before = machine.show("feeds.service", "MainPID")
        machine.run(f"kill -{signal} {before}")

        def is_back(before: str = before) -> bool:
            now = machine.show("feeds.service", "MainPID")
            return now not in (before, "0") and machine.show("feeds.service", "ActiveState") == "active"

        assert published(machine, "Kyiv votes on grain"), "readers notice nothing"
        eventually(is_back, what=machine.journal)
        assert f"Failed with result '{cause}'" in machine.journal()
    note = machine.disk / "note"
    note.write_text(
        FEED.replace("Kyiv votes on grain", "Harvest begins late").replace("<guid>1", "<guid>2").replace("/1<", "/2<")
    )
    machine.run("cp /mnt/root/note /srv/origin/wire.xml")
    eventually(lambda: published(machine, "Harvest begins late"), what=machine.journal)
    machine.run("systemctl stop feeds.service")
    assert machine.show("feeds.service", "Result") == "success"


def test_the_server_is_back_after_a_hang(machine: Machine) -> None:
    machine.run("systemctl start feeds.service feeds-serve.socket")
    eventually(lambda: published(machine, "Kyiv votes on grain"), what=machine.journal)
    before = machine.show("feeds-serve.service", "MainPID")
    time.sleep(13)  # beyond two of its watchdog's spans: it is fed
    assert machine.show("feeds-serve.service", "MainPID") == before
    machine.run(f"kill -STOP {before}")
    eventually(lambda: published(machine, "Kyiv votes on grain"), what=machine.journal)
    assert machine.show("feeds-serve.service", "MainPID") != before
    assert "feeds-serve.service: Failed with result 'watchdog'" in machine.journal()


def test_one_pass_beside_the_daemon_and_by_its_timer(machine: Machine) -> None:
    machine.run("systemctl start feeds.service feeds-serve.socket")
    machine.run("systemctl start feeds-refresh.service")
    assert machine.show("feeds-refresh.service", "Result") == "success"
    machine.run("systemctl stop feeds.service")
    machine.run("systemctl start feeds-refresh.timer")
    assert "feeds-refresh.service" in machine.run("systemctl list-timers --no-pager")
    machine.run("systemctl start feeds-refresh.service")
    assert machine.show("feeds-refresh.service", "ExecMainStatus") == "0"
    eventually(lambda: published(machine, "Kyiv votes on grain", "A note on Ukraine"), what=machine.journal)


@pytest.mark.parametrize("unit", ["feeds.service", "feeds-refresh.service"])
def test_the_sandbox_lets_readers_work_and_hides_what_is_not_theirs(machine: Machine, unit: str) -> None:
    folder = f"/etc/systemd/system/{unit}.d"
    machine.run(f"mkdir -p {folder} && cp /srv/inside.py /opt/feeds/program/")
    start = "ExecStart=\\nExecStart=/opt/feeds/bin/python -I /opt/feeds/program/inside.py"
    lines = f"[Service]\\nType=oneshot\\nRestart=no\\n{start}\\n"
    machine.run(f"printf '{lines}' >{folder}/trial.conf && systemctl daemon-reload && systemctl start {unit}")
    assert "all is as it should be" in machine.journal()


def test_the_guide_runs_commands_as_the_services_run_them(machine: Machine) -> None:
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (helper,) = re.findall(r"^as-feeds\(\) .*$", guide, re.MULTILINE)
    # The interpreter of this trial was moved; the machine that the guide speaks of has one in its place.
    helper = helper.replace("/opt/feeds/bin/python", "env LD_LIBRARY_PATH=/opt/python/lib /opt/feeds/bin/python")
    machine.run("systemctl start feeds.service feeds-serve.socket")
    eventually(lambda: published(machine, "Kyiv votes on grain"), what=machine.journal)
    assert "fresh" in machine.run(f"{helper}\nas-feeds status")
    machine.run(f"{helper}\nas-feeds db backup /var/lib/feeds/backup.db")
    machine.run("mkdir -p /somewhere/safe && mv /var/lib/private/feeds/backup.db /somewhere/safe/")
    (restore,) = re.findall(r"To restore.*?```sh\n(.*?)```", guide, re.DOTALL)
    machine.run(restore)
    assert machine.show("feeds.service", "ActiveState") == "active"
    assert "whole" in machine.run(f"{helper}\nas-feeds db verify")
    assert published(machine, "Kyiv votes on grain")
    machine.run("systemctl stop feeds.service feeds-serve.socket feeds-serve.service")
    machine.run("systemctl start feeds-refresh.timer")
    machine.run(restore)
    units = ("feeds.service", "feeds-serve.socket", "feeds-refresh.timer")
    states = {unit: machine.show(unit, "ActiveState") for unit in units}
    assert states == dict.fromkeys(units, "inactive") | {"feeds-refresh.timer": "active"}, "what ran before, no more"


def test_the_server_can_reach_nobody(machine: Machine) -> None:
    folder = "/etc/systemd/system/feeds-serve.service.d"
    code = "import socket; socket.socket(socket.AF_INET)"
    lines = f'[Service]\\nType=oneshot\\nRestart=no\\nExecStart=\\nExecStart=/opt/feeds/bin/python -I -c "{code}"\\n'
    machine.run(f"printf '{lines}' >{folder}/trial.conf && systemctl daemon-reload")
    machine.run("systemctl start feeds-serve.service", check=False)
    assert machine.show("feeds-serve.service", "Result") == "exit-code"
    assert "Address family not supported" in machine.journal()
