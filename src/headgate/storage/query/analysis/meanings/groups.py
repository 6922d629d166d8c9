"""Aggregates, and functions of windows."""

import msgspec
from sqlglot import exp

from headgate.catalog.types import Array, Decimal, Map, Type
from headgate.storage.query.analysis import casts, kinds, nested_order, zeros
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, aggregate, form, ruled, window
from headgate.storage.query.analysis.value import Value, mismatch, refused

_SUMMED_MAX = 28  # digits of decimals of which ten thousand million have a sum of 38


def _distinct(call: FunctionCall) -> str:
    return "DISTINCT " if call.distinct else ""


def _count(call: FunctionCall) -> Value:
    """`count(*)` and `count(1)` are one; `count(a, b)` counts rows in which none is NULL."""
    if len(call.arguments) == 1 and isinstance(call.arguments[0], exp.Star):
        return Value(text=f"count(*){call.over}", kind=kinds.BIGINT, name="count(1)")
    call.counted(1, 32)
    if len(call.arguments) == 1:
        return call.gives(f"count({_distinct(call)}{call.value(0).text}){call.over}", kinds.BIGINT)
    texts = [value.text for value in call.values]
    whole = " AND ".join(f"{text} IS NOT NULL" for text in texts)
    return call.gives(f"count({_distinct(call)}CASE WHEN {whole} THEN row({', '.join(texts)}) END){call.over}", kinds.BIGINT)


def _sum(call: FunctionCall) -> Value:
    """Whole numbers sum to BIGINT, and beyond it is an error; decimals get ten digits more."""
    call.counted(1)
    value = call.value(0)
    if isinstance(value.kind, Decimal):
        kind: Type = kinds.capped(value.kind.precision + 10, value.kind.scale)
        return call.gives(f"CAST(sum({_distinct(call)}{value.text}){call.over} AS {kinds.duckdb(kind)})", kind)
    if value.kind in kinds.DAY_TIMES:
        return call.gives(f"to_microseconds(CAST(sum({_distinct(call)}epoch_us({value.text})){call.over} AS BIGINT))", value.kind)
    if value.kind in kinds.YEAR_MONTHS:
        months = f"date_part('year', {value.text}) * 12 + date_part('month', {value.text})"
        return call.gives(f"to_months(CAST(sum({_distinct(call)}{months}){call.over} AS INTEGER))", value.kind)
    if kinds.is_integral(value.kind):
        return call.gives(f"CAST(sum({_distinct(call)}{value.text}){call.over} AS BIGINT)", kinds.BIGINT)
    return call.gives(f"sum({_distinct(call)}{call.cast(0, kinds.DOUBLE)}){call.over}", kinds.DOUBLE)


def _avg(call: FunctionCall) -> Value:
    call.counted(1)
    value = call.value(0)
    if isinstance(value.kind, Decimal):
        kind = kinds.capped(value.kind.precision + 4, value.kind.scale + 4)
        return call.gives(f"CAST(avg({_distinct(call)}{value.text}){call.over} AS {kinds.duckdb(kind)})", kind)
    if value.kind in kinds.INTERVALS:
        raise refused("avg of an INTERVAL is not taken: take the avg of seconds.")
    text = value.text if kinds.is_number(value.kind) else call.cast(0, kinds.DOUBLE)
    return call.gives(f"avg({_distinct(call)}{text}){call.over}", kinds.DOUBLE)


def _tried(call: FunctionCall) -> Value:
    """`try_sum` and `try_avg`: NULL where the sum has no place in its type."""
    call.counted(1)
    value = call.value(0)
    if isinstance(value.kind, Decimal) and value.kind.precision > _SUMMED_MAX:
        raise refused(f"{call.name} of {kinds.sql(value.kind)} is not taken: cast to fewer digits.")
    found = _sum(call) if call.name == "try_sum" else _avg(call)
    return msgspec.structs.replace(found, text=f"TRY_{found.text}") if found.text.startswith("CAST(") else found


