"""Patterns over names: what they mean, and that no pattern takes long."""

import re
from collections import UserString

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.errors import BadRequest
from headgate.core.like_patterns import like, show


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("", "anything", True), ("%", "", True), ("%", "abc", True), ("_", "", False), ("_", "ab", False), ("a_c", "abc", True), ("a_c", "ac", False),
        ("A%", "abc", True), ("a%", "ABC", True), ("%b%", "abc", True), ("a%c", "abcd", False), ("a%bc%c", "abc", False), ("_%", "a", True),
        ("mcp\\_%", "mcp_x", True), ("mcp\\_%", "mcpax", False), ("a\\%", "a%", True), ("a\\%", "ab", False), ("a\\\\b", "a\\b", True),
        ("a.c", "abc", False), ("a*", "ab", False), ("%", "a\nb", True), ("é%", "éa", True),
    ],
)  # fmt: skip
def test_like(pattern, name, expected):
    """`%` is any run, `_` one character, an escaped one is itself, everything else is itself in any case."""
    assert like(pattern).matches(name) is expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("", "anything", True), ("*", "abc", True), ("cc*", "cc_logs", True), ("*LOGS", "cc_logs", True), ("t.x | *metrics", "cc_metrics", True),
        ("t.x|*metrics", "txx", False), ("c", "cc", False), ("a_c", "abc", False), ("a%", "ab", False), ("|", "", True), ("|", "a", False),
    ],
)  # fmt: skip
def test_show(pattern, name, expected):
    """`*` is any run and `|` parts alternatives; `_` and `%` are themselves."""
    assert show(pattern).matches(name) is expected


@pytest.mark.parametrize("pattern", ["\\", "a\\", "\\a", "a\\\\\\", "%" * 256])
def test_senseless_patterns(pattern):
    """A backslash before nothing it could escape, and more characters than a name may have, are refused."""
    with pytest.raises(BadRequest) as refused:
        like(pattern)
    assert refused.value.code == "INVALID_PARAMETER_VALUE"


def test_a_long_pattern_of_show_is_refused():
    """`SHOW … LIKE` has the same bound."""
    with pytest.raises(BadRequest, match="at most 255"):
        show("*" * 256)


class _Counted(UserString):
    """A name that counts how often one of its characters is looked at."""

    looks = 0

    def lower(self):
        for character in self.data.lower():
            self.looks += 1
            yield character


@pytest.mark.parametrize("make", [like, show])
@pytest.mark.parametrize("pattern", ["%a" * 127 + "b", "%" * 254 + "b", "%_" * 127 + "b", "*a" * 127 + "b", "*" * 254 + "~"])
def test_every_character_is_looked_at_once(make, pattern):
    """A backtracking matcher would need longer than the universe exists for these."""
    name = _Counted("a" * 255)
    assert make(pattern).matches(name) is False
    assert name.looks <= len(name)


@given(st.text("ab%_", max_size=8), st.text("ab_", max_size=8))
def test_like_is_what_the_regular_expression_says(pattern, name):
    """Where a regular expression has time to answer, the answers are the same."""
    expression = "".join({"%": ".*", "_": "."}.get(character, re.escape(character)) for character in pattern or "%")
    assert like(pattern).matches(name) is (re.fullmatch(expression, name, re.IGNORECASE | re.DOTALL) is not None)
