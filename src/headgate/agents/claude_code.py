"""Claude Code: variables in its `settings.json`, which win over those of the shell (https://docs.anthropic.com/en/docs/claude-code/settings).

Measured with 2.1.197 and 2.1.332: that file is strict JSON; a comment makes Claude Code ignore it whole.
"""

import re
from typing import Final

from headgate.agents.setting import Agent, AgentConnection, AgentFile, Form, Launch, Setting, SettingsOwner, otlp_headers

_PLACES: Final = {
    SettingsOwner.USER: "~/.claude/settings.json",
    SettingsOwner.PROJECT: "./.claude/settings.local.json",  # the one that Claude Code itself keeps out of git
    SettingsOwner.MANAGED: "/etc/claude-code/managed-settings.d/50-headgate.json",  # a file of its own beside managed-settings.json
}
_SECRET: Final = frozenset({"ANTHROPIC_AUTH_TOKEN", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS"})
# The models behind the names that sub-agents and background tasks ask for (https://code.claude.com/docs/en/model-config).
_TIERS: Final = ("ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL")
_OTHER_MAKERS: Final = re.compile(
    r"(?:.*[-/])?(?:gpt|chatgpt|codex|o[1-9]|gemini|gemma|grok|llama|qwen\d*|mistral|devstral|deepseek|kimi|glm)(?:[-.:@\d].*)?"
)
_SHARED: Final = ("ANTHROPIC_MODEL", "ANTHROPIC_BASE_URL", *_TIERS)
_PROTOBUF: Final = "http/protobuf"


def variables(connection: AgentConnection) -> dict[str, str]:
    """The variables that connect it."""
    found = {
        "ANTHROPIC_MODEL": connection.model,
        "ANTHROPIC_BASE_URL": f"{connection.url}/anthropic",
        "ANTHROPIC_AUTH_TOKEN": connection.token,
    }
    if _OTHER_MAKERS.fullmatch(connection.model):  # a provider of Claude's models may be missing, and is not what the user wants
        found |= dict.fromkeys(_TIERS, connection.model)
    return found | (_telemetry(connection) if connection.tables else {})


def _telemetry(connection: AgentConnection) -> dict[str, str]:
    """https://docs.anthropic.com/en/docs/claude-code/monitoring-usage; each signal has a table, so each has headers of its own."""

    def exporter(signal: str, interval: str, interval_ms: str) -> dict[str, str]:
        named = f"OTEL_EXPORTER_OTLP_{signal.upper()}"
        headers = ",".join(
            f"{name}={value}" for name, value in {"content-type": "application/x-protobuf", **otlp_headers(connection, signal)}.items()
        )
        return {
            f"OTEL_{signal.upper()}_EXPORTER": "otlp",
            f"{named}_PROTOCOL": _PROTOBUF,
            f"{named}_ENDPOINT": f"{connection.url}/api/2.0/otel/v1/{signal}",
            f"{named}_HEADERS": headers,
            interval: interval_ms,
        }

    return {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        **exporter("metrics", "OTEL_METRIC_EXPORT_INTERVAL", "10000"),
        **exporter("logs", "OTEL_LOGS_EXPORT_INTERVAL", "5000"),
    }


def _files(connection: AgentConnection) -> tuple[AgentFile, ...]:
    settings = tuple(Setting(("env", name), value, name in _SECRET) for name, value in variables(connection).items())
    if connection.owner is SettingsOwner.MANAGED:  # every user of the machine reads it, so each has a token of their own in their settings
        settings = tuple(setting for setting in settings if setting.path[1] in _SHARED)
    return (AgentFile(_PLACES[connection.owner], Form.JSON, settings),)


CLAUDE_CODE: Final = Agent(
    word="claude",
    recorded_as="claude-code",
    name="Claude Code",
    program="claude",
    dialect="anthropic",
    model="claude-opus-4-6",
    files=_files,
    launch=lambda connection: Launch(variables(connection)),
    reports_telemetry=True,
)
