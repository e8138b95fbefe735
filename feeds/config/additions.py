"""Feeds that a list names -> [[sources]] tables as the operator would write them, and the file with them at its end."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from feeds import faults
from feeds.config import addresses, values
from feeds.config.settings import Settings
from feeds.config.words import Wrong
from feeds.model import Outline

_LONGEST_TITLE = 200  # characters, as in the configuration itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What a list brings to a configuration."""

    text: str  # TOML, to be put behind the file
    names: tuple[str, ...]  # of the new sources
    known: int  # feeds that are configured already
    refused: tuple[tuple[str, str], ...]  # (address, why it can be no source)


def additions(outlines: Iterable[Outline], settings: Settings) -> Additions:
    """The tables that `settings` lack. Pure: the same list over the same configuration gives the same names."""
    urls = {source.url for source in settings.sources}
    taken = {source.name: 1 for source in settings.sources}  # and the number to try next
    tables, names, refused, known = [], [], [], 0
    for outline in outlines:
        try:
            url = addresses.source(outline.url)
        except Wrong as wrong:
            refused.append((outline.url, wrong.what))
            continue
        if url in urls:
            known += 1
            continue
        name = _free_name(outline, taken)
        urls.add(url)
        taken[name] = 1
        names.append(name)
        tables.append(_table(name, url, outline))
    return Additions(text="".join(tables), names=tuple(names), known=known, refused=tuple(refused))


def append(file: str, text: str, check: Callable[[str], object]) -> None:
    """Put `text` behind what stands in `file`, whole or not at all, and only if `check` finds nothing wrong with it.

    Raises:
        ConfigError: of `check`, which is given the name of the new file; `file` is untouched then.
        OSError: the folder may not be written.
    """
    file = os.path.realpath(file)
    with open(file, "rb") as stream:
        before = stream.read()
        mode = os.fstat(stream.fileno()).st_mode
    new = f"{file}.new"
    gap = b"" if before.endswith(b"\n") or not before else b"\n"
    try:
        with open(new, "wb") as stream:
            os.fchmod(stream.fileno(), mode & 0o7777)
            faults.point()
            stream.write(before + gap + text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        check(new)
        faults.point()
        os.replace(new, file)
    except BaseException:
        if os.path.exists(new):
            os.unlink(new)
        raise


def _free_name(outline: Outline, taken: dict[str, int]) -> str:
    """A name after the title, else the host, that no other source has."""
    host = re.sub(r"^(www|feeds?|rss)\.", "", urlsplit(outline.url).hostname or "")
    stem = next(filter(lambda stem: len(stem) > 2, (_plain(outline.title), _plain(host.rpartition(".")[0]))), "source")
    name = stem
    while name in taken:
        taken[stem] += 1
        name = f"{stem}-{taken[stem]}"
    return name


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i")).encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", letters))[:60].strip("-")


def _table(name: str, url: str, outline: Outline) -> str:
    given = {"name": name}
    title = "".join(c for c in outline.title if c.isprintable())[:_LONGEST_TITLE].strip()
    if title:
        given["title"] = title
    given["url"] = url
    with suppress(Wrong):  # lists of other programs say what they like
        given["language"] = values.language(outline.language)
    # What JSON escapes, TOML escapes alike; what TOML forbids beyond that is not printable.
    return "\n[[sources]]\n" + "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in given.items()
    )
