"""Creates, replaces, adopts, changes, maintains and drops tables. Files are created before the catalog gets the entry.

A creation that is interrupted leaves files without an entry, never an entry without files, and a note by which they are deleted.
"""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from headgate.admin.catalog import CatalogAdmin, refuse_long, refuse_system, taken
from headgate.admin.catalog_ports import Commit, DeltaTables, NewFiles, TableFiles, TableWork, WorkNotes
from headgate.admin.interrupted import Interrupted
from headgate.admin.locations import Locations, aside
from headgate.catalog import privileges, types
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import EXTERNAL, MANAGED, Entry, TableFacts
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable
from headgate.catalog.table_properties import RETENTION_PROPERTY
from headgate.catalog.types import Field, Structure
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import BadRequest, Forbidden, GatewayError
from headgate.core.principal import Principal

RETENTION_HOURS_MIN = 1.0  # a query that runs may still read files of the version it began with
HISTORY_MAX = 1000


class TableAdmin:
    """The use-cases over one catalog and the files of its tables."""

    def __init__(self, catalog: CatalogAdmin, files: DeltaTables, locations: Locations, notes: WorkNotes) -> None:
        self._catalog = catalog
        self._files = files
        self._locations = locations
        self._interrupted = Interrupted(catalog, files, notes)

    async def create(self, principal: Principal, asked: CreateTable, rows: bytes = b"") -> Entry:
        """Create the table of a CREATE TABLE statement, with rows if it has some: an Arrow stream in its columns. No query sees it without them."""
        snapshot = await self._catalog.snapshot()
        there = snapshot.find(asked.name)
        if there is None or not (asked.if_not_exists or asked.or_replace):
            self._catalog.may_create(snapshot, principal, asked.name)
            return await self._create(snapshot, principal, asked, rows)
        snapshot.require(principal, privileges.CREATE_TABLE, asked.name.parent)
        if asked.if_not_exists:
            return there
        return await self._replace(snapshot, principal, there, asked, rows)

    async def settle(self) -> None:
        """Undo or finish what a process was at when it was killed."""
        await self._interrupted.settle()

    async def adopt(self, principal: Principal, name: Name, location: str, comment: str, properties: Mapping[str, str]) -> Entry:
        """Add an existing Delta table to the catalog; its columns come from its own log."""
        snapshot = await self._catalog.snapshot()
        self._catalog.may_create(snapshot, principal, name)
        asked = CreateTable(name=name, schema=Structure(()), properties=dict(properties), comment=comment, location=location)
        return await self._adopt(snapshot, principal, asked)

    async def drop(self, principal: Principal, name: Name) -> Entry:
        """Drop a table. Deletes the files of a managed table; those of a table with a LOCATION stay."""
        entry = await self._catalog.forget(principal, name)
        await self._delete(principal, [entry])
        return entry

    async def drop_tree(self, principal: Principal, name: Name) -> None:
        """Drop a catalog or schema and every table in it."""
        await self._delete(principal, await self._catalog.forget_tree(principal, name))

    async def set_properties(self, principal: Principal, name: Name, properties: Mapping[str, str]) -> Entry:
        """Add or change table properties. The caller has checked them."""
        if name == USAGE.name and RETENTION_PROPERTY in properties:
            raise Forbidden(
                "How long rows of the usage table are kept is set in the configuration: [usage] retention_days.", code="PERMISSION_DENIED"
            )
        entry = await self._changeable(principal, name)
        refuse_long("", {**entry.properties, **properties})
        await self._existing(principal, entry)
        found = await self._files.set_properties(principal, entry.location, properties)
        return await self._refresh(principal, entry, found)

    async def add_columns(self, principal: Principal, name: Name, columns: tuple[Field, ...]) -> Entry:
        """Add nullable columns at the end."""
        entry = await self._changeable(principal, name)
        known = {field.name.lower() for field in _schema(entry).fields}
        for field in columns:
            if field.name.lower() in known:
                raise BadRequest(f"[COLUMN_ALREADY_EXISTS] {name.sql} has a column {field.name} already.", code="COLUMN_ALREADY_EXISTS")
        await self._existing(principal, entry)
        found = await self._files.add_columns(principal, entry.location, types.to_delta_json(Structure(columns)))
        return await self._refresh(principal, entry, found)

    async def optimize(self, principal: Principal, name: Name, zorder_by: Sequence[str]) -> Mapping[str, int]:
        """Merge small files, and cluster rows by some columns."""
        entry = (await self._catalog.snapshot()).require(principal, privileges.MODIFY, name)
        refuse_view(entry)
        known = {field.name for field in _schema(entry).fields}
        for column in zorder_by:
            if column not in known:
                raise BadRequest(f"{name.sql} has no column {column} to order by.", code="UNRESOLVED_COLUMN")
        if await self._files.inspect(principal, entry.location) is None:
            return {}
        return await self._files.optimize(principal, entry.location, zorder_by)

    async def vacuum(self, principal: Principal, name: Name, retain_hours: float | None) -> Sequence[str]:
        """Delete files that no version within the retention needs."""
        entry, hours = await self._vacuumable(principal, name, retain_hours)
        return await self._files.vacuum(principal, entry.location, hours) if entry is not None else ()

    async def vacuum_names(self, principal: Principal, name: Name, retain_hours: float | None) -> Sequence[str]:
        """The files that `vacuum` would delete."""
        entry, hours = await self._vacuumable(principal, name, retain_hours)
        return await self._files.vacuum_names(principal, entry.location, hours) if entry is not None else ()

    async def look(self, principal: Principal, name: Name) -> tuple[Entry, TableFiles | None]:
        """A table and its files, if the principal may see it."""
        entry = (await self._catalog.snapshot()).require_visible(principal, name)
        return entry, None if entry.is_view or entry.table is None else await self._files.inspect(principal, entry.location)

    async def history(self, principal: Principal, name: Name, limit: int = HISTORY_MAX) -> Sequence[Commit]:
        """The commits of the table, newest first."""
        entry = (await self._catalog.snapshot()).require(principal, privileges.SELECT, name)
        refuse_view(entry)
        return await self._files.history(principal, entry.location, min(limit, HISTORY_MAX))

    async def _create(self, snapshot: Catalog, principal: Principal, asked: CreateTable, rows: bytes) -> Entry:
        refuse_long(asked.comment, asked.properties)
        if asked.location and not asked.schema.fields:
            return await self._adopt(snapshot, principal, asked)
        if asked.location:
            place = await asyncio.to_thread(self._locations.given_to_table, snapshot, principal, asked.location)
            return await self._create_at(principal, asked, place)
        entry = self._catalog.entry(principal, asked.name, comment=asked.comment, properties=asked.properties, location="")
        location = await asyncio.to_thread(self._locations.of_new, snapshot, asked.name, entry.id)
        work = _work(entry, asked, (location, aside(location, entry.id)), entry.created_at_ms)
        async with self._interrupted.noted(work):
            new, found = await self._place(principal, entry, _new_files(asked, location, rows))
            entry = _with_facts(msgspec.structs.replace(entry, location=new.location), MANAGED, found)
            try:
                return await self._catalog.add(entry)
            except GatewayError:
                await self._files.delete(principal, new.location)  # another creation was first, and no entry names these files
                raise

    async def _adopt(self, snapshot: Catalog, principal: Principal, asked: CreateTable) -> Entry:
        place = await asyncio.to_thread(self._locations.given_to_table, snapshot, principal, asked.location)
        found = await self._files.inspect(principal, place)
        if found is None:
            raise BadRequest(
                f"[DELTA_TABLE_NOT_FOUND] There is no Delta table at {asked.location!r}. To make one there, give its columns.",
                code="DELTA_TABLE_NOT_FOUND",
            )
        if asked.partitioned_by and found.partitioned_by != asked.partitioned_by:
            raise _mismatch(asked)
        entry = self._catalog.entry(
            principal, asked.name, comment=asked.comment or found.comment, properties={**found.properties, **asked.properties}, location=place
        )
        return await self._catalog.add(_with_facts(entry, EXTERNAL, found))

    async def _place(self, principal: Principal, entry: Entry, new: NewFiles) -> tuple[NewFiles, TableFiles]:
        """Create the files: at the location of the name, or beside it if files without an entry are there."""
        try:
            return new, await self._files.create(principal, new)
        except BadRequest as error:
            if error.status != 409:
                raise
            if (await self._catalog.snapshot()).find(entry.name) is not None:
                raise taken(entry.name) from error
        new = msgspec.structs.replace(new, location=aside(new.location, entry.id))
        return new, await self._files.create(principal, new)

    async def _create_at(self, principal: Principal, asked: CreateTable, place: str) -> Entry:
        """A table with a LOCATION: created there, or adopted if its columns and partitions are the same."""
        found = await self._files.inspect(principal, place)
        if found is None:
            found = await self._files.create(principal, _new_files(asked, place))
        elif _bare(types.from_delta_json(found.columns)) != _bare(asked.schema) or found.partitioned_by != asked.partitioned_by:
            raise _mismatch(asked)
        entry = self._catalog.entry(principal, asked.name, comment=asked.comment, properties=asked.properties, location=place)
        return await self._catalog.add(_with_facts(entry, EXTERNAL, found))

    async def _replace(self, snapshot: Catalog, principal: Principal, there: Entry, asked: CreateTable, rows: bytes) -> Entry:
        snapshot.require(principal, privileges.MANAGE, asked.name)
        refuse_system(asked.name)
        refuse_view(there)
        refuse_long(asked.comment, asked.properties)
        if asked.location:
            raise BadRequest("OR REPLACE keeps the table's place; leave LOCATION out.", code="INVALID_PARAMETER_VALUE")
        new = _new_files(asked, there.location, rows)
        missing = await self._files.inspect(principal, there.location) is None
        async with self._interrupted.noted(_work(there, asked, (there.location,), self._catalog.now_ms())):
            found = await (self._files.create if missing else self._files.replace)(principal, new)

            def edit(before: Entry) -> Entry:
                facts = _facts(_type_of(before), found)
                return msgspec.structs.replace(before, comment=asked.comment, properties=dict(asked.properties), table=facts)

            return await self._catalog.edit(principal, there, edit)

    async def _changeable(self, principal: Principal, name: Name) -> Entry:
        entry = (await self._catalog.snapshot()).require(principal, privileges.MODIFY, name)
        refuse_system(name)
        refuse_view(entry)
        return entry

    async def _existing(self, principal: Principal, entry: Entry) -> None:
        if await self._files.inspect(principal, entry.location) is None:
            raise BadRequest(f"[DELTA_TABLE_NOT_FOUND] The files of {entry.name.sql} are missing.", code="DELTA_TABLE_NOT_FOUND")

    async def _refresh(self, principal: Principal, entry: Entry, found: TableFiles) -> Entry:
        """Update the catalog's entry from the table's log."""

        def edit(before: Entry) -> Entry:
            return msgspec.structs.replace(before, properties=before.properties | found.properties, table=_facts(_type_of(before), found))

        return await self._catalog.edit(principal, entry, edit)

    async def _vacuumable(self, principal: Principal, name: Name, retain_hours: float | None) -> tuple[Entry | None, float]:
        entry = (await self._catalog.snapshot()).require(principal, privileges.MODIFY, name)
        refuse_view(entry)
        if retain_hours is not None and retain_hours < RETENTION_HOURS_MIN:
            raise BadRequest(
                f"VACUUM keeps at least {RETENTION_HOURS_MIN:g} hour: a query that runs may read files of an older version.",
                code="INVALID_PARAMETER_VALUE",
            )
        found = await self._files.inspect(principal, entry.location)
        if found is None:
            return None, 0.0
        return entry, retention_hours(found.properties) if retain_hours is None else retain_hours

    async def _delete(self, principal: Principal, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.table is not None and entry.table.table_type == MANAGED:
                await self._files.delete(principal, entry.location)


_UNITS = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0}


