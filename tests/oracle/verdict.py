"""Whether Headgate's answer to a statement is Spark's.

| Verdict | Meaning |
|---|---|
| `equal` | the same names, types and rows, or an error of the same class |
| `refused` | Spark gives rows, Headgate refuses by name (`UNSUPPORTED_FEATURE`, `UNSUPPORTED_DATATYPE`) |
| `error_differs` | both fail, with other classes |
| `wrong` | anything else; the reason says what: `rows`, `types`, `names`, `no error` (Spark fails), `error` (Spark does not) |
"""

import re
from collections import Counter
from dataclasses import dataclass

from tests.oracle import canonical

REFUSALS = frozenset({"UNSUPPORTED_FEATURE", "UNSUPPORTED_DATATYPE"})
KINDS = ("equal", "refused", "error_differs", "wrong")
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`")
_PARENTHESES = re.compile(r"\([^()]*\)")
_ORDER = re.compile(r"\b(?:ORDER|SORT)\s+BY\b", re.IGNORECASE)


@dataclass(frozen=True)
class Verdict:
    """One row's verdict, and what differs."""

    kind: str
    reason: str = ""


def of(sql: str, expected: dict[str, object], ours: dict[str, object]) -> Verdict:
    """The verdict. `expected` may say with `approx` that floating-point numbers are compared to twelve digits, and zeros without a sign."""
    if "error" in ours:
        return _of_error(expected, str(ours["error"]))
    if "error" in expected:
        return Verdict("wrong", "no error")
    approx = bool(expected.get("approx"))
    wrong = [
        what
        for what, same in (
            ("rows", _rows(sql, expected["rows"], approx) == _rows(sql, ours["rows"], approx)),
            ("types", expected["types"] == ours["types"]),
            ("names", expected["names"] == ours["names"]),
        )
        if not same
    ]
    return Verdict("wrong", " ".join(wrong)) if wrong else Verdict("equal")


def _of_error(expected: dict[str, object], code: str) -> Verdict:
    if "error" in expected:
        same = str(expected["error"]).partition(".")[0] == code.partition(".")[0]
        return Verdict("equal") if same else Verdict("error_differs")
    return Verdict("refused") if code in REFUSALS else Verdict("wrong", "error")


def ordered(sql: str) -> bool:
    """Whether the order of the rows is part of the answer: `ORDER BY` outside of parentheses and quotes."""
    text, before = _QUOTED.sub("", sql), ""
    while text != before:
        text, before = _PARENTHESES.sub("", text), text
    return bool(_ORDER.search(text))


def _rows(sql: str, rows: object, approx: bool) -> object:
    found = _rounded(rows) if approx else rows
    return found if ordered(sql) else Counter(canonical.text(row) for row in found)


def _rounded(value: object) -> object:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, str) and ("." in value or "e" in value):
        try:
            return f"{float(value) + 0.0:.12g}"
        except ValueError:
            return value
    return value
