"""All mistakes come in one run, none hides another, none shows a secret, and nothing but ConfigError is raised."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feeds.config import load
from feeds.errors import ConfigError, Mistake

MANY = """\
title = "Foreign desk"                          #! title
[site]                                          #! site.authority
titel = "Foreign desk"                          #! site.titel
title = "Foreign desk"
url = "ftp://news.example.org/"                 #! site.url
contact = "desk@example.org"                    #! site.contact
language = "english"                            #! site.language

[store]
url = "var/feeds.db"                            #! store.url

[publish]
entries = "many"                                #! publish.entries
content = "exerpt"                              #! publish.content
keep = 180                                      #! publish.keep
debounce = 30s                                  #! publish.debounce

[pol]                                           #! pol
interval_min = "15m"

[poll]
interval_min = "2d"                             #! poll.interval_min
concurrency = 0                                 #! poll.concurrency
host_delay = "soon"                             #! poll.host_delay

[fetch]
allow = [
  "10.0.0.0/8",
  "10.1.2.3/8",                                 #! fetch.allow[1]
  "intranet.example",                           #! fetch.allow[2]
]
proxy = http://me:hunter2@proxy.example:3128    #! fetch.proxy
max_bytes = "1TB"                               #! fetch.max_bytes

[serve]
listen = 8080                                   #! serve.listen
hub = "yes"                                     #! serve.hub
metrics = ["10.0.0.1/8"]                        #! serve.metrics[0]

[engine]
kind = "procrastinat"                           #! engine.kind

[[sources]]
name = "Kyiv Independent"                       #! sources[0].name
url = "kyivindependent.com/feed"                #! sources[0].url
country = "UK"                                  #! sources[0].country
kind = "news"                                   #! sources[0].kind

[[sources]]
name = "wire"
url = "https://me:hunter2@/x"                   #! sources[1].url
topics = ["ukrain", "energy"]                   #! sources[1].topics[0]
language = "ua"                                 #! sources[1].language
timezone = "Kyiv"                               #! sources[1].timezone
titel = "half open                              #! sources[1].titel

[[sources]]                                     #! sources[2].url
name = "wire"                                   #! sources[2].name
priority = 1
priority = 2                                    #! sources[2].priority
enabled = 1                                     #! sources[2].enabled

[topics.ukraine]
use = "ukraine"
[topics.search]                                 #! topics.search
[topics.energy]
need = "much"                                   #! topics.energy.need
[topics.ukraine]                                #! topics.ukraine
use = "turkey"
"""


def check_need(tables: Mapping[str, Any], *, file: str, line: Callable[[str], int]) -> None:
    """A check of the rules, as the topics bring it along."""
    key = "topics.energy.need"
    if isinstance(tables["topics"]["energy"]["need"], str):
        raise ConfigError([Mistake(file=file, line=line(key), key=key, what="is text", remedy="write 10")])


def mistakes_in(text: str, folder: Path, **options: Any) -> tuple[Mistake, ...]:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(str(folder / "config.toml"), **options)
    return caught.value.mistakes


def test_many_mistakes_come_in_one_run_each_at_its_line(tmp_path: Path) -> None:
    expected = [
        (number, line.rpartition("#! ")[2]) for number, line in enumerate(MANY.splitlines(), 1) if "#! " in line
    ]
    found = mistakes_in(MANY, tmp_path, check_rules=check_need)
    assert [(mistake.line, mistake.key) for mistake in found] == expected
    assert len(expected) >= 38
    assert "hunter2" not in "\n".join(map(str, found))


def test_a_mistake_names_its_source(tmp_path: Path) -> None:
    told = {mistake.key: mistake.what for mistake in mistakes_in(MANY, tmp_path)}
    assert told["sources[0].country"].startswith('source "Kyiv Independent": ')
    assert told["sources[1].topics[0]"].startswith('source "wire": ')


def test_checking_goes_no_further_than_is_certain(tmp_path: Path) -> None:
    """Behind a list that never ends nothing can be told apart: one mistake, not twenty wrong ones."""
    found = mistakes_in('[site]\ntitle = 3 x\n[fetch]\nallow = ["a"\n\n[serve]\nlisten = "x"\n', tmp_path)
    assert [mistake.line for mistake in found] == [2, 6]


# ------------------------------------------------------------------------------------------- secrets

SECRET = "hunter2"


@given(
    key=st.sampled_from(
        ["store.url", "fetch.proxy", "publish.to", "serve.listen", "site.url", "sources.url", "fetch.no"]
    ),
    before=st.sampled_from(
        ["", "//", "https://", "http:/", "HTTPS://", "feed://", "ftp://", "postgres://", "file://", "a"]
    ),
    user=st.sampled_from(["", "me:", "me:/", "me:#", "me:?x=", "me@x:", "[", "me: "]),
    after=st.text(max_size=8) | st.sampled_from(["host/", "host:port/", "[::1/", "host /x", ""]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_stands_before_an_at_sign_is_never_shown(
    tmp_path: Path, key: str, before: str, user: str, after: str
) -> None:
    table, name = key.split(".")
    value = f"{before}{user}{SECRET}@{after}"
    text = "".join(c if c.isalnum() or c in "-_/:.@[]#?=&" else f"\\U{ord(c):08x}" for c in value)
    header = (
        "[[sources]]\nname = 'x'"
        if table == "sources"
        else f"[{table}]\ntitle = 3"
        if table == "site"
        else f"[{table}]"
    )
    told = mistakes_or_warnings(f'{header}\n{name} = "{text}"\n', tmp_path)
    assert SECRET not in "\n".join(map(str, told))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f'url = "htps://wire.example/feed?key={SECRET}"', id="query"),
        pytest.param(f'url = "https://me:{SECRET}@wire.example/feed', id="text that is not closed"),
        pytest.param(f"url = https://me:{SECRET}@wire.example/feed", id="text without quotes"),
        pytest.param(f'uri = "https://me:{SECRET}@wire.example/feed"', id="unknown key"),
        pytest.param(f'enabled = "https://me:{SECRET}@wire.example/feed"', id="wrong key"),
        pytest.param(f'kind = "https://me:{SECRET}@wire.example/feed"', id="wrong choice"),
        pytest.param(f'topics = ["https://me:{SECRET}@wire.example/feed"]', id="in a list"),
        pytest.param(f'interval_min = "https://me:{SECRET}@wire.example/feed"', id="duration"),
        pytest.param(f'url = "https://me:{SECRET}@wire.example/a"\n[[sources]]\nname = "b"\n'
                     f'url = "https://me:{SECRET}@wire.example/a"', id="twice"),
        pytest.param('url_file = "secret"', id="file of two lines"),
    ],
)  # fmt: skip
def test_a_secret_is_not_shown(line: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\nsecond line {SECRET}")
    found = mistakes_in(f"{RIGHT}\n[[sources]]\nname = 'x'\n{line}\n", tmp_path)
    assert SECRET not in "\n".join(map(str, found))


# ---------------------------------------------------------------------------------- whatever is written

RIGHT = """\
[site]
title = "Foreign desk"
url = "https://news.example.org/"
authority = "news.example.org,2026"
contact = "mailto:desk@example.org"
"""
FULL = f"""{RIGHT}
[fetch]
allow = ["10.0.0.0/8", # a comment
  'intranet.example:80']
