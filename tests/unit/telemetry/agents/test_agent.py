"""What is known about an agent has one shape."""

from headgate.telemetry.agents.agent import AgentTelemetry, Counter, TokenNames


def test_only_what_identifies_an_agent_must_be_said():
    """The rest is empty until it is known."""
    agent = AgentTelemetry(agent="x", service_names=("x",), content=(), session_id="s")

    assert (agent.sessions, agent.request_tokens, agent.cumulative) == (None, TokenNames(), False)
    assert not Counter(metric="m").split_by
