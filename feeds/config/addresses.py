"""Addresses that config.toml may name: web, file, database, bucket, network, socket. Checked as in `values`."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from feeds.config.words import Wrong, printable, quoted

_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_DNS = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
# RFC 4151 section 2.1: authorityName (a domain or an e-mail address), comma, date.
_AUTHORITY = re.compile(rf"({_DNS}|[a-z0-9._-]+@{_DNS}),\d{{4}}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
# Its last label begins with a letter: 256.1.1.1 is no name, and no address either.
_PROXY_HOST = re.compile(r"([a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*\.?")
_MAIL = re.compile(rf"[^\s@<>\"?:/]+@{_DNS}", re.IGNORECASE)
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\s?#]*)?")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_ALMOST_WEB = re.compile(r"(feed://|feed:|https?:)?/*", re.IGNORECASE)

# ---------------------------------------------------------------------------------------------- web


def web(text: str) -> str:
    """An absolute http(s) address. It may hold credentials: no message shows them."""
    _split(text)
    return text


def site(text: str) -> str:
    """The address under which the files are published; a missing slash at its end is added."""
    parts = _split(text)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise Wrong(
            f"{quoted(text)} holds more than a host and a path; readers see this address everywhere",
            'write it like "https://news.example.org/"',
        )
    return text if text.endswith("/") else f"{text}/"


def hub(text: str) -> str:
    """The address of a WebSub hub, as readers are told it."""
    if "@" in _split(text).netloc:
        raise Wrong(f"{quoted(text)} holds a name or a password; readers see this address everywhere", "take it out")
    return text


def source(text: str) -> str:
    """A feed on the web, or `file:` and the path of a file, folder or glob (relative ones stay so here)."""
    if text.lower().startswith("file:"):
        path = text[len("file:") :]
        if path.startswith("//"):
            path = path.removeprefix("//").removeprefix("localhost")
            if not path.startswith("/"):
                raise Wrong(f"{quoted(text)} names another machine", f"write {quoted(f'file:{path}')} for a path here")
        return f"file:{_path(path)}"
    if text.startswith(("/", "./", "../", "~")):
        raise Wrong(f"{quoted(text)} is neither a web address nor file:", f"write {quoted(f'file:{text}')}")
    return web(text)


def proxy(text: str) -> str:
    """The address of a proxy, `http://host:port` and perhaps a user before the host, or "". All that a fetch takes."""
    if not text:
        return text
    scheme = _SCHEME.match(text)
    if not scheme or scheme[1].lower() != "http":
        better = "http://host:port" if scheme else _ALMOST_WEB.sub("http://", text, count=1)
        remedy = f"write {quoted(better)}; sources by https are encrypted through it all the same"
        raise Wrong(f"{quoted(text)} is not an http proxy, the only kind that is understood", remedy)
    parts = _split(text)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise Wrong(f"{quoted(text)} has a path, which no proxy has", 'write "http://host:port"')
    host = parts.hostname or ""
    if not (_is_address(host) or _PROXY_HOST.fullmatch(host)):
        remedy = 'write it like "http://proxy.example.org:3128" or "http://10.0.0.5:3128"'
        raise Wrong(f"{quoted(text)} has a host that is neither an address nor a name in ASCII", remedy)
    return text


def contact(text: str) -> str:
    """Where people reach the operator: mailto: or http(s)."""
    if text.startswith("mailto:"):
        if not _MAIL.fullmatch(text.removeprefix("mailto:")):
            raise Wrong(f"{quoted(text)} is not an e-mail address", 'write one like "mailto:desk@example.org"')
        return text
    if _MAIL.fullmatch(text):
        raise Wrong(f'"{printable(text)}" is a bare e-mail address', f'write "mailto:{printable(text)}"')
    return web(text)


def authority(text: str) -> str:
    """The naming authority of our tag: ids, a domain and a date (RFC 4151 section 2.1)."""
    if not _AUTHORITY.fullmatch(text):
        raise Wrong(
            f"{quoted(text)} is not a domain and a date (RFC 4151)",
            'write a domain of yours in small letters, a comma and a year of yours with it: "news.example.org,2026"',
        )
    return text


def _split(text: str) -> SplitResult:
    if not text:
        raise Wrong("is empty", 'write an address such as "https://news.example.org/feed"')
    if not text.isprintable() or any(c in ' \\<>"' for c in text):
        raise Wrong(f"{quoted(text)} holds a space, a backslash or another character that no address has", "mend it")
    scheme = _SCHEME.match(text)
    if not scheme or scheme[1].lower() == "feed":
        better = _ALMOST_WEB.sub("https://", text, count=1)
        raise Wrong(f"{quoted(text)} does not begin with https:// or http://", f"write {quoted(better)}")
    if scheme[1].lower() not in ("http", "https"):
        raise Wrong(f"{quoted(text)} is neither http nor https", "write an address that begins with https://")
    try:
        parts = urlsplit(text)
        if not _is_host(parts.hostname or "") or parts.port == 0:
            raise ValueError
    except ValueError:
        remedy = 'write it like "https://host/path" or "https://host:8443/path"'
        raise Wrong(f"{quoted(text)} has no host, or one that cannot be, or an impossible port", remedy) from None
    return parts


def _is_host(text: str) -> bool:
    return _is_address(text) or all(_LABEL.fullmatch(label) for label in text.removesuffix(".").split("."))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


# --------------------------------------------------------------------------------- files and stores


def store(text: str) -> str:
    """An SQLAlchemy URL of SQLite (three slashes and a path, four if it is absolute) or PostgreSQL."""
    if re.match(r"postgresql(\+psycopg)?://[^/]*(/|$)", text) and text.isprintable() and " " not in text:
        return text
    if text.startswith("sqlite:///"):
        path = _path(text.removeprefix("sqlite:///"))
        if path.startswith(":memory:") or "?" in path:
            raise Wrong(f"{quoted(text)} is not a file, and so would be forgotten", 'write "sqlite:///var/feeds.db"')
        return text
    if text.startswith("postgres"):
        raise Wrong(f"{quoted(text)} is not an address of PostgreSQL", 'write "postgresql://host/database"')
    path = re.sub(r"^sqlite[^:]*:/*", "", text)
    better = f"sqlite:///{path}" if path and ":" not in path else "sqlite:///var/feeds.db"
    remedy = f'write {quoted(better)} or "postgresql://host/database"'
    raise Wrong(f"{quoted(text)} is not the address of a database", remedy)


def publish(text: str) -> str:
    """A folder, or s3://bucket/prefix."""
    scheme = _SCHEME.match(text)
    if (scheme and not _BUCKET.fullmatch(text)) or text.startswith("file:"):
        raise Wrong(f"{quoted(text)} is neither a folder nor a bucket", 'write "public", say, or "s3://bucket/prefix"')
    return text if scheme else _path(text)


