"""Notes of tables that are being made or replaced: a file for each, locked by its process. The kernel lets go of the lock when that dies. Implements `WorkNotes`."""

import contextlib
import fcntl
import os
import secrets

import msgspec

from headgate.admin.catalog_ports import TableWork
from headgate.core.errors import Unavailable


class FileNote:
    """A note that this process has locked. Implements `WorkNote`."""

    def __init__(self, work: TableWork, path: str, fd: int) -> None:
        self.work = work
        self._path = path
        self._fd = fd

    def remove(self) -> None:
        """The work is done."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)

    def close(self) -> None:
        """Let go of it: a note that is not removed is one of those that are left."""
        os.close(self._fd)


class FileNotes:
    """The notes in one folder, which is made with the first of them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def write(self, work: TableWork) -> FileNote:
        """Note it, durably. Raises `Unavailable` where that cannot be done."""
        path = os.path.join(self._folder, f"{secrets.token_hex(8)}.json")
        hidden = f"{path}.new"  # until it is locked and whole
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            fd = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX)
                os.write(fd, msgspec.json.encode(work))
                os.fsync(fd)
                os.rename(hidden, path)
            except OSError:
                os.close(fd)
                raise
        except OSError as error:
            raise Unavailable(f"The work on a table could not be noted: {error.strerror or error}.", code="STORAGE_FAILED") from error
        return FileNote(work, path, fd)

    def left(self) -> list[FileNote]:
        """Those that no living process has, locked for the caller."""
        try:
            names = sorted(os.listdir(self._folder))
        except OSError:  # it is made with the first note
            return []
        found = (self._take(os.path.join(self._folder, name)) for name in names if name.endswith(".json"))
        return [note for note in found if note is not None]

    def _take(self, path: str) -> FileNote | None:
        try:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(fd), os.stat(path)):  # it was not removed while we waited for nothing
                return FileNote(msgspec.json.decode(_read(fd), type=TableWork), path, fd)
        except (OSError, msgspec.DecodeError):
            pass  # another process works on it, it is gone, or it is no note
        os.close(fd)
        return None


def _read(fd: int) -> bytes:
    return os.pread(fd, os.fstat(fd).st_size, 0)
