"""Sums of a table's data files, each in a Parquet file of its own below one folder: `NAME-DIGEST/DATA_FILE`, where the digest is of the sums' definition.

A data file never changes, so its sums hold for as long as it is there; a file with other rows has another name. One process writes here; sums of files
that are gone may be deleted by any.
"""

import contextlib
import hashlib
import os
from collections.abc import Collection

import pyarrow as pa

from headgate.catalog.summed_view import SummedView
from headgate.catalog.usage_sums import SUMS
from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table

_BEGUN = ".tmp"
_GROUP_ROWS = 65_536  # in order of hours, so that a question reads those of its time


class SumFiles:
    """The sums below one folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def known(self, sums: str) -> frozenset[str]:
        """The names of the data files that have sums of this name."""
        try:
            return frozenset(name for name in os.listdir(self._place(sums)) if not name.endswith(_BEGUN))
        except FileNotFoundError:
            return frozenset()

    def path(self, sums: str, data_file: str) -> str:
        """Where the sums of a data file are."""
        return os.path.join(self._place(sums), data_file)

    def write(self, sums: str, data_file: str, rows: pa.Table) -> None:
        """Add the sums of a data file, durably."""
        import pyarrow.parquet as pq  # ruff: ignore[import-outside-top-level] the flusher deletes sums, and never writes any

        path = self.path(sums, data_file)
        os.makedirs(self._place(sums), mode=0o700, exist_ok=True)
        with open(path + _BEGUN, "wb") as file:
            pq.write_table(rows, file, compression="zstd", compression_level=1, row_group_size=_GROUP_ROWS)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + _BEGUN, path)

    def clean(self, data_files: Collection[str]) -> int:
        """Delete the sums of other data files than these, and those of an older definition. Returns how many files went."""
        places, gone = {os.path.basename(place) for place in _DIGESTS.values()}, 0
        for folder, _, names in os.walk(self._folder):
            for name in names:
                if os.path.basename(folder) not in places or name.removesuffix(_BEGUN) not in data_files:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(os.path.join(folder, name))
                    gone += 1
        return gone

    def _place(self, sums: str) -> str:
        return os.path.join(self._folder, _DIGESTS[sums])


def sums_folder(data_dir: str) -> str:
    """Where the sums of a data directory are."""
    return os.path.join(data_dir, "sums")


def clean_sums(data_dir: str) -> int:
    """Delete the sums of those data files of the usage table that are gone from the disk. Returns how many files went."""
    try:
        data_files = os.listdir(delta_table.table_path(data_dir, USAGE))
    except FileNotFoundError:
        data_files = []
    return SumFiles(sums_folder(data_dir)).clean(frozenset(data_files))


def _digest(sums: SummedView) -> str:
    return hashlib.sha256(sums.summing(0, 1).encode()).hexdigest()[:12]


_DIGESTS = {sums.name.leaf: f"{sums.name.leaf}-{_digest(sums)}" for sums in SUMS}
