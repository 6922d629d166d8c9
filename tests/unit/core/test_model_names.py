"""The grammar of names and the matching of patterns."""

import pytest

from headgate.core.model_names import is_name, is_pattern, matches, matches_any


@pytest.mark.parametrize("name", ["gpt-5.2", "claude-opus-4-6", "openai/gpt-5", "models:ft@1", "a" * 128])
def test_names(name):
    """Names of every provider's grammar are taken."""
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    ["", " gpt-5", "gpt-5 ", "gpt-5\n", "gpt-5\x00", "gpt\u20115", "ｇpt-5", "a" * 129, "*", "a\\b", "a%2fb", "a?b", "a#b", "a[1m]",
     "../x", "a/../b", "a/./b", "/a", "a/", "a//b", ".."],
)  # fmt: skip
def test_no_names(name):
    """What is not printable ASCII of the grammar, or could climb a path, is no name."""
    assert not is_name(name)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "anything", True), ("claude-*", "claude-opus", True), ("claude-*", "gpt", False), ("claude-*", "claude-", True), ("a", "a", True),
        ("a", "ab", False), ("A", "a", False), ("*-mini", "gpt-5-mini", True), ("a*a", "a", False), ("a*a", "aa", True), ("a*b*c", "axxbyyc", True),
        ("a*b*c", "axxcyyb", False), ("a**c", "abc", True), ("*b*", "abc", True), ("*b*", "ac", False), ("a*bc*c", "abc", False),
    ],
)  # fmt: skip
def test_matches(pattern, name, expected):
    """`*` stands for any run of characters, everything else for itself."""
    assert matches(pattern, name) is expected


def test_matches_any():
    """One pattern of several is enough; none allows nothing."""
    assert matches_any(("a", "b*"), "bc")
    assert not matches_any((), "bc")


def test_patterns():
    """A pattern is a name with stars."""
    assert is_pattern("claude-*")
    assert is_pattern("*")
    assert not is_pattern("claude-?")
    assert not is_pattern("")
