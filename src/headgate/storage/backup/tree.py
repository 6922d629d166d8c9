"""The files of a backup while it is made. A file that never changes is linked where the file system allows, and not copied again if the backup before has it.

Files are held before they are copied: a file with a second name stays, also if a vacuum or `DROP TABLE` removes the first name meanwhile.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Mapping
from typing import BinaryIO

from headgate.storage.backup.manifest import CopiedFile

_PIECE_BYTES = 1 << 20


class Vanished(Exception):
    """A file or table was removed before it was held: the backup begins anew."""


class Tree:
    """A folder that is filled. `before` is the folder of the backup before this one with its files; `staging` a folder on the disk of the originals."""

    def __init__(self, root: str, staging: str, before: tuple[str, Mapping[str, CopiedFile]] | None) -> None:
        self.root = root
        self.reused = 0
        self._staging = staging
        self._before, self._known = before or ("", {})
        self._files: dict[str, CopiedFile] = {}
        self._unread: dict[str, str] = {}  # places in the tree -> where their content is to be copied from; the place itself for links

    def path(self, place: str) -> str:
        """The path of a file in the tree, whose folder is made."""
        path = os.path.join(self.root, place)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        return path

    def write(self, place: str, content: bytes) -> None:
        """Write a small file."""
        with _created(self.path(place)) as file:
            file.write(content)
        self._files[place] = CopiedFile(len(content), hashlib.sha256(content).hexdigest())

    def copy(self, source: str, place: str) -> None:
        """Copy a file as it is now. Raises `Vanished`."""
        try:
            self._files[place] = copy_file(source, self.path(place))
        except FileNotFoundError as error:
            raise Vanished(source) from error

    def note(self, place: str) -> None:
        """A file that was written into the tree by other means."""
        self._unread[place] = os.path.join(self.root, place)

    def hold(self, source: str, place: str) -> None:
        """Hold a file that never changes: what it holds is read by `finish`. Raises `Vanished`."""
        try:
            size = os.stat(source).st_size
        except FileNotFoundError as error:
            raise Vanished(source) from error
        known, path = self._known.get(place), self.path(place)
        if known is not None and known.bytes == size and _linked(os.path.join(self._before, place), path):
            self._files[place] = known
            self.reused += 1
        elif _linked(source, path):
            self._unread[place] = path
        else:
            self._unread[place] = self._staged(source, place)

    def finish(self) -> Mapping[str, CopiedFile]:
        """Copy what is held and not yet copied, and read all for its checksum. Returns the files of the tree. Raises `Vanished`."""
        for place, source in self._unread.items():
            path = os.path.join(self.root, place)
            if source == path:
                self._files[place] = read_file(path)
            else:
                self.copy(source, place)
        self._unread.clear()
        return dict(sorted(self._files.items()))

    def _staged(self, source: str, place: str) -> str:
        """A second name of a file on its own disk, until it is copied; the file itself on a disk without links."""
        path = os.path.join(self._staging, place)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        return path if _linked(source, path) else source


@contextlib.contextmanager
def owners_alone() -> Generator[None]:
    """All folders that are made meanwhile are their owner's alone: `os.makedirs` gives its mode only to the last one of a path."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def copy_file(source: str, path: str) -> CopiedFile:
    """Copy a file, for its owner alone. Raises `OSError`."""
    with open(source, "rb") as read, _created(path) as written:
        return _pieces(read.read, written.write)


def read_file(path: str) -> CopiedFile:
    """The size and checksum of a file. Raises `OSError`."""
    with open(path, "rb") as file:
        return _pieces(file.read, len)


def remove_tree(path: str) -> None:
    """Delete a folder, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(path)


def _pieces(read: Callable[[int], bytes], take: Callable[[bytes], object]) -> CopiedFile:
    digest, size = hashlib.sha256(), 0
    while piece := read(_PIECE_BYTES):
        digest.update(piece)
        take(piece)
        size += len(piece)
    return CopiedFile(size, digest.hexdigest())


def _created(path: str) -> BinaryIO:
    return open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600))


def _linked(source: str, path: str) -> bool:
    """Give a file a second name. False where the disk does not, or is another one. Raises `Vanished`."""
    try:
        os.link(source, path)
    except FileNotFoundError as error:
        raise Vanished(source) from error
    except OSError:
        return False
    return True
