"""OPML: lists of feeds that people carry from one reader to another (http://opml.org/spec2.opml)."""

from __future__ import annotations

from xml.parsers import expat

from feeds.model import Document, Outline, Unreadable
from feeds.read.guard import tame
from feeds.read.settle import settle

MOST = 100_000  # feeds of one list
_WEB = ("http://", "https://")
_LONGEST = 4096  # characters of an address or a title


def read_opml(document: Document) -> tuple[Outline, ...] | Unreadable:
    """Every feed that the list names, once each, in its order, whatever folders it stands in. Pure, and never raises.

    Whatever element carries an `xmlUrl` counts, in any case of letters: lists are written by many programs.
    """
    tamed = tame(settle(document, language=""))
    if isinstance(tamed, Unreadable):
        return tamed
    found: dict[str, Outline] = {}
    roots: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        roots.append(name.lower()) if not roots else None
        given = {key.lower(): " ".join(value.split())[:_LONGEST] for key, value in attributes.items()}
        url = given.get("xmlurl", "")
        if url.lower().startswith(_WEB) and len(found) < MOST:
            home = given.get("htmlurl", "")
            title = given.get("title") or given.get("text", "")
            outline = Outline(
                url=url,
                title=title,
                home=home if home.lower().startswith(_WEB) else "",
                language=given.get("language", ""),
            )
            found.setdefault(url, outline)

    def refuse(*_: object) -> None:
        raise ValueError("it declares entities")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(tamed[0], True)  # noqa: FBT003 - the last bytes
    except expat.ExpatError as exc:
        return Unreadable(why="not_a_list", detail=f"line {exc.lineno}: {expat.ErrorString(exc.code)}")
    except ValueError as exc:
        return Unreadable(why="dtd_entities", detail=str(exc))
    if not found:
        what = f"its first element is <{roots[0]}>" if roots else "it is no XML"
        return Unreadable(
            why="not_a_list", detail=f"no feed in it; {what}" if roots[:1] != ["opml"] else "no feed in it"
        )
    return tuple(found.values())