[[sources]]
name = "wire"
url = "https://wire.example/feed"
topics = ["energy"]
[topics.energy]
words = {{ 10 = ["oil"] }}
[topics.energy."quoted key"]
text = \"""
[no.header]
\"""
"""


def mistakes_or_warnings(text: str, folder: Path) -> tuple[Mistake, ...]:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    try:
        return load(str(folder / "config.toml")).warnings
    except ConfigError as error:
        return error.mistakes or pytest.fail("refused without a reason")


@given(
    at=st.integers(0, len(FULL)),
    gone=st.integers(0, 12),
    put=st.text(alphabet="[]{}=\"'\n#.,\\ azAZ09-_:/\x00\u2028é", max_size=6),
)
@example(at=0, gone=0, put="\n")
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_is_loaded_or_refused_in_words(tmp_path: Path, at: int, gone: int, put: str) -> None:
    text = FULL[:at] + put + FULL[at + gone :]
    for mistake in mistakes_or_warnings(text, tmp_path):
        assert 0 <= mistake.line <= text.count("\n") + 1
        assert mistake.what
        assert mistake.remedy
        assert str(mistake).isprintable()


# -------------------------------------------------------------------------------------- whole files


@pytest.mark.parametrize(
    ("body", "line", "what"),
    [
        pytest.param(b"[site]\ntitle = 'D\xe9p\xeache'\n", 2, "is not UTF-8: byte 0xe9", id="latin-1"),
        pytest.param("[site]\n".encode("utf-16"), 1, "is not UTF-8: byte 0xff", id="utf-16"),
        pytest.param(b"#" * 32_000_001, 0, "is larger than 32 MB", id="too large"),
        pytest.param(b"", 0, "the table is missing", id="empty"),
    ],
)
def test_a_file_that_is_no_config(body: bytes, line: int, what: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(body)
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path / "config.toml"))
    (mistake,) = caught.value.mistakes
    assert mistake.line == line
    assert what in mistake.what


def test_a_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(str(tmp_path / "gone.toml"))
    with pytest.raises(ConfigError, match=r"is a folder; name the file in it: .*/config\.toml"):
        load(str(tmp_path))
    with pytest.raises(ConfigError, match="cannot be read"):
        load(str(tmp_path / ("x" * 300)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_must_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch(mode=0o000)
    with pytest.raises(ConfigError, match="must not be read by this user"):
        load(str(tmp_path / "config.toml"))
