"""What DESCRIBE and SHOW answer: the columns that Databricks gives them, and rows out of catalog entries. Formats only; asks for nothing.

Maps and lists are given as JSON text, which is how a client of the statement interface sees them anyway.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from headgate.admin.catalog_ports import Commit, TableFiles
from headgate.admin.grants import Granted
from headgate.admin.locations import url_of
from headgate.admin.statement_ports import Rows
from headgate.catalog import types
from headgate.catalog.entries import Entry, TableFacts
from headgate.catalog.holders import name_of
from headgate.catalog.names import quote
from headgate.catalog.table_properties import CLUSTERING
from headgate.catalog.types import Field, Structure
from headgate.core.like_patterns import show
from headgate.core.time_text import utc_text


def listing(columns: str, rows: Iterable[Sequence[object]]) -> Rows:
    """Rows under columns that are written like a struct's fields."""
    return Rows(types.parse_columns(columns), tuple(tuple(row) for row in rows))


def catalogs(entries: Iterable[Entry]) -> Rows:
    """`SHOW CATALOGS`."""
    return listing("catalog: string", [(entry.name.leaf,) for entry in entries])


def schemas(entries: Iterable[Entry]) -> Rows:
    """`SHOW SCHEMAS`."""
    return listing("databaseName: string", [(entry.name.leaf,) for entry in entries])


def tables(entries: Iterable[Entry]) -> Rows:
    """`SHOW TABLES`."""
    return listing(
        "database: string, tableName: string, isTemporary: boolean", [(entry.name.parent.leaf, entry.name.leaf, False) for entry in entries]
    )


def views(entries: Iterable[Entry]) -> Rows:
    """`SHOW VIEWS`."""
    rows = [(entry.name.parent.leaf, entry.name.leaf, False) for entry in entries if entry.is_view]
    return listing("namespace: string, viewName: string, isTemporary: boolean", rows)


def model_services(entries: Iterable[Entry]) -> Rows:
    """`SHOW MODEL SERVICES`."""
    return listing(
        "database: string, serviceName: string, owner: string", [(entry.name.parent.leaf, entry.name.leaf, name_of(entry.owner)) for entry in entries]
    )


def columns(entry: Entry) -> Rows:
    """`SHOW COLUMNS`."""
    return listing("col_name: string", [(field.name,) for field in _fields(entry)])


def grants(found: Iterable[Granted]) -> Rows:
    """`SHOW GRANTS`."""
    rows = [(each.holder, each.privilege, each.on.kind.replace(" ", "_"), str(each.on)) for each in found]
    return listing("Principal: string, ActionType: string, ObjectType: string, ObjectKey: string", rows)


def description(entry: Entry, *, extended: bool) -> Rows:
    """`DESCRIBE TABLE [EXTENDED]`."""
    rows: list[tuple[object, ...]] = [(field.name, types.text(field.type), field.comment or None) for field in _fields(entry)]
    partitioned_by = entry.table.partitioned_by if entry.table is not None else ()
    if partitioned_by:
        known = {field.name: field for field in _fields(entry)}
        rows += [("# Partition Information", "", ""), ("# col_name", "data_type", "comment")]
        rows += [(name, types.text(known[name].type), known[name].comment or None) for name in partitioned_by if name in known]
    if extended:
        rows += [("", "", ""), ("# Detailed Table Information", "", ""), *((key, value, "") for key, value in _details(entry))]
    return listing("col_name: string, data_type: string, comment: string", rows)


def place(entry: Entry) -> Rows:
    """`DESCRIBE CATALOG|SCHEMA|MODEL SERVICE`."""
    parts = [(f"{name.kind.title()} Name", name.leaf) for name in entry.name.lineage()[1:]]
    rows = [*parts, ("Comment", entry.comment), ("Location", url_of(entry.location)), ("Owner", name_of(entry.owner)), ("Created", iso(entry.created_at_ms)),
            ("Properties", _properties(entry.properties))]  # fmt: skip
    return listing("info_name: string, info_value: string", rows)


def history(commits: Iterable[Commit]) -> Rows:
    """`DESCRIBE HISTORY`."""
    rows = [
        (
            each.version,
            moment(each.at_ms),
            None,
            None,
            each.operation,
            _json(each.parameters),
            each.read_version,
            _json(each.metrics),
            each.engine or None,
        )
        for each in commits
    ]
    return listing(
        "version: bigint, timestamp: timestamp, userId: string, userName: string, operation: string, operationParameters: string, "
        "readVersion: bigint, operationMetrics: string, engineInfo: string",
        rows,
    )


