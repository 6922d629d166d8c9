"""Texts and bytes. Places count from 1; lengths are in characters (code points)."""

from headgate.catalog.types import Array
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, ruled, scalar
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal


def _concat(call: FunctionCall) -> Value:
    """Texts, bytes or arrays; NULL if one is NULL."""
    if not len(call):
        return call.gives("''", kinds.STRING)
    kind = kinds.common_of(value.kind for value in call.values)
    if isinstance(kind, Array):
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


def _like(call: FunctionCall) -> Value:
    r"""`LIKE` with a backslash, or another character, before what is meant as it is."""
    call.counted(2, 3)
    value, pattern = call.cast(0, kinds.STRING), call.cast(1, kinds.STRING)
    escape = call.constant(2, "The escape character") if len(call) == 3 else "\\"
    if len(escape) != 1:
        raise refused("The escape of LIKE is one character.", "INVALID_ESCAPE_CHAR")
    constant = call.value(1).constant
    if isinstance(constant, str):
        _check_escapes(constant, escape)
    word = call.name.upper()
    name = f"{call.value(0).name} {word} {call.value(1).name}"
    if isinstance(constant, str) and escape not in constant:
        return Value(text=f"({value} {word} {pattern})", kind=kinds.BOOLEAN, name=name)
    return Value(text=f"({value} {word} {pattern} ESCAPE {literal(escape)})", kind=kinds.BOOLEAN, name=name)


def _check_escapes(pattern: str, escape: str) -> None:
    place = 0
    while (place := pattern.find(escape, place)) >= 0:
        if place + 1 == len(pattern) or pattern[place + 1] not in {"%", "_", escape}:
            raise refused(f"The pattern {pattern[:80]!r} is invalid: {escape} may precede %, _ and itself.", "INVALID_FORMAT")
        place += 2


def _pattern(call: FunctionCall, place: int) -> str:
    """A regular expression that RE2 and Java read alike."""
    text = call.constant(place, "The regular expression")
    for part in ("(?=", "(?!", "(?<=", "(?<!", "(?>", "\\p{javaL", "\\G", "\\Z", "++", "*+", "?+", "&&", "\\1", "\\2", "\\k", "\\R", "\\h", "\\X"):
        if part in text:
            raise refused(f"The regular expression {text[:80]!r} has {part}, which is not taken: RE2's syntax is.", "INVALID_PARAMETER_VALUE")
    return literal(text)


def _rlike(call: FunctionCall) -> Value:
    call.counted(2)
    name = f"RLIKE({call.value(0).name}, {call.value(1).name})"
    return Value(text=f"regexp_matches({call.cast(0, kinds.STRING)}, {_pattern(call, 1)})", kind=kinds.BOOLEAN, name=name)


def _regexp_replace(call: FunctionCall) -> Value:
    """All matches; `$1` in the replacement is a group."""
    call.counted(3)
    replacement = call.constant(2, "The replacement")
    written, place = "", 0
    while place < len(replacement):
        character = replacement[place]
        following = replacement[place + 1 : place + 2]
        if character == "$":
            if not following.isdigit():
                raise refused("In a replacement $ precedes the number of a group; write \\$ for itself.")
            written, place = written + "\\" + following, place + 2
        elif character == "\\":
            written, place = written + ("\\\\" if following == "\\" else following), place + 2
        else:
            written, place = written + character, place + 1
    return call.gives(f"regexp_replace({call.cast(0, kinds.STRING)}, {_pattern(call, 1)}, {literal(written)}, 'g')", kinds.STRING)


def _regexp_extract(call: FunctionCall) -> Value:
    call.counted(2, 3)
    group = call.constant(2, "The group") if len(call) == 3 else "1"
    if not group.isdigit() or int(group) > _groups(call.constant(1, "The regular expression")):
        raise refused(f"The regular expression has no group {group}.", "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX")
    return call.gives(f"regexp_extract({call.cast(0, kinds.STRING)}, {_pattern(call, 1)}, {group})", kinds.STRING)


