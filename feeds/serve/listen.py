"""Get the sockets to listen on: handed down by systemd, or bound by ourselves."""

from __future__ import annotations

import os
import resource
import socket
import stat
from contextlib import suppress

from feeds.errors import UserError

_FIRST = 3  # SD_LISTEN_FDS_START
_BACKLOG = 1024
_MOST = 4096  # connections
_UNIX = "unix:"


def inherited() -> list[socket.socket]:
    """The listening sockets that systemd opened for this process; none without socket activation.

    sd_listen_fds(3): LISTEN_PID says whom the descriptors from 3 on are for, LISTEN_FDS how many they are.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = os.environ.get("LISTEN_FDS", "")
    sockets = [socket.socket(fileno=_FIRST + n) for n in range(int(count) if count.isdecimal() else 0)]
    for sock in sockets:
        sock.set_inheritable(False)  # children have no business with it
    return sockets


def bind(listen: str) -> socket.socket:
    """A socket that listens on `listen`: host:port, [v6 address]:port or unix:/absolute/path.

    Raises:
        UserError: the address is malformed, taken or not ours.
    """
    try:
        return _bind_unix(listen.removeprefix(_UNIX)) if listen.startswith(_UNIX) else _bind_tcp(listen)
    except (OSError, ValueError) as exc:
        raise UserError(f"cannot listen on {listen}: {exc}; change listen in [serve]") from exc


def room() -> int:
    """How many connections we may hold: half of the open files. Raises the soft limit on those first, if it is low."""
    soft, hard = (_enough(limit) for limit in resource.getrlimit(resource.RLIMIT_NOFILE))
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return hard // 2


def _enough(limit: int) -> int:
    return 2 * _MOST if limit == resource.RLIM_INFINITY else min(limit, 2 * _MOST)


def address(sock: socket.socket) -> str:
    """Where clients find a listening socket: a URL, or unix:/path."""
    if sock.family == socket.AF_UNIX:
        return _UNIX + str(sock.getsockname())
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def port(sock: socket.socket) -> int:
    """The port of a listening socket; 0 for a unix socket."""
    return 0 if sock.family == socket.AF_UNIX else int(sock.getsockname()[1])


def release(listen: str) -> None:
    """Take away what `bind(listen)` left in the file system: the file of a unix socket."""
    if listen.startswith(_UNIX):
        with suppress(FileNotFoundError):
            os.unlink(listen.removeprefix(_UNIX))


def _bind_tcp(listen: str) -> socket.socket:
    host, _, number = listen.rpartition(":")
    if not 0 <= int(number) < 65536:  # getaddrinfo takes it modulo 65536
        raise ValueError("no such port")
    family, _, _, _, place = socket.getaddrinfo(
        host.strip("[]") or None, int(number), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(place[:2], family=family, backlog=_BACKLOG)


def _bind_unix(path: str) -> socket.socket:
    if not path.startswith("/"):
        raise ValueError("the path is not absolute")
    _clear_stale(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(path)
        os.chmod(path, 0o666)  # noqa: S103 - the web server in front runs as another user; what we serve is public
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _clear_stale(path: str) -> None:
    """Remove the socket file of a server that died; leave one that answers, and anything that is no socket."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
