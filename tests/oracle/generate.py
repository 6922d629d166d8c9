"""Statements made of lists: types × edge values × operators and functions. Always the same ones, in the same order."""

import itertools
from collections.abc import Iterator

from tests.oracle import generate_parts as parts
from tests.oracle.statements import ABOUT, whole


def families() -> dict[str, list[str]]:
    """The generated statements by family, whole."""
    made = {
        "casts": _casts(),
        "arithmetic": itertools.chain(_arithmetic(), _math()),
        "comparison": _comparison(),
        "conditions": _conditions(),
        "strings": _over(parts.STRING_CALLS, parts.TEXTS),
        "dates_times": _times(),
        "date_format": _formats(),
        "arrays": _over(parts.ARRAY_CALLS, parts.ARRAYS),
        "maps": _over(parts.MAP_CALLS, parts.MAPS),
        "aggregates": _aggregates(),
        "windows": _windows(),
        "names": _names(),
    }
    return {family: [whole(line) for line in lines] for family, lines in made.items()}


def _over(templates: tuple[str, ...], values: tuple[str, ...]) -> Iterator[str]:
    for template, value in itertools.product(templates, values):
        yield template.replace("{}", value)


def _casts() -> Iterator[str]:
    for values in parts.VALUES.values():
        for value, kind in itertools.product(values, parts.TYPES):
            yield f"CAST({value} AS {kind})"
    for value, kind in itertools.product((*parts.VALUES["string"], "NULL"), parts.TYPES):
        yield f"TRY_CAST({value} AS {kind})"


def _arithmetic() -> Iterator[str]:
    for (left, a), (right, b) in itertools.product(parts.NUMBERS.items(), repeat=2):
        for operator in ("+", "-", "*", "/", "%", "div"):
            if not (operator == "div" and {left, right} & {"float", "double"}):
                yield f"{a[0]} {operator} {b[1]}"
    for kind, (_, _, least, most) in parts.NUMBERS.items():
        for text in (
            "{m} + {m}",
            "{l} - {m}",
            "{m} * {m}",
            "{l} / {m}",
            "{l} % {m}",
            "-({l})",
            "abs({l})",
            "try_add({m}, {m})",
            "try_multiply({m}, {m})",
        ):
            yield text.format(m=most, l=least)
        yield from (f"{most} {operator} ({least} - {least})" for operator in ("/", "%"))
        if kind not in {"float", "double", "string"}:
            yield from (f"{least} div {most}", f"{most} div ({least} - {least})", f"pmod({least}, {most})", f"try_divide({most}, {least} - {least})")
    for (_, a), (_, b) in itertools.product(parts.NUMBERS.items(), repeat=2):
        yield f"{a[0]} + {b[0]} * {a[1]} - {b[1]}"


def _math() -> Iterator[str]:
    for function, value in itertools.product(parts.EXACT_MATH, parts.MATH_VALUES):
        yield f"{function}({value})"
    for function, value in itertools.product(
        parts.ABOUT_MATH, ("0", "1", "-1", "0.5D", "2.5BD", "100L", "NULL", "double('NaN')", "double('Infinity')", "'1'")
    ):
        yield f"{function}({value}){ABOUT}"
    for function, value, scale in itertools.product(("round", "bround", "ceil", "floor"), parts.ROUNDED, ("0", "1", "-1", "3")):
        if not (function in {"ceil", "floor"} and ("D" in value.replace("BD", "") or "F" in value)):
            yield f"{function}({value}, {scale})"


def _comparison() -> Iterator[str]:
    doubles = parts.VALUES["double"]
    for a, b in itertools.product(doubles, repeat=2):
        yield f"{a} = {b}, {a} < {b}, {a} <=> {b}"
    for a, b in itertools.product(parts.TEXTS[:9], repeat=2):
        yield f"{a} = {b}, {a} < {b}"
    firsts = {kind: values[1] for kind, values in parts.VALUES.items()}
    for (_, a), (_, b) in itertools.product(firsts.items(), repeat=2):
        yield f"{a} = {b}"
        yield f"{a} IN ({b}, NULL)"
    for operator, value in itertools.product(("=", "<>", "<", ">=", "<=>", "IS DISTINCT FROM", "AND", "OR"), ("1", "'a'", "TRUE", "NULL")):
        yield f"NULL {operator} {value}"


def _conditions() -> Iterator[str]:
    firsts = {kind: values[1] for kind, values in parts.VALUES.items()} | {"null": "NULL"}
    for (_, a), (_, b) in itertools.product(firsts.items(), repeat=2):
        yield f"coalesce({a}, {b})"
        yield f"CASE WHEN FALSE THEN {a} ELSE {b} END"
    for a, b in itertools.combinations(firsts.values(), 2):
        yield f"nullif({a}, {b})"
        yield f"greatest({a}, {b})"
        yield f"array({a}, {b})"


def _times() -> Iterator[str]:
    for field, moment in itertools.product(parts.FIELDS, parts.MOMENTS):
        yield f"extract({field} FROM {moment})"
    for unit, moment in itertools.product(parts.TRUNC_UNITS, parts.MOMENTS):
        yield f"date_trunc('{unit}', {moment})"
    for unit, moment in itertools.product(("YEAR", "QUARTER", "MONTH", "MM", "WEEK", "DAY"), parts.MOMENTS):
        yield f"trunc({moment}, '{unit}')"
    for unit, (a, b) in itertools.product(parts.DIFF_UNITS, parts.MOMENT_PAIRS):
        yield f"timestampdiff({unit}, {a}, {b})"
    for unit, moment, count in itertools.product(parts.DIFF_UNITS, parts.MOMENTS[:5], ("1", "-13")):
        yield f"timestampadd({unit}, {count}, {moment})"
    for template, moment in itertools.product(parts.TIME_CALLS, parts.MOMENTS):
        yield template.replace("{}", moment)


def _formats() -> Iterator[str]:
    for pattern, moment in itertools.product(parts.PATTERNS, parts.MOMENTS[3:7]):
        yield f"date_format({moment}, '{pattern}')"
    for pattern, text in parts.PARSED:
        yield from (f"{function}('{text}', '{pattern}')" for function in ("to_date", "to_timestamp", "try_to_timestamp", "unix_timestamp"))


def _aggregates() -> Iterator[str]:
    for template, (column, table) in itertools.product(parts.AGGREGATES, parts.AGGREGATED):
        about = ABOUT if column in {"d", "cost"} or template.split("(")[0] in parts.ABOUT_AGGREGATES else ""
        yield f"SELECT {template.replace('{}', column)} FROM {table}{about}"
    for template in parts.AGGREGATES:
        yield f"SELECT {template.replace('{}', 'tokens')} FROM requests WHERE FALSE"
        yield f"SELECT model, {template.replace('{}', 'tokens')} FILTER (WHERE id > 2) AS x FROM requests GROUP BY model ORDER BY model{ABOUT}"


def _windows() -> Iterator[str]:
    for function, over in itertools.product(parts.WINDOW_FUNCTIONS, parts.WINDOWS):
        yield f"SELECT id, {function} OVER ({over}) AS x FROM requests ORDER BY id{ABOUT}"


def _names() -> Iterator[str]:
    for expression in parts.NAMED:
        yield expression
        yield f"({expression})"
        yield f"SELECT * FROM (SELECT {expression})"
