"""How the columns of a query become those of a table: which goes where, by position or by name, with what cast, and which may not be NULL. Runs nothing."""

from collections.abc import Sequence

import msgspec
import pyarrow as pa

from headgate.catalog import store_assignment, types
from headgate.catalog.names import Name, quote
from headgate.catalog.statements import InsertRows
from headgate.catalog.types import Array, Field, Map, Structure, Type
from headgate.core.errors import BadRequest


class Pair(msgspec.Struct, frozen=True):
    """A column of the table, and the type and the place of the query's column that it gets its values from."""

    field: Field
    source: Type
    place: int

    @property
    def value(self) -> str:
        """The expression over the query's column; empty where its type does not fit."""
        return store_assignment.assigned(self.source, self.field.type, _column(self.place))


def pairs(asked: InsertRows, schema: Structure, found: Sequence[Field]) -> list[Pair]:
    """The columns that the statement fills. Refuses too few, too many, unknown and repeated ones."""
    by_name = {field.name.lower(): field for field in schema.fields}
    if asked.by_name:
        wanted = [field.name for field in found]
    elif asked.columns:
        wanted = list(asked.columns)
    else:
        wanted = [field.name for field in schema.fields]
    fields, seen = [], set[str]()
    for name in wanted:
        field = by_name.get(name.lower())
        if field is None:
            raise BadRequest(f"[UNRESOLVED_COLUMN] {asked.name.sql} has no column {name}.", code="UNRESOLVED_COLUMN")
        if field.name in seen:
            raise BadRequest(f"[COLUMN_ALREADY_EXISTS] The column {name} is named twice.", code="COLUMN_ALREADY_EXISTS")
        seen.add(field.name)
        fields.append(field)
    if len(fields) != len(found):
        few = "NOT_ENOUGH_DATA_COLUMNS" if len(found) < len(fields) else "TOO_MANY_DATA_COLUMNS"
        hint = "" if asked.columns else f" Name the columns that it has: INSERT INTO {asked.name.sql} (column, …); the others are NULL."
        raise BadRequest(
            f"[INSERT_COLUMN_ARITY_MISMATCH.{few}] {len(fields)} columns of {asked.name.sql} are to be filled, and the query has {len(found)}.{hint}",
            code="INSERT_COLUMN_ARITY_MISMATCH",
        )
    return [Pair(field, source.type, place) for place, (field, source) in enumerate(zip(fields, found, strict=True))]


def projection(found: Sequence[Pair], text: str) -> str:
    """The query with the casts that its columns need. A column whose type does not fit is left as it is: NULL fits every type."""
    values = ", ".join(f"{pair.value or _column(pair.place)} AS {_column(pair.place)}" for pair in found)
    names = ", ".join(_column(place) for place in range(len(found)))
    return f"SELECT {values} FROM (\n{text}\n) AS `query`({names})"  # ruff: ignore[hardcoded-sql-expression] - the text is compiled like any other


def stored(found: Sequence[Pair], rows: pa.Table) -> pa.Table:
    """The rows under the table's names. Refuses a column whose type does not fit, unless it is NULL in each row."""
    arrays = []
    for pair, column in zip(found, rows.columns, strict=True):
        if not pair.value and column.null_count != len(column):
            if any("variant" in types.text(kind) for kind in (pair.field.type, pair.source)):
                raise BadRequest(
                    f"[UNSUPPORTED_FEATURE] The column {quote(pair.field.name)} would get VARIANT values, which INSERT and CREATE TABLE … AS do not "
                    "write. Write the parts that you need with a cast, such as CAST(v:part AS STRING).",
                    code="UNSUPPORTED_FEATURE",
                )
            raise BadRequest(
                f"[INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST] The column {quote(pair.field.name)} is {types.sql(pair.field.type)} and takes no "
                f"{types.sql(pair.source)}. Cast it in the query.",
                code="INCOMPATIBLE_DATA_FOR_TABLE",
            )
        arrays.append(column if pair.value else pa.nulls(len(column)))
    return pa.Table.from_arrays(arrays, names=[pair.field.name for pair in found])


def check_not_null(schema: Structure, rows: pa.Table, table: Name) -> None:
    """Refuse rows that lack a value for a column, or a field inside one, that is NOT NULL."""
    for field in schema.fields:
        if not rows.num_rows:
            return
        if field.name not in rows.column_names:
            if not field.nullable:
                raise _missing(field.name, table)
        else:
            for chunk in rows.column(field.name).chunks:
                _check(field, chunk, field.name, table)


def _check(field: Field, values: pa.Array, path: str, table: Name) -> None:
    if values.null_count and not field.nullable:
        raise _missing(path, table)
    if pa.types.is_null(values.type):
        return
    match field.type:
        case Structure(fields):
            present = values.filter(values.is_valid())
            for place, inner in enumerate(fields):
                _check(inner, present.field(place), f"{path}.{inner.name}", table)
        case Array(element):
            _check(Field("element", element), values.flatten(), f"{path}.element", table)
        case Map(_, value):
            present = values.filter(values.is_valid())
            _check(Field("value", value), present.items, f"{path}.value", table)
        case _:
            return


def _missing(path: str, table: Name) -> BadRequest:
    return BadRequest(
        f"[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] The column {path} of {table.sql} is NOT NULL, and a row has no value for it.",
        code="DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
    )


def _column(place: int) -> str:
    return f"c{place}"
