"""Functions of two arrays, or of an array and an element: sets, zips, and an insertion.

Both sides have one type: whole and floating-point numbers are widened, nothing else is
(https://docs.databricks.com/en/sql/language-manual/functions/array_except.html and its neighbours).
"""

from sqlglot import exp

from headgate.catalog.types import Array, Field, Structure, Type
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.meanings.lambdas import array_of, body_of_all, shown, variable
from headgate.storage.query.analysis.value import Value, mismatch, refused

_WIDENED = frozenset((*kinds.INTEGRALS, *kinds.FRACTIONALS))


def _same(call: FunctionCall, one: Type, other: Type) -> Type:
    """The type of elements of both sides."""
    if kinds.VOID not in {one, other} and one != other and not (one in _WIDENED and other in _WIDENED):
        raise mismatch(f"{call.name} takes elements of one type, not {kinds.sql(one)} and {kinds.sql(other)}.")
    joined = kinds.common(one, other)
    if joined is None:
        raise mismatch(f"{call.name} takes elements of one type.")
    return joined


def _sets(call: FunctionCall) -> Value:
    """`array_except`, `array_intersect`, and `arrays_overlap`, which is NULL where a NULL might be the common element."""
    call.counted(2)
    element = _same(call, array_of(call, 0).element, array_of(call, 1).element)
    first, second = (call.cast(place, Array(element)) for place in (0, 1))
    if call.name == "arrays_overlap":
        return call.gives(f"databricks_arrays_overlap({first}, {second})", kinds.BOOLEAN)
    if element in kinds.FRACTIONALS:  # -0.0 is 0.0
        first = f"list_transform({first}, lambda v: v + 0)"
    return call.gives(f"databricks_{call.name}({first}, {second})", Array(element))


def _insert(call: FunctionCall) -> Value:
    """`array_insert(array, place, value)`: counted from 1, or from behind the end; NULL fills what is between."""
    call.counted(3)
    element = _same(call, array_of(call, 0).element, call.value(2).kind)
    if call.value(1).kind not in {kinds.TINYINT, kinds.SMALLINT, kinds.INT}:
        raise mismatch(f"The place of array_insert is an INT, not {kinds.sql(call.value(1).kind)}.")
    text = f"databricks_array_insert({call.cast(0, Array(element))}, {call.cast(1, kinds.INT)}, {casts.cast(call.value(2).text, call.value(2).kind, element)})"
    return call.gives(text, Array(element))


def _zip(call: FunctionCall) -> Value:
    """Structs of elements at one place; their fields have the columns' names, or their places from 0."""
    if not len(call):
        raise refused("arrays_zip takes an array or more.")
    fields = tuple(Field(_field(tree, place), array_of(call, place).element) for place, tree in enumerate(call.arguments))
    if len({field.name.lower() for field in fields}) < len(fields):
        raise refused("arrays_zip of a column twice is not taken.")
    texts = [value.text for value in call.values]
    there = " AND ".join(f"{text} IS NOT NULL" for text in texts)
    kind = Array(Structure(fields))
    return call.gives(f"(CASE WHEN {there} THEN CAST(list_zip({', '.join(texts)}) AS {kinds.duckdb(kind)}) END)", kind)


def _field(tree: exp.Expression, place: int) -> str:
    return tree.name if isinstance(tree, (exp.Column, exp.Identifier)) else tree.expression.name if isinstance(tree, exp.Dot) else str(place)


def _zip_with(call: FunctionCall) -> Value:
    """`zip_with(a, b, (x, y) -> …)`; the shorter array is filled with NULL."""
    call.counted(3)
    pair = variable(call, "z")
    body = body_of_all(call, 2, (f"({pair}[1])", array_of(call, 0).element), (f"({pair}[2])", array_of(call, 1).element))
    first, second = call.value(0).text, call.value(1).text
    text = (
        f"(CASE WHEN {first} IS NOT NULL AND {second} IS NOT NULL THEN list_transform(list_zip({first}, {second}), lambda {pair}: {body.text}) END)"
    )
    return Value(text=text, kind=Array(body.kind), name=shown(call, body, 2))


MEANINGS: tuple[Meaning, ...] = (
    ruled("array_except", _sets, example="array_except(array(1, 2, 2), array(1))", gives="[2]"),
    ruled("array_intersect", _sets, example="array_intersect(array(1, 2), array(2, 3))", gives="[2]"),
    ruled("arrays_overlap", _sets, example="arrays_overlap(array(1, 2), array(2, 3))", gives="true"),
    ruled("array_insert", _insert, example="array_insert(array('a', 'c'), 2, 'b')", gives='["a","b","c"]'),
    ruled("arrays_zip", _zip, example="arrays_zip(array(1, 2), array('a'))", gives='[{"0":1,"1":"a"},{"0":2}]'),
    ruled("zip_with", _zip_with, example="zip_with(array(1, 2), array(3, 4), (x, y) -> x * y)", gives="[3,8]"),
)
