"""The agents whose telemetry is known, and the attribute names that hold what people wrote or models answered, over all of them."""

from headgate.telemetry.agents.agent import AgentTelemetry
from headgate.telemetry.agents.claude_code import CLAUDE_CODE
from headgate.telemetry.agents.codex import CODEX
from headgate.telemetry.agents.gemini_cli import GEMINI_CLI

AGENTS: tuple[AgentTelemetry, ...] = (CLAUDE_CODE, CODEX, GEMINI_CLI)

# The generative-AI conventions (https://opentelemetry.io/docs/specs/semconv/gen-ai/, read 2026-11), old names and new ones.
_CONVENTIONS = (
    "gen_ai.prompt", "gen_ai.completion", "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions",
    "gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "gen_ai.tool.definitions", "gen_ai.event.content",
)  # fmt: skip


def content_attributes() -> tuple[str, ...]:
    """Every attribute name that holds content, each once."""
    names = [name for agent in AGENTS for name in agent.content]
    return tuple(dict.fromkeys((*names, *_CONVENTIONS)))


def agent_of(service_name: str) -> AgentTelemetry | None:
    """The agent that calls itself so; later versions of a name (`codex_exec_2`) are taken by their start."""
    lower = service_name.lower()
    for agent in AGENTS:
        if any(lower == name or lower.startswith((name + "-", name + "_")) for name in agent.service_names):
            return agent
    return None
