"""Aggregates that depend on an order of the rows, which WITHIN GROUP may give: percentiles, joined texts, and the most frequent value.

https://docs.databricks.com/en/sql/language-manual/functions/percentile_cont.html, …/listagg.html, …/mode.html
"""

from sqlglot import exp

from headgate.catalog.types import Array, Type
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, mismatch, refused


def _key(call: FunctionCall) -> tuple[Value, bool]:
    """The one key of WITHIN GROUP, and whether its order is falling."""
    if call.distinct:
        raise refused(f"DISTINCT is not taken with {call.name}.", "INVALID_WITHIN_GROUP_EXPRESSION.DISTINCT_UNSUPPORTED")
    if not call.order:
        raise refused(f"{call.name} needs WITHIN GROUP (ORDER BY …).", "INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING")
    if len(call.order) > 1:
        raise refused(f"WITHIN GROUP of {call.name} takes one key.", "INVALID_WITHIN_GROUP_EXPRESSION.WRONG_NUM_ORDERINGS")
    key, way = call.order[0]
    return key, way.startswith("DESC")


def _fraction(call: FunctionCall, value: Value) -> str:
    """The text of a fraction, which is a number from 0 to 1, written out."""
    if not isinstance(value.constant, str) or not kinds.is_number(value.kind):
        raise call.not_constant(0, "The fraction")
    if not 0 <= float(value.constant) <= 1:
        raise refused(f"The fraction {value.constant[:40]} is not between 0 and 1.", "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE")
    return casts.cast(value.text, value.kind, kinds.DOUBLE)


def _fractions(call: FunctionCall) -> list[str] | None:
    """The fractions of an array, None where the argument is none."""
    tree = call.arguments[0]
    if isinstance(tree, (exp.Anonymous, exp.Array)) and isinstance(call.value(0).kind, Array):
        return [_fraction(call, call.analyse(one, call.scope)) for one in tree.expressions]
    return None


def _percentile(call: FunctionCall) -> Value:
    """`percentile_cont` interpolates. `percentile_disc` gives the first value with at least this part of the rows at or before it."""
    call.counted(1)
    key, falling = _key(call)
    name = f"{call.name}({call.value(0).name}) WITHIN GROUP (ORDER BY {key.name}{' DESC' if falling else ''})"
    if key.kind in kinds.INTERVALS:
        raise refused(f"{call.name} of intervals is not taken.")
    text = casts.implicit(key, kinds.DOUBLE, call.name)
    many = _fractions(call)
    fractions = many if many is not None else [_fraction(call, call.value(0))]
    if call.name == "percentile_cont":
        if falling and call.window:
            raise refused("percentile_cont in a falling order is not taken with OVER: take 1 minus the fraction.")
        fraction = f"[{', '.join(fractions)}]" if many is not None else fractions[0]
        wrapper = "databricks_quantile" if many is None else "databricks_quantiles"
        made = f"{wrapper}(quantile_cont({text}, {fraction}{f' ORDER BY {text} DESC' if falling else ''}){call.over})"
    else:
        rows = f"list({text} ORDER BY {text}{' DESC' if falling else ''}){call.over_where(f'{text} IS NOT NULL')}"
        parts = [f"databricks_part_of_rows({rows}, {one})" for one in fractions]
        made = f"(CASE WHEN {rows} IS NOT NULL THEN [{', '.join(parts)}] END)" if many is not None else parts[0]
    return Value(text=made, kind=Array(kinds.DOUBLE) if many is not None else kinds.DOUBLE, name=name)


