"""How each agent is pointed at Headgate: the configurations of the integration page with only the host changed, as data.

The same texts are in the README and in docs/agents.md, which explains each line; a test holds the three together.
"""

from string import Template
from urllib.parse import urlsplit

import msgspec

_CLAUDE_FILE, _CODEX_FILE, _GEMINI_FILE = "~/.claude/settings.json", "~/.codex/config.toml", "~/.gemini/settings.json"
_LOOPBACK = ("localhost", "::1")
_CLAUDE_CODE = """\
{
  "env": {
    "ANTHROPIC_MODEL": "databricks-claude-opus-4-6",
    "ANTHROPIC_BASE_URL": "$url/anthropic",
    "ANTHROPIC_AUTH_TOKEN": "<token>",
    "ANTHROPIC_CUSTOM_HEADERS": "x-databricks-use-coding-agent-mode: true",
    "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS": "1"
  }
}
"""
_CODEX = """\
model_provider = "proxy"
model = "databricks-gpt-5-2"

[model_providers.proxy]
name = "Databricks Proxy"
base_url = "$url/openai/v1"
env_key = "DATABRICKS_TOKEN"
wire_api = "responses"
"""
_GEMINI_ENV = """\
GEMINI_MODEL=databricks-gemini-2-5-flash
GOOGLE_GEMINI_BASE_URL=$url/gemini
GEMINI_API_KEY_AUTH_MECHANISM="bearer"
GEMINI_API_KEY=<token>
"""
_GEMINI_SETTINGS = """\
{
  "security": {
    "auth": {"selectedType": "gemini-api-key"},
    "folderTrust": {"enabled": false}
  }
}
"""
_CURSOR = """\
Override OpenAI Base URL   $public/cursor/v1
OpenAI API Key             <token>
Add Custom Model           databricks-gpt-5-2
"""


_CLAUDE_CODE_TELEMETRY = """\
{
  "env": {
    "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/protobuf",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "$url/api/2.0/otel/v1/metrics",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "content-type=application/x-protobuf,Authorization=Bearer <token>,X-Databricks-UC-Table-Name=main.default.agents_otel_metrics",
    "OTEL_METRIC_EXPORT_INTERVAL": "10000",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "http/protobuf",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "$url/api/2.0/otel/v1/logs",
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "content-type=application/x-protobuf,Authorization=Bearer <token>,X-Databricks-UC-Table-Name=main.default.agents_otel_logs",
    "OTEL_LOGS_EXPORT_INTERVAL": "5000"
  }
}
"""
_CODEX_TELEMETRY = """\
[otel]
environment = "dev"
log_user_prompt = false

[otel.exporter.otlp-http]
endpoint = "$url/api/2.0/otel/v1/logs"
protocol = "binary"

[otel.exporter.otlp-http.headers]
Authorization = "Bearer <token>"
X-Databricks-UC-Table-Name = "main.default.agents_otel_logs"

[otel.metrics_exporter.otlp-http]
endpoint = "$url/api/2.0/otel/v1/metrics"
protocol = "binary"

[otel.metrics_exporter.otlp-http.headers]
Authorization = "Bearer <token>"
X-Databricks-UC-Table-Name = "main.default.agents_otel_metrics"

[otel.trace_exporter.otlp-http]
endpoint = "$url/api/2.0/otel/v1/traces"
protocol = "binary"

[otel.trace_exporter.otlp-http.headers]
Authorization = "Bearer <token>"
X-Databricks-UC-Table-Name = "main.default.agents_otel_spans"
"""
_GEMINI_TELEMETRY = """\
{
  "telemetry": {
    "enabled": true,
    "target": "local",
    "otlpEndpoint": "$url/api/2.0/otel/t/<token>/main.default.agents",
    "otlpProtocol": "http",
    "logPrompts": false
  }
}
"""


class Snippet(msgspec.Struct, frozen=True):
    """A text to copy, and where it goes. `$url` stands for the gateway's address, `$public` for one that the internet reaches."""

    block: str
    place: str
    text: str

    def filled(self, url: str) -> str:
        """The text with the gateway's address in it."""
        host = urlsplit(url).hostname or ""
        local = host in _LOOPBACK or host.startswith("127.")
        return Template(self.text).substitute(url=url, public="https://<your public host>" if local else url)


class AgentSetup(msgspec.Struct, frozen=True, kw_only=True):
    """One agent: its name as records have it, the dialect that it speaks, the model that its snippets name, and the snippets in the order they are needed.

    `telemetry` are the snippets that make it report beside that, `note` is what else must be known.
    """

    word: str
    name: str
    dialect: str
    model: str
    snippets: tuple[Snippet, ...]
    telemetry: tuple[Snippet, ...] = ()
    note: str = ""


AGENTS: tuple[AgentSetup, ...] = (
    AgentSetup(
        word="claude-code",
        name="Claude Code",
        dialect="anthropic",
        model="databricks-claude-opus-4-6",
        snippets=(Snippet("claude-code", _CLAUDE_FILE, _CLAUDE_CODE),),
        telemetry=(Snippet("claude-code-telemetry", _CLAUDE_FILE, _CLAUDE_CODE_TELEMETRY),),
    ),
    AgentSetup(
        word="codex",
        name="Codex CLI",
        dialect="openai_responses",
        model="databricks-gpt-5-2",
        snippets=(
            Snippet("codex", _CODEX_FILE, _CODEX),
            Snippet("codex-token", "In the shell that starts Codex", "export DATABRICKS_TOKEN=<token>\n"),
        ),
        telemetry=(Snippet("codex-telemetry", _CODEX_FILE, _CODEX_TELEMETRY),),
    ),
    AgentSetup(
        word="gemini-cli",
        name="Gemini CLI",
        dialect="gemini",
        model="databricks-gemini-2-5-flash",
        snippets=(Snippet("gemini-env", "~/.gemini/.env", _GEMINI_ENV), Snippet("gemini-settings", _GEMINI_FILE, _GEMINI_SETTINGS)),
        telemetry=(Snippet("gemini-telemetry", _GEMINI_FILE, _GEMINI_TELEMETRY),),
        note="Current versions need both files.",
    ),
    AgentSetup(
        word="cursor",
        name="Cursor",
        dialect="openai_chat",
        model="databricks-gpt-5-2",
        snippets=(Snippet("cursor", "Settings › Cursor Settings › Models › API Keys", _CURSOR),),
        note="Cursor’s own servers make the call, so the address must be reachable from the internet over HTTPS.",
    ),
)

# The addresses of each format, for agents and SDKs that are not among those above: docs/agents.md has more of them.
ADDRESSES: tuple[tuple[str, str], ...] = (
    ("Anthropic Messages", "/anthropic"),
    ("OpenAI Responses", "/openai/v1"),
    ("OpenAI Chat Completions", "/openai/v1"),
    ("Gemini", "/gemini"),
)

# What the telemetry of the snippets is written into.
TELEMETRY_TABLES: tuple[tuple[str, ...], ...] = tuple(("main", "default", f"agents_otel_{signal}") for signal in ("metrics", "logs", "spans"))
