"""Where Databricks and DuckDB mean different things by the same words, or sqlglot loses something on the way: rewrites of the syntax tree, one small function each.

A difference that is not handled here must fail, not answer wrongly.
"""

from collections.abc import Callable

import msgspec
from sqlglot import exp

from headgate.admin.statement_ports import Query
from headgate.catalog import types
from headgate.catalog.holders import groups_of
from headgate.catalog.types import Array, Map, Structure, Type
from headgate.core.errors import BadRequest
from headgate.storage.query.allowed_syntax import refused
from headgate.storage.query.duckdb_text import duckdb_type

Rewrite = Callable[[exp.Expression, Query], exp.Expression]

_CASTS = {"bigint", "boolean", "decimal", "double", "float", "int", "smallint", "string", "tinyint", "timestamp", "binary", "date"}


def rewrite(tree: exp.Expression, query: Query) -> exp.Expression:
    """The tree with every difference settled, children first."""
    for node in reversed([node for node in tree.dfs() if isinstance(node, exp.Expression)]):
        new = _one(node, query)
        if new is not node:
            if node is tree:
                tree = new
            else:
                node.replace(new)
    return tree


def _one(node: exp.Expression, query: Query) -> exp.Expression:
    if isinstance(node, exp.Anonymous):
        plain = _PLAIN.get(node.name.lower())
        return plain(node, query) if plain else node
    found = _TYPED.get(type(node))
    return found(node, query) if found else node


