"""Every mistake is told at its line, with its key, in plain words and with a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import pytest

from feeds.config import load
from feeds.errors import EXIT_CONFIG, ConfigError

HERE = "#!"  # stands on the line that the mistake is on
SITE = {
    "title": 'title = "Foreign desk"',
    "url": 'url = "https://news.example.org/"',
    "authority": 'authority = "news.example.org,2026"',
    "contact": 'contact = "mailto:desk@example.org"',
}
SOURCE = {"name": 'name = "wire"', "url": 'url = "https://wire.example/feed"'}
Place: TypeAlias = tuple[str, str]  # a document with one mistake, and the key of it


def behind(rest: str, key: str) -> Place:
    """A right [site] and these lines behind it, one of them marked."""
    return "\n".join(["[site]", *SITE.values(), rest, ""]), key


def above(line: str, key: str) -> Place:
    """A right [site] and this line before it."""
    return f"{line} {HERE}\n{behind('', '')[0]}", key


def at(table: str, line: str) -> Place:
    """A document in which one line of one table is wrong."""
    key = line.partition("=")[0].strip()
    wrong = {key: f"{line} {HERE}"}
    if table == "site":
        return "\n".join(["[site]", *(SITE | wrong).values(), ""]), f"site.{key}"
    if table == "sources":
        return behind("\n".join(["[[sources]]", *(SOURCE | wrong).values()]), f"sources[0].{key}")
    return behind(f"[{table}]\n{wrong[key]}", f"{table}.{key}")


def second(line: str) -> Place:
    """Two sources, the second of which does not go with the first."""
    key = line.partition("=")[0].strip()
    lines = {"name": 'name = "b"', "url": 'url = "file:b"', key: f"{line} {HERE}"}
    return behind("\n".join(["[[sources]]", *SOURCE.values(), "[[sources]]", *lines.values()]), f"sources[1].{key}")


def without(key: str) -> Place:
    """[site] with one key less."""
    return "\n".join([f"[site] {HERE}", *(line for name, line in SITE.items() if name != key)]), f"site.{key}"


def first_of(place: Place) -> Place:
    """The first entry of the list at that place."""
    return place[0], f"{place[1]}[0]"


def secret(line: str) -> Place:
    """A source whose address is in a file."""
    return behind(f'[[sources]]\nname = "a"\n{line} {HERE}', "sources[0].url_file")


WIRE = "\n".join(["[[sources]]", *SOURCE.values()])
LONG = "a" * 41

# What the row is for; the document and the key; a part of what is said; a part of what is advised.
ROWS: dict[str, tuple[Place, str, str]] = {
    # ------------------------------------------------------------------------------------------ keys
    "no site at all": ((f"[serve]{HERE}", "site"), "the table is missing", "add [site] with title"),
    "needed key": (without("title"), "is missing", 'add title = "Foreign desk"'),
    "authority of the own host": (without("authority"), "is missing", 'authority = "news.example.org,2026"'),
    "authority without a host": (("[site]#!\nurl = 3", "site.authority"), "is missing", "must never change"),
    "unknown table": (behind("[serv] #!", "serv"), "no such key in this file", "write [serve]"),
    "sources in the singular": (behind("[[source]] #!", "source"), "no such key", "write [[sources]]"),
    "unknown key": (at("publish", "entrys = 3"), "no such key in [publish]", "write entries"),
    "key of another table": (at("poll", 'keep = "9d"'), "no such key in [poll]", "it belongs in [publish]"),
    "key like no other": (at("poll", "zzz = 1"), "no such key in [poll]", "known here: interval_min"),
    "key above all tables": (above('title = "x"', "title"), "no such key", "[site] or [[sources]]"),
    "unknown key of a source": (at("sources", "lang = 'en'"), 'source "wire": there is no', "write language"),
    "unprintable key": (behind('[poll]\n"a\\u001b" = 1 #!', "poll.a\\u001b"), "no such key", "take it out"),
    "source without address": (behind('[[sources]] #!\nname = "a"', "sources[0].url"), '"a": is missing', "add url ="),
    # ----------------------------------------------------------------------------------------- types
    "text for a number": (at("publish", 'entries = "many"'), 'not the text "many"', "write entries = 100"),
    "fraction for a number": (at("publish", "entries = 1.5"), "whole number, not the number 1.5", "entries = 100"),
    "truth for a number": (at("publish", "entries = true"), "whole number, not true", "entries = 100"),
    "number for text": (at("sources", "language = 7"), "text in quotes, not the number 7", 'language = "en"'),
    "endless number for text": (at("sources", f"title = {10**30}"), "more than 20 digits", "title ="),
    "text for truth": (at("serve", 'hub = "yes"'), 'true or false, not the text "yes"', "hub = true"),
    "hub with a password": (
        first_of(at("publish", 'hubs = ["https://u:p@hub.example/"]')),
        "see this address",
        "take it out",
    ),
    "text for a list": (at("fetch", 'allow = "10.0.0.0/8"'), "must be a list, not the text", 'allow = ["'),
    "number in a list": (first_of(at("sources", "topics = [3]")), "not the number 3", 'topics = ["ukraine"]'),
    "list for a duration": (at("publish", "keep = []"), "must be a duration, not a list", '"15m"'),
    "date for a duration": (at("publish", "keep = 2026-01-01"), "the date or time 2026-01-01", '"15m"'),
    "value for a table": (above("poll = 3", "poll"), "must be a table, not the number 3", "write [poll]"),
    "table for a value": (behind("[poll.per_host] #!", "poll.per_host"), "not a table", "per_host = 1"),
    "one table for all sources": (behind("[sources] #!", "sources"), "a list, not a table", "[[sources]]"),
    "text among the sources": (first_of(above('sources = ["a"]', "sources")), "must be a table", "[[sources]]"),
    "topic that is text": (at("topics", 'energy = "oil"'), "must be a table", "write [topics.energy]"),
    "defaults that are a number": (above("defaults = 1", "defaults"), "must be a table", "write [defaults]"),
    # -------------------------------------------------------------------------------------- measures
    "number for a duration": (at("fetch", "timeout = 30"), "must be a duration, not the number 30", '"15m"'),
    "duration in words": (at("poll", 'interval_min = "15 minutes"'), '"15 minutes"', '"15m"'),
    "duration too short": (at("publish", 'keep = "5m"'), '"5m" is out of bounds', 'from "1h"'),
    "duration without end": (at("publish", 'keep = "999999999w"'), "out of bounds", '"36500d"'),
    "size without unit": (at("fetch", 'max_bytes = "20"'), 'must be a size, not the text "20"', '"20MB"'),
    "size beyond all memory": (at("fetch", 'max_bytes = "64MiB"'), "out of bounds", '"60MB"'),
    "number too small": (at("poll", "concurrency = 0"), "must be at least 1, not 0", "concurrency = 64"),
    "number too large": (at("publish", "entries = 1_000_000"), "must be at most 10000", "entries = 100"),
    # ------------------------------------------------------------------------- choices, names, codes
    "misspelt choice": (at("publish", 'content = "exerpt"'), "one of headline, excerpt, full", '"excerpt"'),
    "unknown choice": (at("sources", 'kind = "zzz"'), "one of wire, outlet, official", 'kind = "wire"'),
    "number for a choice": (at("engine", "kind = 1"), "local, procrastinate, not the number 1", '"local"'),
    "name with a space": (at("sources", 'name = "The Wire"'), "letters, digits and dashes", '"the-wire"'),
    "name of dots alone": (at("sources", 'name = "..."'), "letters, digits and dashes", '"my-source"'),
    "name that is taken": (second('name = "wire"'), "the same name stands on line 7", "a name of its own"),
    "address that is taken": (second('url = "HTTPS://Wire.example:443/feed#a"'), "on line 8 already", "remove one"),
    "empty title": (at("sources", 'title = " "'), "is empty", "take the key out"),
    "title of two lines": (at("sources", 'title = "a\\nb"'), '"a\\u000ab" holds a line break', "one line"),
    "title without end": (at("sources", f'title = "{"x" * 201}"'), "has 201 characters", "at most 200"),
    "language in words": (at("sources", 'language = "english"'), "BCP 47", 'such as "en"'),
    "country for a language": (at("sources", 'language = "ua"'), '"ua" is not a language', 'is "uk"'),
    "language that is none": (at("sources", 'language = "qx"'), '"qx" is not a language', '"pt-BR"'),
    "country that is none": (at("sources", 'country = "UK"'), "ISO 3166", 'write "GB"'),
    "country in words": (at("sources", 'country = "Turkey"'), "ISO 3166", '"TR"'),
    "city for a time zone": (at("sources", 'timezone = "Kyiv"'), "is not a time zone", '"Europe/Kyiv"'),
    "misspelt time zone": (at("sources", 'timezone = "Europe/Istambul"'), "not a time zone", '"Europe/Istanbul"'),
    "time zone elsewhere": (at("sources", 'timezone = "../UTC"'), "is not a time zone", "the IANA name"),
    "folder of time zones": (at("sources", 'timezone = "Europe"'), "is not a time zone", "the IANA name"),
    "misspelt topic": (
        behind(f"[topics.energy]\n{WIRE}\ntopics = ['energi'] #!", "sources[0].topics[0]"),
        'there is no topic "energi"',
        'write "energy"',
    ),
    "unknown topic": (first_of(at("sources", 'topics = ["oil"]')), 'no topic "oil"', "add the topic"),
    "source unknown to a topic": (
        behind(f'{WIRE}\n[topics.energy]\nalways = ["wira"] #!', "topics.energy.always[0]"),
        'there is no source "wira"',
        'write "wire"',
    ),
    "topic in capitals": (behind("[topics.Energy] #!", "topics.Energy"), "small letters", "[topics.energy]"),
    "topic of a taken name": (behind("[topics.search] #!", "topics.search"), "cannot be called", "search-news"),
    "topic of a long name": (behind(f"[topics.{LONG}] #!", f"topics.{LONG}"), "at most 40", "write [topics."),
    # ------------------------------------------------------------------------------------- addresses
    "site by ftp": (at("site", 'url = "ftp://x.example/"'), "neither http nor https", "https://"),
    "site with a query": (at("site", 'url = "https://x.example/?a=b"'), "more than a host", "https://"),
    "site without scheme": (at("site", 'url = "x.example"'), "does not begin with", '"https://x.example"'),
    "authority without date": (at("site", 'authority = "x.example"'), "RFC 4151", '"news.example.org,2026"'),
    "authority of no month": (at("site", 'authority = "x.example,2026-13"'), "RFC 4151", "a comma and a year"),
    "bare contact": (at("site", 'contact = "a@x.example"'), "a bare e-mail", '"mailto:a@x.example"'),
    "contact with no one": (at("site", 'contact = "mailto:nobody"'), "not an e-mail", "mailto:desk@"),
    "contact by telephone": (at("site", 'contact = "tel:+1"'), "https://", "write"),
    "no address": (at("sources", 'url = ""'), "is empty", "https://"),
    "address with a space": (at("sources", 'url = "https://x.example/a b"'), "holds a space", "mend it"),
    "address by feed:": (at("sources", 'url = "feed://x.example/f"'), "begin with", '"https://x.example/f"'),
    "address without host": (at("sources", 'url = "https:///feed"'), "no host", '"https://host/path"'),
    "address with dots alone": (at("sources", 'url = "https://x..example/"'), "no host", "https://host"),
    "impossible port": (at("sources", 'url = "https://x.example:99999/"'), "impossible port", ":8443"),
    "half a bracket": (at("sources", 'url = "https://[::1/"'), "no host", "https://host"),
    "path without file:": (at("sources", 'url = "./x.xml"'), "nor file:", '"file:./x.xml"'),
    "file of no name": (at("sources", 'url = "file:"'), "names no file", "write a path"),
    "file with a bell": (at("sources", 'url = "file:\\u0007"'), "invisible character", "take it out"),
    "file on another machine": (at("sources", 'url = "file://nas/x"'), "another machine", '"file:nas/x"'),
    "file in a shell's words": (at("sources", 'url = "file:~/x"'), "only a shell", "the whole path"),
    "store that is a path": (at("store", 'url = "var/f.db"'), "not the address of", '"sqlite:///var/f.db"'),
    "store with two slashes": (at("store", 'url = "sqlite://f.db"'), "not the address", '"sqlite:///f.db"'),
    "store that forgets": (at("store", 'url = "sqlite:///:memory:"'), "be forgotten", "sqlite:///var"),
    "store by another name": (at("store", 'url = "postgres://h/d"'), "of PostgreSQL", "postgresql://"),
    "store of another make": (at("store", 'url = "mysql://h/d"'), "not the address", "postgresql://"),
    "publish to nowhere": (at("publish", 'to = ""'), "names no file or folder", "write a path"),
    "publish to another cloud": (at("publish", 'to = "gs://b"'), "neither a folder nor", "s3://"),
    "publish to no bucket": (at("publish", 'to = "s3:///x"'), "neither a folder nor", "s3://"),
    "publish over the config": (at("publish", 'to = "."'), "this config lies in", 'to = "public"'),
    "publish over the database": (at("publish", 'to = "var"'), "the database lies in", 'to = "public"'),
    "metrics for a host": (
        behind('[serve]\nmetrics = ["grafana"] #!', "serve.metrics[0]"),
        "neither a network nor",
        '"10.1.2.3"',
    ),
    "metrics for a crooked network": (
        behind('[serve]\nmetrics = ["10.1.2.3/8"] #!', "serve.metrics[0]"),
        "neither",
        'write "10.0.0.0/8"',
    ),
    "listen without port": (at("serve", 'listen = "localhost"'), "listen at", '"127.0.0.1:8080"'),
    "listen at a port alone": (at("serve", 'listen = ":8080"'), "listen at", '"0.0.0.0:8080"'),
    "listen at a bare IPv6": (at("serve", 'listen = "::1:8080"'), "listen at", "host:port"),
    "listen at a large port": (at("serve", 'listen = "[::1]:80800"'), "listen at", "host:port"),
    "listen at no socket": (at("serve", 'listen = "unix:"'), "names no file", "write a path"),
    "allow a host alone": (first_of(at("fetch", 'allow = ["a.example"]')), "neither a network", ":8080"),
    "allow half a network": (first_of(at("fetch", 'allow = ["10.1.2.3/8"]')), "neither a", '"10.0.0.0/8"'),
    "allow, third line": (
        behind('[fetch]\nallow = [\n"10.0.0.1",\n"x/y" #!\n]', "fetch.allow[1]"),
        '"x/y" is neither a network',
        "write a network",
    ),
    "proxy by socks": (at("fetch", 'proxy = "socks5://h:1"'), "not an http proxy", '"http://host:port"'),
    "proxy by https": (at("fetch", 'proxy = "https://h:1"'), "not an http proxy", "encrypted through it all the same"),
    "proxy without scheme": (at("fetch", 'proxy = "h.example:1"'), "not an http proxy", '"http://h.example:1"'),
    "proxy with a query": (at("fetch", 'proxy = "http://h:1?x"'), "has a path", "http://host:port"),
    "proxy at no address": (at("fetch", 'proxy = "http://256.1.1.1:1"'), "neither an address nor", "10.0.0.5:3128"),
    "proxy beyond ASCII": (at("fetch", 'proxy = "http://bücher.example:1"'), "name in ASCII", "10.0.0.5:3128"),
    "proxy with a path": (at("fetch", 'proxy = "http://h:1/x"'), "has a path", "http://host:port"),
    # ---------------------------------------------------------------------------------- between keys
    "intervals turned round": (at("poll", 'interval_max = "1m"'), '("15m") is longer', "the longer one"),
    "least interval too long": (at("poll", 'interval_min = "2d"'), '("2d") is longer', "the longer one"),
    "source in haste": (at("sources", 'interval_min = "30s"'), '"30s" is too short', '"1m"'),
    "source in no haste": (at("sources", 'interval_min = "2d"'), '"2d" is longer', "raise interval_max"),
    "many workers, one file": (at("engine", 'kind = "procrastinate"'), "needs PostgreSQL", "postgresql://"),
    "secret that is not there": (at("store", 'url_file = "gone"'), '"gone" cannot be read', "mend the path"),
    "secret that is a folder": (secret('url_file = "."'), '"." cannot be read: is a directory', "mend"),
    "secret that is the config": (secret('url_file = "config.toml"'), "does not hold what url may be", "one line"),
    "secret and address": (behind(f"{WIRE}\nurl_file = 'x' #!", "sources[0].url_file"), "as well", "take url out"),
    # -------------------------------------------------------------------------------------- not TOML
    "text without quotes": (at("publish", "to = public"), "not a value", "straight quotes"),
    "text half quoted": (at("publish", 'to = "public'), "is not closed", "end it with the quote"),
    "literal half quoted": (at("publish", "to = 'public"), "is not closed", "end it with the quote"),
    "half quoted far above the end": (
        behind("[poll]\nx = 'a #!\n[publish]\nentries = 3\n", "poll.x"),
        "closed",
        "end it",
    ),
    "typographic quotes": (at("publish", "to = “public”"), "not a value", "straight quotes"),
    "text that never ends": (at("publish", 'to = """public'), "not closed before the file ends", "close"),
    "list that never ends": (at("fetch", "allow = ["), "not closed before the file ends", "close"),
    "list without a comma": (behind("[fetch]\nallow = [\n1\n2 #!\n]", "fetch.allow"), "a comma is missing", "comma"),
    "braces that never end": (at("sources", "x = { a = 1"), "in braces is not closed", "add the }"),
    "key twice in braces": (at("sources", "x = { a = 1, a = 2 }"), "a second time", "keep one"),
    "backslash": (at("publish", 'to = "C:\\public"'), "a backslash", "single quotes"),
    "half a character": (at("publish", 'to = "\\uDC00"'), "stands for no character", "itself"),
    "escape without digits": (at("publish", 'to = "\\uXY"'), "stands for no character", "itself"),
    "date of no day": (at("publish", "keep = 2026-02-30"), "no such date", "in quotes"),
    "two values": (at("publish", 'to = "a" "b"'), "behind the value", "one key = value a line"),
    "key of two words": (behind("[publish]\nmy key = 1 #!", "publish.my"), "without =", "quotes"),
    "no value": (at("publish", "to ="), "not a value", "straight quotes"),
    "neither this nor that": (behind("[publish]\n!!! #!", "publish"), "neither [table]", "mend the line"),
    "no key": (behind("[publish]\na. = 3 #!", "publish.a"), "a key is expected", "key = value"),
    "header half closed": (behind("[publish #!\nentries = 3", "publish"), "is not closed", "write [table]"),
    "key twice": (behind("[publish]\nentries = 1\nentries = 2 #!", "publish.entries"), "first on line 7", "keep one"),
    "topic twice": (behind("[topics.a]\n[topics.b]\n[topics.a] #!", "topics.a"), "first on line 6", "join the two"),
    "source after source": (behind("[sources]\n[sources] #!", "sources"), "a second time", "[[sources]] above"),
    "control character": (at("publish", 'to = "a\x07b"'), "control character stands here", "take it out"),
    "control character in a comment": (above("# \x07", ""), "an invisible control", "take it out"),
    "number beyond reading": ((f"x = {'1' * 5000}", ""), "thousands of digits", "take it out"),
    "slip above a list in list in list": ((f"a = 1 2 #!\nx = {'[' * 5000}", ""), "behind the value", "one key"),
    "list in list in list": ((f"x = {'[' * 5000}", ""), "hundreds deep", "take it out"),
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.mark.parametrize(("place", "what", "remedy"), ROWS.values(), ids=ROWS.keys())
def test_a_mistake_is_told_in_plain_words_where_it_is(place: Place, what: str, remedy: str, tmp_path: Path) -> None:
    text, key = place
    line = text[: text.index(HERE)].count("\n") + 1 if HERE in text and key != "site" else 0
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path / "config.toml"))
    assert caught.value.exit_code == EXIT_CONFIG
    told = [mistake for mistake in caught.value.mistakes if (mistake.key, mistake.line) == (key, line)]
    assert len(told) == 1, f"expected one for {key!r} on line {line}, got: {caught.value}"
    assert what in told[0].what
    assert remedy in told[0].remedy
    assert told[0].file == str(tmp_path / "config.toml")
    assert "input should" not in str(caught.value).lower()


def test_a_row_that_is_right_raises_nothing(tmp_path: Path) -> None:
    """The frame of the rows has no mistake of its own, so each row shows its own alone."""
    (tmp_path / "config.toml").write_text(behind(f"{WIRE}\n[topics.energy]", "")[0], encoding="utf-8")
    assert [source.name for source in load(str(tmp_path / "config.toml")).sources] == ["wire"]
