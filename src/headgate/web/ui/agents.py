"""How each agent is pointed at Headgate: the configurations of the integration page with only the host changed, as data.

The same texts are in the README and in docs/agents.md, which explains each line; a test holds the three together.
"""

from string import Template
from urllib.parse import urlsplit

import msgspec

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


class AgentSetup(msgspec.Struct, frozen=True):
    """One agent: its snippets in the order they are needed, and what else must be known."""

    name: str
    snippets: tuple[Snippet, ...]
    note: str = ""


AGENTS: tuple[AgentSetup, ...] = (
    AgentSetup("Claude Code", (Snippet("claude-code", "~/.claude/settings.json", _CLAUDE_CODE),)),
    AgentSetup(
        "Codex CLI",
        (
            Snippet("codex", "~/.codex/config.toml", _CODEX),
            Snippet("codex-token", "In the shell that starts Codex", "export DATABRICKS_TOKEN=<token>\n"),
        ),
    ),
    AgentSetup(
        "Gemini CLI",
        (Snippet("gemini-env", "~/.gemini/.env", _GEMINI_ENV), Snippet("gemini-settings", "~/.gemini/settings.json", _GEMINI_SETTINGS)),
        "Current versions need both files.",
    ),
    AgentSetup(
        "Cursor",
        (Snippet("cursor", "Settings › Cursor Settings › Models › API Keys", _CURSOR),),
        "Cursor’s own servers make the call, so the address must be reachable from the internet over HTTPS.",
    ),
)
