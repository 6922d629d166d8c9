"""Takes a backup of a data directory, also while a gateway writes to it.

The order makes its parts fit together: the control state before the journals, so that an audit event on its way is in one of them; of the journals what
is before the tables' versions, then the versions, then the segments (see `journal_copy`). Then the files of those versions are copied.
"""

import contextlib
import os
import time
from collections.abc import Generator, Iterator
from typing import NamedTuple

import msgspec

from headgate import __version__
from headgate.config.paths import DataDirectory
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, Unavailable
from headgate.storage.backup import manifest as manifests
from headgate.storage.backup.journal_copy import JournalCopy
from headgate.storage.backup.manifest import DATA, ELSEWHERE, NEW, OLD, Manifest
from headgate.storage.backup.pins import Pin, copy_log, copy_problem, pin
from headgate.storage.backup.state_copy import NamedTable, catalog_version, copy_state, frozen, tables_of
from headgate.storage.backup.tree import Tree, Vanished, owners_alone, remove_tree
from headgate.storage.content.files import FILES_DIR
from headgate.storage.delta import delta_table
from headgate.storage.journal import journal_dir
from headgate.storage.settling.standing import SETTLED_FILE, read_settled

_ATTEMPTS = 5
_PAUSE_S = 0.2
_LOCK = "backup.lock"
_STAGING = ".backup-held"
# Copied in another way, made again, or of no use without files of older versions.
_NOT_COPIED = frozenset({
    "journal",
    "warehouse",
    "cache",
    "sums",
    "making",
    "vacuums_due",
    "responses.db",
    "responses.db.damaged",
    FILES_DIR,
    _STAGING,
})
_NOT_COPIED_ENDS = (".lock", ".tmp", ".pid", "-wal", "-shm")


class Taken(NamedTuple):
    """A backup that was made: what is in it, and how many of its files were in the one before."""

    manifest: Manifest
    reused: int
    seconds: float


def take(data: DataDirectory, place: str, clock: Clock) -> Taken:
    """Make a backup in a directory, in place of the one that is there. Raises `BadRequest`, `Unavailable` or `OSError`; the one before stays then."""
    begun_s, source = clock.monotonic_s(), str(data.root)
    before = _before(place, source)
    with owners_alone(), _only_one(source, place):
        for attempt in range(1, _ATTEMPTS + 1):
            tree = _begun(source, place, before)
            try:
                made = _Taking(data, tree, clock.wall_ns()).run()
                break
            except Vanished as error:
                if attempt == _ATTEMPTS:
                    raise Unavailable(
                        f"The backup was begun {attempt} times, and each time a part was removed before it was copied: {error}."
                    ) from error
                time.sleep(_PAUSE_S * attempt)
            finally:
                remove_tree(os.path.join(source, _STAGING))
        manifests.write_manifest(tree.root, made)
        delta_table.sync_filesystem(tree.root)
        _put_in_place(place)
    return Taken(made, tree.reused, clock.monotonic_s() - begun_s)


