"""Arrays in order and without what repeats: sorting, the least and the greatest element, and which elements are one."""

from headgate.catalog.types import Array
from headgate.storage.query.analysis import kinds, nested_order
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.meanings.lambdas import array_of
from headgate.storage.query.analysis.value import Value, mismatch, refused

_DEFAULT_ORDER = (
    "lambdafunction((IF(((namedlambdavariable() IS NULL) AND (namedlambdavariable() IS NULL)), 0, (IF((namedlambdavariable() IS NULL), 1, "
    "(IF((namedlambdavariable() IS NULL), -1, (IF((namedlambdavariable() < namedlambdavariable()), -1, "
    "(IF((namedlambdavariable() > namedlambdavariable()), 1, 0)))))))))), namedlambdavariable(), namedlambdavariable())"
)
"""The comparison of `array_sort` without a lambda, as Spark shows it in the name of a column."""


def _sort(call: FunctionCall) -> Value:
    """NULL comes first in a rising order of `sort_array` and last in `array_sort`."""
    call.counted(1, 2)
    kind = array_of(call, 0)
    array = call.value(0).text
    if call.name == "array_sort":
        if len(call) > 1:
            raise refused("array_sort with a lambda is not taken: sort structs by their first field.")
        return call.gives(_sorted(array, kind, "'ASC', 'NULLS LAST'"), kind, f"array_sort({call.value(0).name}, {_DEFAULT_ORDER})")
    rising = len(call) == 1 or call.value(1).constant is True
    if len(call) > 1 and not isinstance(call.value(1).constant, bool):
        raise refused("The order of sort_array is true or false.")
    order = "'ASC', 'NULLS FIRST'" if rising else "'DESC', 'NULLS LAST'"
    return call.gives_more(_sorted(array, kind, order), kind, *(["true"] if len(call) == 1 else []))


def _sorted(array: str, kind: Array, order: str) -> str:
    """Arrays and structs by their keys, each of which is put before its element."""
    if not nested_order.is_nested(kind.element):
        return f"list_sort({array}, {order})"
    item = f"k{len(array)}"
    keyed = f"CASE WHEN {item} IS NOT NULL THEN {{'k': {nested_order.key(item, kind.element)}, 'v': {item}}} END"
    return f"list_transform(list_sort(list_transform({array}, lambda {item}: {keyed}), {order}), lambda {item}: {item}.v)"


def _extreme(call: FunctionCall) -> Value:
    """`array_max` and `array_min`, which leave NULL out."""
    call.counted(1)
    kind = array_of(call, 0)
    if nested_order.is_nested(kind.element) or (kind.element in kinds.FRACTIONALS and call.name == "array_min"):
        order = "'ASC', 'NULLS LAST'" if call.name == "array_min" else "'DESC', 'NULLS LAST'"
        return call.gives(f"({_sorted(call.value(0).text, kind, order)})[1]", kind.element)
    return call.gives(f"list_{call.name.removeprefix('array_')}({call.value(0).text})", kind.element)


def _distinct(call: FunctionCall) -> Value:
    call.counted(1)
    kind = array_of(call, 0)
    return call.gives(f"databricks_array_distinct({_one_zero(call.value(0).text, kind)})", kind)


def _union(call: FunctionCall) -> Value:
    call.counted(2)
    kind = kinds.common(call.value(0).kind, call.value(1).kind)
    if not isinstance(kind, Array):
        raise mismatch(f"{call.name} takes two ARRAYs of one type.")
    first, second = call.cast(0, kind), call.cast(1, kind)
    united = f"databricks_array_distinct({_one_zero(f'list_concat({first}, {second})', kind)})"
    return call.gives(f"(CASE WHEN {first} IS NOT NULL AND {second} IS NOT NULL THEN {united} END)", kind)


def _one_zero(array: str, kind: Array) -> str:
    """An array without negative zeros: -0.0 equals 0.0, which is what Databricks gives."""
    item = f"z{len(array)}"
    return f"list_transform({array}, lambda {item}: {item} + 0.0::DOUBLE)" if kind.element == kinds.DOUBLE else array


MEANINGS: tuple[Meaning, ...] = (
    ruled("array_max array_min", _extreme, example="array_max(array(1, 2))", gives="2"),
    ruled("array_distinct", _distinct, example="array_distinct(array(1, 1, 2))", gives="[1,2]"),
    ruled("array_union", _union, example="array_union(array(1, 2), array(2, 3))", gives="[1,2,3]"),
    ruled("array_sort sort_array", _sort, example="array_sort(array(2, NULL, 1))", gives="[1,2,null]"),
)
