"""Java's letters of a datetime pattern, as `date_format` writes and `to_timestamp` reads them.

The letters: https://docs.databricks.com/en/sql/language-manual/sql-ref-datetime-pattern.html. Sessions are in UTC, so a zone is a constant.
"""

import re
from collections.abc import Iterator

from headgate.storage.query.analysis.value import refused
from headgate.storage.query.duckdb_text import literal

_SIGNS = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "LL": "%m", "L": "%-m", "LLL": "%b", "LLLL": "%B", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S", "SSS": "%g", "SSSSSS": "%f", "SSSSSSS": "%f0", "SSSSSSSS": "%f00",
    "SSSSSSSSS": "%f000",
    "a": "%p", "EEE": "%a", "EE": "%a", "E": "%a", "EEEE": "%A", "DDD": "%j", "D": "%-j",
}  # fmt: skip
_ZONES = {
    "VV": "UTC", "z": "UTC", "zz": "UTC", "zzz": "UTC", "zzzz": "Coordinated Universal Time", "O": "GMT", "OOOO": "GMT", **{"X" * count: "Z" for count in range(1, 6)},
    "x": "+00", "xx": "+0000", "xxx": "+00:00", "xxxx": "+0000", "xxxxx": "+00:00", "Z": "+0000", "ZZ": "+0000",
    "ZZZ": "+0000", "ZZZZ": "GMT", "ZZZZZ": "Z",
}  # fmt: skip
_YEAR = "CAST(date_part('year', $1) AS VARCHAR)"
_EXPRESSIONS = {
    "y": _YEAR, "yyy": f"lpad({_YEAR}, CAST(greatest(3, length({_YEAR})) AS INTEGER), '0')", "yyyyy": f"lpad({_YEAR}, CAST(greatest(5, length({_YEAR})) AS INTEGER), '0')",
    "F": "CAST((date_part('day', $1) - 1) % 7 + 1 AS VARCHAR)", "K": "CAST(date_part('hour', $1) % 12 AS VARCHAR)",
    "k": "CAST((date_part('hour', $1) + 23) % 24 + 1 AS VARCHAR)", "Q": "CAST(date_part('quarter', $1) AS VARCHAR)",
    "QQ": "'0' || CAST(date_part('quarter', $1) AS VARCHAR)", "QQQ": "'Q' || CAST(date_part('quarter', $1) AS VARCHAR)",
    **{"S" * count: f"left(strftime($1, '%f'), {count})" for count in (1, 2, 4, 5)},
    **{"G" * count: "CASE WHEN date_part('year', $1) > 0 THEN 'AD' ELSE 'BC' END" for count in (1, 2, 3)},
}  # fmt: skip
_EXPRESSIONS |= {run.replace("Q", "q"): text for run, text in _EXPRESSIONS.items() if "Q" in run}
_WEEKS = frozenset("YWwuec")  # week-based and what Spark 2 read in another way
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_READ = {
    "yyyy": (r"\d{4}", "%Y"), "y": (r"\d{1,4}", "%Y"), "MM": (r"\d\d", "%m"), "M": (r"\d{1,2}", "%m"), "dd": (r"\d\d", "%d"), "d": (r"\d{1,2}", "%d"),
    "HH": (r"\d\d", "%H"), "H": (r"\d{1,2}", "%H"), "hh": (r"\d\d", "%I"), "h": (r"\d{1,2}", "%I"), "mm": (r"\d\d", "%M"), "m": (r"\d{1,2}", "%M"),
    "ss": (r"[0-5]\d", "%S"), "s": (r"[0-5]?\d", "%S"), "SSS": (r"\d{1,3}", "%f"), "SSSSSS": (r"\d{1,6}", "%f"), "a": ("(?i:AM|PM)", "%p"),
    "MMM": (f"(?i:{'|'.join(month[:3] for month in _MONTHS)})", "%b"), "MMMM": (f"(?i:{'|'.join(_MONTHS)})", "%B"),
}  # fmt: skip


