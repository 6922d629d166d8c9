"""Casts: from which type to which, and how DuckDB's text makes the same value, or the same error."""

import re

from sqlglot import exp

from headgate.catalog.types import Array, Decimal, Field, Map, Structure, Type
from headgate.storage.query.analysis import between_numbers, kinds
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal

_DIGITS = re.compile(r"'[+-]?[0-9]+'")  # a text that is a whole number whatever reads it


def implicit(value: Value, to: Type, what: str) -> str:
    """The text of a value where another type is wanted. Raises where no implicit cast leads there."""
    if value.kind == to:
        return value.text
    if not kinds.takes(value.kind, to) and kinds.common(value.kind, to) != to:
        raise mismatch(f"Cannot resolve {what!r}: {value.name!r} has the type {kinds.sql(value.kind)}, and {kinds.sql(to)} is required.")
    if value.kind == kinds.BINARY and to == kinds.STRING:
        raise refused("BINARY is not taken as a text by itself: write CAST(… AS STRING).")  # some functions have another meaning for bytes
    return cast(value.text, value.kind, to)


def cast(text: str, given: Type, to: Type) -> str:
    """The text of `CAST(… AS …)`. Raises where Databricks has no such cast, or DuckDB's gives another value and no text for it is known."""
    if given == to or (given in kinds.INTERVALS and to in kinds.INTERVALS):
        return text
    if given == kinds.VOID:
        return f"CAST({text} AS {kinds.duckdb(to)})"
    if kinds.is_number(given) and kinds.is_number(to):
        return _number(text, given, to)
    scalar = _scalar(text, given, to)
    if scalar:
        return scalar
    if given == kinds.VARIANT and to == kinds.STRING:
        return f"json_extract_string(CAST({text} AS JSON), '$')"
    if given == kinds.VARIANT:
        held = f"CAST({text} AS JSON)" if isinstance(to, (Map, Structure, Array)) else text
        return f"CAST({held} AS {kinds.duckdb(to)})"
    return _parts(text, given, to)


def _scalar(text: str, given: Type, to: Type) -> str:
    """Between a text and another type without parts; nothing for other casts."""
    if given == kinds.STRING and kinds.is_integral(to) and _DIGITS.fullmatch(text):
        return f"CAST({text} AS {kinds.duckdb(to)})"
    if (given, to) in _SIMPLE:
        return _SIMPLE[given, to].replace("$1", text)
    if isinstance(given, Decimal) and to == kinds.STRING and given.precision == given.scale:
        return rf"regexp_replace(CAST({text} AS VARCHAR), '^(-?)[.]', '\10.')"
    if (isinstance(given, Decimal) and to == kinds.STRING) or (isinstance(to, Decimal) and given == kinds.STRING):
        return f"CAST({text} AS {kinds.duckdb(to)})"
    return between_numbers.converted(text, given, to)


def _parts(text: str, given: Type, to: Type) -> str:
    match given, to:
        case Array(first), Array(second):
            item = f"c{len(text)}"
            return f"list_transform({text}, lambda {item}: {cast(item, first, second)})"
        case Structure(fields), Structure(wanted) if len(fields) == len(wanted):
            return _structure(text, fields, wanted)
        case Map(key, value), Map(to_key, to_value):
            keys, values = cast(f"map_keys({text})", Array(key), Array(to_key)), cast(f"map_values({text})", Array(value), Array(to_value))
            return f"CASE WHEN {text} IS NOT NULL THEN map({keys}, {values}) END"
        case ((Array() | Map() | Structure()), kinds.STRING):
            return _written(text, given)
        case _ if _is_known(given, to):
            raise refused(f"A cast from {kinds.sql(given)} to {kinds.sql(to)} is not taken.")
        case _:
            raise mismatch(f"cannot cast {kinds.sql(given)} to {kinds.sql(to)}: there is no such cast.")


def _written(text: str, given: Type) -> str:
    """The text of a value with parts: `[1, null]`, `{a -> 1}` and `{1, x}`."""
    item = f"c{len(text)}"
    match given:
        case Array(element):
            return f"('[' || array_to_string(list_transform({text}, lambda {item}: {_part(item, element)}), ', ') || ']')"
        case Map(key, value):
            pair = f"{_part(f'{item}.key', key)} || ' -> ' || {_part(f'{item}.value', value)}"
            return f"('{{' || array_to_string(list_transform(map_entries({text}), lambda {item}: {pair}), ', ') || '}}')"
        case Structure(fields):
            parts = " || ', ' || ".join(_part(f"struct_extract({text}, {literal(field.name)})", field.type) for field in fields)
            return f"CASE WHEN {text} IS NOT NULL THEN '{{' || {parts} || '}}' END"
        case _:
            return cast(text, given, kinds.STRING)


def _part(text: str, given: Type) -> str:
    return f"coalesce({_written(text, given)}, 'null')"


def _is_known(given: Type, to: Type) -> bool:
    """Whether Databricks has such a cast in ANSI mode (https://docs.databricks.com/en/sql/language-manual/functions/cast.html)."""
    match given, to:
        case (Array(), Array()) | (Map(), Map()):
            return True
        case Structure(fields), Structure(wanted):
            return len(fields) == len(wanted)
        case ((Array() | Map() | Structure()), _):
            return to in {kinds.STRING, kinds.VARIANT}
        case _ if kinds.VARIANT in {given, to} or given in {kinds.STRING, kinds.VOID} or to == kinds.STRING:
            return True
        case _ if given in kinds.INTERVALS or to in kinds.INTERVALS:
            other = to if given in kinds.INTERVALS else given
            return kinds.is_number(other) and other not in kinds.FRACTIONALS
        case _ if kinds.is_number(given):
            return to in {kinds.BOOLEAN, kinds.TIMESTAMP}
        case _ if given in kinds.TIMES:
            return to in kinds.TIMES or (given == kinds.TIMESTAMP and kinds.is_number(to))
        case _:
            return given == kinds.BOOLEAN and kinds.is_number(to)


