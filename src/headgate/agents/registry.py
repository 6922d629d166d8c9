"""All agents that Headgate can configure, by the words of the command line."""

from typing import Final

from headgate.agents.claude_code import CLAUDE_CODE
from headgate.agents.codex import CODEX
from headgate.agents.copilot_cli import COPILOT_CLI
from headgate.agents.cursor import CURSOR
from headgate.agents.gemini_cli import GEMINI_CLI
from headgate.agents.opencode import OPENCODE
from headgate.agents.pi import PI
from headgate.agents.qwen_code import QWEN_CODE
from headgate.agents.setting import Agent

AGENTS: Final[tuple[Agent, ...]] = (CLAUDE_CODE, CODEX, GEMINI_CLI, CURSOR, OPENCODE, COPILOT_CLI, QWEN_CODE, PI)
TELEMETRY_TABLES: Final = "main.default.agents"  # the prefix of the tables that telemetry goes to where no other is named


def agent_named(word: str) -> Agent | None:
    """The agent of a word of the command line, or of its name in records."""
    return next((agent for agent in AGENTS if word in {agent.word, agent.recorded_as}), None)
