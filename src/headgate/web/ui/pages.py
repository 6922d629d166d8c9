"""The pages of the first release: sign in, and what is running with each agent's configuration filled in. Every value is escaped."""

import html
from collections.abc import Sequence
from importlib import resources
from string import Template

from headgate.core.endpoint import Endpoint

CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

# The configurations of the integration page, with only the host changed; docs/agents.md explains each line.
_CLAUDE_CODE = """~/.claude/settings.json
{
  "env": {
    "ANTHROPIC_MODEL": "databricks-claude-opus-4-6",
    "ANTHROPIC_BASE_URL": "$url/anthropic",
    "ANTHROPIC_AUTH_TOKEN": "<token>",
    "ANTHROPIC_CUSTOM_HEADERS": "x-databricks-use-coding-agent-mode: true",
    "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS": "1"
  }
}"""
_CODEX = """~/.codex/config.toml
model_provider = "proxy"
model = "databricks-gpt-5-2"

[model_providers.proxy]
name = "Databricks Proxy"
base_url = "$url/openai/v1"
env_key = "DATABRICKS_TOKEN"
wire_api = "responses\""""
_GEMINI_CLI = """~/.gemini/.env
GEMINI_MODEL=databricks-gemini-2-5-flash
GOOGLE_GEMINI_BASE_URL=$url/gemini
GEMINI_API_KEY_AUTH_MECHANISM="bearer"
GEMINI_API_KEY=<token>

~/.gemini/settings.json
{"security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": false}}}"""
_CURSOR = """Settings > Cursor Settings > Models > API Keys
Override OpenAI Base URL   $url/cursor/v1
OpenAI API Key             <token>
Add Custom Model           the name of an endpoint below"""


def asset(name: str) -> bytes:
    """A static file of the package. Raises FileNotFoundError."""
    return resources.files("headgate.web.ui").joinpath("static", name).read_bytes()


def home(url: str, user: str, endpoints: Sequence[Endpoint]) -> str:
    """What runs here, and how each agent is pointed at it."""
    rows = [
        f"<tr><td>{_text(endpoint.name)}</td><td>{_text(', '.join(target.provider.name for target in endpoint.targets))}</td>"
        f"<td>{_text(', '.join(target.model for target in endpoint.targets))}</td></tr>"
        for endpoint in endpoints
    ]
    configured = {
        name: _text(Template(text).substitute(url=url))
        for name, text in (("claude_code", _CLAUDE_CODE), ("codex", _CODEX), ("gemini_cli", _GEMINI_CLI), ("cursor", _CURSOR))
    }
    body = _template("home.html").substitute(
        url=_text(url), user=_text(user), endpoints="\n".join(rows) or "<tr><td colspan=3>None yet: set a provider's key.</td></tr>", **configured
    )
    return _page("Home", body)


def notice(title: str, text: str) -> str:
    """A page that says one thing."""
    return _page(title, f"<h1>{_text(title)}</h1>\n<p>{_text(text)}</p>")


def _page(title: str, body: str) -> str:
    return _template("page.html").substitute(title=_text(title), body=body)


def _template(name: str) -> Template:
    return Template(resources.files("headgate.web.ui").joinpath("templates", name).read_text(encoding="utf-8"))


def _text(value: str) -> str:
    return html.escape(value, quote=True)
