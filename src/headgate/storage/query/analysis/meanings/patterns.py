"""Patterns: LIKE, regular expressions and what splits by them. A regular expression is a constant that RE2 and Java read alike, or it is refused."""

import re

from headgate.catalog.types import Array
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, refused
from headgate.storage.query.duckdb_text import literal

_JAVA_ALONE = (
    "(?=",
    "(?!",
    "(?<",
    "(?>",
    "\\G",
    "\\Z",
    "++",
    "*+",
    "?+",
    "}+",
    "&&",
    "\\k",
    "\\R",
    "\\h",
    "\\H",
    "\\X",
    "\\v",
    "\\V",
    "\\N",
    "\\e",
    "\\c",
)
_BACK = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
_CATEGORY = re.compile(r"L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?")
_CLASS = re.compile(r"\\[pP](?:\{([^}]*)\}|(.))")
_FLAGS = re.compile(r"\(\?([a-zA-Z-]+)[:)]")
_ANY = r"[^\n\r\x{85}\x{2028}\x{2029}]"
_LINE_END = r"(?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?\z"


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
    shown = f" ESCAPE '{escape}'" if escape != "\\" else ""
    left, right = call.value(0).name, call.value(1).name
    name = f"{left} LIKE {right}{shown}" if word == "LIKE" else f"ilike({left}, {right})"
    if isinstance(constant, str) and escape not in constant:
        return Value(text=f"({value} {word} {pattern})", kind=kinds.BOOLEAN, name=name)
    return Value(text=f"({value} {word} {pattern} ESCAPE {literal(escape)})", kind=kinds.BOOLEAN, name=name)


def _check_escapes(pattern: str, escape: str) -> None:
    place = 0
    while (place := pattern.find(escape, place)) >= 0:
        if place + 1 == len(pattern) or pattern[place + 1] not in {"%", "_", escape}:
            raise refused(f"The pattern {pattern[:80]!r} is invalid: {escape} may precede %, _ and itself.", "INVALID_FORMAT")
        place += 2


def _pattern(call: FunctionCall, place: int, *, matches_only: bool = False) -> str:
    """A regular expression that RE2 and Java read alike. Where only a match counts, `$` is written so that it matches before a last line break too."""
    text = call.constant(place, "The regular expression")
    found = [part for part in _JAVA_ALONE if part in text]
    found += [each[0] for each in _BACK.finditer(text)]
    found += [each[0] for each in _CLASS.finditer(text) if not _CATEGORY.fullmatch(each[1] or each[2])]
    flags = "".join(each[1] for each in _FLAGS.finditer(text))
    found += ["a flag other than i, s and m"] if set(flags) - set("ism") else []
    if found:
        raise refused(f"The regular expression {text[:80]!r} has {found[0]}, which is not taken: RE2's syntax is.")
    return literal(_re2(text, flags, matches_only=matches_only))


def _re2(text: str, flags: str, *, matches_only: bool) -> str:
    r"""The expression with Java's meaning of a point, of `$` and of `\s`."""
    if not set(text) & {".", "$", "\\"}:
        return text
    written, place, in_class = [], 0, False
    while place < len(text):
        character = text[place]
        if character == "\\":
            pair = text[place : place + 2]
            inner = r"\s\x{0B}"
            written.append({"\\s": inner if in_class else f"[{inner}]", "\\S": "\\S" if in_class else f"[^{inner}]"}.get(pair, pair))
            place += 2
            continue
        in_class = character == "[" or (in_class and character != "]")
        if character == "." and not in_class and "s" not in flags:
            character = _ANY
        elif character == "$" and not in_class and matches_only and "m" not in flags:
            character = _LINE_END
        written.append(character)
        place += 1
    return "".join(written)


def _rlike(call: FunctionCall) -> Value:
    call.counted(2)
    name = f"{call.name.upper()}({call.value(0).name}, {call.value(1).name})"
    return call.gives(f"regexp_matches({call.cast(0, kinds.STRING)}, {_pattern(call, 1, matches_only=True)})", kinds.BOOLEAN, name)


def _regexp_replace(call: FunctionCall) -> Value:
    """All matches; `$1` in the replacement is a group."""
    call.counted(3, 4)
    if len(call) == 4 and call.constant(3, "The start") != "1":
        raise refused("regexp_replace from another place than 1 is not taken: use concat and substring.")
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
    text = f"regexp_replace({call.cast(0, kinds.STRING)}, {_pattern(call, 1)}, {literal(written)}, 'g')"
    return call.gives_more(text, kinds.STRING, *([1] if len(call) == 3 else []))


def _group(call: FunctionCall) -> str:
    """The number of the group that is taken out, 1 where none is named."""
    group = call.constant(2, "The group") if len(call) == 3 else "1"
    if not group.isdigit() or int(group) > _groups(call.constant(1, "The regular expression")):
        raise refused(f"The regular expression has no group {group}.", "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX")
    return group


