"""Parts of a table's snapshot: the sums of its data files, the data files that have none, or one data file. What is read in both parts is every row once."""

import os
from collections.abc import Collection

import msgspec

from headgate.admin.statement_ports import TablePart, TableSource
from headgate.core.errors import NotFound
from headgate.storage.delta.sum_files import SumFiles
from headgate.storage.query.table_files import DataFile, TableVersion


class TableParts:
    """The parts of one snapshot. It looks once which files have sums, so that its parts fit together."""

    def __init__(self, opened: TableVersion, sums: SumFiles) -> None:
        self._opened = opened
        self._sums = sums
        self._known: dict[str, Collection[str]] = {}

    def of(self, source: TableSource) -> TableVersion:
        """The part that is asked for, or the whole. Its schema is the source's."""
        part = source.part
        if part is None and self._opened.version >= 0:
            return self._opened
        if part is None:  # a table that has not been made yet
            return msgspec.structs.replace(self._opened, schema=source.schema)
        files, facts = tuple(self._files(part)), self._opened.facts
        if part.kind == "summed" and facts is not None:
            data_files = {_name(file): file.path for file in self._opened.files}
            facts = facts.of_sums({file.path: data_files[_name(file)] for file in files})
        return msgspec.structs.replace(self._opened, schema=source.schema, files=files, facts=facts)

    def _files(self, part: TablePart) -> list[DataFile]:
        files = self._opened.files
        match part.kind:
            case "file":
                found = [file for file in files if _name(file) == part.file]
                if not found:
                    raise NotFound(f"{part.table} has no data file {part.file} any more.", code="NOT_FOUND")
                return found
            case "summed":
                known = self._summed(part.sums)
                return [DataFile(self._sums.path(part.sums, _name(file))) for file in files if _name(file) in known]
            case "rest":
                known = self._summed(part.sums)
                return [file for file in files if _name(file) not in known]
            case "live" | "catalog":  # a query gives its rows (`live_rows`), or the catalog does
                return []

    def _summed(self, sums: str) -> Collection[str]:
        if sums not in self._known:
            self._known[sums] = self._sums.known(sums)
        return self._known[sums]


def _name(file: DataFile) -> str:
    return os.path.basename(file.path)