def secret_file(text: str) -> str:
    """The path of a file that holds one secret."""
    return _path(text)


def _path(text: str) -> str:
    if not text:
        raise Wrong("names no file or folder", "write a path; a relative one begins at the folder of this config")
    if not text.isprintable():
        raise Wrong(f"{quoted(text)} holds an invisible character", "take it out")
    if text.startswith("~"):
        raise Wrong(f"{quoted(text)} begins with ~, which only a shell understands", "write the whole path")
    return text


# ------------------------------------------------------------------------------ sockets and networks


def listen(text: str) -> str:
    """Where the server listens: host:port, or unix: and a path."""
    if text.startswith("unix:"):
        return f"unix:{_path(text.removeprefix('unix:'))}"
    if not _is_host_and_port(text):
        raise Wrong(
            f"{quoted(text)} is not an address to listen at",
            'write host:port such as "127.0.0.1:8080" ("0.0.0.0:8080" for every network), or "unix:/run/feeds.sock"',
        )
    return text


def allowed(text: str) -> str:
    """What may be dialled though it is private: a network, an address, or host:port."""
    if _is_network(text) or _is_host_and_port(text):
        return text
    try:
        remedy = f'write "{ip_network(text, strict=False)}"'
    except ValueError:
        remedy = 'write a network "10.0.0.0/8", an address "10.1.2.3", or a host with its port "intranet.example:8080"'
    raise Wrong(f"{quoted(text)} is neither a network, nor an address, nor host:port", remedy)


def network(text: str) -> str:
    """A network, or one address."""
    if _is_network(text):
        return text
    try:
        remedy = f'write "{ip_network(text, strict=False)}"'
    except ValueError:
        remedy = 'write a network "10.0.0.0/8" or an address "10.1.2.3"'
    raise Wrong(f"{quoted(text)} is neither a network nor an address", remedy)


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _is_host_and_port(text: str) -> bool:
    host, _, port = text.rpartition(":")
    if not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65_535:
        return False
    if host.startswith("[") and host.endswith("]"):
        return ":" in host and _is_address(host[1:-1])
    return ":" not in host and _is_host(host)
