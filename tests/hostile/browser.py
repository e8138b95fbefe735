"""Chromium without a window, driven over a pair of pipes by its own protocol: script is on, and every call is heard.

https://chromedevtools.github.io/devtools-protocol/: messages of JSON, each ended by a NUL, over descriptors 3 and 4.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-extensions", "--mute-audio"),
    *("--disable-dev-shm-usage", "--disable-default-apps", "--remote-debugging-pipe", "--disable-popup-blocking"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves this machine
)
_LAUNCH = """
import fcntl, os, sys
into, out = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(into, 3), os.dup2(out, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_PATIENCE = 120  # seconds for one answer, however busy the machine is

# In every frame before any script of its page: all the ways in which a snippet calls home.
_CANARY = """
(() => {
  const tell = what => self.canary(String(what));
  for (const name of ['pwn', 'alert', 'confirm', 'prompt', 'print'])
    Object.defineProperty(self, name, {value: what => tell(what), writable: false});
})();
"""

# What a person may do with the mouse and keys: point at everything, and press whatever does not simply lead on. The
# picture of volume is ours; text of others keeps no class.
_TOUCH = """
(() => {
  const harmless = /^(https?|mailto):$/, found = [];
  for (const element of document.querySelectorAll('*')) {
    const names = element.getAttributeNames();
    const odd = names.some(name => /^on|^style$|^srcdoc$|action$/i.test(name))
      || /^(script|style|iframe|frame|object|embed|svg|math|form|base|template|portal)$/i.test(element.localName)
        && !element.matches('.head > .volume > svg');
    const href = element.href && String(element.href.baseVal ?? element.href);
    const address = element.protocol || href?.match(/^[^:]*:/)?.[0];
    const linked = element.hasAttribute('href') || element.hasAttribute('xlink:href');
    const leads = linked && address && !harmless.test(address);
    if (!odd && !leads) continue;
    found.push(element.localName + ' ' + names.join(' '));
    for (const kind of ['mouseover', 'pointerenter', 'focus', 'toggle', 'animationstart', 'input', 'keydown', 'wheel'])
      element.dispatchEvent(new Event(kind));
    try { element.click(); } catch {}
  }
  return found;
})()
"""


@dataclass
class Visit:
    """What a page did when it was opened, and touched."""

    fired: list[str] = field(default_factory=list)  # what was called, and with what
    active: list[str] = field(default_factory=list)  # elements of its document that can act


class Browser:
    """One Chromium; a context manager. Its profile is put into `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last, self._session, self._buffer = 0, "", b""
        self._fired: list[str] = []
        self._documents: list[str] = []  # the main frame's, by their loaders, in the order of their arrival
        self._loaded: set[str] = set()
        self._url = ""

    def __enter__(self) -> Self:
        assert CHROMIUM
        its_in, self._out = os.pipe()
        self._in, its_out = os.pipe()
        command = [CHROMIUM, *_FLAGS, f"--user-data-dir={self._folder}"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(its_in), str(its_out), *command],
            pass_fds=(its_in, its_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_in)
        os.close(its_out)
        try:
            self._open()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _open(self) -> None:
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime"):
            self._call(f"{domain}.enable")
        self._call("Page.setLifecycleEventsEnabled", enabled=True)
        self._call("Runtime.addBinding", name="canary")
        self._call("Page.addScriptToEvaluateOnNewDocument", source=_CANARY)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def open(self, url: str) -> None:
        """Open `url` and wait for it and its frames."""
        self._fired, self._url = [], url
        loader = self._call("Page.navigate", url=url)["loaderId"]
        while not self._has_loaded(loader):
            self._hear()

    def visit(self, url: str, *, script: str = "") -> Visit:
        """Open `url`, run `script` in it (a promise is awaited), then touch everything."""
        self.open(url)
        visit = Visit(fired=self._fired)
        try:
            if script:
                self.evaluate(script)
            visit.active += self.evaluate(_TOUCH) or []
            self.evaluate("new Promise(done => setTimeout(done, 50))")  # timers and fetches that the touch began
        except RuntimeError as exc:  # the page went elsewhere meanwhile
            visit.fired.append(str(exc))
        return visit

    def _has_loaded(self, loader: str) -> bool:
        """Whether this document, or one that it led to, is whole; an earlier page's load may be heard late."""
        since = self._documents[self._documents.index(loader) :] if loader in self._documents else []
        return not self._loaded.isdisjoint(since)

    def look(self, *, width: int = 1000, height: int = 800, **media: str) -> None:
        """From now on the window is so many CSS pixels wide, and what CSS asks of media is so; `type` is the medium."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._call("Emulation.setScrollbarsHidden", hidden=True)
        kind = media.pop("type", "screen")
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self._call("Emulation.setEmulatedMedia", media=kind, features=features)

    def press(self, key: str) -> None:
        """Press a key: Tab or Enter."""
        code = {"Tab": 9, "Enter": 13}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    def picture(self, *, top: int = 0, height: int = 0) -> bytes:
        """The page as PNG: the whole, or so many CSS pixels from the top."""
        width, whole = self.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": top, "width": width, "height": height or whole, "scale": 1}
        shot = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page; a promise is awaited."""
        answer = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def _call(self, method: str, **parameters: Any) -> Any:
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        body = json.dumps(message).encode() + b"\0"
        while body:
            body = body[os.write(self._out, body) :]
        while True:
            answer = self._hear()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _hear(self) -> dict[str, Any]:
        """The next message; events are noted."""
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0, until - time.monotonic()))
            chunk = os.read(self._in, 1 << 20) if ready else b""
            if not chunk:
                raise RuntimeError("the browser has gone or does not answer")
            self._buffer += chunk
        raw, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        match message.get("method"):
            case "Runtime.bindingCalled":
                self._fired.append(message["params"]["payload"])
            case "Page.frameNavigated" if "parentId" not in message["params"]["frame"]:
                self._documents.append(message["params"]["frame"]["loaderId"])
                if (there := message["params"]["frame"]["url"]) not in {self._url, "about:blank"}:
                    self._fired.append(f"went to {there}")
            case "Page.lifecycleEvent" if message["params"]["name"] == "load":
                self._loaded.add(message["params"]["loaderId"])
        return message


def frames(urls: Sequence[str]) -> bytes:
    """A page that shows other pages, so that many small ones are opened at once."""
    shown = "".join(f'<iframe src="{url}"></iframe>' for url in urls)
    return f"<!DOCTYPE html><meta charset=utf-8><title>frames</title>{shown}".encode()
