"""Names, texts and types as DuckDB writes them. Small on purpose: a worker loads this and not the compiler."""

from headgate.catalog import types
from headgate.catalog.types import Type

_NAMES = {
    "string": "VARCHAR", "long": "BIGINT", "integer": "INTEGER", "short": "SMALLINT", "byte": "TINYINT", "double": "DOUBLE", "float": "FLOAT", "boolean": "BOOLEAN",
    "binary": "BLOB", "date": "DATE", "timestamp": "TIMESTAMPTZ", "timestamp_ntz": "TIMESTAMP", "variant": "VARIANT",
}  # fmt: skip


def quoted(name: str) -> str:
    """An identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in quotes."""
    return "'" + text.replace("'", "''") + "'"


def failing(code: str, message: str) -> str:
    """An expression that fails with an error class of Databricks'."""
    return f"error('[{code}] {message}')"


def duckdb_type(kind: Type) -> str:
    """A type."""
    return types.write(kind, NOTATION)


NOTATION = types.Notation(
    primitives=_NAMES,
    decimal="DECIMAL({},{})",
    array="{}[]",
    map="MAP({}, {})",
    structure="STRUCT({})",
    between=", ",
    field=lambda field: f"{quoted(field.name)} {duckdb_type(field.type)}",
)
"""How DuckDB writes types."""