def _regexp_extract_all(call: FunctionCall) -> Value:
    call.counted(2, 3)
    group = call.constant(2, "The group") if len(call) == 3 else "1"
    if not group.isdigit() or int(group) > _groups(call.constant(1, "The regular expression")):
        raise refused(f"The regular expression has no group {group}.", "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX")
    return call.gives(f"regexp_extract_all({call.cast(0, kinds.STRING)}, {_pattern(call, 1)}, {group})", Array(kinds.STRING))


def _groups(pattern: str) -> int:
    count, place, in_class = 0, 0, False
    while place < len(pattern):
        character = pattern[place]
        if character == "\\":
            place += 1
        elif character == "[":
            in_class = True
        elif character == "]":
            in_class = False
        elif character == "(" and not in_class and pattern[place + 1 : place + 2] != "?":
            count += 1
        place += 1
    return count


def _split(call: FunctionCall) -> Value:
    """By a regular expression; a plain separator is split by as it is."""
    call.counted(2)
    pattern = call.constant(1, "The separator")
    text = call.cast(0, kinds.STRING)
    if not pattern:
        raise refused("split by an empty text is not taken.")
    if not set(pattern) & set("\\^$.|?*+()[]{}"):
        return call.gives(f"string_split({text}, {literal(pattern)})", Array(kinds.STRING))
    return call.gives(f"string_split_regex({text}, {_pattern(call, 1)})", Array(kinds.STRING))


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
        raise mismatch("substring of BINARY is not taken: use hex.")
    text, start = call.cast(0, kinds.STRING), call.cast(1, kinds.INT)
    if len(call) == 2:
        return call.gives(f"databricks_substring_from({text}, {start})", kinds.STRING)
    return call.gives(f"databricks_substring({text}, {start}, {call.cast(2, kinds.INT)})", kinds.STRING)


