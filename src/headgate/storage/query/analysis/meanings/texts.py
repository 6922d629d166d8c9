"""Texts and bytes. Places count from 1; lengths are in characters (code points)."""

import re

from headgate.catalog.types import Array, Decimal
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, not_taken, ruled, scalar
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal

_DIGITS_MAX = 15


def _concat(call: FunctionCall) -> Value:
    """Texts, bytes or arrays; NULL if one is NULL."""
    if not len(call):
        return call.gives("''", kinds.STRING)
    kind = kinds.common_of(value.kind for value in call.values)
    if isinstance(kind, Array):
        if any(value.kind == kinds.VOID for value in call.values):
            raise mismatch("concat of an ARRAY and NULL is none: cast the NULL to the type of the ARRAY.")
        texts = [casts.implicit(value, kind, "concat") for value in call.values]
        whole = " AND ".join(f"{text} IS NOT NULL" for text in texts)
        return call.gives(f"(CASE WHEN {whole} THEN list_concat({', '.join(texts)}) END)", kind)
    if kind == kinds.BINARY:
        return call.gives(f"({' || '.join(value.text for value in call.values)})", kind)
    texts = [casts.implicit(value, kinds.STRING, "concat") for value in call.values]
    return call.gives(f"({' || '.join(texts)})", kinds.STRING)


def _concat_ws(call: FunctionCall) -> Value:
    """Texts and arrays of texts, NULL left out."""
    call.counted(1, 256)
    separator = call.cast(0, kinds.STRING)
    parts = []
    for value in call.values[1:]:
        if isinstance(value.kind, Array):
            parts.append(f"coalesce({casts.implicit(value, Array(kinds.STRING), 'concat_ws')}, [])")
        else:
            parts.append(f"[{casts.implicit(value, kinds.STRING, 'concat_ws')}]")
    if not parts:
        return call.gives(f"(CASE WHEN {separator} IS NOT NULL THEN '' END)", kinds.STRING)
    listed = f"list_concat({', '.join(parts)})" if len(parts) > 1 else parts[0]
    kept = f"list_filter({listed}, lambda w: w IS NOT NULL)"
    return call.gives(f"(CASE WHEN {separator} IS NOT NULL THEN coalesce(array_to_string({kept}, {separator}), '') END)", kinds.STRING)


def _length(call: FunctionCall) -> Value:
    call.counted(1)
    value = call.value(0)
    if value.kind == kinds.BINARY:
        return call.gives(f"CAST(octet_length({value.text}) AS INTEGER)", kinds.INT)
    return call.gives(f"CAST(length({call.cast(0, kinds.STRING)}) AS INTEGER)", kinds.INT)


def _substring(call: FunctionCall) -> Value:
    call.counted(2, 3)
    value = call.value(0)
    if value.kind == kinds.BINARY:
        raise refused("substring of BINARY is not taken: use hex.")
    text, start = call.cast(0, kinds.STRING), call.cast(1, kinds.INT)
    if len(call) == 2:
        return call.gives_more(f"databricks_substring_from({text}, {start})", kinds.STRING, 2147483647)
    return call.gives(f"databricks_substring({text}, {start}, {call.cast(2, kinds.INT)})", kinds.STRING)


def _trim(call: FunctionCall) -> Value:
    """`trim(text)`, `trim(characters, text)`; `btrim` takes the text first."""
    call.counted(1, 2)
    function = "trim" if call.name == "btrim" else call.name
    if len(call) == 1:
        return call.gives(f"{function}({call.cast(0, kinds.STRING)}, ' ')", kinds.STRING)
    text, characters = (0, 1) if call.name == "btrim" else (1, 0)
    word = {"ltrim": "LEADING", "rtrim": "TRAILING"}.get(call.name, "BOTH")
    name = call.title if call.name == "btrim" else f"TRIM({word} {call.value(0).name} FROM {call.value(1).name})"
    return call.gives(f"{function}({call.cast(text, kinds.STRING)}, {call.cast(characters, kinds.STRING)})", kinds.STRING, name)


def _locate(call: FunctionCall) -> Value:
    """The place of one text in another, from a place on; the start is 1 where it is left out."""
    call.counted(2, 3)
    wanted, text = call.cast(0, kinds.STRING), call.cast(1, kinds.STRING)
    if len(call) == 2:
        return call.gives_more(f"CAST(instr({text}, {wanted}) AS INTEGER)", kinds.INT, 1)
    return call.gives(f"databricks_locate({wanted}, {text}, {call.cast(2, kinds.INT)})", kinds.INT)


