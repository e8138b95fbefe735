"""The tables and keys of config.toml, and what is wrong with them in plain words. The only importer of pydantic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from feeds.config import addresses, values
from feeds.config.words import Fault, Path, Wrong, dotted, named, nearest
from feeds.model import Content, Kind

Text: TypeAlias = Annotated[str, AfterValidator(values.line_of_text)]
Language: TypeAlias = Annotated[str, AfterValidator(values.language)]
TopicName: TypeAlias = Annotated[str, AfterValidator(values.topic_name)]
LARGEST_BODY = "60MB"  # with what belongs to it, such a response takes less than 64 MiB of memory
SecretFile: TypeAlias = Annotated[str, AfterValidator(addresses.secret_file)]


def _needed(example: str) -> Any:
    return Field(examples=[example])


def _key(example: str, *, ge: int | None = None, le: int | None = None) -> Any:
    """A key that may be left out; what holds then is for the settings to say."""
    return Field(default=None, examples=[example], ge=ge, le=le)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @property
    def written(self) -> dict[str, Any]:
        """What the operator wrote, so that defaults stand in one place: the settings."""
        return self.model_dump(exclude_unset=True)


class SiteTable(_Table):
    """[site]."""

    title: Text = _needed('"Foreign desk"')
    url: Annotated[str, AfterValidator(addresses.site)] = _needed('"https://news.example.org/"')
    authority: Annotated[str, AfterValidator(addresses.authority)] = _needed('"news.example.org,2026"')
    contact: Annotated[str, AfterValidator(addresses.contact)] = _needed('"mailto:desk@example.org"')
    language: Language = _key('"en"')


class StoreTable(_Table):
    """[store]."""

    url: Annotated[str, AfterValidator(addresses.store)] = _key('"sqlite:///var/feeds.db"')
    url_file: SecretFile = _key('"store-url"')


class PublishTable(_Table):
    """[publish]."""

    to: Annotated[str, AfterValidator(addresses.publish)] = _key('"public"')
    entries: int = _key("100", ge=1, le=10_000)
    content: Content = _key('"excerpt"')
    keep: Annotated[timedelta, BeforeValidator(values.duration("1h", "36500d"))] = _key('"180d"')
    debounce: Annotated[timedelta, BeforeValidator(values.duration("0s", "1h"))] = _key('"30s"')
    hubs: list[Annotated[str, AfterValidator(addresses.hub)]] = _key('["https://hub.example.org/"]')


class PollTable(_Table):
    """[poll]."""

    interval_min: Annotated[timedelta, BeforeValidator(values.duration("1s", "30d"))] = _key('"15m"')
    interval_max: Annotated[timedelta, BeforeValidator(values.duration("1s", "30d"))] = _key('"24h"')
    concurrency: int = _key("64", ge=1, le=1024)
    per_host: int = _key("1", ge=1, le=64)
    host_delay: Annotated[float, BeforeValidator(values.seconds_between("0s", "1h"))] = _key('"1s"')
    push: bool = _key("true")


class FetchTable(_Table):
    """[fetch]."""

    allow: list[Annotated[str, AfterValidator(addresses.allowed)]] = _key('["127.0.0.0/8"]')
    timeout: Annotated[float, BeforeValidator(values.seconds_between("0.1s", "10m"))] = _key('"30s"')
    max_bytes: Annotated[int, BeforeValidator(values.size("1KB", LARGEST_BODY))] = _key('"20MB"')
    proxy: Annotated[str, AfterValidator(addresses.proxy)] = _key('"http://proxy.example.org:3128"')
    proxy_file: SecretFile = _key('"proxy-url"')


class ReadTable(_Table):
    """[read]."""

    timeout: Annotated[float, BeforeValidator(values.seconds_between("0.5s", "1m"))] = _key('"5s"')
    memory: Annotated[int, BeforeValidator(values.size("128MiB", "8GiB"))] = _key('"512MiB"')
    processes: int = _key("2", ge=1, le=64)


class ServeTable(_Table):
    """[serve]."""

    listen: Annotated[str, AfterValidator(addresses.listen)] = _key('"127.0.0.1:8080"')
    hub: bool = _key("true")
    metrics: list[Annotated[str, AfterValidator(addresses.network)]] = _key('["10.20.0.0/16"]')
    search: bool = _key("true")


class EngineTable(_Table):
    """[engine]."""

    kind: Literal["local", "procrastinate"] = _key('"local"')


class SourceTable(_Table):
    """One of [[sources]]."""

    name: Annotated[str, AfterValidator(values.source_name)] = _needed('"kyiv-independent"')
    title: Text = _key('"The Kyiv Independent"')
    url: Annotated[str, AfterValidator(addresses.source)] = _needed('"https://kyivindependent.com/feed"')
    url_file: SecretFile = _key('"kyiv-independent-url"')
    language: Language = _key('"en"')
    country: Annotated[str, AfterValidator(values.country)] = _key('"UA"')
    kind: Kind = _key('"outlet"')
    priority: int = _key("0", ge=-1000, le=1000)
    topics: list[str] = _key('["ukraine"]')
    content: Content = _key('"excerpt"')
    timezone: Annotated[str, AfterValidator(values.timezone)] = _key('"Europe/Kyiv"')
    interval_min: Annotated[timedelta, BeforeValidator(values.duration("1s", "30d"))] = _key('"15m"')
    enabled: bool = _key("true")


class Config(_Table):
    """The whole file. What stands inside of topics, lists and defaults is for the rules to check."""

    site: SiteTable = _needed("")
    store: StoreTable = StoreTable()
    publish: PublishTable = PublishTable()
    poll: PollTable = PollTable()
    fetch: FetchTable = FetchTable()
    read: ReadTable = ReadTable()
    serve: ServeTable | None = None
    engine: EngineTable = EngineTable()
    sources: list[SourceTable] = Field(default_factory=list)
    topics: dict[TopicName, dict[str, Any]] = Field(default_factory=dict)
    lists: dict[str, Any] = Field(default_factory=dict)
    defaults: dict[str, Any] = Field(default_factory=dict)


TABLES: Mapping[str, type[BaseModel]] = {
    "site": SiteTable,
    "store": StoreTable,
    "publish": PublishTable,
    "poll": PollTable,
    "fetch": FetchTable,
    "read": ReadTable,
    "serve": ServeTable,
    "engine": EngineTable,
    "sources": SourceTable,
}


def check(tables: Mapping[str, Any]) -> tuple[Config | None, list[Fault]]:
    """Hold a parsed document against the schema: all of it, or everything that is wrong with it."""
    try:
        return Config.model_validate(tables), []
    except ValidationError as error:
        return None, [_fault(details) for details in error.errors(include_url=False)]


# ---------------------------------------------------------------------------------- in plain words

_TYPES = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}


def _fault(error: ErrorDetails) -> Fault:
    """Put one finding of pydantic into our words."""
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    found, facts = error["input"], error.get("ctx", {})
    match error["type"]:
        case "value_error":
            wrong = facts["error"]
            return Fault(path=path, what=wrong.what, remedy=wrong.remedy)
        case "missing":
            return _missing(path, beside=found)
        case "extra_forbidden":
            return _unknown(path)
        case "literal_error":
            known = get_args(_keys(path)[str(path[-1])].annotation)
            meant = (nearest(found, known) if isinstance(found, str) else "") or known[0]
            what = f"must be one of {', '.join(known)}, not {named(found)}"
            return Fault(path=path, what=what, remedy=f'write {path[-1]} = "{meant}"')
        case "greater_than_equal":
            return Fault(path=path, what=f"must be at least {facts['ge']}, not {found}", remedy=_like(path))
        case "less_than_equal":
            return Fault(path=path, what=f"must be at most {facts['le']}, not {named(found)}", remedy=_like(path))
        case kind:
            what = f"must be {_TYPES.get(kind, 'of another kind')}, not {named(found)}"
            return Fault(path=path, what=what, remedy=_like(path))


def _missing(path: Path, *, beside: Mapping[str, Any]) -> Fault:
    if path == ("site",):
        return Fault(path=path, what="the table is missing", remedy="add [site] with title, url, authority and contact")
    remedy = f"add {_example(path)}"
    if path == ("site", "authority"):
        url = beside.get("url")
        host = urlsplit(url).hostname if isinstance(url, str) and _passes(addresses.site, url) else None
        remedy = (
            f'add authority = "{host or "news.example.org"},2026": a domain and a year in which it was yours; '
            "all entries are named after it, so it must never change"
        )
    return Fault(path=path, what="is missing", remedy=remedy)


def _unknown(path: Path) -> Fault:
    key, known = str(path[-1]), _keys(path)
    homes = [table for table, model in TABLES.items() if key in model.model_fields]
    if homes:
        remedy = f"it belongs in {' or '.join(map(_header, homes))}"
    elif meant := nearest(key, known):
        remedy = f"write {_header(meant) if len(path) == 1 else meant}"
    else:
        remedy = f"take it out; known here: {', '.join(known)}"
    return Fault(path=path, what=f"there is no such key in {_where(path)}", remedy=remedy)


def _like(path: Path) -> str:
    return f"write {_example(path)}"


def _example(path: Path) -> str:
    """What the operator might write at `path`, as TOML."""
    table = str(path[0])
    names = [part for part in path if isinstance(part, str)]
    if len(names) > 1 and table in TABLES:
        example = _keys(path)[names[1]].examples or [""]
        return f"{names[1]} = {example[0]}"
    return _header(table) if len(names) == 1 else f"[{dotted(path)}]"


def _header(table: str) -> str:
    headers = {"sources": "[[sources]]", "topics": "[topics.NAME]", "lists": "[lists.NAME]"}
    return headers.get(table, f"[{table}]")


def _where(path: Path) -> str:
    return _header(str(path[0])) if len(path) > 1 else "this file"


def _keys(path: Path) -> Mapping[str, FieldInfo]:
    """The keys that may stand where `path` ends."""
    return (TABLES[str(path[0])] if len(path) > 1 else Config).model_fields


def _passes(check: Callable[[str], str], value: str) -> bool:
    try:
        check(value)
    except Wrong:
        return False
    return True
