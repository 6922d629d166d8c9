"""Lines, commits and pull requests out of a tool's arguments."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.telemetry import tool_outcomes

PATCH = "*** Begin Patch\n*** Add File: x\n+a\n+b\n*** Update File: y\n-c\n+d\n context\n*** End Patch"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"arguments": PATCH}, {"headgate.lines_added": 3, "headgate.lines_removed": 1}),
        ({"arguments": '{"command":["apply_patch","' + PATCH.replace("\n", "\\n") + '"]}'}, {"headgate.lines_added": 3, "headgate.lines_removed": 1}),
        ({"arguments": "git add . && git -C x commit -m 'y'"}, {"headgate.commits": 1}),
        ({"function_args": '{"command":"git commit -am wip; gh pr create --fill"}'}, {"headgate.commits": 1, "headgate.pull_requests": 1}),
        ({"arguments": "git commit -m x", "success": "false"}, {}),
        ({"arguments": "git commit -m a && git -C x --no-pager commit"}, {"headgate.commits": 2}),
        ({"arguments": "git log --grep commit"}, {}),
        ({"arguments": "legit commit"}, {}),
        ({"arguments": ""}, {}),
        ({}, {}),
    ],
)
def test_counts(attributes, expected):
    """Only what the arguments ask for is counted, and nothing of a failed call."""
    assert tool_outcomes.count(attributes) == expected


WORDS = ("git", "commit", "-c", "-git", "x", "-", "a;git", "commit;git", "legit", 'commit"', "commits", "--")


@given(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join))
def test_commits_are_those_that_one_pattern_finds(arguments):
    """Options with or without a value may stand between the two words. One pattern, where it has time to answer, finds a call in the same texts."""
    pattern = r"\bgit\b(?:\s+-\S+(?:\s+[^\s-]\S*)?)*\s+commit\b"
    assert ("headgate.commits" in tool_outcomes.count({"arguments": arguments})) is (re.search(pattern, arguments) is not None)


def test_no_arguments_take_long():
    """A megabyte of calls with options and no end, which one pattern would read once for each call."""
    assert tool_outcomes.count({"arguments": "git -c " * 142_000}) == {}
    assert tool_outcomes.count({"arguments": "git -c " * 142_000 + "commit"}) == {"headgate.commits": 1}