def _overlay(call: FunctionCall) -> Value:
    """The part from a place on, as long as the new text or of a length, becomes the new text."""
    call.counted(3, 4)
    if any(value.kind == kinds.BINARY for value in call.values):
        raise refused("overlay of BINARY is not taken: use hex.")
    text, new, start = call.cast(0, kinds.STRING), call.cast(1, kinds.STRING), call.cast(2, kinds.INT)
    length = call.cast(3, kinds.INT) if len(call) == 4 else "-1"
    return call.gives_more(f"databricks_overlay({text}, {new}, {start}, {length})", kinds.STRING, *([-1] if len(call) == 3 else []))


def _format_number(call: FunctionCall) -> Value:
    """With commas and so many digits behind the point, halves to the even digit."""
    call.counted(2)
    digits = call.constant(1, "The number of digits")
    if not digits.isdigit() or int(digits) > _DIGITS_MAX:
        raise refused(f"format_number is taken with 0 to {_DIGITS_MAX} digits.")
    if isinstance(call.value(0).kind, Decimal):
        raise refused("format_number of a DECIMAL is not taken: cast to DOUBLE.")
    text = call.cast(0, kinds.DOUBLE)
    return call.gives(f"databricks_format_number({text}, format('{{:,.{digits}f}}', {text}))", kinds.STRING)


def _format_string(call: FunctionCall) -> Value:
    """`%s`, `%d` and `%%` of texts and whole numbers."""
    call.counted(1, 64)
    pattern = call.constant(0, "The format")
    parts, place, argument = [], 0, 1
    for found in re.finditer(r"%([sd%])?", pattern):
        parts.append(literal(pattern[place : found.start()]))
        place = found.end()
        if found[1] == "%":
            parts.append("'%'")
            continue
        if found[1] is None or argument >= len(call):
            raise refused("format_string is taken with %s, %d and %%, and a value for each: use format_number, lpad and round for the rest.")
        parts.append(_formatted(call, argument, found[1]))
        argument += 1
    parts.append(literal(pattern[place:]))
    return call.gives(f"({' || '.join(parts)})", kinds.STRING)


def _formatted(call: FunctionCall, place: int, letter: str) -> str:
    """A value of `format_string`."""
    kind = call.value(place).kind
    if letter == "d" and not kinds.is_integral(kind) and kind != kinds.VOID:
        raise refused(f"%d of format_string takes a whole number, not {kinds.sql(kind)}.")
    if kind in kinds.TIMES or kind == kinds.BINARY or not (kinds.is_atomic(kind) or kind == kinds.VOID):
        raise refused(f"format_string of {kinds.sql(kind)} is not taken: cast to STRING.")
    return f"coalesce({call.cast(place, kinds.STRING)}, 'null')"


def _elt(call: FunctionCall) -> Value:
    """The value at a place, counted from 1."""
    call.counted(2, 256)
    texts = [call.cast(place, kinds.STRING) for place in range(1, len(call))]
    return call.gives(f"databricks_item([{', '.join(texts)}], {call.cast(0, kinds.INT)} - 1)", kinds.STRING)


