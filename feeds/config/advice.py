"""What can be used and still is likely not meant, or leaves something open: warnings for the operator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from feeds.config.settings import Settings
from feeds.config.values import spelled
from feeds.config.words import Fault, Path, quoted

_LOOPBACK_NAMES = ("localhost", "localhost.localdomain")


def advise(
    settings: Settings, *, readable_by_all: bool, kept: Collection[Path], exists: Callable[[str], bool]
) -> Iterator[Fault]:
    """Everything worth a second look.

    `readable_by_all` is about the config file, `kept` are the addresses that stand in files of their own, `exists`
    tells whether a path is there.
    """
    yield from _nothing_to_do(settings)
    yield from _in_the_open(settings)
    if readable_by_all:
        yield from _readable_secrets(settings, kept)
    for index, source in enumerate(settings.sources):
        path = source.url.removeprefix("file:")
        if source.is_file and source.enabled and not any(c in path for c in "*?[") and not exists(path):
            remedy = "put the file there, or mend the path"
            yield Fault(path=("sources", index, "url"), what=f"there is nothing at {quoted(path)}", remedy=remedy)


def _nothing_to_do(settings: Settings) -> Iterator[Fault]:
    if not settings.sources:
        yield Fault(path=("sources",), what="no source is configured, so nothing is polled", remedy="add [[sources]]")
    elif not any(source.enabled for source in settings.sources):
        what = "every source has enabled = false, so nothing is polled"
        yield Fault(path=("sources",), what=what, remedy="enable the sources that you want")
    if not settings.rules.get("topics"):
        remedy = 'add [topics.ukraine] with use = "ukraine", say'
        yield Fault(path=("topics",), what="no topic is configured, so nothing is published", remedy=remedy)
    if settings.poll.interval_min < timedelta(minutes=1):
        what = f'"{spelled(settings.poll.interval_min)}" is so short that publishers will shut us out'
        yield Fault(path=("poll", "interval_min"), what=what, remedy='write interval_min = "15m" if this is no test')


def _in_the_open(settings: Settings) -> Iterator[Fault]:
    site = urlsplit(settings.site.url)
    if site.scheme == "http" and not _is_loopback(site.hostname or ""):
        what = "readers fetch over http, where anyone on the way can read and change the feeds"
        yield Fault(path=("site", "url"), what=what, remedy="serve it over https and write https:// here")
    for index, entry in enumerate(settings.fetch.allow):
        if entry in ("0.0.0.0/0", "::/0"):
            what = f'"{entry}" lets any feed send us to any machine of this network'
            yield Fault(path=("fetch", "allow", index), what=what, remedy="name only the networks that you poll")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in _LOOPBACK_NAMES


def _readable_secrets(settings: Settings, kept: Collection[Path]) -> Iterator[Fault]:
    addresses: list[tuple[Path, str]] = [(("store", "url"), settings.store), (("fetch", "proxy"), settings.fetch.proxy)]
    addresses += [(("sources", index, "url"), source.url) for index, source in enumerate(settings.sources)]
    for path, address in addresses:
        parts = urlsplit(address)
        if path not in kept and (parts.password or (parts.username and path[0] == "sources")):
            what = "holds a credential, and every user of this machine may read this file"
            remedy = f"chmod o-r this file, or put the address into another one and name that with {path[-1]}_file"
            yield Fault(path=path, what=what, remedy=remedy)