def _nth_value(call: FunctionCall) -> Value:
    """`nth_value(x, 2)`, counted from 1; a third argument of true ignores NULLs."""
    call.counted(2, 3)
    value, place = call.value(0), call.value(1)
    if place.kind != kinds.INT or not isinstance(place.constant, str):
        raise call.not_constant(1, "The place")
    if int(place.constant) <= 0:
        raise refused("The place of nth_value is counted from 1.", "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE")
    ignored = bool(call.nulls) or (len(call) > 2 and call.value(2).constant is True)
    text = f"nth_value({value.text}, {place.text}{' IGNORE NULLS' if ignored else ''}){call.over}"
    return Value(text=text, kind=value.kind, name=f"nth_value({value.name}, {place.name}){' ignore nulls' if ignored else ''}")


def _by(call: FunctionCall) -> Value:
    call.counted(2)
    function = {"max_by": "arg_max", "min_by": "arg_min"}[call.name]
    key = nested_order.key(call.value(1).text, call.value(1).kind)
    return call.gives(f"{function}_null({call.value(0).text}, {key}){call.over}", call.value(0).kind)


def _extreme(call: FunctionCall) -> Value:
    """`max` and `min`."""
    call.counted(1)
    value = call.value(0)
    if isinstance(value.kind, Map) or value.kind == kinds.VARIANT:
        raise mismatch(f"{call.name} takes values that have an order, not {kinds.sql(value.kind)}.")
    if nested_order.is_nested(value.kind):
        return call.gives(f"arg_{call.name}({value.text}, {nested_order.key(value.text, value.kind)}){call.over}", value.kind)
    return call.gives(f"{call.name}({_distinct(call)}{value.text}){call.over}", value.kind)


def _grouping(call: FunctionCall) -> Value:
    """Whether a key is left out of a row's grouping set: 1 if it is; `grouping_id` has a bit for each key."""
    one = call.name == "grouping"
    call.counted(1 if one else 0, 1 if one else 64)
    arguments = tuple(value.text for value in call.values)
    call.scope.grouping_calls.append((call.name, arguments))
    text = f"grouping({', '.join(arguments)})"
    return call.gives(f"CAST({text} AS TINYINT)" if one else f"CAST({text} AS BIGINT)", kinds.TINYINT if one else kinds.BIGINT)


def _collect(call: FunctionCall) -> Value:
    """NULL is left out; no rows give an empty array."""
    call.counted(1)
    value = call.value(0)
    distinct = call.name == "collect_set" or call.distinct
    over = call.over_where(f"{value.text} IS NOT NULL")
    return call.gives(
        f"coalesce(list({f'DISTINCT {zeros.positive(value.text, value.kind)}' if distinct else value.text}){over}, [])",
        Array(value.kind),
        call.titled("collect_list" if call.name == "array_agg" else call.name),
    )


def _percentile(call: FunctionCall) -> Value:
    """`percentile(x, 0.5)` interpolates; an array of fractions gives an array."""
    call.counted(2, 3)
    fraction = call.value(1)
    if len(call) > 2:
        raise refused("percentile with a frequency is not taken.")
    text = call.cast(0, kinds.DOUBLE)
    if isinstance(fraction.kind, Array):
        return call.gives_more(f"databricks_quantiles(quantile_cont({text}, {call.cast(1, Array(kinds.DOUBLE))}){call.over})", Array(kinds.DOUBLE), 1)
    return call.gives_more(f"databricks_quantile(quantile_cont({text}, {call.cast(1, kinds.DOUBLE)}){call.over})", kinds.DOUBLE, 1)


def _percentile_approx(call: FunctionCall) -> Value:
    """Exact here: the least value with at least this part of the rows at or below it, as a fine enough approximation gives."""
    call.counted(2, 3)
    value, fraction = call.value(0), call.value(1)
    kind = value.kind if kinds.is_number(value.kind) or value.kind in kinds.TIMES else kinds.DOUBLE
    text = casts.implicit(value, kind, call.name)
    accuracy = [10000] if len(call) == 2 else []
    if isinstance(fraction.kind, Array):
        return call.gives_more(f"quantile_disc({text}, {call.cast(1, Array(kinds.DOUBLE))}){call.over}", Array(kind), *accuracy)
    return call.gives_more(f"quantile_disc({text}, {call.cast(1, kinds.DOUBLE)}){call.over}", kind, *accuracy)


