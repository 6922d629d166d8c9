"""Tables that were opened a moment ago, for as long as nothing was committed since. Opening one anew costs more than many a query, and a query of the
ledger opens dozens.

Whether a table moved its log tells: the file of the version that was opened is the same one, and there is none of the next. A log in object storage is
not asked so, and its table is opened each time. Nothing here is ever brought up to date in place, so a handle means one version for good, on whatever
thread.
"""

import functools
import os
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import msgspec
from deltalake import DeltaTable

from headgate.storage.delta import object_store
from headgate.storage.delta.sum_files import SumFiles
from headgate.storage.query.compiled import AsOf
from headgate.storage.query.table_files import TableVersion, open_table

_KEPT_MAX = 128
_NEWEST = AsOf()

Committed = Callable[[str], int | None]
"""A journal's last version in a snapshot."""
_Identity = tuple[int, int, int]


class _Remembered(msgspec.Struct, frozen=True):
    opened: TableVersion
    committed: Committed
    identity: _Identity


class OpenTables:
    """Opens snapshots, and remembers the newest of each table. Used by several threads at once. `copies` is for `open_table`, `sums` where sums of data
    files are.
    """

    def __init__(self, copies: str, sums: str = "") -> None:
        self._copies = copies
        self.sums = SumFiles(sums)
        self._kept: OrderedDict[str, _Remembered] = OrderedDict()
        self._lock = Lock()

    def open(self, location: str, as_of: AsOf, title: str) -> tuple[TableVersion, Committed]:
        """The snapshot, and the last version that an application committed in it. Raises what `open_table` does."""
        if as_of != _NEWEST or object_store.is_remote(location):
            opened, table = open_table(location, as_of, self._copies, title)
            return opened, _committed(table, title)
        with self._lock:
            kept = self._kept.get(location)
        if kept is None or not _is_newest(location, kept):
            kept = self._opened(location, title)
        return kept.opened, kept.committed

    def _opened(self, location: str, title: str) -> _Remembered:
        opened, table = open_table(location, _NEWEST, self._copies, title)
        identity = _identity(location, opened.version)
        kept = _Remembered(opened, functools.cache(_committed(table, title)), identity or (0, 0, 0))
        with self._lock:
            self._kept.pop(location, None)
            if identity is not None:
                self._kept[location] = kept
                while len(self._kept) > _KEPT_MAX:
                    self._kept.popitem(last=False)
        return kept


def _committed(table: DeltaTable, title: str) -> Committed:
    def committed(application: str) -> int | None:
        try:
            return table.transaction_version(application)
        except OSError as error:  # it reads the table's log again
            raise object_store.explained(error, title) from error

    return committed


def _is_newest(location: str, kept: _Remembered) -> bool:
    version = kept.opened.version
    return _identity(location, version) == kept.identity and _identity(location, version + 1) is None


def _identity(location: str, version: int) -> _Identity | None:
    """What tells the file of a commit from any other; `None` where there is no such file."""
    try:
        found = os.stat(os.path.join(location.removeprefix("file://"), "_delta_log", f"{version:020d}.json"))
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns
