"""Which expressions are constants."""

import pytest

from headgate.storage.query import query_text
from headgate.storage.query.bounds import Constant, ConstantStep
from headgate.storage.query.constant_syntax import constant


def _step(kind, unit, count=0):
    return ConstantStep(kind, unit, count)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", Constant("number", "5")),
        ("-1.5", Constant("number", "-1.5")),
        ("('a')", Constant("text", "a")),
        ("true", Constant("text", "true", (_step("cast", "boolean"),))),
        ("DATE '2026-01-31'", Constant("text", "2026-01-31", (_step("cast", "date"),))),
        ("CAST('5' AS BIGINT)", Constant("text", "5", (_step("cast", "long"),))),
        ("current_timestamp() - INTERVAL 7 DAYS", Constant("now", "", (_step("add", "DAY", -7),))),
        ("INTERVAL '2' MONTH + now()", Constant("now", "", (_step("add", "MONTH", 2),))),
        ("current_date() - 7", Constant("today", "", (_step("add", "DATE_DAY", -7),))),
        ("date_sub(current_date(), 7)", Constant("today", "", (_step("cast", "date"), _step("add", "DATE_DAY", -7)))),
        ("dateadd(HOUR, -5, now())", Constant("now", "", (_step("add", "HOUR", -5),))),
        ("date_trunc('DAY', now())", Constant("now", "", (_step("trunc", "DAY"),))),
        ("to_date('2026-01-31')", Constant("text", "2026-01-31", (_step("cast", "date"),))),
        ("CAST(CAST('2026-01-31T00:00:00Z' AS TIMESTAMP) AS DATE)",
         Constant("text", "2026-01-31T00:00:00Z", (_step("cast", "timestamp"), _step("cast", "date")))),
        ("a", None),
        ("a - INTERVAL 7 DAYS", None),
        ("NULL", None),
        ("5 + 1", Constant("number", "5", (_step("add", "DATE_DAY", 1),))),  # has no value, as 5 is no date
        ("now() - INTERVAL '1 2' DAY TO HOUR", None),
        ("now() - INTERVAL 1.5 DAYS", None),
        ("CAST('1' AS DECIMAL(10, 2))", None),
        ("to_date('31.1.2026', 'd.M.yyyy')", None),
        ("upper('a')", None),
    ],
)  # fmt: skip
def test_constants(text, expected):
    """Literals and the time of the query, cast and moved."""
    assert constant(query_text.read(f"SELECT {text}").expressions[0]) == expected


def test_nothing_is_no_constant():
    """A part of an expression may be missing."""
    assert constant(None) is None