def _first(call: FunctionCall) -> Value:
    """`first(x)` and `last(x)`, with IGNORE NULLS or a second argument of true; `any_value` is the first one."""
    call.counted(1, 2)
    ignores = bool(call.nulls) or (len(call) > 1 and call.value(1).constant is True)
    function = "last" if call.name in {"last", "last_value"} else "first"
    value = call.value(0)
    name = f"{call.name}({value.name})"
    if call.window:
        nulls = " IGNORE NULLS" if ignores else ""
        return Value(text=f"{function}_value({value.text}{nulls}){call.over}", kind=value.kind, name=name)
    if ignores:
        over = call.over_where(f"{value.text} IS NOT NULL")
        return Value(text=f"{function}({value.text}){over}", kind=value.kind, name=name)
    return Value(text=f"{function}({value.text}){call.over}", kind=value.kind, name=name)


def _beside(call: FunctionCall) -> Value:
    """`lag(x, rows, default)` and `lead`."""
    call.counted(1, 3)
    value = call.value(0)
    kind = value.kind
    rows = call.cast(1, kinds.INT) if len(call) > 1 else "1"
    parts = [value.text, rows]
    if len(call) > 2:
        common = kinds.common(kind, call.value(2).kind)
        if common is None:
            raise mismatch(f"The default of {call.name} is no {kinds.sql(kind)}.")
        kind = common
        parts = [casts.implicit(value, kind, call.name), rows, call.cast(2, kind)]
    default = call.value(2).name if len(call) > 2 else "NULL"
    name = f"{call.name}({value.name}, {call.value(1).name if len(call) > 1 else 1}, {default})"
    return Value(text=f"{call.name}({', '.join(parts)}{call.nulls}){call.over}", kind=kind, name=name)


def _moments(call: FunctionCall) -> Value:
    """`skewness` and `kurtosis`."""
    call.counted(1)
    value = call.cast(0, kinds.DOUBLE)
    return call.gives(f"databricks_{call.name}(list({_distinct(call)}{value}){call.over_where(f'{value} IS NOT NULL')})", kinds.DOUBLE)


def _approx_distinct(call: FunctionCall) -> Value:
    """Exact here, which is within every error that is allowed."""
    call.counted(1, 2)
    return call.gives(f"count(DISTINCT {call.value(0).text}){call.over}", kinds.BIGINT, f"{call.name}({call.value(0).name})")


