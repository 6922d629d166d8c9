"""The one small request that tries a connection."""

import json

import pytest

from headgate.agents.registry import AGENTS
from headgate.agents.trial import LISTINGS, names_in_listing, refusal_text, trial


@pytest.mark.parametrize("agent", AGENTS, ids=[agent.word for agent in AGENTS])
def test_each_agent_has_one(agent):
    """In its dialect, with its model, and bounded."""
    asked = trial(agent.dialect, agent.model)
    assert agent.model in asked.path + asked.body.decode()
    assert "16" in json.dumps(json.loads(asked.body))
    assert agent.dialect in LISTINGS


def test_listings_and_refusals_are_read():
    """In each dialect's shape; what cannot be read names nothing."""
    assert names_in_listing("anthropic", b'{"data": [{"id": "claude-a"}]}') == ("claude-a",)
    assert names_in_listing("gemini", b'{"models": [{"name": "models/gemini-a"}]}') == ("gemini-a",)
    assert names_in_listing("openai_chat", b"<html>") == ()
    assert refusal_text(b'{"type": "error", "error": {"message": "no"}}') == "no"
    assert refusal_text(b'{"message": "no"}') == "no"
    assert refusal_text(b"<html>") == "<html>"
