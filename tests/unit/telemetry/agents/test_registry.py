"""The agents whose telemetry is known."""

import pytest

from headgate.telemetry.agents import registry


@pytest.mark.parametrize(
    ("service", "agent"),
    [
        ("claude-code", "claude-code"),
        ("codex_exec", "codex"),
        ("codex_cli_rs", "codex"),
        ("gemini-cli", "gemini-cli"),
        ("gemini-cli-vscode", "gemini-cli"),
        ("codexx", None),
        ("", None),
    ],
)
def test_an_agent_is_known_by_its_service_name(service, agent):
    """The resource says who sends."""
    found = registry.agent_of(service)

    assert (found and found.agent) == agent


def test_content_attributes_hold_every_agents_and_the_conventions():
    """Measured lengths and ids are not content."""
    names = registry.content_attributes()

    assert {"prompt", "arguments", "output", "request_text", "process.command_args", "tool_parameters", "gen_ai.input.messages"} <= set(names)
    assert not {"prompt.id", "prompt_length", "model", "session.id", "event.name"} & set(names)
    assert len(names) == len(set(names))