MEANINGS: tuple[Meaning, ...] = (
    ruled("count", _count, sort="aggregate", example="count(*)", gives="1"),
    ruled("sum", _sum, sort="aggregate", example="sum(1)", gives="1"),
    ruled("avg mean", _avg, sort="aggregate", example="avg(1)", gives="1.0"),
    ruled("max min", _extreme, sort="aggregate", example="max(1)", gives="1"),
    ruled("try_sum try_avg", _tried, sort="aggregate", example="try_sum(9223372036854775807)", gives="9223372036854775807"),
    ruled("max_by min_by", _by, sort="aggregate", example="max_by('a', 1)", gives="a"),
    aggregate("count_if", form("boolean -> bigint", "count(CASE WHEN $1 THEN 1 END)$o"), example="count_if(true)", gives="1"),
    aggregate("bool_or any some", form("boolean -> boolean", "bool_or($1)$o"), example="bool_or(true)", gives="true"),
    aggregate("bool_and every", form("boolean -> boolean", "bool_and($1)$o"), example="bool_and(true)", gives="true"),
    ruled("collect_list array_agg collect_set", _collect, sort="aggregate", example="collect_list(1)", gives="[1]"),
    ruled("grouping grouping_id", _grouping, sort="aggregate", note="With `GROUPING SETS`, `ROLLUP` and `CUBE`."),
    ruled("percentile", _percentile, sort="aggregate", example="percentile(1, 0.5)", gives="1.0"),
    ruled("percentile_approx approx_percentile", _percentile_approx, sort="aggregate", example="percentile_approx(1, 0.5)", gives="1"),
    ruled("approx_count_distinct", _approx_distinct, sort="aggregate", example="approx_count_distinct(1)", gives="1", note="Exact."),
    aggregate("median", form("double -> double", "databricks_quantile(quantile_cont($1, 0.5)$o)"), example="median(1)", gives="1.0"),
    aggregate("stddev stddev_samp std", form("double -> double", "stddev_samp($d$1)$o"), example="stddev(1)", gives="NULL"),
    aggregate("stddev_pop", form("double -> double", "stddev_pop($d$1)$o"), example="stddev_pop(1)", gives="0.0"),
    aggregate("variance var_samp", form("double -> double", "var_samp($d$1)$o"), example="variance(1)", gives="NULL"),
    aggregate("var_pop", form("double -> double", "var_pop($d$1)$o"), example="var_pop(1)", gives="0.0"),
    ruled("skewness", _moments, sort="aggregate", example="skewness(1)", gives="NULL", note="Holds the group's values in memory."),
    ruled("kurtosis", _moments, sort="aggregate", example="kurtosis(1)", gives="NULL", note="Holds the group's values in memory."),
    aggregate(
        "corr",
        form("double, double -> double", "(CASE WHEN isnan(corr($1, $2)$o) AND NOT isnan(sum($1 + $2)$o) THEN NULL ELSE corr($1, $2)$o END)"),
        example="corr(1, 1)",
        gives="NULL",
    ),
    aggregate("covar_pop", form("double, double -> double", "covar_pop($1, $2)$o"), example="covar_pop(1, 1)", gives="0.0"),
    aggregate("covar_samp", form("double, double -> double", "covar_samp($1, $2)$o"), example="covar_samp(1, 1)", gives="NULL"),
    aggregate("regr_count", form("double, double -> bigint", "CAST(regr_count($1, $2)$o AS BIGINT)"), example="regr_count(1, 1)", gives="1"),
    aggregate("regr_avgx", form("double, double -> double", "regr_avgx($1, $2)$o"), example="regr_avgx(1, 2)", gives="2.0"),
    aggregate("regr_avgy", form("double, double -> double", "regr_avgy($1, $2)$o"), example="regr_avgy(1, 2)", gives="1.0"),
    aggregate("regr_sxx", form("double, double -> double", "regr_sxx($1, $2)$o"), example="regr_sxx(1, 2)", gives="0.0"),
    aggregate("regr_syy", form("double, double -> double", "regr_syy($1, $2)$o"), example="regr_syy(1, 2)", gives="0.0"),
    aggregate("regr_sxy", form("double, double -> double", "regr_sxy($1, $2)$o"), example="regr_sxy(1, 2)", gives="0.0"),
    aggregate("regr_r2", form("double, double -> double", "regr_r2($1, $2)$o"), example="regr_r2(1, 2)", gives="NULL"),
    aggregate(
        "regr_slope",
        form("double, double -> double", "(CASE WHEN regr_sxx($1, $2)$o <> 0 THEN regr_slope($1, $2)$o END)"),
        example="regr_slope(1, 2)",
        gives="NULL",
    ),
    aggregate(
        "regr_intercept",
        form(
            "double, double -> double",
            "(CASE WHEN regr_sxx($1, $2)$o <> 0 THEN regr_avgy($1, $2)$o - regr_slope($1, $2)$o * regr_avgx($1, $2)$o END)",
        ),
        example="regr_intercept(1, 2)",
        gives="NULL",
    ),
    aggregate("bit_and", form("I -> I", "bit_and($1)$o"), example="bit_and(3)", gives="3"),
    aggregate("bit_or", form("I -> I", "bit_or($1)$o"), example="bit_or(3)", gives="3"),
    aggregate("bit_xor", form("I -> I", "bit_xor($1)$o"), example="bit_xor(3)", gives="3"),
    ruled("first first_value any_value last last_value", _first, sort="aggregate", example="first(1)", gives="1"),
    ruled("lag lead", _beside, sort="window"),
    ruled("nth_value", _nth_value, sort="window"),
    window("row_number", form("-> int", "CAST(row_number()$o AS INTEGER)")),
    window("rank", form("-> int", "CAST(rank()$o AS INTEGER)")),
    window("dense_rank", form("-> int", "CAST(dense_rank()$o AS INTEGER)")),
    window("percent_rank", form("-> double", "percent_rank()$o")),
    window("cume_dist", form("-> double", "cume_dist()$o")),
    window("ntile", form("int -> int", "CAST(ntile($1)$o AS INTEGER)")),
)
