"""The agents' configurations as data."""

import json
import tomllib

import pytest

from headgate.web.ui.agents import AGENTS

SNIPPETS = {snippet.block: snippet for agent in AGENTS for snippet in (*agent.snippets, *agent.telemetry)}


def test_they_can_be_read():
    """Each configuration is what its file takes, with the address in its place."""
    url = "http://gate.example:8484"
    assert json.loads(SNIPPETS["claude-code"].filled(url))["env"]["ANTHROPIC_BASE_URL"] == f"{url}/anthropic"
    assert tomllib.loads(SNIPPETS["codex"].filled(url))["model_providers"]["proxy"]["base_url"] == f"{url}/openai/v1"
    assert f"GOOGLE_GEMINI_BASE_URL={url}/gemini\n" in SNIPPETS["gemini-env"].filled(url)
    assert json.loads(SNIPPETS["gemini-settings"].filled(url))["security"]["auth"]["selectedType"] == "gemini-api-key"
    for snippet in SNIPPETS.values():
        assert "$" not in snippet.filled(url)


@pytest.mark.parametrize("local", ["http://127.0.0.1:8484", "http://localhost:1", "http://[::1]:8484", "http://127.8.0.1"])
def test_cursor_needs_a_public_address(local):
    """An address of this machine alone is not offered to Cursor, whose servers could not reach it."""
    assert "https://<your public host>/cursor/v1" in SNIPPETS["cursor"].filled(local)
    assert "https://gate.example/cursor/v1" in SNIPPETS["cursor"].filled("https://gate.example")
