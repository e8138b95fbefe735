"""What a right configuration means: defaults, absolute paths, secrets in files, warnings; and where it is found."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.config import FetchSettings, PollSettings, PublishSettings, ServeSettings, Settings, find, load
from feeds.errors import ConfigError
from feeds.model import Site, Source

MINIMAL = """\
[site]
title = "Foreign desk"
url = "https://news.example.org"
authority = "news.example.org,2026"
contact = "https://news.example.org/about"
"""
FULL = """\
[site]
title = " Foreign desk "
url = "https://news.example.org/wire"
authority = "desk@example.org,2026-01-31"
contact = "mailto:desk@example.org"
language = "PT-br"
[store]
url = "postgresql://me:pass@db.example/feeds"
[publish]
to = "s3://bucket/prefix"
entries = 50
content = "headline"
keep = "2w"
debounce = "0s"
hubs = ["https://hub.example.org/", "https://hub.example.org/"]
[poll]
interval_min = "10m"
interval_max = "1.5h"
concurrency = 8
per_host = 2
host_delay = "0.5s"
[fetch]
allow = ["127.0.0.0/8", "::1", "10.1.2.3", "intranet.example:8080", "[fd00::1]:80"]
timeout = "1m"
max_bytes = "1 MiB"
proxy = "http://proxy.example:3128"
[serve]
listen = "unix:run/feeds.sock"
hub = false
metrics = ["10.20.0.0/16"]
[engine]
kind = "procrastinate"
[[sources]]
name = "Wire-1"
title = "The Wire"
url = "https://me:pass@Wire.example:8443/feed?a=b"
language = "zh-hant-tw"
country = "tr"
kind = "wire"
priority = -3
topics = ["energy"]
content = "full"
timezone = "Europe/Kyiv"
interval_min = "90s"
enabled = false
[[sources]]
name = "desk"
url = "file:articles/*.txt"
kind = "own"
[[sources]]
name = "ngo"
url = "http://localhost:8000/feed"
[topics.energy]
words = { "0.5" = ["oil"] }
[lists.oil]
words = ["oil"]
[defaults]
need = 10
"""


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "FEEDS_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def loaded(text: str, folder: Path, *, mode: int = 0o600) -> Settings:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return load(str(file))


def warned(text: str, folder: Path, *, mode: int = 0o600) -> list[tuple[str, int]]:
    return [(warning.key, warning.line) for warning in loaded(text, folder, mode=mode).warnings]


# ------------------------------------------------------------------------------------------ settings


def test_the_least_that_must_be_written_gets_every_default(tmp_path: Path) -> None:
    settings = loaded(MINIMAL, tmp_path)
    assert settings.site == Site(
        title="Foreign desk",
        url="https://news.example.org/",
        authority="news.example.org,2026",
        contact="https://news.example.org/about",
        language="en",
    )
    assert settings.store == f"sqlite:///{tmp_path}/var/feeds.db"
    assert settings.publish == PublishSettings(to=f"{tmp_path}/public")
    assert settings.poll == PollSettings()
    assert settings.fetch == FetchSettings()
    assert (settings.serve, settings.engine, settings.sources, settings.rules) == (None, "local", (), {})


def test_everything_that_is_written_is_meant(tmp_path: Path) -> None:
    settings = loaded(FULL, tmp_path)
    assert settings.file == str(tmp_path / "config.toml")
    assert settings.site == Site(
        title="Foreign desk",
        url="https://news.example.org/wire/",
        authority="desk@example.org,2026-01-31",
        contact="mailto:desk@example.org",
        language="pt-BR",
        search=True,
    )
    assert settings.store == "postgresql://me:pass@db.example/feeds"
    assert settings.publish == PublishSettings(
        to="s3://bucket/prefix",
        entries=50,
        content="headline",
        keep=timedelta(days=14),
        debounce=timedelta(0),
        hubs=("https://hub.example.org/",),
    )
    assert settings.poll == PollSettings(
        interval_min=timedelta(minutes=10),
        interval_max=timedelta(minutes=90),
        concurrency=8,
        per_host=2,
        host_delay=0.5,
    )
    assert settings.fetch == FetchSettings(
        allow=("127.0.0.0/8", "::1", "10.1.2.3", "intranet.example:8080", "[fd00::1]:80"),
        timeout=60.0,
        max_bytes=2**20,
        proxy="http://proxy.example:3128",
    )
    assert settings.serve == ServeSettings(
        listen=f"unix:{tmp_path}/run/feeds.sock", hub=False, metrics=("10.20.0.0/16",)
    )
    assert (settings.hub, settings.hubs) == ("", ("https://hub.example.org/",))
    assert settings.engine == "procrastinate"
    assert settings.sources == (
        Source(
            name="Wire-1",
            title="The Wire",
            url="https://me:pass@Wire.example:8443/feed?a=b",
            language="zh-Hant-TW",
            country="TR",
            kind="wire",
            priority=-3,
            topics=("energy",),
            content="full",
            timezone="Europe/Kyiv",
            interval_min=90,
            enabled=False,
        ),
        Source(name="desk", url=f"file:{tmp_path}/articles/*.txt", kind="own", content="full", interval_min=600),
        Source(name="ngo", url="http://localhost:8000/feed", content="headline", interval_min=600),
    )
    assert settings.rules == {
        "topics": {"energy": {"words": {"0.5": ["oil"]}}},
        "lists": {"oil": {"words": ["oil"]}},
        "defaults": {"need": 10},
    }


def test_settings_know_the_lines_of_rules(tmp_path: Path) -> None:
    settings = loaded(FULL, tmp_path)
    lines = FULL.splitlines()
    assert lines[settings.line("topics.energy.words.0.5") - 1].startswith("words")
    assert lines[settings.line("topics.energy.need") - 1] == "[topics.energy]"
    assert lines[settings.line("defaults.need") - 1] == "need = 10"
    assert lines[settings.line("sources[1].url") - 1] == "[[sources]]"
    assert settings.line("nothing.of.this") == 0


def test_an_empty_serve_table_serves(tmp_path: Path) -> None:
    assert loaded(f"{MINIMAL}[serve]\n", tmp_path).serve == ServeSettings()


def test_a_test_may_poll_each_second(tmp_path: Path) -> None:
    text = MINIMAL + '[poll]\ninterval_min = "1s"\n[[sources]]\nname = "a"\nurl = "file:a"\ninterval_min = "2s"\n'
    assert loaded(text, tmp_path).sources[0].interval_min == 2


def test_a_file_with_a_byte_order_mark_and_dos_lines_is_read(tmp_path: Path) -> None:
    assert loaded("\ufeff" + MINIMAL.replace("\n", "\r\n"), tmp_path).site.title == "Foreign desk"


# --------------------------------------------------------------------------------------------- paths


@pytest.mark.parametrize(
    ("url", "path"),
    [
        pytest.param("file:a/b.xml", "{here}/a/b.xml", id="relative"),
        pytest.param("file:../feeds/*.xml", "{above}/feeds/*.xml", id="glob beside the folder"),
        pytest.param("file:/srv/feeds/", "/srv/feeds", id="absolute"),
        pytest.param("file:///srv/a b.xml", "/srv/a b.xml", id="file URL"),
        pytest.param("FILE://localhost/srv/a.xml", "/srv/a.xml", id="file URL with this host"),
    ],
)
def test_a_file_source_has_an_absolute_path(url: str, path: str, tmp_path: Path) -> None:
    (source,) = loaded(f'{MINIMAL}[[sources]]\nname = "a"\nurl = "{url}"\n', tmp_path).sources
    assert source.url == "file:" + path.format(here=tmp_path, above=tmp_path.parent)
    assert source.is_file


def test_a_relative_config_gives_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(MINIMAL, tmp_path)
    monkeypatch.chdir(tmp_path)
    settings = load("config.toml")
    assert (settings.file, settings.publish.to) == ("config.toml", f"{tmp_path}/public")


def test_state_goes_where_systemd_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/feeds:/var/lib/other")
    settings = loaded(MINIMAL + '[serve]\nlisten = "unix:a.sock"\n[[sources]]\nname = "a"\nurl = "file:a"\n', tmp_path)
    assert settings.store == "sqlite:////var/lib/feeds/var/feeds.db"
    assert settings.publish.to == "/var/lib/feeds/public"
    assert settings.sources[0].url == f"file:{tmp_path}/a"
    text = MINIMAL + '[store]\nurl = "sqlite:////srv/x.db"\n[publish]\nto = "/srv/public"\n'
    settings = loaded(text, tmp_path)
    assert (settings.store, settings.publish.to) == ("sqlite:////srv/x.db", "/srv/public")


# ------------------------------------------------------------------------------------------- secrets

KEPT = """
[store]
url_file = "store-url"
[fetch]
proxy_file = "secrets/proxy"
[[sources]]
name = "a"
url_file = "a"
"""


def test_secrets_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = tmp_path / "credentials"
    for folder in (credentials, tmp_path / "secrets"):
        folder.mkdir()
    (credentials / "store-url").write_text("postgresql://me:pass@db/feeds\n")
    (tmp_path / "secrets" / "proxy").write_text("http://me:pass@proxy:3128")
    (tmp_path / "a").write_text("https://me:pass@wire.example/feed\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    settings = loaded(MINIMAL + KEPT + "[topics.a]\n", tmp_path, mode=0o644)
    assert settings.store == "postgresql://me:pass@db/feeds"
    assert settings.fetch.proxy == "http://me:pass@proxy:3128"
    assert settings.sources[0].url == "https://me:pass@wire.example/feed"
    assert settings.warnings == ()


def test_a_secret_that_is_wrong_is_told_once_by_the_key_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("htp//me:pass@wire.example")
    with pytest.raises(ConfigError) as caught:
        loaded(MINIMAL + KEPT, tmp_path)
    assert [mistake.key for mistake in caught.value.mistakes] == [
        "store.url_file",
        "fetch.proxy_file",
        "sources[0].url_file",
    ]
    assert "pass" not in str(caught.value)


# ------------------------------------------------------------------------------------------ warnings

USED = '[[sources]]\nname = "a"\nurl = "https://a.example/"\n[topics.energy]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(MINIMAL + USED, [], id="nothing to warn of"),
        pytest.param(MINIMAL, [("sources", 0), ("topics", 0)], id="nothing to do"),
        pytest.param(f"{MINIMAL}{USED}".replace("[topics", "enabled = false\n[topics"), [("sources", 6)], id="all off"),
        pytest.param(MINIMAL.replace("https://n", "http://n") + USED, [("site.url", 3)], id="readers by http"),
        pytest.param(MINIMAL.replace("https://news.example.org", "http://[::1]:80", 1) + USED, [], id="loopback"),
        pytest.param(MINIMAL.replace("https://news.example.org", "http://localhost", 1) + USED, [], id="localhost"),
        pytest.param(f'{MINIMAL}[poll]\ninterval_min = "15s"\n{USED}', [("poll.interval_min", 7)], id="in haste"),
        pytest.param(f'{MINIMAL}[fetch]\nallow = ["::/0"]\n{USED}', [("fetch.allow[0]", 7)], id="everything allowed"),
        pytest.param(MINIMAL + USED.replace("https://a.example/", "file:gone"), [("sources[0].url", 8)], id="no file"),
        pytest.param(MINIMAL + USED.replace("https://a.example/", "file:*.xml"), [], id="a glob may be empty"),
    ],
)
def test_warnings_are_few_and_at_their_line(text: str, expected: list[tuple[str, int]], tmp_path: Path) -> None:
    assert warned(text, tmp_path) == expected


def test_a_credential_that_all_may_read_is_warned_of(tmp_path: Path) -> None:
    told = ["store.url", "sources[0].url"]
    assert [key for key, _ in warned(FULL, tmp_path, mode=0o644)] == told
    assert warned(FULL, tmp_path, mode=0o640) == []
    assert "pass" not in "\n".join(map(str, loaded(FULL, tmp_path, mode=0o644).warnings))


# -------------------------------------------------------------------------------------------- finding


def test_the_config_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded(MINIMAL, tmp_path)
    assert find(None) == "config.toml"
    monkeypatch.setenv("FEEDS_CONFIG", "")
    assert find(None) == "config.toml"
    monkeypatch.setenv("FEEDS_CONFIG", "/srv/named.toml")
    assert find(None) == "/srv/named.toml"
    assert find("given.toml") == "given.toml"


@pytest.mark.skipif(Path("/etc/feeds/config.toml").exists(), reason="this machine has a configuration of its own")
def test_no_config_names_all_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        find(None)
    for part in ("$FEEDS_CONFIG", "./config.toml", "/etc/feeds/config.toml", "--config FILE", "docs/configuration.md"):
        assert part in str(caught.value)


def test_settings_alone_do_not_bring_in_pydantic() -> None:
    code = "import feeds.config, sys; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_has_no_other_attributes() -> None:
    import feeds.config

    with pytest.raises(AttributeError, match="nothing_of_this"):
        _ = feeds.config.nothing_of_this