def detail(entry: Entry, found: TableFiles | None) -> Rows:
    """`DESCRIBE DETAIL`: what the table's log says; of a table without files, what the catalog says."""
    files = found or TableFiles(version=-1, columns="", created_at_ms=entry.created_at_ms, modified_at_ms=entry.updated_at_ms)
    clustering = tuple(part for part in entry.properties.get(CLUSTERING, "").split(",") if part)
    row = (
        "delta", files.id or entry.id, str(entry.name), entry.comment or None, url_of(entry.location), moment(files.created_at_ms),
        moment(files.modified_at_ms), _json(files.partitioned_by), _json(clustering), files.files, files.size_bytes, _json(files.properties),
        files.min_reader_version, files.min_writer_version, _json(files.features),
    )  # fmt: skip
    return listing(
        "format: string, id: string, name: string, description: string, location: string, createdAt: timestamp, lastModified: timestamp, "
        "partitionColumns: string, clusteringColumns: string, numFiles: bigint, sizeInBytes: bigint, properties: string, "
        "minReaderVersion: bigint, minWriterVersion: bigint, tableFeatures: string",
        [row],
    )


def create_table(entry: Entry) -> Rows:
    """`SHOW CREATE TABLE`."""
    return listing("createtab_stmt: string", [(ddl(entry),)])


def ddl(entry: Entry) -> str:
    """The statement that would make the table, or the view's query."""
    if entry.is_view and entry.table is not None:
        return _view_sql(entry, entry.table)
    lines = ",\n  ".join(_column_sql(field) for field in _fields(entry))
    parts = [f"CREATE TABLE {entry.name.sql} (\n  {lines})", "USING delta"]
    table = entry.table
    if table is not None and table.partitioned_by:
        parts.append(f"PARTITIONED BY ({', '.join(quote(name) for name in table.partitioned_by)})")
    if entry.comment:
        parts.append(f"COMMENT {_string(entry.comment)}")
    if table is not None and table.table_type == "EXTERNAL":
        parts.append(f"LOCATION {_string(url_of(entry.location))}")
    if entry.properties:
        inner = ",\n  ".join(f"{_string(key)} = {_string(value)}" for key, value in sorted(entry.properties.items()))
        parts.append(f"TBLPROPERTIES (\n  {inner})")
    return "\n".join(parts)


def _view_sql(entry: Entry, view: TableFacts) -> str:
    fields = view.schema.fields
    own = view.view_outputs and (tuple(field.name for field in fields) != view.view_outputs or any(field.comment for field in fields))
    listed = [quote(field.name) + (f" COMMENT {_string(field.comment)}" if field.comment else "") for field in fields]
    columns = f" (\n  {f',{chr(10)}  '.join(listed)})" if own else ""
    comment = f"\nCOMMENT {_string(entry.comment)}" if entry.comment and view.view_outputs else ""
    return f"CREATE VIEW {entry.name.sql}{columns}{comment} AS\n{view.view_text}"


def optimized(entry: Entry, done: Mapping[str, int]) -> Rows:
    """`OPTIMIZE`."""
    return listing("path: string, metrics: string", [(url_of(entry.location), _json(done))])


def paths(found: Iterable[str]) -> Rows:
    """`VACUUM`."""
    return listing("path: string", [(path,) for path in found])


def matching(entries: Iterable[Entry], pattern: str) -> list[Entry]:
    """Those whose name fits a pattern of `*` and `|`, in any case. No pattern fits all."""
    if not pattern:
        return list(entries)
    wanted = show(pattern)
    return [entry for entry in entries if wanted.matches(entry.name.leaf)]


def moment(milliseconds: int) -> dt.datetime:
    """A time in UTC."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)


def iso(milliseconds: int) -> str:
    """A time as Databricks writes it."""
    return utc_text(milliseconds, "milliseconds")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _details(entry: Entry) -> list[tuple[str, str]]:
    catalog, schema, table = entry.name.parts
    made = [
        ("Created Time", iso(entry.created_at_ms)),
        ("Created By", entry.created_by),
        ("Type", entry.table.table_type if entry.table is not None else ""),
    ]
    rows = [("Catalog", catalog), ("Database", schema), ("Table", table), *made, ("Comment", entry.comment), ("Location", url_of(entry.location)),
            ("Provider", "" if entry.is_view else "delta"), ("Owner", name_of(entry.owner)), ("Table Properties", _properties(entry.properties))]  # fmt: skip
    return [*rows, ("View Text", entry.table.view_text)] if entry.is_view and entry.table is not None else rows


def _properties(properties: Mapping[str, str]) -> str:
    return f"[{','.join(f'{key}={value}' for key, value in sorted(properties.items()))}]"


def _fields(entry: Entry) -> tuple[Field, ...]:
    return (entry.table.schema if entry.table is not None else Structure(())).fields


def _column_sql(field: Field) -> str:
    missing = "" if field.nullable else " NOT NULL"
    comment = f" COMMENT {_string(field.comment)}" if field.comment else ""
    return f"{quote(field.name)} {types.sql(field.type)}{missing}{comment}"


def _string(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