MEANINGS: tuple[Meaning, ...] = (
    ruled("concat", _concat, example="concat('Spark', 'SQL')", gives="SparkSQL"),
    ruled("concat_ws", _concat_ws, example="concat_ws('-', 'a', NULL, array('b', 'c'))", gives="a-b-c"),
    scalar("upper ucase", form("string -> string", "upper($1)"), example="upper('SparkSql')", gives="SPARKSQL"),
    scalar("lower lcase", form("string -> string", "lower($1)"), example="lower('SparkSql')", gives="sparksql"),
    ruled("length char_length character_length len", _length, example="length('Spark ')", gives="6"),
    scalar("octet_length", form("string -> int", "CAST(strlen($1) AS INTEGER)"), example="octet_length('é')", gives="2"),
    scalar("bit_length", form("string -> int", "CAST(8 * strlen($1) AS INTEGER)"), example="bit_length('é')", gives="16"),
    ruled("substring substr mid", _substring, example="substring('Spark SQL', 5, 1)", gives="k"),
    scalar("left", form("string, int -> string", "left($1, greatest($2, 0))"), example="left('Spark SQL', 3)", gives="Spa"),
    scalar("right", form("string, int -> string", "right($1, greatest($2, 0))"), example="right('Spark SQL', 3)", gives="SQL"),
    scalar(
        "reverse",
        form("string -> string", "reverse($1)"),
        form("array<T> -> array<T>", "list_reverse($1)"),
        example="reverse('Spark')",
        gives="krapS",
    ),
    scalar(
        "replace",
        form("string, string, string -> string", "(CASE WHEN $2 = '' THEN $1 ELSE replace($1, $2, $3) END)"),
        form("string, string -> string", "(CASE WHEN $2 = '' THEN $1 ELSE replace($1, $2, '') END)"),
        example="replace('ABCabc', 'abc', 'DEF')",
        gives="ABCDEF",
    ),
    scalar(
        "trim btrim", form("string -> string", "trim($1, ' ')"), form("string, string -> string", "trim($2, $1)"), example="trim('  a  ')", gives="a"
    ),
    scalar("ltrim", form("string -> string", "ltrim($1, ' ')"), form("string, string -> string", "ltrim($2, $1)"), example="ltrim('  a')", gives="a"),
    scalar("rtrim", form("string -> string", "rtrim($1, ' ')"), form("string, string -> string", "rtrim($2, $1)"), example="rtrim('a  ')", gives="a"),
    scalar("startswith", form("string, string -> boolean", "starts_with($1, $2)"), example="startswith('Spark', 'Sp')", gives="true"),
    scalar("endswith", form("string, string -> boolean", "ends_with($1, $2)"), example="endswith('Spark', 'k')", gives="true"),
    scalar("contains", form("string, string -> boolean", "contains($1, $2)"), example="contains('Spark', 'par')", gives="true"),
    scalar("instr", form("string, string -> int", "CAST(instr($1, $2) AS INTEGER)"), example="instr('SparkSQL', 'SQL')", gives="6"),
    scalar(
        "position locate charindex", form("string, string -> int", "CAST(instr($2, $1) AS INTEGER)"), example="position('bar', 'foobar')", gives="4"
    ),
    scalar("repeat", form("string, int -> string", "repeat($1, greatest($2, 0))"), example="repeat('ab', 2)", gives="abab"),
    scalar("space", form("int -> string", "repeat(' ', greatest($1, 0))"), example="concat('a', space(2), 'b')", gives="a  b"),
    scalar(
        "lpad",
        form("string, int, string -> string", "databricks_lpad($1, $2, $3)"),
        form("string, int -> string", "databricks_lpad($1, $2, ' ')"),
        example="lpad('hi', 5, 'ab')",
        gives="abahi",
    ),
    scalar(
        "rpad",
        form("string, int, string -> string", "databricks_rpad($1, $2, $3)"),
        form("string, int -> string", "databricks_rpad($1, $2, ' ')"),
        example="rpad('hi', 5, 'ab')",
        gives="hiaba",
    ),
    ruled("like ilike", _like, example="'mcp_x' LIKE 'mcp\\_%'", gives="true"),
    ruled("rlike regexp regexp_like", _rlike, example="regexp_like('abc', '^a.c$')", gives="true"),
    ruled("regexp_replace", _regexp_replace, example="regexp_replace('100-200', r'(\\d+)', 'n$1')", gives="n100-n200"),
    ruled("regexp_extract", _regexp_extract, example="regexp_extract('100-200', r'(\\d+)-(\\d+)', 1)", gives="100"),
    ruled("regexp_extract_all", _regexp_extract_all, example="regexp_extract_all('100-200', r'(\\d+)', 1)", gives='["100","200"]'),
    ruled("split", _split, example="split('a,b', ',')", gives='["a","b"]'),
    scalar(
        "split_part",
        form("string, string, int -> string", "databricks_split_part($1, $2, $3)"),
        example="split_part('a,b,c', ',', -1)",
        gives="c",
    ),
    scalar("ascii", form("string -> int", "ascii($1)"), example="ascii('a')", gives="97"),
    scalar(
        "chr char",
        form("bigint -> string", "(CASE WHEN $1 < 0 THEN '' ELSE chr(CAST($1 % 256 AS INTEGER)) END)"),
        example="chr(65)",
        gives="A",
    ),
    scalar(
        "base64",
        form("binary -> string", "to_base64($1)"),
        form("string -> string", "to_base64(encode($1))"),
        example="base64('Spark')",
        gives="U3Bhcms=",
    ),
    scalar("md5", form("string -> string", "md5($1)"), example="md5('Spark')", gives="8cde774d6f7333752ed72cacddb05126"),
    scalar("unhex", form("string -> binary", "unhex($1)"), example="hex(unhex('41'))", gives="41"),
    scalar("hex", form("string -> string", "hex($1)"), form("binary -> string", "hex($1)"), example="hex('A')", gives="41"),
)
