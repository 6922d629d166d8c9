"""The text of a view over one snapshot: `read_parquet` of the exact files, partition values, VARIANT columns made readable, and the journal's tail beneath.

`wide` views read files whose columns differ, as they do after a column was added; they open every file first, so they are used only where needed.
"""

from collections import defaultdict

from headgate.catalog import types
from headgate.catalog.types import Array, Field, Map, Structure, Type
from headgate.storage.query.duckdb_text import duckdb_type, literal, quoted
from headgate.storage.query.table_files import DataFile, TableVersion
from headgate.storage.query.worker_messages import Scan

_VARIANT = types.Primitive("variant")
_FLOATING = (types.Primitive("double"), types.Primitive("float"))
_RAW_VARIANT = Structure((Field("metadata", types.Primitive("binary")), Field("value", types.Primitive("binary"))))


def view_text(opened: TableVersion, tail: str = "", *, wide: bool = False, key: str = "", finite: bool = False) -> str:
    """The view's query. `tail` is the name of a registered table with rows that are not in any file yet.

    `key` is the column that names a row of a table whose rows may be journalled more than once: each is read once. `finite` says that no value is NaN.
    """
    parts = [_files(opened, wide=wide, finite=finite)] if opened.files else []
    if tail:
        parts.append(_tail(opened, tail, key, wide=wide) if key else _select(_columns(opened.schema, finite=finite), quoted(tail)))
    if not parts:
        parts.append(_no_rows(opened.schema))
    return " UNION ALL BY NAME ".join(parts)


def scan(opened: TableVersion) -> Scan | None:
    """What a wide view reads of its files, where no partition is among its columns."""
    if opened.partition_columns or not opened.files:
        return None
    columns = tuple((field.name, duckdb_type(field.type)) for field in _stored(opened).fields)
    return Scan(_scan(opened, opened.files, wide=True), _listed(opened.files), columns)


def _tail(opened: TableVersion, tail: str, key: str, *, wide: bool) -> str:
    """The first of the tail's rows with each key, without those that are in a file."""
    column = quoted(key)
    rows = _select(f"DISTINCT ON ({column}) {_columns(opened.schema)}", quoted(tail))
    if not opened.files:
        return f"({rows})"
    return f"({rows} WHERE {column} NOT IN ({_select(column, f'({_files(opened, wide=wide)})')}))"


def _select(columns: str, relation: str) -> str:
    return f"SELECT {columns} FROM {relation}"  # ruff: ignore[hardcoded-sql-expression] - every name and text in it is quoted here


def paths(files: tuple[DataFile, ...]) -> str:
    """A list of paths. Characters of a glob are put in brackets, so that a path names one file."""
    return "[" + ", ".join(_listed(files)) + "]"


def _listed(files: tuple[DataFile, ...]) -> tuple[str, ...]:
    return tuple(literal(_unglobbed(file.path)) for file in files)


def _unglobbed(path: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


def _files(opened: TableVersion, *, wide: bool, finite: bool = False) -> str:
    if opened.partition_columns and not opened.hive:
        groups: dict[tuple[tuple[str, str | None], ...], list[DataFile]] = defaultdict(list)
        for file in opened.files:
            groups[file.partition].append(file)
        return " UNION ALL BY NAME ".join(
            _group(opened, tuple(files), dict(partition), wide=wide, finite=finite) for partition, files in groups.items()
        )
    return _select(_columns(opened.schema, finite=finite), _scan(opened, opened.files, wide=wide))


def _group(opened: TableVersion, files: tuple[DataFile, ...], partition: dict[str, str | None], *, wide: bool, finite: bool) -> str:
    """Files of one partition, its values written out."""
    constants = {name: "NULL" if value is None else literal(value) for name, value in partition.items()}
    columns = ", ".join(
        f"CAST({constants[field.name]} AS {duckdb_type(field.type)}) AS {quoted(field.name)}"
        if field.name in constants
        else _column(field, finite=finite)
        for field in opened.schema.fields
    )
    return _select(columns, _scan(opened, files, wide=wide))


def _scan(opened: TableVersion, files: tuple[DataFile, ...], *, wide: bool) -> str:
    options = ["hive_partitioning = false"]
    if opened.partition_columns and opened.hive:
        kinds = {field.name: duckdb_type(field.type) for field in opened.schema.fields}
        named = ", ".join(f"{quoted(column)}: {kinds[column]}" for column in opened.partition_columns)
        options = ["hive_partitioning = true", f"hive_types = {{{named}}}"]
    if not wide:
        return f"read_parquet({paths(files)}, {', '.join(options)})"
    options.append("union_by_name = true")
    everything = _select("*", f"read_parquet({paths(files)}, {', '.join(options)})")
    return f"({everything} UNION ALL BY NAME {_no_rows(_stored(opened))})"


def _stored(opened: TableVersion) -> Structure:
    """The columns as files hold them."""
    constants = set() if opened.hive else set(opened.partition_columns)
    return Structure(tuple(Field(field.name, _raw(field.type)) for field in opened.schema.fields if field.name not in constants))


def _no_rows(schema: Structure) -> str:
    return "SELECT " + ", ".join(f"CAST(NULL AS {duckdb_type(field.type)}) AS {quoted(field.name)}" for field in schema.fields) + " WHERE false"


def _columns(schema: Structure, *, finite: bool = False) -> str:
    return ", ".join(_column(field, finite=finite) for field in schema.fields)


def _column(field: Field, *, finite: bool) -> str:
    name = quoted(field.name)
    value = _readable(name, field.type) if _has_variant(field.type) else name
    if not finite and _has_statistics_of_floats(field.type):
        # TRY hides the least and greatest value of a file from DuckDB: they leave NaN out, and files with NaN would be left out too. It takes long.
        value = f"TRY({value})"
    return value if value == name else f"{value} AS {name}"


def _has_statistics_of_floats(kind: Type) -> bool:
    """Whether DuckDB takes the least and greatest DOUBLE or FLOAT of a file for conditions on such a column. It does for parts of structs, lists and maps too."""
    match kind:
        case Structure(fields):
            return any(_has_statistics_of_floats(field.type) for field in fields)
        case Array(element):
            return _has_statistics_of_floats(element)
        case Map(key, value):
            return _has_statistics_of_floats(key) or _has_statistics_of_floats(value)
        case _:
            return kind in _FLOATING


def _readable(value: str, kind: Type, depth: int = 0) -> str:
    """An expression that turns stored VARIANTs (two blobs; delta-rs writes no Parquet annotation) into DuckDB's, at any depth."""
    if kind == _VARIANT:
        return f"variant_bytes_to_variant({value}.metadata || {value}.value)"
    if not _has_variant(kind):
        return value
    match kind:
        case Structure(fields):
            inner = ", ".join(f"{quoted(field.name)} := {_readable(f'{value}.{quoted(field.name)}', field.type, depth)}" for field in fields)
            return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({inner}) END"
        case Array(element):
            item = f"headgate_item{depth}"
            return f"list_transform({value}, LAMBDA {item} : {_readable(item, element, depth + 1)})"
        case _:
            return value


def _has_variant(kind: Type) -> bool:
    match kind:
        case Structure(fields):
            return any(_has_variant(field.type) for field in fields)
        case Array(element):
            return _has_variant(element)
        case _:
            return kind == _VARIANT


def _raw(kind: Type) -> Type:
    match kind:
        case Structure(fields):
            return Structure(tuple(Field(field.name, _raw(field.type)) for field in fields))
        case Array(element):
            return Array(_raw(element))
        case _:
            return _RAW_VARIANT if kind == _VARIANT else kind