def _call(name: str, *arguments: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _cast(value: exp.Expression, to: str) -> exp.Expression:
    return exp.cast(value, exp.DataType.build(to, dialect="duckdb"))


def _text(node: exp.Expression, what: str) -> str:
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise refused(f"{what} is a quoted string.")
    return str(node.this)


def _principal(_node: exp.Expression, query: Query) -> exp.Expression:
    return exp.Literal.string(query.principal.name)


def _catalog(_node: exp.Expression, query: Query) -> exp.Expression:
    return exp.Literal.string(query.defaults.catalog)


def _schema(_node: exp.Expression, query: Query) -> exp.Expression:
    return exp.Literal.string(query.defaults.schema)


def _member(node: exp.Expression, query: Query) -> exp.Expression:
    group = _text(node.expressions[0], "The group") if len(node.expressions) == 1 else ""
    return exp.true() if group in groups_of(query.principal) else exp.false()


def _as_cast(node: exp.Expression, _query: Query) -> exp.Expression:
    if len(node.expressions) != 1:
        raise refused(f"{node.name} takes one value.")
    return exp.cast(node.expressions[0], exp.DataType.build(node.name, dialect="databricks"))


def _json_text(node: exp.Expression, _query: Query) -> exp.Expression:
    """`j:a.b` and `get_json_object`: the value as text, from JSON text and from VARIANT alike."""
    path = node.expression
    return exp.JSONExtractScalar(this=exp.cast(node.this, "JSON"), expression=path)


def _variant_get(node: exp.Expression, _query: Query) -> exp.Expression:
    if not 2 <= len(node.expressions) <= 3:
        raise refused("variant_get takes a value, a path and a type.")
    value, path, *kind = node.expressions
    found = _call("json_extract_string", exp.cast(value, "JSON"), exp.Literal.string(_text(path, "The path")))
    if not kind:
        return found
    to = duckdb_type(types.parse_text(_text(kind[0], "The type")))
    return exp.TryCast(this=found, to=exp.DataType.build(to, dialect="duckdb")) if node.name.lower().startswith("try_") else _cast(found, to)


def _from_json(node: exp.Expression, _query: Query) -> exp.Expression:
    """Databricks gives the schema as text, DuckDB wants it as JSON."""
    arguments = [node.this, node.expression] if isinstance(node, exp.FromJson) else node.expressions
    if len(arguments) < 2 or arguments[1] is None:
        raise refused("from_json takes a text and a schema.")
    schema = _text(arguments[1], "The schema of from_json")
    try:
        kind = types.parse_text(schema)
    except BadRequest:
        kind = Structure(types.parse_columns(schema))
    return _call("from_json", exp.cast(arguments[0], "JSON"), exp.Literal.string(msgspec.json.encode(_structure(kind)).decode()))


def _structure(kind: Type) -> object:
    match kind:
        case Structure(fields):
            return {field.name: _structure(field.type) for field in fields}
        case Array(element):
            return [_structure(element)]
        case Map(key, value):
            return f"MAP({duckdb_type(key)}, {duckdb_type(value)})"
        case _:
            return duckdb_type(kind)


def _exists(node: exp.Expression, _query: Query) -> exp.Expression:
    """`exists(array, x -> …)`, which sqlglot would write as a bare EXISTS."""
    if isinstance(node.this, (exp.Query, exp.Subquery)):
        return node
    predicate = node.args.get("expression")
    if not isinstance(predicate, exp.Lambda):
        raise refused("exists takes a subquery, or an array and a lambda.")
    return exp.GT(this=_call("len", exp.ArrayFilter(this=node.this, expression=predicate)), expression=exp.Literal.number(0))


def _is_null(node: exp.Expression, _query: Query) -> exp.Expression:
    if len(node.expressions) != 1:
        raise refused(f"{node.name} takes one value.")
    found = exp.paren(exp.Is(this=node.expressions[0], expression=exp.null()))
    return found if node.name.lower() == "isnull" else exp.paren(exp.not_(found))


def _forall(node: exp.Expression, _query: Query) -> exp.Expression:
    if len(node.expressions) != 2 or not isinstance(node.expressions[1], exp.Lambda):
        raise refused("forall takes an array and a lambda.")
    values, predicate = node.expressions
    return exp.EQ(this=_call("len", exp.ArrayFilter(this=values.copy(), expression=predicate)), expression=_call("len", values))


def _slice(node: exp.Expression, _query: Query) -> exp.Expression:
    """Databricks counts elements from a start, DuckDB names both ends."""
    start, length = node.args.get("start"), node.args.get("end")
    if start is None or length is None:
        raise refused("slice takes an array, a start and a length.")
    last = exp.paren(start.copy()) + exp.paren(length) - exp.Literal.number(1)
    return _call("array_slice", node.this, start, last)


def _quantile(node: exp.Expression, _query: Query) -> exp.Expression:
    """Databricks' percentile interpolates."""
    fraction = node.args.get("quantile")
    if fraction is None:
        raise refused("percentile takes a value and a fraction.")
    return _call("quantile_cont", node.this, fraction)


def _day_of_week(node: exp.Expression, _query: Query) -> exp.Expression:
    """Sunday is 1 in Databricks and 0 in DuckDB."""
    return exp.paren(_call("dayofweek", node.this) + exp.Literal.number(1))


def _weekday(node: exp.Expression, _query: Query) -> exp.Expression:
    """Monday is 0 in Databricks."""
    return exp.paren(_call("isodow", *node.expressions) - exp.Literal.number(1))


def _to_unix(node: exp.Expression, _query: Query) -> exp.Expression:
    given = node.args.get("format")
    if given is not None and not str(given.this).replace("strict", "").startswith("%Y-%m-%d %H:%M:%S"):
        raise refused("unix_timestamp with a format is not taken; use to_timestamp first.")
    return _call("unix_timestamp", node.this)


def _unix_now(node: exp.Expression, _query: Query) -> exp.Expression:
    return node if node.expressions else _call("unix_timestamp", exp.CurrentTimestamp())


def _date_add(node: exp.Expression, _query: Query) -> exp.Expression:
    """A date plus days is a date."""
    parent = node.parent
    return node if isinstance(parent, exp.Cast) else exp.cast(node.copy(), "DATE")


def _complete_units(node: exp.Expression, _query: Query) -> exp.Expression:
    """With a unit, Databricks counts whole ones that have passed; DuckDB's date_diff counts the boundaries between."""
    unit = node.args.get("unit")
    if unit is None or (isinstance(node, exp.DateDiff) and unit.name.upper() == "DAY"):
        return node  # datediff(a, b) counts days between dates
    return _call("date_sub", exp.Literal.string(unit.name.lower()), node.expression, node.this)


def _lateral(node: exp.Expression, _query: Query) -> exp.Expression:
    """`LATERAL VIEW [OUTER] explode(…)`: DuckDB unpacks lists only, so a map's keys and values are unpacked side by side; OUTER keeps rows without elements."""
    alias = node.args.get("alias")
    columns = [column.name for column in alias.columns] if alias else []
    unpacked = node.this
    if not node.args.get("view") or not isinstance(unpacked, (exp.Explode, exp.Posexplode)) or not columns:
        return node
    value = unpacked.this
    parts: list[exp.Expression] = [exp.Explode(this=value)]
    if type(unpacked) is exp.Posexplode:
        parts = [_call("generate_subscripts", value.copy(), exp.Literal.number(1)) - exp.Literal.number(1), *parts]
    elif len(columns) == 2:
        parts = [exp.Explode(this=_call(name, value.copy())) for name in ("map_keys", "map_values")]
    if len(parts) != len(columns):
        raise refused(f"{unpacked.sql('databricks')[:60]} AS {', '.join(columns)}: the number of columns does not fit.")
    inner = exp.select(*(exp.alias_(part, name, quoted=True) for part, name in zip(parts, columns, strict=True)))
    name = alias.this.name if alias and alias.this else "exploded"
    lateral = exp.Lateral(this=exp.Subquery(this=inner), alias=exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
    return exp.Join(this=lateral, side="LEFT", on=exp.true()) if node.args.get("outer") else exp.Join(this=lateral, kind="CROSS")


def _range(node: exp.Expression, _query: Query) -> exp.Expression:
    """The column of Databricks' `range` is `id`."""
    if isinstance(node.this, exp.Anonymous) and not node.args.get("alias"):
        node.set("alias", exp.TableAlias(this=exp.to_identifier("range"), columns=[exp.to_identifier("id")]))
    return node


_TYPED: dict[type[exp.Expression], Rewrite] = {
    exp.CurrentUser: _principal,
    exp.SessionUser: _principal,
    exp.CurrentCatalog: _catalog,
    exp.CurrentSchema: _schema,
    exp.CurrentDatabase: _schema,
    exp.JSONExtract: _json_text,
    exp.JSONExtractScalar: _json_text,
    exp.FromJson: _from_json,
    exp.Exists: _exists,
    exp.ArraySlice: _slice,
    exp.Quantile: _quantile,
    exp.DayOfWeek: _day_of_week,
    exp.StrToUnix: _to_unix,
    exp.TimeToUnix: _to_unix,
    exp.TsOrDsAdd: _date_add,
    exp.DateDiff: _complete_units,
    exp.TimestampDiff: _complete_units,
    exp.Lateral: _lateral,
    exp.Table: _range,
}
_PLAIN: dict[str, Rewrite] = {
    **dict.fromkeys(_CASTS, _as_cast),
    "is_member": _member,
    "is_account_group_member": _member,
    "current_catalog": _catalog,
    "current_database": _schema,
    "current_schema": _schema,
    "variant_get": _variant_get,
    "try_variant_get": _variant_get,
    "from_json": _from_json,
    "forall": _forall,
    "isnull": _is_null,
    "isnotnull": _is_null,
    "weekday": _weekday,
    "unix_timestamp": _unix_now,
}