def retention_hours(properties: Mapping[str, str]) -> float:
    """The retention of removed files by the table's property; a week without one."""
    words = properties.get("delta.deletedFileRetentionDuration", "interval 1 week").lower().split()
    number, unit = words[-2:] if len(words) >= 2 else ("1", "week")
    hours = float(number) * _UNITS.get(unit.removesuffix("s"), 168.0) if number.isdigit() else 168.0
    return max(hours, RETENTION_HOURS_MIN)


def refuse_view(entry: Entry) -> None:
    """Refuse a view where a table is needed."""
    if entry.table is None or entry.is_view:
        raise BadRequest(f"[EXPECT_TABLE_NOT_VIEW] {entry.name.sql} is not a table.", code="EXPECT_TABLE")


def _mismatch(asked: CreateTable) -> BadRequest:
    where = f"The Delta table at {asked.location!r}"
    return BadRequest(
        f"[DELTA_CREATE_TABLE_SCHEME_MISMATCH] {where} has other columns or partitions than the statement. Leave these out, and its own are taken.",
        code="DELTA_CREATE_TABLE_SCHEME_MISMATCH",
    )


def _new_files(asked: CreateTable, location: str, rows: bytes = b"") -> NewFiles:
    return NewFiles(
        location=location,
        columns=types.to_delta_json(asked.schema),
        name=asked.name,
        comment=asked.comment,
        partitioned_by=asked.partitioned_by,
        properties=asked.properties,
        rows=rows,
    )


def _work(entry: Entry, asked: CreateTable, locations: tuple[str, ...], now_ms: int) -> TableWork:
    properties = dict(asked.properties)
    return TableWork(entry_id=entry.id, name=asked.name, locations=locations, began_at_ms=now_ms, comment=asked.comment, properties=properties)


def _facts(table_type: str, found: TableFiles) -> TableFacts:
    return TableFacts(table_type=table_type, columns=found.columns, partitioned_by=found.partitioned_by)


def _with_facts(entry: Entry, table_type: str, found: TableFiles) -> Entry:
    return msgspec.structs.replace(entry, table=_facts(table_type, found))


def _type_of(entry: Entry) -> str:
    return entry.table.table_type if entry.table is not None else MANAGED


def _schema(entry: Entry) -> Structure:
    return entry.table.schema if entry.table is not None else Structure(())


def _bare(schema: Structure) -> list[tuple[str, str]]:
    """Columns without comments and nullability."""
    return [(field.name.lower(), types.text(field.type)) for field in schema.fields]
