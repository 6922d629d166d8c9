"""Lines, commits and pull requests out of a tool's arguments."""

import pytest

from headgate.telemetry import outcomes

PATCH = "*** Begin Patch\n*** Add File: x\n+a\n+b\n*** Update File: y\n-c\n+d\n context\n*** End Patch"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"arguments": PATCH}, {"headgate.lines_added": 3, "headgate.lines_removed": 1}),
        ({"arguments": '{"command":["apply_patch","' + PATCH.replace("\n", "\\n") + '"]}'}, {"headgate.lines_added": 3, "headgate.lines_removed": 1}),
        ({"arguments": "git add . && git -C x commit -m 'y'"}, {"headgate.commits": 1}),
        ({"function_args": '{"command":"git commit -am wip; gh pr create --fill"}'}, {"headgate.commits": 1, "headgate.pull_requests": 1}),
        ({"arguments": "git commit -m x", "success": "false"}, {}),
        ({"arguments": "git log --grep commit"}, {}),
        ({"arguments": "legit commit"}, {}),
        ({"arguments": ""}, {}),
        ({}, {}),
    ],
)
def test_counts(attributes, expected):
    """Only what the arguments ask for is counted, and nothing of a failed call."""
    assert outcomes.count(attributes) == expected