def written(pattern: str, time: str) -> str:
    """DuckDB's text of a time (a TIMESTAMP of UTC) in a pattern."""
    texts: list[str] = []
    signs = ""
    for quoted, piece in _pieces(pattern):
        expression = None if quoted else _EXPRESSIONS.get(piece)
        if expression is not None:
            texts += [f"strftime({time}, {literal(signs)})"] if signs else []
            texts.append(f"({expression.replace('$1', time)})")
            signs = ""
        elif quoted or not piece[0].isalpha():
            signs += piece.replace("%", "%%")
        elif piece in _SIGNS or piece in _ZONES:
            signs += _SIGNS.get(piece) or _ZONES[piece]
        else:
            raise _unknown(piece, pattern)
    texts += [f"strftime({time}, {literal(signs)})"] if signs else []
    return f"({' || '.join(texts)})" if texts else f"(CASE WHEN {time} IS NOT NULL THEN '' END)"


def reading(pattern: str) -> tuple[str, str]:
    """The regular expression that a text of the pattern matches, and the format by which DuckDB reads it then."""
    matched = signs = ""
    letters = set()
    for quoted, piece in _pieces(pattern, optional=False):
        if quoted or not piece[0].isalpha():
            matched += re.escape(piece)
            signs += piece.replace("%", "%%")
        elif piece in _READ:
            letters.add(piece[0])
            matched += _READ[piece][0]
            signs += _READ[piece][1]
        else:
            raise _unknown(piece, pattern)
    if "y" not in letters or ("h" in letters) != ("a" in letters) or {"h", "H"} <= letters or ("d" in letters and "M" not in letters):
        raise refused(f"Reading a text by the pattern {pattern[:60]!r} is not taken: it needs a year, and hh beside a.")
    if re.search(r"(,\d\}|\?\\d)(\\d|\[)", matched):
        raise refused(f"Reading a text by the pattern {pattern[:60]!r} is not taken: put something between the numbers.")
    return matched, signs


def _pieces(pattern: str, *, optional: bool = True) -> Iterator[tuple[bool, str]]:
    """Runs of one letter and other signs as they are, and what is quoted."""
    found = {letter for letter in re.sub(r"'[^']*'", "", pattern) if letter in _WEEKS}
    if found:
        raise refused(f"The letters {sorted(found)} of the pattern {pattern[:60]!r} are not taken by Spark 3.", "INCONSISTENT_BEHAVIOR_CROSS_VERSION")
    place = 0
    while place < len(pattern):
        character = pattern[place]
        if character == "'":
            text, place = _quoted(pattern, place)
            yield True, text
            continue
        end = place + 1
        while character.isalpha() and end < len(pattern) and pattern[end] == character:
            end += 1
        if character in "#{}" or (character in "[]" and not optional):
            raise refused(
                f"The sign {character!r} of the pattern {pattern[:60]!r} is not taken.",
                "INVALID_DATETIME_PATTERN" if optional else "UNSUPPORTED_FEATURE",
            )
        if character not in "[]":
            yield False, pattern[place:end]
        place = end


def _quoted(pattern: str, place: int) -> tuple[str, int]:
    """The text behind a quotation mark, and where it ends. Two marks are one mark."""
    if pattern[place : place + 2] == "''":
        return "'", place + 2
    end, text = place + 1, ""
    while end < len(pattern):
        if pattern[end] != "'":
            text, end = text + pattern[end], end + 1
        elif pattern[end : end + 2] == "''":
            text, end = text + "'", end + 2
        else:
            return text, end + 1
    raise refused(f"The pattern {pattern[:60]!r} has an open quotation.", "INVALID_DATETIME_PATTERN")


def _unknown(piece: str, pattern: str) -> Exception:
    if piece[0] in "ABnNp":
        return refused(f"The letter {piece[0]!r} of the pattern {pattern[:60]!r} is illegal.", "INVALID_DATETIME_PATTERN")
    if piece in {"MMMMM", "EEEEE", "LLLLL", "GGGGG", "QQQQQ"}:
        return refused(f"The letters {piece!r} of the pattern {pattern[:60]!r} are not taken by Spark 3.", "INCONSISTENT_BEHAVIOR_CROSS_VERSION")
    return refused(f"The letters {piece!r} of the pattern {pattern[:60]!r} are not taken.")
