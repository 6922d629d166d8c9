"""Truncating and dating UTC timestamps without a calendar. Sessions are always in UTC, where a day is a day; DuckDB still asks its time-zone library for every
row, which costs four times the rest of such a query.

Only columns that are known to be timestamps are touched, and only directly under a function that has a plain meaning in UTC. The result's type stays as it was.
"""

from collections.abc import Collection, Iterable, Iterator

from sqlglot import exp

from headgate.catalog.types import Primitive, Structure

_TIMESTAMP = Primitive("timestamp")
# Functions of a timestamp whose result is a date or a number.
_PARTS = (exp.TsOrDsToDate, exp.Date, exp.Hour, exp.Minute, exp.Second)


def timestamp_columns(schemas: Iterable[Structure], given: Collection[str]) -> frozenset[str]:
    """Names that can only mean a timestamp column: of no other type in any table, and not among those that the query gives to anything."""
    yes: set[str] = set()
    no = set(given)
    for schema in schemas:
        for field in schema.fields:
            (yes if field.type == _TIMESTAMP else no).add(field.name.lower())
    return frozenset(yes - no)


def without_calendar(tree: exp.Expression, columns: frozenset[str]) -> None:
    """Rewrite the tree in place."""
    if not columns:
        return
    qualifiers = {table.alias_or_name.lower() for table in tree.find_all(exp.Table, exp.Subquery, exp.CTE)}
    for column in list(tree.find_all(exp.Column)):
        qualifier = column.table.lower()
        if column.name.lower() not in columns or (qualifier and qualifier not in qualifiers) or column.args.get("db"):
            continue
        parent = column.parent
        if isinstance(parent, exp.TimestampTrunc) and parent.this is column and parent.args.get("zone") is None:
            column.replace(_naive(column))
            parent.replace(_zoned(parent))
        elif isinstance(parent, _PARTS) or (isinstance(parent, exp.Cast) and parent.to.this in {exp.DType.DATE, exp.DType.TIMESTAMPNTZ}):
            column.replace(_naive(column))


def given_names(tree: exp.Expression) -> set[str]:
    """The names that the query gives to columns of its own, in small letters."""
    return {name.lower() for name in _given(tree)}


def _given(tree: exp.Expression) -> Iterator[str]:
    for node in tree.find_all(exp.Alias, exp.PivotAlias, exp.TableAlias):
        if isinstance(node, exp.TableAlias):
            yield from (column.name for column in node.columns)
        else:
            yield node.alias


def _naive(value: exp.Expression) -> exp.Expression:
    return _call("make_timestamp", _call("epoch_us", value.copy()))


def _zoned(value: exp.Expression) -> exp.Expression:
    return _call("make_timestamptz", _call("epoch_us", value.copy()))


def _call(name: str, argument: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=[argument])
