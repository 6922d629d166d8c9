"""Headgate's SQL answers as Spark does, or refuses: the rows that do neither may only become fewer."""

import json
from collections import Counter

import pytest

from headgate.admin import sql_states
from tests.oracle import compare, verdict, zones
from tests.oracle.ours import Ours

_KEPT = json.loads(compare.KEPT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ours():
    """One engine for all families."""
    return Ours()


@pytest.mark.parametrize("family", compare.families())
def test_no_more_wrong_answers_than_before(family, ours):
    """No family has more wrong rows than `kept.json` says, nor more of wrong and refused together. `python -m tests.oracle.compare` shows them."""
    counts = compare.counts(compare.compared(family, ours))
    kept = _KEPT[family]
    print(f"{family}: {counts}")

    assert counts["wrong"] <= kept["wrong_max"]
    assert counts["wrong"] + counts["refused"] <= kept["wrong_max"] + kept["refused_max"]


def test_the_corpus_is_large():
    """It has thousands of statements in dozens of families, and each statement once."""
    statements = [str(row["sql"]) for family in compare.families() for row in compare.expected(family)]

    assert len(statements) == len(set(statements)) > 10_000
    assert len(compare.families()) == len(_KEPT) >= 28


def test_what_depends_on_the_time_zone_does_so_for_a_known_reason():
    """Headgate answers in UTC, and the documentation says what that means: no statement has another answer elsewhere without one of these reasons."""
    rows = [row for family in compare.families() for row in compare.expected(family) if "zones" in row]
    print(Counter(zones.reason(str(row["sql"])) for row in rows))

    assert len(rows) > 650
    assert [row["sql"] for row in rows if not zones.reason(str(row["sql"]))] == []


def test_the_state_of_an_error_is_sparks():
    """Of every class that has one here."""
    rows = [row for family in compare.families() for row in compare.expected(family) if row.get("state")]
    states = {(sql_states.of(str(row["error"])), row["state"]) for row in rows}

    assert [(ours, theirs) for ours, theirs in states if ours not in {"", theirs}] == []
    assert len(states) > 30


@pytest.mark.parametrize(
    ("sql", "expected", "answer", "kind", "reason"),
    [
        ("SELECT 1", {"rows": [[1]]}, {"rows": [[1]]}, "equal", ""),
        ("SELECT x FROM t", {"rows": [[1], [2]]}, {"rows": [[2], [1]]}, "equal", ""),
        ("SELECT x FROM t ORDER BY x", {"rows": [[1], [2]]}, {"rows": [[2], [1]]}, "wrong", "rows"),
        ("SELECT x FROM (SELECT x FROM t ORDER BY x)", {"rows": [[1], [2]]}, {"rows": [[2], [1]]}, "equal", ""),
        ("SELECT 0.1D", {"rows": [["0.1"]]}, {"rows": [["0.10000000000000002"]]}, "wrong", "rows"),
        ("SELECT 0.1D", {"rows": [["0.1"]], "approx": True}, {"rows": [["0.10000000000000002"]]}, "equal", ""),
        ("SELECT 1", {"rows": [[1]], "types": ["bigint"], "names": ["a"]}, {"rows": [[1]]}, "wrong", "types names"),
        ("SELECT 1 / 0", {"error": "DIVIDE_BY_ZERO"}, {"rows": [["Infinity"]]}, "wrong", "no error"),
        ("SELECT 1 / 0", {"error": "DIVIDE_BY_ZERO"}, {"error": "DIVIDE_BY_ZERO"}, "equal", ""),
        ("SELECT x", {"error": "UNRESOLVED_COLUMN.WITH_SUGGESTION"}, {"error": "UNRESOLVED_COLUMN"}, "equal", ""),
        ("SELECT 1 / 0", {"error": "DIVIDE_BY_ZERO"}, {"error": "BAD_REQUEST"}, "error_differs", ""),
        ("SELECT f(1)", {"rows": [[1]]}, {"error": "UNSUPPORTED_FEATURE"}, "refused", ""),
        ("SELECT f(1)", {"rows": [[1]]}, {"error": "BAD_REQUEST"}, "wrong", "error"),
    ],
)
def test_verdicts(sql, expected, answer, kind, reason):
    """What is compared exactly, what about, and in which order."""
    whole = {"names": ["x"], "types": ["int"]}
    found = verdict.of(sql, expected if "error" in expected else whole | expected, answer if "error" in answer else whole | answer)

    assert (found.kind, found.reason) == (kind, reason)
