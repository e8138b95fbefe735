"""Markdown article files: CommonMark with tables, and optional front matter between lines of `---`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from feeds.model import Document, Facts, RawEntry, RawFeed, RawHtml
from feeds.read.encoding import decode
from feeds.read.entries import article

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")  # HTML: whatever it holds is sanitised later
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"^([a-z]+)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE | re.IGNORECASE)


def read_markdown(document: Document, facts: Facts) -> RawFeed:
    """One article: title and date from the front matter, else from its first heading and from the file."""
    text = decode(document.body, language=facts.source.language).replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(text)
    fields = {key.lower(): value.strip("\"'") for key, value in _FIELD.findall(front[1])} if front else {}
    tokens = _MARKDOWN.parse(text[front.end() :] if front else text)
    title, tokens = _split_title(tokens, fields.get("title", ""))
    entry = RawEntry(
        title=RawHtml(value=title, plain=True),
        summary=RawHtml(value=fields.get("summary") or fields.get("description") or _lead(tokens), plain=True),
        content=RawHtml(value=_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}).strip()),
        authors=tuple(filter(None, [fields.get("author", "")])),
        language=fields.get("language") or fields.get("lang", ""),
        published=fields.get("date", ""),
    )
    return article(document, entry)


def _split_title(tokens: list[Token], title: str) -> tuple[str, list[Token]]:
    """The title, and the text without the heading that gave it or repeats it."""
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            heading = _plain(tokens[at + 1])
            if title in ("", heading):
                return heading, tokens[:at] + tokens[at + 3 :]
            break
    return title, tokens


def _lead(tokens: Sequence[Token]) -> str:
    """Words of the first paragraph that has any and stands by itself, not in a list or a quotation."""
    opened = (at for at, token in enumerate(tokens) if token.type == "paragraph_open" and token.level == 0)
    return next((words for at in opened if (words := _plain(tokens[at + 1]))), "")


def _plain(inline: Token) -> str:
    """Words of an inline token, without its markup and its pictures."""
    return "".join(
        child.content if child.type in ("text", "code_inline") else " " if child.type.endswith("break") else ""
        for child in inline.children or ()
    ).strip()