MEANINGS: tuple[Meaning, ...] = (
    ruled("concat", _concat, example="concat('Spark', 'SQL')", gives="SparkSQL"),
    ruled("concat_ws", _concat_ws, example="concat_ws('-', 'a', NULL, array('b', 'c'))", gives="a-b-c"),
    scalar("upper ucase", form("string -> string", "databricks_upper($1)"), example="upper('SparkSql')", gives="SPARKSQL"),
    scalar("lower lcase", form("string -> string", "databricks_lower($1)"), example="lower('SparkSql')", gives="sparksql"),
    scalar("initcap", form("string -> string", "databricks_initcap($1)"), example="initcap('sPark sql-x')", gives="Spark Sql-x"),
    ruled("length char_length character_length len", _length, example="length('Spark ')", gives="6"),
    scalar("octet_length", form("string -> int", "CAST(strlen($1) AS INTEGER)"), example="octet_length('é')", gives="2"),
    scalar("bit_length", form("string -> int", "CAST(8 * strlen($1) AS INTEGER)"), example="bit_length('é')", gives="16"),
    ruled("substring substr mid", _substring, example="substring('Spark SQL', 5, 1)", gives="k"),
    scalar("left", form("string, int -> string", "left($1, greatest($2, 0))"), example="left('Spark SQL', 3)", gives="Spa"),
    scalar("right", form("string, int -> string", "right($1, greatest($2, 0))"), example="right('Spark SQL', 3)", gives="SQL"),
    scalar(
        "reverse",
        form("string -> string", "databricks_reverse($1)"),
        form("array<T> -> array<T>", "list_reverse($1)"),
        example="reverse('Spark')",
        gives="krapS",
    ),
    scalar(
        "replace",
        form("string, string, string -> string", "(CASE WHEN $2 = '' THEN $1 ELSE replace($1, $2, $3) END)"),
        form("string, string -> string", "(CASE WHEN $2 = '' THEN $1 ELSE replace($1, $2, '') END)", "replace($1, $2, )"),
        example="replace('ABCabc', 'abc', 'DEF')",
        gives="ABCDEF",
    ),
    ruled("trim btrim ltrim rtrim", _trim, example="trim('  a  ')", gives="a"),
    scalar("startswith", form("string, string -> boolean", "starts_with($1, $2)"), example="startswith('Spark', 'Sp')", gives="true"),
    scalar("endswith", form("string, string -> boolean", "ends_with($1, $2)"), example="endswith('Spark', 'k')", gives="true"),
    scalar("contains", form("string, string -> boolean", "contains($1, $2)"), example="contains('Spark', 'par')", gives="true"),
    scalar("instr", form("string, string -> int", "CAST(instr($1, $2) AS INTEGER)"), example="instr('SparkSQL', 'SQL')", gives="6"),
    ruled("position locate charindex", _locate, example="position('bar', 'foobar')", gives="4"),
    scalar("repeat", form("string, int -> string", "repeat($1, greatest($2, 0))"), example="repeat('ab', 2)", gives="abab"),
    scalar("space", form("int -> string", "repeat(' ', greatest($1, 0))"), example="concat('a', space(2), 'b')", gives="a  b"),
    scalar(
        "lpad",
        form("string, int, string -> string", "databricks_lpad($1, $2, $3)"),
        form("string, int -> string", "databricks_lpad($1, $2, ' ')", "lpad($1, $2,  )"),
        example="lpad('hi', 5, 'ab')",
        gives="abahi",
    ),
    scalar(
        "rpad",
        form("string, int, string -> string", "databricks_rpad($1, $2, $3)"),
        form("string, int -> string", "databricks_rpad($1, $2, ' ')", "rpad($1, $2,  )"),
        example="rpad('hi', 5, 'ab')",
        gives="hiaba",
    ),
    scalar(
        "split_part",
        form("string, string, int -> string", "databricks_split_part($1, $2, $3)"),
        example="split_part('a,b,c', ',', -1)",
        gives="c",
    ),
    scalar(
        "translate",
        form("string, string, string -> string", "translate($1, $2, $3)"),
        example="translate('AaBbCc', 'abc', '123')",
        gives="A1B2C3",
    ),
    scalar(
        "levenshtein",
        form("string, string -> int", "databricks_levenshtein($1, $2)"),
        form("string, string, int -> int", "(CASE WHEN databricks_levenshtein($1, $2) > $3 THEN -1 ELSE databricks_levenshtein($1, $2) END)"),
        example="levenshtein('kitten', 'sitting')",
        gives="3",
    ),
    scalar("find_in_set", form("string, string -> int", "databricks_find_in_set($1, $2)"), example="find_in_set('ab', 'abc,b,ab')", gives="3"),
    scalar(
        "substring_index",
        form("string, string, int -> string", "databricks_substring_index($1, $2, $3)"),
        example="substring_index('www.a.b', '.', 2)",
        gives="www.a",
    ),
    ruled("overlay", _overlay, example="overlay('Spark SQL' PLACING '_' FROM 6)", gives="Spark_SQL"),
    ruled("format_number", _format_number, example="format_number(1234567.891D, 2)", gives="1,234,567.89"),
    ruled("format_string printf", _format_string, example="format_string('%s-%d', 'a', 1)", gives="a-1"),
    ruled("elt", _elt, example="elt(2, 'a', 'b')", gives="b"),
    not_taken("sentences", "use regexp_replace and split."),
)
