"""Codex's names."""

from headgate.telemetry.agents.codex import CODEX


def test_a_session_is_a_conversation_and_commits_are_no_metric():
    """What it did stands in its tool calls only."""
    assert CODEX.session_id == "conversation.id"
    assert CODEX.commits is None
    assert "arguments" in CODEX.content
