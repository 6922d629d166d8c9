"""Casts of numbers to truth values and moments, and back: DuckDB's texts for them, where Databricks has such a cast.

A moment is the number of seconds since 1970 (https://docs.databricks.com/en/sql/language-manual/functions/cast.html).
"""

from headgate.catalog.types import Decimal, Type
from headgate.storage.query.analysis import kinds

_SHORT = (kinds.TINYINT, kinds.SMALLINT, kinds.INT)
_DIGITS_OF_SECONDS = 28  # of a decimal that still has room for its microseconds


def converted(text: str, given: Type, to: Type) -> str:
    """The text of the cast; empty if it is another one."""
    target = kinds.duckdb(to)
    if given == kinds.BOOLEAN and kinds.is_number(to):
        return f"CAST({f'CAST({text} AS INTEGER)' if isinstance(to, Decimal) else text} AS {target})"
    if kinds.is_number(given) and to == kinds.BOOLEAN:
        return f"({text} <> 0)"
    if kinds.is_number(given) and to == kinds.TIMESTAMP:
        return _moment(text, given)
    if given == kinds.TIMESTAMP and kinds.is_number(to):
        return _seconds(text, to, target)
    if given == kinds.DAYS and kinds.is_integral(to):
        return f"CAST(epoch_us({text}) // 86400000000 AS {target})"
    return ""


def is_short(kind: Type) -> bool:
    """Whether each of its numbers is a moment that DuckDB has."""
    return kind in _SHORT


def decimal_of_double(text: str, to: Decimal) -> str:
    """By its digits where they are near a half or many: there DuckDB's own cast, which is much faster, rounds what is in memory."""
    target = kinds.duckdb(to)
    return (
        f"(CASE WHEN databricks_is_clear({text}, 1e{to.scale}) THEN CAST({text} AS {target}) "
        f"WHEN isfinite({text}) THEN CAST(CAST({text} AS VARCHAR) AS {target}) END)"
    )


def _moment(text: str, given: Type) -> str:
    if is_short(given):
        return f"make_timestamptz(CAST({text} AS BIGINT) * 1000000)"
    if given == kinds.BIGINT:
        return f"databricks_moment({text})"
    if isinstance(given, Decimal):
        return f"databricks_moment_of_decimal({text})" if given.precision <= _DIGITS_OF_SECONDS else ""
    return f"databricks_moment_of_double(CAST({text} AS DOUBLE))"


def _seconds(text: str, to: Type, target: str) -> str:
    if kinds.is_integral(to):
        whole = f"databricks_floored(epoch_us({text}), 1000000)"
        return f"CAST({whole} AS {target})"
    seconds = f"(CAST(epoch_us({text}) AS DOUBLE) / 1000000)"
    return decimal_of_double(seconds, to) if isinstance(to, Decimal) else f"CAST({seconds} AS {target})"