def _regexp_extract(call: FunctionCall) -> Value:
    call.counted(2, 3)
    group = _group(call)
    text = f"regexp_extract({call.cast(0, kinds.STRING)}, {_pattern(call, 1)}, {group})"
    return call.gives_more(text, kinds.STRING, *([1] if len(call) == 2 else []))


def _regexp_extract_all(call: FunctionCall) -> Value:
    call.counted(2, 3)
    group = _group(call)
    text = f"regexp_extract_all({call.cast(0, kinds.STRING)}, {_pattern(call, 1)}, {group})"
    return call.gives_more(text, Array(kinds.STRING), *([1] if len(call) == 2 else []))


def _regexp_count(call: FunctionCall) -> Value:
    call.counted(2)
    return call.gives(f"CAST(len(regexp_extract_all({call.cast(0, kinds.STRING)}, {_pattern(call, 1)})) AS INTEGER)", kinds.INT)


def _regexp_substr(call: FunctionCall) -> Value:
    """The first match, NULL where there is none or it is empty."""
    call.counted(2)
    return call.gives(f"nullif(regexp_extract({call.cast(0, kinds.STRING)}, {_pattern(call, 1)}), '')", kinds.STRING)


def _regexp_instr(call: FunctionCall) -> Value:
    """The place of the first match: one behind what a group before it takes."""
    call.counted(2)
    text, pattern = call.cast(0, kinds.STRING), _pattern(call, 1)
    before = "concat('(?s)^(.*?)(?-s:', " + pattern + ", ')')"
    place = f"length(regexp_extract({text}, {before}, 1)) + 1"
    found = f"(CASE WHEN regexp_matches({text}, {pattern}) THEN CAST({place} AS INTEGER) WHEN {text} IS NOT NULL THEN 0 END)"
    return call.gives_more(found, kinds.INT, 0)


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
    call.counted(2, 3)
    pattern = call.constant(1, "The separator")
    written = call.constant(2, "The limit") if len(call) == 3 else "-1"
    limit = int(written) if written.lstrip("-").isdigit() else 0
    text = call.cast(0, kinds.STRING)
    more = [-1] if len(call) == 2 else []
    plain = pattern
    if re.fullmatch(r"\\[\\^$.|?*+()\[\]{}]", pattern):
        plain = pattern[1]
    elif set(pattern) & set("\\^$.|?*+()[]{}"):
        if limit > 0:
            raise refused("split by a regular expression with a limit is not taken: leave the limit out, or split by a plain text.")
        regex = _pattern(call, 1)
        if _matches_nothing(pattern):
            raise refused(f"split by {pattern[:80]!r}, which matches an empty text, is not taken.")
        return call.gives_more(f"string_split_regex({text}, {regex})", Array(kinds.STRING), *more)
    if not plain:
        if limit > 0:
            raise refused("split by an empty text with a limit is not taken.")
        return call.gives_more(f"(CASE WHEN {text} = '' THEN [''] ELSE string_split({text}, '') END)", Array(kinds.STRING), *more)
    pieces = f"string_split({text}, {literal(plain)})"
    if limit > 0:
        pieces = f"databricks_split_rest({pieces}, {literal(plain)}, {limit})"
    return call.gives_more(pieces, Array(kinds.STRING), *more)


def _matches_nothing(pattern: str) -> bool:
    """Whether the expression may match an empty text, where Java and RE2 split at other places."""
    try:
        return any(not found[0] for text in ("", "a,b 1\n") for found in re.finditer(pattern, text))
    except re.error:
        return True


MEANINGS: tuple[Meaning, ...] = (
    ruled("like ilike", _like, example="'mcp_x' LIKE 'mcp\\_%'", gives="true"),
    ruled("rlike regexp regexp_like", _rlike, example="regexp_like('abc', '^a.c$')", gives="true"),
    ruled("regexp_replace", _regexp_replace, example="regexp_replace('100-200', r'(\\d+)', 'n$1')", gives="n100-n200"),
    ruled("regexp_extract", _regexp_extract, example="regexp_extract('100-200', r'(\\d+)-(\\d+)', 1)", gives="100"),
    ruled("regexp_extract_all", _regexp_extract_all, example="regexp_extract_all('100-200', r'(\\d+)', 1)", gives='["100","200"]'),
    ruled("regexp_count", _regexp_count, example="regexp_count('Steven and Stephen', 'Ste(v|ph)en')", gives="2"),
    ruled("regexp_substr", _regexp_substr, example="regexp_substr('Steven Jones', r'J\\w+')", gives="Jones"),
    ruled("regexp_instr", _regexp_instr, example="regexp_instr('user@host.org', '@[^.]*')", gives="5"),
    ruled("split", _split, example="split('a,b', ',')", gives='["a","b"]'),
)
