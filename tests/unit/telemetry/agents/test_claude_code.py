"""Claude Code's names."""

from headgate.telemetry.agents.claude_code import CLAUDE_CODE


def test_productivity_comes_from_metrics():
    """Lines, commits and pull requests are metrics of its own, with delta temporality."""
    assert CLAUDE_CODE.lines is not None
    assert (CLAUDE_CODE.lines.metric, CLAUDE_CODE.lines.added) == ("claude_code.lines_of_code.count", "added")
    assert CLAUDE_CODE.commits is not None
    assert not CLAUDE_CODE.cumulative
