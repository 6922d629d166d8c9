"""OpenCode: providers in `opencode.json`, JSON with comments (https://opencode.ai/docs/config/). Measured with 1.18.33."""

import json
from typing import Any, Final

from headgate.agents.setting import Agent, AgentConnection, AgentFile, Form, Launch, Setting, SettingsOwner

_PROVIDER: Final = "headgate"


def _provider(connection: AgentConnection) -> dict[str, Any]:
    return {
        "npm": "@ai-sdk/anthropic",
        "name": "Headgate",
        "options": {"baseURL": f"{connection.url}/anthropic/v1", "apiKey": connection.token},
        "models": {connection.model: {}},
    }


def _files(connection: AgentConnection) -> tuple[AgentFile, ...]:
    places = {SettingsOwner.USER: "~/.config/opencode/opencode.json", SettingsOwner.PROJECT: "./opencode.json"}
    if connection.owner not in places:
        return ()
    chosen = Setting(("model",), f"{_PROVIDER}/{connection.model}")
    return (AgentFile(places[connection.owner], Form.JSONC, (chosen, Setting(("provider", _PROVIDER), _provider(connection), secret=True))),)


def _launch(connection: AgentConnection) -> Launch:
    config = {"model": f"{_PROVIDER}/{connection.model}", "provider": {_PROVIDER: _provider(connection)}}
    return Launch({"OPENCODE_CONFIG_CONTENT": json.dumps(config)})


OPENCODE: Final = Agent(
    word="opencode",
    recorded_as="opencode",
    name="OpenCode",
    program="opencode",
    dialect="anthropic",
    model="claude-opus-4-6",
    files=_files,
    launch=_launch,
)
