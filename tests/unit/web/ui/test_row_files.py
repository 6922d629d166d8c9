"""Rows as files: every value comes back, and no spreadsheet takes one for a formula."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.web.ui.row_files import csv_file, json_file


def cells(*row: object) -> list[str]:
    """A row as a CSV reader sees it."""
    body = csv_file("x", [f"c{number}" for number, _ in enumerate(row)], [row]).body.decode()
    return list(csv.reader(io.StringIO(body, newline="")))[1]


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@x", "\tx", "\rx", "=HYPERLINK()", "--1", "-", "-a"])
def test_a_formula_is_text(text: str) -> None:
    """It begins with an apostrophe."""
    assert cells(text) == [f"'{text}"]


@pytest.mark.parametrize(("value", "cell"), [("-12.5", "-12.5"), (-3, "-3"), (None, ""), (True, "true"), (["a"], '["a"]'), ("a,b\n", "a,b\n")])
def test_other_values(value: object, cell: str) -> None:
    """Numbers stay numbers, NULL is empty, lists are JSON."""
    assert cells(value) == [cell]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_text_comes_back(row: list[str]) -> None:
    """But for the apostrophe before a formula."""
    assert [cell.removeprefix("'") for cell in cells(*row)] == [text.removeprefix("'") for text in row]


def test_file_names() -> None:
    """They are plain, whatever a title holds."""
    answer = csv_file('a"; filename="x/../é', ["n"], [])
    assert dict(answer.headers)[b"content-disposition"] == b'attachment; filename="a---filename--x-..--.csv"'


def test_json() -> None:
    """An object for each row, with the values as they are."""
    assert json.loads(json_file("x", ["a", "b"], [(1, None), ("=x", [2])]).body) == [{"a": 1, "b": None}, {"a": "=x", "b": [2]}]
