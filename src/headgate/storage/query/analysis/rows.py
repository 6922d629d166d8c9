"""Functions that give rows: `explode` and its kin, `range`. In a FROM clause, behind LATERAL VIEW, and in a select list."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from sqlglot import exp

from headgate.catalog.types import Array, Map, Structure
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.plan import OutputColumn
from headgate.storage.query.analysis.scope import NameScope
from headgate.storage.query.analysis.value import Value, refused
from headgate.storage.query.duckdb_text import literal

if TYPE_CHECKING:
    from headgate.storage.query.analysis.expressions import Expressions

_STACKED_MAX = 1000


class RowsOfCall(msgspec.Struct, frozen=True):
    """A query of rows. `outer` keeps a row of the relation before it for which there is none."""

    text: str
    outputs: tuple[OutputColumn, ...]
    name: str
    outer: bool = False


def is_rows(tree: exp.Expression) -> bool:
    """Whether a node of a select list gives rows."""
    return isinstance(tree, exp.Anonymous) and tree.name.lower().removesuffix("_outer") in _GENERATORS


def rows(tree: exp.Expression, scope: NameScope, expressions: "Expressions") -> RowsOfCall:
    """The rows of a call."""
    name = tree.name.lower() if isinstance(tree, exp.Anonymous) else ""
    plain = name.removesuffix("_outer")
    make = _GENERATORS.get(plain) or _TABLES.get(name)
    if make is None:
        raise refused(f"{(name or type(tree).__name__)[:80]!r} is no function of rows.")
    arguments = [expressions.value(one, scope) for one in tree.expressions]
    text, outputs = make(arguments)
    return RowsOfCall(text, tuple(outputs), name, name.endswith("_outer"))


def renamed(outputs: Sequence[OutputColumn], names: Sequence[str], code: str = "UDTF_ALIAS_NUMBER_MISMATCH") -> tuple[OutputColumn, ...]:
    """The columns under the names that the query gives them. Another number of names is an error of this class."""
    if not names:
        return tuple(outputs)
    if len(names) != len(outputs):
        raise refused(f"{len(names)} names are given to {len(outputs)} columns.", code)
    return tuple(OutputColumn(name, output.kind) for name, output in zip(names, outputs, strict=True))


Made = tuple[str, list[OutputColumn]]


def _one(arguments: Sequence[Value]) -> Value:
    if len(arguments) != 1:
        raise refused("The function takes one value.", "WRONG_NUM_ARGS")
    return arguments[0]


def _explode(arguments: Sequence[Value]) -> Made:
    value = _one(arguments)
    match value.kind:
        case Array(element):
            return f"SELECT unnest({value.text})", [OutputColumn("col", element)]
        case Map(key, item):
            return f"SELECT unnest(map_keys({value.text})), unnest(map_values({value.text}))", [OutputColumn("key", key), OutputColumn("value", item)]
        case _:
            raise refused("explode takes an ARRAY or a MAP.", "DATATYPE_MISMATCH")


def _posexplode(arguments: Sequence[Value]) -> Made:
    value = _one(arguments)
    place = OutputColumn("pos", kinds.INT)
    text, outputs = _explode(arguments)
    length = f"cardinality({value.text})" if isinstance(value.kind, Map) else f"len({value.text})"
    return text.replace("SELECT ", f"SELECT unnest(range(CAST({length} AS BIGINT)))::INTEGER, ", 1), [place, *outputs]


def _inline(arguments: Sequence[Value]) -> Made:
    value = _one(arguments)
    if not isinstance(value.kind, Array) or not isinstance(value.kind.element, Structure):
        raise refused("inline takes an ARRAY of STRUCTs.", "DATATYPE_MISMATCH")
    fields = value.kind.element.fields
    picked = ", ".join(f"struct_extract(s.e, {literal(field.name)})" for field in fields)
    text = f"SELECT {picked} FROM (SELECT unnest({value.text})) AS s(e)"  # ruff: ignore[hardcoded-sql-expression] - analysed text
    return text, [OutputColumn(field.name, field.type) for field in fields]


def _json_tuple(arguments: Sequence[Value]) -> Made:
    """Fields of an object as texts, in one reading."""
    if len(arguments) < 2 or any(one.kind != kinds.STRING for one in arguments):
        raise refused("json_tuple takes a STRING and names of fields.", "DATATYPE_MISMATCH.NON_STRING_TYPE")
    names = [one.constant for one in arguments[1:]]
    if not all(isinstance(name, str) and not set(name) & set('"\\\ue000') for name in names):
        raise refused("The fields of json_tuple are quoted texts, without quotes in them.")
    paths = ", ".join(literal(f'$."{name}"') for name in names)
    found = f"databricks_json_fields(databricks_json({arguments[0].text}), [{paths}])"
    picked = ", ".join(f"databricks_json_text({found}[{place}])" for place in range(1, len(arguments)))
    return f"SELECT {picked}", [OutputColumn(f"c{place}", kinds.STRING) for place in range(len(names))]


def _stack(arguments: Sequence[Value]) -> Made:
    """`stack(rows, value, …)`: the values by rows, NULL for those that are missing in the last one."""
    if len(arguments) < 2:
        raise refused("stack takes a number of rows, and values.", "WRONG_NUM_ARGS")
    count = arguments[0]
    if not kinds.is_integral(count.kind) or not isinstance(count.constant, str):
        raise refused("The number of rows of stack is written out.")
    rows_count = int(count.constant)
    if not 0 < rows_count <= _STACKED_MAX:
        raise refused(f"The number of rows of stack is from 1 to {_STACKED_MAX}.", "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE")
    width = -(-(len(arguments) - 1) // rows_count)
    columns = [arguments[1 + place :: width] for place in range(width)]
    found = [{one.kind for one in column} - {kinds.VOID} for column in columns]
    if any(len(given) > 1 for given in found):
        raise refused("The values of a column of stack have one type.", "DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES")
    outputs = [OutputColumn(f"col{place}", next(iter(given), kinds.VOID)) for place, given in enumerate(found)]
    made = ("unnest([" + ", ".join([one.text for one in column] + ["NULL"] * (rows_count - len(column))) + "])" for column in columns)
    return f"SELECT {', '.join(made)}", outputs


def _range(arguments: Sequence[Value]) -> Made:
    if not 1 <= len(arguments) <= 3:
        raise refused("range takes an end, or a start, an end and a step.", "WRONG_NUM_ARGS")
    given = ", ".join(casts.implicit(one, kinds.BIGINT, "range") for one in arguments)
    return f"SELECT unnest(range({given}))", [OutputColumn("id", kinds.BIGINT)]


_Maker = Callable[[Sequence[Value]], Made]
_GENERATORS: dict[str, _Maker] = {"explode": _explode, "posexplode": _posexplode, "inline": _inline, "json_tuple": _json_tuple, "stack": _stack}
_TABLES: dict[str, _Maker] = {"range": _range}
