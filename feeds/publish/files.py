"""A folder as a shelf: whole files or none, each text with its gzip twin, nothing outside the folder ever touched.

The twin is put first. So whoever sees new text also finds the new twin beside it; between the two steps, or after a
crash there, the twin alone is newer, and the next `put` mends that. A gzip file ends in CRC and length of what it
holds (RFC 1952 section 2.3.1): by these `put` knows, and a server can know, whether the pair agrees.

Each step goes down from a descriptor of the folder above and follows no link; only the root itself may be one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from isal import igzip_lib

from feeds import faults
from feeds.errors import ShelfBusy, ShelfError

_BINARY = (".gif", ".ico", ".jpg", ".jpeg", ".png", ".webp", ".woff2", "favicon")  # these shrink no further
_TEMPORARY = ".feeds-"  # begins the name of every file that is not whole yet
_TWIN = ".gz"
_LOOK = 0.05  # seconds between two looks at a lock
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # non-blocking: a pipe in our place must not hold us


class Folder:
    """The port `Shelf` over one folder. Any number of threads and processes may use the same one.

    Every method raises ShelfError if the disk fails, or a name or a link would lead outside.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = os.fspath(root)

    def put(self, name: str, body: bytes) -> bool:
        """Put `body` under `name`, whole or not at all, its twin first. False: both stood there already."""
        *folders, last = _parts(name)
        with self._told(name), self._open(folders, create=True) as folder:
            changed = False
            if has_twin(name) and not agrees(body, _read(folder, last + _TWIN)):
                _replace(folder, last + _TWIN, gzip(body))
                changed = True
            if _read(folder, last) != body:
                _replace(folder, last, body)
                changed = True
            if changed:
                os.fsync(folder)
                faults.point()
        return changed

    def get(self, name: str) -> bytes | None:
        """What stands under `name`, None if nothing does. A twin may be asked for as well, as `name.gz`."""
        *folders, last = _parts(name.removesuffix(_TWIN))
        last += _TWIN if name.endswith(_TWIN) else ""
        with self._told(name):
            try:
                with self._open(folders) as folder:
                    return _read(folder, last)
            except FileNotFoundError:
                return None

    def modified(self, name: str) -> datetime | None:
        """When the bytes under `name` were put there, None if nothing stands there; UTC."""
        *folders, last = _parts(name)
        with self._told(name):
            try:
                with self._open(folders) as folder:
                    found = os.stat(last, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                return None
        return _moment(found) if stat.S_ISREG(found.st_mode) else None

    def remove(self, name: str) -> None:
        """Take `name` and its twin away; harmless if they are not there."""
        *folders, last = _parts(name)
        with self._told(name):
            try:
                with self._open(folders) as folder:
                    for each in (last + _TWIN, last):  # so a crash between leaves a name that `names` tells
                        _unlink(folder, each)
                        faults.point()
                    os.fsync(folder)
                if folders:
                    with self._open(folders[:-1]) as above:
                        _remove_if_empty(above, folders[-1])
            except FileNotFoundError:
                return

    def names(self, *, but: Collection[str] = ()) -> Iterator[str]:
        """All names, twins, unfinished files and what is in the folders `but` left out, sorted."""
        return iter(sorted(name for name, _, _ in self._walk(but=but)))

    def times(self, *, but: Collection[str] = ()) -> Iterator[tuple[str, datetime]]:
        """All names with when their bytes were put there, likewise; UTC."""
        return iter(sorted((name, _moment(found)) for name, _, found in self._walk(but=but)))

    def names_below(self, folder: str) -> Iterator[str]:
        """All names in `folder`, likewise."""
        return iter(sorted(f"{folder}/{name}" for name, _, _ in self._walk(*_parts(folder))))

    @contextmanager
    def alone(self, *, seconds: float) -> Iterator[None]:
        """Be the only one who publishes inside the block: the root itself is locked, and the lock ends with us."""
        with self._told("."), self._open([], create=True) as root:
            self._lock(root, until=time.monotonic() + seconds)
            yield

    def _lock(self, root: int, *, until: float) -> None:
        while True:
            try:
                return fcntl.flock(root, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise ShelfBusy(f"{self._root}: another process is publishing; try again") from None
                time.sleep(_LOOK)

    def sweep(self, folder: str = "", *, but: Collection[str] = ()) -> int:
        """Remove what killed writers left unfinished, in one folder or in all but the folders `but`. Returns how many.
        Files in the making elsewhere are let be."""
        found = self._walk(*(_parts(folder) if folder else ()), but=but, wanted=_is_temporary)
        return sum(_abandoned(there, os.path.basename(name)) for name, there, _ in found)

    def _walk(
        self, *folders: str, but: Collection[str] = (), wanted: Callable[[str], bool] | None = None
    ) -> Iterator[tuple[str, int, os.stat_result]]:
        """(name, descriptor of its folder, state) of every regular file below a folder; links are not followed. The
        names that are `wanted`, by default those that `put` takes, are all that is looked at."""
        wanted = wanted or _is_name
        if not os.path.lexists(os.path.join(self._root, *folders)):
            return
        with self._told("/".join(folders) or "."), self._open(list(folders)) as root:
            for path, below, found, folder in os.fwalk(".", dir_fd=root, follow_symlinks=False, onerror=_unless_gone):
                if path == ".":
                    below[:] = [name for name in below if name not in but]
                for name in (os.path.join(path, last).removeprefix("./") for last in found):
                    if wanted(name) and (state := _state(folder, os.path.basename(name))) is not None:
                        yield name, folder, state

    @contextmanager
    def _open(self, folders: list[str], *, create: bool = False) -> Iterator[int]:
        """Yield a descriptor of a folder below the root."""
        if create:
            os.makedirs(self._root, exist_ok=True)
        folder = os.open(self._root, _FOLDER & ~os.O_NOFOLLOW)
        try:
            for name in folders:
                if create:
                    _make_folder(folder, name)
                below = os.open(name, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            link = exc.errno in (errno.ELOOP, errno.ENOTDIR)
            why = "a link or a file stands in the way" if link else os.strerror(exc.errno or 0)
            raise ShelfError(f"{os.path.join(self._root, name)}: {why}") from exc


def has_twin(name: str) -> bool:
    """Whether a name holds text, which gets a `.gz` beside it."""
    return not name.endswith(_BINARY)


def gzip(body: bytes) -> bytes:
    """Compress, always to the same bytes: one library, one level, no name and no time in the head."""
    packed: bytes = igzip_lib.compress(body, level=2, flag=igzip_lib.COMP_GZIP)
    return packed


def agrees(body: bytes, twin: bytes | None) -> bool:
    """Whether `twin` holds `body`, by its own last words."""
    trailer = zlib.crc32(body).to_bytes(4, "little") + (len(body) % 2**32).to_bytes(4, "little")
    return twin is not None and twin[-8:] == trailer


def _parts(name: str) -> list[str]:
    if not _is_name(name):
        raise ShelfError(f"{name!r}: no name for a published file")
    return name.split("/")


def _is_name(name: str) -> bool:
    """Relative, no step up, nothing unprintable (NUL, lone surrogates), and not of the names that we keep to us."""
    leads_elsewhere = {"", ".", ".."} & set(name.split("/"))
    return not leads_elsewhere and name.isprintable() and not name.endswith(_TWIN) and not _is_temporary(name)


def _is_temporary(name: str) -> bool:
    return name.rpartition("/")[2].startswith(_TEMPORARY)


def _read(folder: int, name: str) -> bytes | None:
    try:
        file = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        return None
    with open(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return stream.read()


def _replace(folder: int, name: str, body: bytes) -> None:
    """Write beside, force to disk, rename over. A reader sees the old file or the new one, and so does a crash."""
    temporary, file = _create(folder)
    try:
        with open(file, "wb") as stream:
            faults.point()
            stream.write(body)
            stream.flush()
            faults.point()
            os.fsync(file)
            faults.point()
            os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            faults.point()
    except BaseException:
        _unlink(folder, temporary)
        raise


def _create(folder: int) -> tuple[str, int]:
    """A new file that is ours as long as it is locked; the lock dies with us, which tells `sweep` whose it is."""
    while True:
        name = _TEMPORARY + os.urandom(8).hex()
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=folder)
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:  # else a sweep came between the two lines above
            return name, file
        os.close(file)


def _abandoned(folder: int, name: str) -> bool:
    """Remove an unfinished file, unless its writer lives."""
    try:
        file = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        _unlink(folder, name)
        return True
    finally:
        os.close(file)


def _make_folder(parent: int, name: str) -> None:
    try:
        os.mkdir(name, 0o755, dir_fd=parent)
    except FileExistsError:
        return
    faults.point()
    os.fsync(parent)
    faults.point()


def _unlink(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


def _remove_if_empty(above: int, folder: str) -> None:
    try:
        os.rmdir(folder, dir_fd=above)
    except OSError as exc:
        if exc.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _state(folder: int, name: str) -> os.stat_result | None:
    """Of a regular file; None for anything else."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _moment(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime, UTC)


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
