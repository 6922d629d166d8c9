"""The page on threats and faults is whole, and names tests that exist."""

import ast
import re
from collections import Counter
from functools import cache
from itertools import starmap

import msgspec

from tests.tidy.source import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
STATUSES = ("held", "by design", "partly", "not built")
THREATS, FAULTS = 122, 52
_ROW = re.compile(r"^\| ([TF]\d+) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


class Row(msgspec.Struct, frozen=True):
    """One row of the page, as it is written."""

    number: str
    given: str
    done: str
    status: str
    shown_by: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        """File and function of each test that is named."""
        return _TEST.findall(self.shown_by)


ROWS = list(starmap(Row, _ROW.findall(PAGE)))


@cache
def functions(file: str) -> frozenset[str]:
    """The test functions of a file below `tests`."""
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"))


def test_every_row_is_there_once_and_in_order() -> None:
    """No threat and no fault is left out."""
    expected = [f"T{number}" for number in range(1, THREATS + 1)] + [f"F{number}" for number in range(1, FAULTS + 1)]

    assert [row.number for row in ROWS] == expected
    assert PAGE.count("\n| T") + PAGE.count("\n| F") == len(expected) + 2  # and the two sums


def test_statuses_are_known_and_say_what_they_must() -> None:
    """What is held or partly held has its tests; what is partly held or not built says what is missing; nothing else does."""
    assert {row.status for row in ROWS} <= set(STATUSES)
    assert [row.number for row in ROWS if row.status in {"held", "partly"} and not row.tests] == []
    assert [row.number for row in ROWS if ("Missing: " in row.done) != (row.status in {"partly", "not built"})] == []


def test_every_test_that_is_named_exists() -> None:
    """File and function; and a cell holds nothing but tests."""
    named = [(row.number, file, function) for row in ROWS for file, function in row.tests]

    assert [each for each in named if not (ROOT / "tests" / each[1]).is_file()] == []
    assert [each for each in named if each[2] not in functions(each[1])] == []
    assert [row.number for row in ROWS if _TEST.sub("", row.shown_by).replace("<br>", "") not in {"", "–"}] == []


def test_the_sums_are_right() -> None:
    """The table at the head counts the rows below it."""
    for kind, title in (("T", f"Threats, T1 to T{THREATS}"), ("F", f"Faults, F1 to F{FAULTS}")):
        counted = Counter(row.status for row in ROWS if row.number.startswith(kind))
        cells = " | ".join(str(counted[status]) for status in STATUSES)
        assert f"| {title} | {cells} | {counted.total()} |" in PAGE
    assert f"| | {' | '.join(STATUSES)} | rows |" in PAGE
