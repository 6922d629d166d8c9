"""Copies on this machine of data files that lie in object storage, so that a worker without network can read them. One directory, a bound on its size.

Data files of a Delta table never change, so a copy is known by its table, its name and its size. A query takes a lease on all the files that it reads before
it asks which are missing; a leased file is never deleted, whichever process the lease is of, and a lease ends with its process. The copy that was
read longest ago is deleted next. It fetches nothing itself (`fetching` does): a copy appears here whole, under its own name, or not at all.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Self

import msgspec

from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, Unavailable

UNREAD_S_MAX = 7 * 86_400  # a copy that was not read for so long is deleted, even if there is room
DISK_FREE_MIN_BYTES = 512 << 20  # the journal's disk is never filled with copies

_SEGMENT_BYTES_MAX = 200
_POLL_S = 0.02


class RemoteFile(msgspec.Struct, frozen=True):
    """A data file in object storage: its table's place, its name in there, its size, and where its copy belongs."""

    location: str
    key: str
    size: int
    path: str


def files_dir(root: str) -> str:
    """The folder of the copies themselves, which workers may read."""
    return os.path.join(root, "files")


def place(root: str, location: str, key: str) -> str:
    """Where a copy belongs. Folders keep their names, which tell the values of partition columns, unless this machine could not keep them."""
    segments = key.split("/")
    if not all(map(_is_plain, segments)):
        segments = [f"{hashlib.sha256(key.encode()).hexdigest()}.parquet"]
    return os.path.join(files_dir(root), hashlib.sha256(location.rstrip("/").encode()).hexdigest()[:32], *segments)


def _is_plain(segment: str) -> bool:
    return segment.isprintable() and segment not in {"", ".", ".."} and len(segment.encode()) <= _SEGMENT_BYTES_MAX


