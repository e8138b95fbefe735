"""A machine to throw away: this one's own systemd as process 1 of new namespaces, so that real units really run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Self

import pytest

ROOT = Path(__file__).parents[2]
SYSTEMD = Path("/lib/systemd/systemd")
NEEDED = ("unshare", "nsenter", "setpriv", "ip", "systemctl", "make")


def lacking() -> str:
    """Why no machine can be booted here; "" if one can."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if os.geteuid():
        return "only root can boot a machine of its own"
    if missing or not SYSTEMD.exists():
        return f"not installed: {', '.join(missing or ['systemd'])}"
    if _cgroups() is None:
        return "no cgroup2 hierarchy is mounted"
    tried = subprocess.run(["unshare", "--mount", "--pid", "--net", "--cgroup", "--fork", "true"], capture_output=True)
    return f"namespaces are refused: {tried.stderr.decode().strip()}" if tried.returncode else ""


def _cgroups() -> Path | None:
    mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return next((Path(fields[1]) for fields in mounts if fields[2] == "cgroup2"), None)


class Machine:
    """Boots inside the block. What stands below `share/root` is on its disk; `share` itself is its /mnt."""

    def __init__(self, folder: Path) -> None:
        self.share = folder / "share"
        self.disk = self.share / "root"
        self.disk.mkdir(parents=True)
        self._work = folder / "work"
        self._work.mkdir()
        self._console = folder / "console.log"
        self._cgroup = (_cgroups() or Path()) / f"feeds-trial-{os.getpid()}"
        self._install()

    def _install(self) -> None:
        """The units as `make install-units` lays them out, and a virtual environment made by hand."""
        subprocess.run(
            ["make", "-s", "install-units", f"DESTDIR={self.disk}", "PREFIX=/opt/feeds", "BASE=/opt/python"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        place = self.disk / "opt" / "feeds"
        packages = place / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
        packages.mkdir(parents=True, exist_ok=True)
        (packages / "paths.pth").write_text("/opt/feeds/packages\n/opt/feeds/program\n")
        # An interpreter that was moved has to be told where its library is.
        every = self.disk / "etc/systemd/system/service.d/python.conf"
        every.parent.mkdir()
        every.write_text("[Service]\nEnvironment=LD_LIBRARY_PATH=/opt/python/lib\n")
        (place / "bin").mkdir()
        (place / "bin" / "python").symlink_to("/opt/python/bin/python3")
        (place / "pyvenv.cfg").write_text("home = /opt/python/bin\ninclude-system-site-packages = false\n")

    def __enter__(self) -> Self:
        self._cgroup.mkdir()
        environment = {
            "PATH": os.environ["PATH"],
            "WORK": str(self._work),
            "SHARE": str(self.share),
            "PYTHON": sys.base_prefix,
            "PACKAGES": sysconfig.get_path("purelib"),
            "PROGRAM": str(ROOT / "feeds"),
            "CGROUP": str(self._cgroup),
        }
        spaces = "--mount --pid --net --uts --ipc --cgroup --fork --kill-child=SIGKILL --propagation private"
        enter = f'echo $$ >"$CGROUP/cgroup.procs"; exec unshare {spaces} bash {Path(__file__).with_suffix(".sh")}'
        with self._console.open("wb") as console:
            self._outer = subprocess.Popen(
                ["bash", "-c", enter], env=environment, stdout=console, stderr=console, stdin=subprocess.DEVNULL
            )
        try:
            self._inner = self._first_process()
            state = self._state()
        except BaseException:
            self.__exit__()
            raise
        if state != "running":
            seen = self.journal()
            self.__exit__()
            pytest.skip(f"systemd does not come up here ({state or 'no answer'}): {seen[-300:]}")
        return self

    def __exit__(self, *_: object) -> None:
        self._outer.kill()  # its namespaces end with it, and all that is in them
        self._outer.wait()
        for _attempt in range(100):
            try:
                for folder in sorted(self._cgroup.rglob("*/"), reverse=True):
                    if folder.is_dir():
                        folder.rmdir()
                self._cgroup.rmdir()
            except FileNotFoundError:
                break
            except OSError:
                time.sleep(0.1)
            else:
                break

    def run(self, command: str, *, seconds: float = 120, check: bool = True) -> str:
        """Run a shell command on the machine, as root; what it prints."""
        enter = ["nsenter", "-t", str(self._inner), "-m", "-p", "-n", "-u", "-i", "-C", "-r", "-w"]
        done = subprocess.run(
            [*enter, "bash", "-c", command], capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL
        )
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}\n{self.journal()[-3000:]}"
        return done.stdout.strip()

    def show(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run(f"systemctl show --value -p {name} {unit}")

    def journal(self) -> str:
        """What the machine and its services have logged so far."""
        return self.run("journalctl --no-pager -o cat", check=False) + self._console.read_text(errors="replace")

    def _first_process(self) -> int:
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children")
        end = time.monotonic() + 60
        while time.monotonic() < end and self._outer.poll() is None:
            for child in children.read_text().split():
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return int(child)
            time.sleep(0.05)
        pytest.skip(f"no machine could be set up here: {self._console.read_text()[-300:]}")

    def _state(self) -> str:
        state, end = "", time.monotonic() + 60
        while time.monotonic() < end and state not in ("running", "degraded"):
            state = self.run("systemctl is-system-running 2>/dev/null", check=False)
            time.sleep(0.1)
        return state
