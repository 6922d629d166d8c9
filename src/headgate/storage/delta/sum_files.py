"""Sums of a table's data files, each in a Parquet file of its own below one folder: `NAME-DIGEST/DATA_FILE`, where the digest is of the sums' definition.

A data file never changes, so its sums hold for as long as it is there; a file with other rows has another name. One process writes here.
"""

import hashlib
import os
from collections.abc import Collection

import pyarrow as pa
import pyarrow.parquet as pq

from headgate.catalog.usage_sums import SUMS, Sums

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
        path = self.path(sums, data_file)
        os.makedirs(self._place(sums), mode=0o700, exist_ok=True)
        with open(path + _BEGUN, "wb") as file:
            pq.write_table(rows, file, compression="zstd", compression_level=1, row_group_size=_GROUP_ROWS)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + _BEGUN, path)

    def clean(self, data_files: Collection[str]) -> int:
        """Delete the sums of other data files than these, those of an older definition, and what was begun and not ended. Returns how many files went."""
        places, gone = {os.path.basename(place) for place in _DIGESTS.values()}, 0
        for folder, _, names in os.walk(self._folder):
            for name in names:
                if os.path.basename(folder) not in places or name not in data_files:
                    os.unlink(os.path.join(folder, name))
                    gone += 1
        return gone

    def _place(self, sums: str) -> str:
        return os.path.join(self._folder, _DIGESTS[sums])


def _digest(sums: Sums) -> str:
    return hashlib.sha256(sums.summing(0, 1).encode()).hexdigest()[:12]


_DIGESTS = {sums.name.leaf: f"{sums.name.leaf}-{_digest(sums)}" for sums in SUMS}
