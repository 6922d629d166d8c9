"""Result columns in types that every client knows: what DuckDB alone has (HUGEINT, JSON, VARIANT, UUID, …) is cast on the way out. Runs inside the worker."""

from collections.abc import Sequence

import pyarrow as pa
from duckdb.sqltypes import DuckDBPyType

from headgate.storage.query.duckdb_text import quoted

_CASTS = {
    "UTINYINT": "SMALLINT", "USMALLINT": "INTEGER", "UINTEGER": "BIGINT", "UBIGINT": "DECIMAL(20,0)", "TIMESTAMP_S": "TIMESTAMP", "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_NS": "TIMESTAMP", '"NULL"': "VARCHAR", "NULL": "VARCHAR",
}  # fmt: skip
_KEPT = frozenset({
    "BIGINT",
    "INTEGER",
    "SMALLINT",
    "TINYINT",
    "DOUBLE",
    "FLOAT",
    "BOOLEAN",
    "VARCHAR",
    "BLOB",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    "HUGEINT",
})


def projection(sql: str, names: Sequence[str], kinds: Sequence[DuckDBPyType]) -> str:
    """The query, with the columns that need it cast; the very same text if none does."""
    columns = [_cast(f"#{place}", kind) for place, kind in enumerate(kinds, start=1)]
    if all(column == f"#{place}" for place, column in enumerate(columns, start=1)):
        return sql
    listed = ", ".join(f"{column} AS {quoted(name)}" for column, name in zip(columns, names, strict=True))
    return f"SELECT {listed} FROM ({sql})"  # ruff: ignore[hardcoded-sql-expression] - the statement has passed its checks


def narrowed(table: pa.Table, kinds: Sequence[DuckDBPyType]) -> pa.Table:
    """HUGEINT columns, which sums of BIGINT are, as BIGINT where every value fits; as DECIMAL(38,0) otherwise."""
    for place, kind in enumerate(kinds):
        if str(kind) != "HUGEINT":
            continue
        try:
            column = table.column(place).cast(pa.int64())
        except pa.ArrowInvalid:
            continue
        table = table.set_column(place, pa.field(table.schema.field(place).name, pa.int64()), column)
    return table


def _cast(column: str, kind: DuckDBPyType) -> str:
    if str(kind) == "VARIANT":
        return f"CAST(CAST({column} AS JSON) AS VARCHAR)"
    return column if _is_known(kind) else f"CAST({column} AS {_exported(kind)})"


def _is_known(kind: DuckDBPyType) -> bool:
    match kind.id:
        case "list" | "map" | "struct":
            return all(_is_known(_typed(child)) for _, child in kind.children)
        case "decimal":
            return True
        case _:
            return str(kind) in _KEPT


def _exported(kind: DuckDBPyType) -> str:
    text = str(kind)
    match kind.id:
        case "list" | "array":
            return f"{_exported(_child(kind, 0))}[]"
        case "map":
            return f"MAP({_exported(_child(kind, 0))}, {_exported(_child(kind, 1))})"
        case "struct":
            return "STRUCT(" + ", ".join(f"{quoted(name)} {_exported(_typed(child))}" for name, child in kind.children) + ")"
        case "decimal":
            return text
        case _ if text in _KEPT:
            return text
        case _:
            # A VARIANT inside another value becomes its JSON.
            return "JSON" if text == "VARIANT" else _CASTS.get(text, "VARCHAR")


def _child(kind: DuckDBPyType, place: int) -> DuckDBPyType:
    return _typed(kind.children[place][1])


def _typed(child: object) -> DuckDBPyType:
    if not isinstance(child, DuckDBPyType):
        raise TypeError(str(child))
    return child