class _Taking:
    """One attempt."""

    def __init__(self, data: DataDirectory, tree: Tree, begun_at_ns: int) -> None:
        self._data = data
        self._root = str(data.root)
        self._tree = tree
        self._begun_at_ns = begun_at_ns
        self._journals = JournalCopy(tree, self._root)

    def run(self) -> Manifest:
        """Fill the tree. Raises `Vanished`."""
        state = self._tree.path("state.db")
        copy_state(self._data, state)
        self._tree.note("state.db")
        self._copy_small_files()
        self._journals.before_tables()
        pins = [found for named, folder in self._tables(state) if (found := pin(named, folder)) is not None]
        self._journals.after_tables()
        for one in pins:
            self._hold(one)
        self._copy_bodies()
        if catalog_version(str(self._data.state_file)) != catalog_version(frozen(state)):
            raise Vanished("the catalog has changed")
        files = self._tree.finish()
        for one in pins:
            self._check(one)
        tables = tuple(sorted((one.table for one in pins), key=lambda table: table.name))
        return Manifest(headgate=__version__, source=self._root, begun_at_ns=self._begun_at_ns, tables=tables, files=files)

    def _copy_small_files(self) -> None:
        for path in _others(self._root):
            name = os.path.relpath(path, self._root)
            if name == SETTLED_FILE:  # without a draft, which is replaced every few minutes; it is made anew
                self._tree.write(name, msgspec.json.encode(read_settled(self._root).days_alone))
            else:
                self._tree.copy(path, name)

    def _tables(self, state: str) -> Iterator[tuple[NamedTable, str]]:
        """The tables of the catalog, and the folders of their copies: as in the data directory, or of their own."""
        for number, named in enumerate(tables_of(state, str(self._data.warehouse))):
            inside = os.path.relpath(named.location.removeprefix("file://"), self._root)
            yield named, inside if not inside.startswith("..") else os.path.join(ELSEWHERE, f"{number}-{named.name}")

    def _hold(self, one: Pin) -> None:
        if one.table.folder:
            copy_log(self._tree, one.table)
            for name in one.files:
                self._tree.hold(os.path.join(one.table.location, name), os.path.join(one.table.folder, name))

    def _check(self, one: Pin) -> None:
        if one.table.folder and (problem := copy_problem(os.path.join(self._tree.root, one.table.folder), one.table.version, one.table.files)):
            raise Vanished(f"the copy of {one.table.name} cannot be read: {problem}")

    def _copy_bodies(self) -> None:
        """Copy the bodies that are too large for a row. One that is being written has no row yet, and grows: it is not linked."""
        for path in _below(os.path.join(self._root, FILES_DIR)):
            with contextlib.suppress(Vanished, FileNotFoundError):  # deleted with its day
                old = os.stat(path).st_mtime_ns < self._begun_at_ns - 60 * 1_000_000_000
                (self._tree.hold if old else self._tree.copy)(path, os.path.relpath(path, self._root))


def _before(place: str, source: str) -> tuple[str, Manifest] | None:
    """The backup that is there. Raises `BadRequest` for a directory that is no place for one of this data directory."""
    real = os.path.realpath(place)
    if os.path.commonpath([real, os.path.realpath(source)]) in {real, os.path.realpath(source)}:
        raise BadRequest(f"{place} is the data directory {source}, or inside of it, or holds it. Name another directory, best on another disk.")
    found = manifests.find_backup(place)
    if found is None and os.path.isdir(place) and set(os.listdir(place)) - {NEW, _LOCK, "lost+found"}:
        raise BadRequest(f"{place} holds other files, and no backup. Name a new or an empty directory.")
    if found is not None and found[1].source != source:
        raise BadRequest(f"{place} holds a backup of {found[1].source}. Name another directory for that of {source}.")
    return found


@contextlib.contextmanager
def _only_one(source: str, place: str) -> Generator[None]:
    os.makedirs(place, mode=0o700, exist_ok=True)
    with contextlib.ExitStack() as held:
        for directory in (source, place):
            lock_fd = journal_dir.try_lock(os.path.join(directory, _LOCK))
            if lock_fd is None:
                raise Unavailable(f"Another backup is being made of {source} or at {place}. Try again when it has ended.")
            held.callback(os.close, lock_fd)
        yield


def _begun(source: str, place: str, before: tuple[str, Manifest] | None) -> Tree:
    """An empty tree. What an attempt that was interrupted has left is deleted."""
    staging, root = os.path.join(source, _STAGING), os.path.join(place, NEW)
    for left in (staging, root):
        remove_tree(left)
    os.makedirs(root, mode=0o700)
    return Tree(root, staging, None if before is None else (before[0], before[1].files))


def _put_in_place(place: str) -> None:
    """The new backup for the old one. Between the two names the old one is the one that is found."""
    new, old, current = (os.path.join(place, name) for name in (NEW, OLD, DATA))
    if os.path.isdir(current):
        remove_tree(old)
        os.rename(current, old)
    os.rename(new, current)
    journal_dir.sync_dir(place)
    remove_tree(old)


def _others(root: str) -> Iterator[str]:
    """The other files of a data directory: small ones beside the state, and folders that a later release may add."""
    for name in sorted(os.listdir(root)):
        path = os.path.join(root, name)
        if name in _NOT_COPIED or name == "state.db":
            continue
        for found in _below(path) if os.path.isdir(path) else [path]:
            if os.path.isfile(found) and not found.endswith(_NOT_COPIED_ENDS):
                yield found


def _below(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        yield from (os.path.join(place, name) for name in sorted(names))