class Lease:
    """Keeps a query's copies until everybody who holds it has closed it. `missing` are those that are not here yet."""

    def __init__(self, path: str, fd: int) -> None:
        self._path = path
        self._fd = fd
        self._holders = 1
        self._counting = threading.Lock()
        self.missing: tuple[RemoteFile, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hold(self) -> bool:
        """Hold it once more; not if it has ended."""
        with self._counting:
            self._holders += bool(self._holders)
            return bool(self._holders)

    def close(self) -> None:
        """Let go of it."""
        with self._counting:
            self._holders -= 1
            if self._holders:
                return
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
            os.close(self._fd)


class Copies:
    """The copies below `root`, of all processes that use it; together they never take more than `bytes_max`."""

    def __init__(self, root: str, bytes_max: int, clock: Clock) -> None:
        self.root = root
        self._bytes_max = bytes_max
        self._clock = clock
        for folder in ("files", "parts", "leases"):
            os.makedirs(os.path.join(root, folder), mode=0o700, exist_ok=True)

    def lease(self, files: Iterable[RemoteFile]) -> Lease | None:
        """Keep these files, making room for those that are missing. `None` while other queries keep what would have to go; refused if they never fit."""
        wanted = {file.path: file for file in files}
        sizes = {path: file.size for path, file in wanted.items()}
        self._refuse_too_large(sum(sizes.values()))
        with self._alone():
            lease = self._lease(sizes)
            try:
                lease.missing = tuple(file for path, file in wanted.items() if not _is_here(path, file.size))
                fits = not lease.missing or self._make_room(sizes)
                if fits:
                    self._prepare(wanted.values(), lease.missing)
            except BaseException:
                lease.close()
                raise
        if fits:
            return lease
        lease.close()
        return None

    def fill(self, file: RemoteFile, fetch: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        """Let `fetch` write the file into a descriptor, unless another query does so already; then wait for that one. Needs a lease."""
        part = self._part(file.path)
        fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not _try_lock(fd, fcntl.LOCK_EX):
                if stopped():
                    return
                time.sleep(_POLL_S)
            if _is_here(file.path, file.size):
                return  # the other one was done; this descriptor may be the very copy
            os.ftruncate(fd, 0)
            fetch(fd)
            if stopped():
                return
            self._mark_read(fd)
            os.fsync(fd)  # or a loss of power could leave a file of the right size and other bytes
            os.replace(part, file.path)
        except FileNotFoundError:
            if not _is_here(file.path, file.size):  # another one had the same part, and gave it its name
                raise
        finally:
            os.close(fd)

    def _refuse_too_large(self, size: int) -> None:
        if size > self._bytes_max:
            raise BadRequest(
                f"[QUERY_CACHE_EXCEEDED] The query reads {_mb(size)} MiB of data files in object storage, and copies may take {_mb(self._bytes_max)} MiB "
                "on this machine: raise sql.cache_mb, or compact or split the table.",
                code="QUERY_CACHE_EXCEEDED",
            )

    @contextlib.contextmanager
    def _alone(self) -> Generator[None, None, None]:
        """One process and one thread at a time."""
        fd = os.open(os.path.join(self.root, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def _lease(self, sizes: Mapping[str, int]) -> Lease:
        path = os.path.join(self.root, "leases", secrets.token_hex(8))
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        lease = Lease(path, fd)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            with open(fd, "wb", closefd=False) as file:
                file.write(msgspec.json.encode(sizes))
        except BaseException:
            lease.close()
            raise
        return lease

    def _leased(self) -> dict[str, int]:
        """What living queries keep, this one's among it. Leases of processes that are gone are removed."""
        kept: dict[str, int] = {}
        for entry in os.scandir(os.path.join(self.root, "leases")):
            with contextlib.suppress(FileNotFoundError):
                fd = os.open(entry.path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    if _try_lock(fd, fcntl.LOCK_SH):
                        os.unlink(entry.path)
                        continue
                    with open(fd, "rb", closefd=False) as file:
                        kept |= msgspec.json.decode(file.read(), type=dict[str, int])
                finally:
                    os.close(fd)
        return kept

    def _make_room(self, sizes: Mapping[str, int]) -> bool:
        """Delete copies, what was read longest ago first, until everything that is kept fits. Whether it does."""
        kept = self._leased() | dict(sizes)
        self._drop_parts(kept)
        here = {path: (size, read_s) for path, size, read_s in self._listed()}
        total = sum(kept.values()) + sum(size for path, (size, _) in here.items() if path not in kept)
        coming = sum(size for path, size in kept.items() if here.get(path, (-1, 0.0))[0] != size)
        free = shutil.disk_usage(self.root).free - coming - DISK_FREE_MIN_BYTES
        unread_since = self._clock.wall_ns() / 1e9 - UNREAD_S_MAX
        for path, (size, read_s) in sorted(here.items(), key=lambda item: item[1][1]):
            if path in kept or (total <= self._bytes_max and free >= 0 and read_s >= unread_since):
                continue
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            self._drop_folders(os.path.dirname(path))
            total -= size
            free += size
        if total <= self._bytes_max and free < 0:
            raise Unavailable(
                f"[STORAGE_DISK_FULL] The disk of the data directory has no room for copies of {_mb(coming)} MiB of data files in object storage.",
                code="STORAGE_DISK_FULL",
            )
        return total <= self._bytes_max

    def _listed(self) -> Generator[tuple[str, int, float], None, None]:
        for folder, _, names in os.walk(files_dir(self.root)):
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(FileNotFoundError):
                    found = os.stat(path)
                    yield path, found.st_size, found.st_mtime

    def _drop_parts(self, kept: Iterable[str]) -> None:
        """Delete what fetches that ended badly left behind."""
        parts = {self._part(path) for path in kept}
        for entry in os.scandir(os.path.join(self.root, "parts")):
            if entry.path not in parts:
                os.unlink(entry.path)

    def _drop_folders(self, folder: str) -> None:
        with contextlib.suppress(OSError):  # until one is not empty
            while folder != files_dir(self.root):
                os.rmdir(folder)
                folder = os.path.dirname(folder)

    def _prepare(self, wanted: Iterable[RemoteFile], missing: Iterable[RemoteFile]) -> None:
        """Mark what is here as read now, and make folders for what is not."""
        for folder in {os.path.dirname(file.path) for file in missing}:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        for file in wanted:
            with contextlib.suppress(FileNotFoundError):
                self._mark_read(file.path)

    def _mark_read(self, file: str | int) -> None:
        now_ns = self._clock.wall_ns()
        os.utime(file, ns=(now_ns, now_ns))

    def _part(self, path: str) -> str:
        return os.path.join(self.root, "parts", hashlib.sha256(path.encode()).hexdigest())


def _is_here(path: str, size: int) -> bool:
    try:
        return os.stat(path).st_size == size
    except (FileNotFoundError, NotADirectoryError):
        return False


def _try_lock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _mb(size: int) -> str:
    return f"{-(-size // (1 << 20)):,}"