def _mode(call: FunctionCall) -> Value:
    """`mode(x)`; the least of the most frequent with `mode(x, true)`, or the first by WITHIN GROUP."""
    call.counted(0, 2)
    if not len(call):
        value, falling = _key(call)
        return _most_frequent(call, value, "DESC" if falling else "ASC")
    if call.order:
        raise refused("mode takes a value, or WITHIN GROUP (ORDER BY …).", "INVALID_WITHIN_GROUP_EXPRESSION.WRONG_NUM_ORDERINGS")
    if call.distinct:
        raise refused("DISTINCT is not taken with mode.", "INVALID_WITHIN_GROUP_EXPRESSION.DISTINCT_UNSUPPORTED")
    value = call.value(0)
    if len(call) > 1 and not isinstance(call.value(1).constant, bool):
        raise mismatch("The second argument of mode is true or false.")
    return _most_frequent(call, value, "ASC" if len(call) > 1 and call.value(1).constant else "")


def _most_frequent(call: FunctionCall, value: Value, way: str) -> Value:
    text = f"({value.text} + 0)" if value.kind in kinds.FRACTIONALS else value.text  # so that -0.0 is 0.0
    order = f" ORDER BY {text} {way}" if way and value.constant is None else ""  # DuckDB orders by no quoted text
    shown = f"mode() WITHIN GROUP (ORDER BY {value.name}{' DESC' if way == 'ASC' else ''})" if way else f"mode({value.name})"
    return Value(text=f"mode({text}{order}){call.over}", kind=value.kind, name=shown)


def _joined(call: FunctionCall) -> Value:
    """`listagg(x, ', ') WITHIN GROUP (ORDER BY …)`: NULL is left out, and no rows give NULL. DISTINCT without an order is in the order of the values."""
    call.counted(1, 2)
    value = call.value(0)
    if value.kind == kinds.BINARY or not kinds.takes(value.kind, kinds.STRING):
        raise refused(f"{call.name} of {kinds.sql(value.kind)} is not taken.")
    given = len(call) > 1 and call.value(1).kind != kinds.VOID
    if given and call.value(1).constant is None:
        raise call.not_constant(1, "The text between")
    between = call.cast(1, kinds.STRING) if given else "''"
    keys = tuple(pair for pair in call.order if pair[0].constant is None) or (
        ((value, "ASC NULLS FIRST"),) if call.distinct and value.constant is None else ()
    )
    if call.distinct and call.order and [key.text for key, _ in call.order] != [value.text]:
        raise refused(f"{call.name} of DISTINCT values is ordered by them alone.", "INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT")
    order = f" ORDER BY {', '.join(f'{key.text} {way}' for key, way in keys)}" if keys else ""
    shown = ", ".join(f"{key.name} {way}" for key, way in call.order)
    name = f"{call.name}({'DISTINCT ' if call.distinct else ''}{value.name}, {call.value(1).name if len(call) > 1 else 'NULL'})"
    return Value(text=_text(call, order, between), kind=kinds.STRING, name=name + (f" WITHIN GROUP (ORDER BY {shown})" if shown else ""))


def _text(call: FunctionCall, order: str, between: str) -> str:
    value = call.value(0)
    if not call.distinct:
        return f"string_agg({call.cast(0, kinds.STRING)}, {between}{order}){call.over}"
    kind: Type = Array(value.kind)
    values = f"list(DISTINCT {value.text}{order}){call.over_where(f'{value.text} IS NOT NULL')}"
    return f"array_to_string({casts.cast(values, kind, Array(kinds.STRING))}, {between})"


MEANINGS: tuple[Meaning, ...] = (
    ruled("percentile_cont", _percentile, sort="aggregate", example="percentile_cont(0.5) WITHIN GROUP (ORDER BY 1)", gives="1.0"),
    ruled("percentile_disc", _percentile, sort="aggregate", example="percentile_disc(0.5) WITHIN GROUP (ORDER BY 1)", gives="1.0"),
    ruled(
        "mode",
        _mode,
        sort="aggregate",
        example="mode('a', true)",
        gives="a",
        note="Where several values are the most frequent, `mode(x)` is one of them; `mode(x, true)` is the least.",
    ),
    ruled("listagg string_agg", _joined, sort="aggregate", example="listagg('a', ', ') WITHIN GROUP (ORDER BY 1)", gives="a"),
)
