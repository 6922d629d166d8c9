"""Pi: a provider in `~/.pi/agent/models.json`, and the choice of it in `settings.json` (docs/models.md and docs/settings.md of its package, 0.73.1)."""

from typing import Final

from headgate.agents.setting import Agent, AgentConnection, AgentFile, Form, Setting, SettingsOwner

_PROVIDER: Final = "headgate"


def _files(connection: AgentConnection) -> tuple[AgentFile, ...]:
    if connection.owner is not SettingsOwner.USER:
        return ()
    provider = {
        "baseUrl": f"{connection.url}/anthropic",
        "api": "anthropic-messages",
        "apiKey": connection.token,
        "models": [{"id": connection.model}],
    }
    models = AgentFile("~/.pi/agent/models.json", Form.JSONC, (Setting(("providers", _PROVIDER), provider, secret=True),))
    chosen = (Setting(("defaultProvider",), _PROVIDER), Setting(("defaultModel",), connection.model))
    return (models, AgentFile("~/.pi/agent/settings.json", Form.JSON, chosen))


PI: Final = Agent(word="pi", recorded_as="pi", name="Pi", program="pi", dialect="anthropic", model="claude-opus-4-6", files=_files)
