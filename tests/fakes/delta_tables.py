"""Tables' files in memory; the contract suite holds them to the same behaviour as delta-rs. Of rows only the first ones, for whoever listens."""

import json
from collections.abc import Callable, Mapping, Sequence

import msgspec

from headgate.admin.catalog_ports import Commit, NewFiles, TableFiles
from headgate.core.errors import BadRequest, NotFound, Unavailable
from headgate.core.principal import Principal


class MemoryTables:
    """Implements `headgate.admin.catalog_ports.DeltaTables`. `calls` names what was asked, in order."""

    def __init__(self) -> None:
        self._tables: dict[str, list[tuple[str, TableFiles]]] = {}
        self._dropped: set[str] = set()
        self.calls: list[tuple[str, str]] = []
        self.is_full = False
        self.now_ms = 1_700_000_000_000
        self.on_rows: Callable[[NewFiles], None] = lambda new: None  # is called with each new content of a table

    async def create(self, principal: Principal, new: NewFiles) -> TableFiles:
        self.calls.append(("create", new.location))
        if new.location in self._tables or new.location in self._dropped:
            raise BadRequest("[DELTA_PATH_EXISTS]", status=409, code="DELTA_PATH_EXISTS")
        return self._filled(new, "CREATE TABLE", 0)

    async def replace(self, principal: Principal, new: NewFiles) -> TableFiles:
        self.calls.append(("replace", new.location))
        return self._filled(new, "CREATE OR REPLACE TABLE", self._found(new.location).version + 1)

    async def inspect(self, principal: Principal, location: str) -> TableFiles | None:
        self.calls.append(("inspect", location))
        return self._tables[location][-1][1] if location in self._tables else None

    async def history(self, principal: Principal, location: str, limit: int) -> Sequence[Commit]:
        steps = self._tables.get(location, [])
        return [Commit(version=found.version, at_ms=1, operation=operation) for operation, found in reversed(steps)][:limit]

    async def set_properties(self, principal: Principal, location: str, properties: Mapping[str, str]) -> TableFiles:
        found = self._found(location)
        changed = msgspec.structs.replace(found, version=found.version + 1, properties={**found.properties, **properties})
        return self._commit(location, "SET TBLPROPERTIES", changed)

    async def add_columns(self, principal: Principal, location: str, columns: str) -> TableFiles:
        found = self._found(location)
        schema = json.loads(found.columns)
        schema["fields"] += json.loads(columns)["fields"]
        return self._commit(location, "ADD COLUMN", msgspec.structs.replace(found, version=found.version + 1, columns=json.dumps(schema)))

    async def optimize(self, principal: Principal, location: str, zorder_by: Sequence[str]) -> Mapping[str, int]:
        self.calls.append(("optimize", ",".join(zorder_by)))
        self._found(location)
        return {"numFilesAdded": 0, "numFilesRemoved": 0}

    async def vacuum(self, principal: Principal, location: str, retain_hours: float) -> Sequence[str]:
        self.calls.append(("vacuum", f"{retain_hours:g}"))
        return ()

    async def vacuum_names(self, principal: Principal, location: str, retain_hours: float) -> Sequence[str]:
        self.calls.append(("vacuum_names", f"{retain_hours:g}"))
        return ()

    async def delete(self, principal: Principal, location: str) -> None:
        self.calls.append(("delete", location))
        if self._tables.pop(location, None) is not None:
            self._dropped.add(location)

    def _filled(self, new: NewFiles, operation: str, version: int) -> TableFiles:
        if self.is_full:
            raise Unavailable("The disk is full.", code="STORAGE_FAILED")
        self.on_rows(new)
        return self._commit(new.location, operation, self._of(new, version))

    def _of(self, new: NewFiles, version: int) -> TableFiles:
        return TableFiles(
            version=version,
            columns=new.columns,
            partitioned_by=new.partitioned_by,
            properties=new.properties,
            name=str(new.name),
            comment=new.comment,
            id="d",
            created_at_ms=self.now_ms,
        )

    def _found(self, location: str) -> TableFiles:
        if location not in self._tables:
            raise NotFound("[DELTA_TABLE_NOT_FOUND]", code="DELTA_TABLE_NOT_FOUND")
        return self._tables[location][-1][1]

    def _commit(self, location: str, operation: str, found: TableFiles) -> TableFiles:
        self._tables.setdefault(location, []).append((operation, found))
        return found
