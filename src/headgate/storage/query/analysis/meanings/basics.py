"""Conditions, the session, and conversions by the name of a type."""

from headgate.catalog import types
from headgate.catalog.holders import groups_of
from headgate.storage.query.analysis import casts, kinds, operators
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, fit, form, ruled, scalar
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal

_ALIKE = form("T... -> T", "")  # any number of arguments with a common type


def _principal(call: FunctionCall) -> Value:
    call.counted(0)
    return call.gives(literal(call.query.principal.name), kinds.STRING)


def _catalog(call: FunctionCall) -> Value:
    call.counted(0)
    return call.gives(literal(call.query.defaults.catalog), kinds.STRING)


def _schema(call: FunctionCall) -> Value:
    call.counted(0)
    return call.gives(literal(call.query.defaults.schema), kinds.STRING, "current_schema()")


def _member(call: FunctionCall) -> Value:
    call.counted(1)
    group = call.constant(0, "The group")
    return call.gives("true" if group in groups_of(call.query.principal) else "false", kinds.BOOLEAN)


def _as_type(call: FunctionCall) -> Value:
    call.counted(1)
    kind = types.parse_text(call.name)
    inner = call.value(0)
    return Value(text=casts.cast(inner.text, inner.kind, kind), kind=kind, name=inner.name)


def _null_if(call: FunctionCall) -> Value:
    """The first value keeps its type, whatever it is compared as."""
    call.counted(2)
    one, other = call.values
    if one.kind == other.kind:
        return call.gives(f"nullif({one.text}, {other.text})", one.kind)
    condition = operators.comparison("=")(one, other)
    return call.gives(f"(CASE WHEN {condition.text} THEN NULL ELSE {one.text} END)", one.kind)


def _coalesce(call: FunctionCall) -> Value:
    """The first that is not NULL. Of columns with texts a CASE: DuckDB leaves them in their dictionaries then, and groups by them far faster."""
    call.counted(1, max(1, len(call)))
    values = call.values
    found = fit(_ALIKE, [one.kind for one in values], exact=False)
    if found is None:
        given = ", ".join(kinds.sql(one.kind) for one in values)
        raise mismatch(f"{call.name}({given}) has no meaning; the types of its arguments do not fit.")
    kind = found[1]
    texts = [call.cast(place, kind) for place in range(len(values))]
    if len(values) > 1 and all(one.is_column and one.kind == kinds.STRING for one in values[:-1]):
        cases = " ".join(f"WHEN {text} IS NOT NULL THEN {text}" for text in texts[:-1])
        return call.gives(f"(CASE {cases} ELSE {texts[-1]} END)", kind)
    return call.gives(f"coalesce({', '.join(texts)})", kind)


def _zero_if_null(call: FunctionCall) -> Value:
    call.counted(1)
    kind = kinds.common(call.value(0).kind, kinds.INT)
    if kind is None or not kinds.is_number(kind):
        raise mismatch(f"zeroifnull takes a number, not {kinds.sql(call.value(0).kind)}.")
    return call.gives(f"coalesce({call.cast(0, kind)}, {casts.cast('0', kinds.INT, kind)})", kind)


def _is_null(call: FunctionCall) -> Value:
    call.counted(1)
    found = operators.is_null(call.value(0))
    if call.name == "isnull":
        return found
    return Value(text=f"(NOT {found.text})", kind=kinds.BOOLEAN, name=f"{found.name.removesuffix(' IS NULL)')} IS NOT NULL)")


def _type_of(call: FunctionCall) -> Value:
    call.counted(1)
    if call.value(0).kind in {kinds.PART_TIME, kinds.MONTHS}:
        raise refused("The function 'typeof' is not taken of an interval of these units.")
    return call.gives(literal(types.text(call.value(0).kind)), kinds.STRING)


MEANINGS: tuple[Meaning, ...] = (
    ruled("current_user session_user user", _principal),
    ruled("current_catalog", _catalog),
    ruled("current_database current_schema", _schema),
    ruled("is_member is_account_group_member", _member),
    ruled("bigint boolean decimal double float int smallint string tinyint timestamp binary date", _as_type, example="int('7')", gives="7"),
    ruled("coalesce ifnull nvl", _coalesce, example="coalesce(NULL, 1)", gives="1"),
    ruled("nullif", _null_if, example="nullif(2, 2)", gives="NULL"),
    ruled("typeof", _type_of, example="typeof(1)", gives="int"),
    scalar("nvl2", form("T, U, U -> U", "(CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END)"), example="nvl2(NULL, 2, 1)", gives="1"),
    ruled("isnull isnotnull", _is_null, example="isnull(1)", gives="false"),
    scalar("equal_null", form("T, T -> boolean", "($1 IS NOT DISTINCT FROM $2)"), example="equal_null(NULL, NULL)", gives="true"),
    ruled("zeroifnull", _zero_if_null, example="zeroifnull(CAST(NULL AS INT))", gives="0"),
    scalar("nullifzero", form("N -> N", "nullif($1, 0)"), example="nullifzero(0)", gives="NULL"),
)
