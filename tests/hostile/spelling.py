"""Ways to write the same thing differently: letters, addresses, entities, characters that nobody sees."""

from __future__ import annotations

import random

_ODD = (
    *("\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x80", "\x85", "\x8b", "\x9b", "\x9f", "\u00ad"),
    *("\u200b", "\u200d", "\u200e", "\u202a", "\u202e", "\u2066", "\u2069", "\u2028", "\u2029", "\ufeff", "\ufffd"),
    *("\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\U0010ffff", "\ud800", "\udfff", "\udc00", "\U000e0041", "\u180e"),
    *("\t", "\n", "\r", "\r\n", "\u00a0", "\u3000", "＜", "＞", "‹", "ʺ", "\u0338", "\u0301" * 40),
)
_REFERENCES = (
    *("&#0;", "&#x0;", "&#1;", "&#11;", "&#x80;", "&#x85;", "&#x9f;", "&#xd800;", "&#xdfff;", "&#55357;&#56832;"),
    *("&#xfffe;", "&#xfffd;", "&#xffff;", "&#x1fffe;", "&#x10ffff;", "&#x110000;", "&#99999999999;", "&#x202e;"),
    *("&Tab;", "&NewLine;", "&nbsp;", "&lt", "&gt", "&amp", "&quot;", "&apos;", "&bogus;", "&#;", "&#x;", "&lt;!--"),
    *("&#x3C", "&#xfeff;"),
)
_INSIDE = ("\t", "\n", "\r", "\r\n\t", "&Tab;", "&NewLine;", "&#9;", "&#x0A;", "&#13", "\x00", "&#0;", "\u200b", "\\")
_BEFORE = (
    *("", "", "", " ", "\x01", "\x1f", "\n", "&#1;", "\u00a0", "\u3000", "&#x20;", "\x0c"),
    *("feed:", "url:", "view-source:"),
)
_COLONS = (":", ":", ":", "&colon;", "&#58;", "&#x3A", "&#x03a;", "%3a", "：", " :", "\t:", ":\n")
_NAMED = {
    ":": "&colon;",
    "(": "&lpar;",
    ")": "&rpar;",
    "/": "&sol;",
    "`": "&grave;",
    "=": "&equals;",
    "<": "&lt;",
    ">": "&gt;",
}


def case(word: str, chance: random.Random) -> str:
    """`word` in small letters, capitals or any mixture; rarely with a letter that folds to one of its own."""
    way = chance.random()
    if way < 0.5:
        return word
    if way < 0.65:
        return word.upper()
    mixed = "".join(letter.upper() if chance.random() < 0.5 else letter for letter in word)
    return mixed.replace("s", "ſ").replace("K", "\u212a") if way > 0.95 else mixed


def name(tag: str, chance: random.Random) -> str:
    """The name of a tag as only a lenient parser reads it."""
    written = case(tag, chance)
    way = chance.random()
    if way < 0.9:
        return written
    middle = len(written) // 2
    odd = chance.choice(("\x00", "\x0c", "\n", "/", "\u200b", "&#0;", "<", "\x0b"))
    return written + odd if way < 0.95 else written[:middle] + odd + written[middle:]


def scheme(word: str, chance: random.Random) -> str:
    """`word:` with what browsers overlook before, inside and behind it."""
    written = case(word, chance)
    if chance.random() < 0.4:
        at = chance.randrange(len(written) + 1)
        written = written[:at] + chance.choice(_INSIDE) + written[at:]
    return chance.choice(_BEFORE) + written + chance.choice(_COLONS)


def entities(value: str, chance: random.Random) -> str:
    """`value` with some or all of its characters as character references."""
    share = chance.choice((0, 0, 0, 0.2, 1))
    return "".join(_referred(char, chance) if share and chance.random() < share else char for char in value)


def _referred(char: str, chance: random.Random) -> str:
    code = ord(char)
    ways = (
        f"&#{code};",
        f"&#x{code:x};",
        f"&#X{code:X};",
        f"&#{code:07};",
        f"&#x{code:06x}",
        f"&#{code}",
        _NAMED.get(char, char),
    )
    return chance.choice(ways)


def escaped(text: str, chance: random.Random) -> str:
    """Escaped once to three times, in one of the ways to do it."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        text = chance.choice((_with_names, _with_numbers, _halfway))(text)
    return text


def _with_names(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _with_numbers(text: str) -> str:
    return text.replace("&", "&#38;").replace("<", "&#x3c;").replace(">", "&#62")


def _halfway(text: str) -> str:
    return text.replace("<", "&lt;")


def sprinkled(text: str, chance: random.Random) -> str:
    """With characters, or references to such, that no document may hold or no reader shows."""
    for _ in range(chance.choice((1, 2, 5))):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(_ODD + _REFERENCES) + text[at:]
    return text


def wrapped(text: str, chance: random.Random) -> str:
    """Inside of something that hides it from somebody."""
    before, after = chance.choice(
        (
            ("<!--", "-->"),
            ("<![CDATA[", "]]>"),
            ("<?x ", "?>"),
            ('<a title="', '">x</a>'),
            ("<img alt='", "' src=/x.png>"),
            ("<textarea>", "</textarea>"),
            ("<noscript>", "</noscript>"),
            ("<xmp>", "</xmp>"),
            ("<template>", "</template>"),
            ("<svg><desc>", "</desc></svg>"),
            ("<math><mtext>", "</mtext></math>"),
            ("<pre>\n\n", "</pre>"),
            ("<table><tr><td>", "</table>"),
            ("<select><option>", "</select>"),
            ("<div dir=rtl lang='x\"y'>", ""),
            ("<plaintext>", ""),
            ('{"a":"', '"}'),
        )
    )
    return before + text + after


def cased(text: str, chance: random.Random) -> str:
    return text.swapcase() if chance.random() < 0.3 else text.replace("script", "ScRiPt")


def cut(text: str, chance: random.Random) -> str:
    """Left off somewhere in its second half."""
    return text[: chance.randrange(len(text) // 2, len(text) + 1)]


def in_other_bytes(text: str, chance: random.Random) -> str:
    """As what one gets who reads its bytes in another encoding."""
    wrong = chance.choice(("cp1252", "latin-1", "cp1251", "utf-7"))
    if wrong == "utf-7":
        return text.replace("<", "+ADw-").replace(">", "+AD4-")
    return text.encode("utf-8", "surrogatepass").decode(wrong, "replace")
