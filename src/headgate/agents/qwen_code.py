"""Qwen Code: variables in `.qwen/.env`, and the auth type in its settings (https://qwenlm.github.io/qwen-code-docs/). Measured with 0.24.4."""

from typing import Final

from headgate.agents.setting import Agent, AgentConnection, AgentFile, Form, Launch, Setting, SettingsOwner

_SECRET: Final = "OPENAI_API_KEY"  # ruff: ignore[hardcoded-password-string] the name of a variable


def _variables(connection: AgentConnection) -> dict[str, str]:
    return {"OPENAI_BASE_URL": f"{connection.url}/openai/v1", "OPENAI_MODEL": connection.model, _SECRET: connection.token}


def _files(connection: AgentConnection) -> tuple[AgentFile, ...]:
    if connection.owner is SettingsOwner.MANAGED:
        return ()
    folder = "~/.qwen" if connection.owner is SettingsOwner.USER else "./.qwen"
    env = tuple(Setting((name,), value, name == _SECRET) for name, value in _variables(connection).items())
    auth = (Setting(("security", "auth", "selectedType"), "openai"),)
    return (AgentFile(f"{folder}/.env", Form.DOTENV, env), AgentFile(f"{folder}/settings.json", Form.JSONC, auth))


QWEN_CODE: Final = Agent(
    word="qwen",
    recorded_as="qwen-code",
    name="Qwen Code",
    program="qwen",
    dialect="openai_chat",
    model="gpt-5.2",
    files=_files,
    launch=lambda connection: Launch(_variables(connection), ("--auth-type", "openai")),
)