def shown(word: str, inner: Value, to: Type) -> str:
    """A cast in the name of a column. Spark shows no cast to a type with parts."""
    return inner.name if isinstance(to, (Array, Map, Structure)) else f"{word}({inner.name} AS {kinds.sql(to)})"


def title(tree: exp.Expression, inner: Value) -> str:
    """The name of an unnamed column that is a cast and nothing else: the column's that it casts."""
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if isinstance(tree, (exp.Column, exp.Identifier)):
        return tree.name if inner.name in {tree.name, f"lateralAliasReference({tree.name})"} else ""
    return inner.title if isinstance(tree, exp.JSONExtract) else ""


def tried(text: str, given: Type, to: Type) -> str:
    """The text of `TRY_CAST`, which gives NULL where a cast fails."""
    if given == kinds.STRING and kinds.is_integral(to):
        return f"TRY_CAST(databricks_try_digits({text}) AS {kinds.duckdb(to)})"
    if isinstance(given, Array) and isinstance(to, Array) and given != to:
        item = f"c{len(text)}"
        return f"list_transform({text}, lambda {item}: {tried(item, given.element, to.element)})"
    if given == kinds.STRING and to in kinds.TIMES:
        return f"TRY_CAST(databricks_time_text({text}) AS {kinds.duckdb(to)})"
    if kinds.is_number(given) and to == kinds.TIMESTAMP and not between_numbers.is_short(given):
        raise refused(f"TRY_CAST from {kinds.sql(given)} to TIMESTAMP is not taken: write CAST.")  # beyond the year 9999 it would be NULL
    written = cast(text, given, to)
    if written == text or given == kinds.BINARY:
        return written
    return f"TRY_{written}" if written == f"CAST({text} AS {kinds.duckdb(to)})" else f"TRY({written})"


def _number(text: str, given: Type, to: Type) -> str:
    """Between numbers: whole numbers cut off what is behind the point, decimals round half up; what does not fit is an error."""
    target = kinds.duckdb(to)
    if kinds.is_integral(to) and not kinds.is_integral(given):
        return f"CAST(trunc({text}) AS {target})"
    if given in kinds.FRACTIONALS and isinstance(to, Decimal):
        return between_numbers.decimal_of_double(text, to)
    if (given, to) == (kinds.DOUBLE, kinds.FLOAT):
        return f"CAST(databricks_single({text}) AS FLOAT)"
    return f"CAST({text} AS {target})"


def _structure(text: str, fields: tuple[Field, ...], wanted: tuple[Field, ...]) -> str:
    packed = ", ".join(
        f"{literal(want.name)}: {cast(f'struct_extract({text}, {literal(one.name)})', one.type, want.type)}"
        for one, want in zip(fields, wanted, strict=True)
    )
    return f"CASE WHEN {text} IS NOT NULL THEN {{{packed}}} END"


_SIMPLE: dict[tuple[Type, Type], str] = {
    **{(kind, kinds.STRING): "CAST($1 AS VARCHAR)" for kind in (*kinds.INTEGRALS, kinds.BOOLEAN, kinds.DATE)},
    **{(kind, kinds.STRING): "databricks_float_text($1)" for kind in kinds.FRACTIONALS},
    **{(kinds.STRING, kind): f"CAST($1 AS {kinds.duckdb(kind)})" for kind in (*kinds.FRACTIONALS, kinds.BOOLEAN)},
    **{(kinds.STRING, kind): f"CAST(databricks_digits($1) AS {kinds.duckdb(kind)})" for kind in kinds.INTEGRALS},
    (kinds.STRING, kinds.DATE): "CAST(databricks_time_text($1) AS DATE)",
    (kinds.STRING, kinds.TIMESTAMP): "CAST(databricks_time_text($1) AS TIMESTAMPTZ)",
    (kinds.STRING, kinds.TIMESTAMP_NTZ): "CAST(databricks_time_text($1) AS TIMESTAMP)",
    (kinds.DATE, kinds.TIMESTAMP): "CAST($1 AS TIMESTAMPTZ)",
    (kinds.DATE, kinds.TIMESTAMP_NTZ): "CAST($1 AS TIMESTAMP)",
    (kinds.TIMESTAMP, kinds.DATE): "CAST(make_timestamp(epoch_us($1)) AS DATE)",
    (kinds.TIMESTAMP, kinds.TIMESTAMP_NTZ): "make_timestamp(epoch_us($1))",
    (kinds.TIMESTAMP_NTZ, kinds.TIMESTAMP): "make_timestamptz(epoch_us($1))",
    (kinds.TIMESTAMP_NTZ, kinds.DATE): "CAST($1 AS DATE)",
    (kinds.STRING, kinds.BINARY): "encode($1)",
    (kinds.BINARY, kinds.STRING): "databricks_text_of_bytes($1)",
    (kinds.TIMESTAMP, kinds.STRING): "databricks_moment_text(make_timestamp(epoch_us($1)))",
    (kinds.TIMESTAMP_NTZ, kinds.STRING): "databricks_moment_text($1)",
    (kinds.DAYS, kinds.STRING): "databricks_days_text(epoch_us($1))",
    (kinds.DAY_TIME, kinds.STRING): "databricks_day_time_text(epoch_us($1))",
    (kinds.YEAR_MONTH, kinds.STRING): "databricks_months_text(date_part('year', $1) * 12 + date_part('month', $1))",
}
