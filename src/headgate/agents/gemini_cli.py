"""Gemini CLI: `.env` and `settings.json` in `.gemini` (https://geminicli.com/docs/reference/configuration/).

Measured with 0.61.0: `.env` is read only in folders that the user trusts; without the auth type in the settings a headless start ends with exit code 41.
0.28.2 takes both files too.
"""

import json
from typing import Any, Final

from headgate.agents.setting import Agent, AgentConnection, AgentFile, Form, Launch, Setting, SettingsOwner

_AUTH: Final = ("security", "auth", "selectedType")
_AUTH_TYPE: Final = "gemini-api-key"  # in another mode the CLI sends its key in a header alone and ignores the base URL's own
_SECRET: Final = "GEMINI_API_KEY"  # ruff: ignore[hardcoded-password-string] the name of a variable


def variables(connection: AgentConnection) -> dict[str, str]:
    """The variables that connect it."""
    return {
        "GEMINI_MODEL": connection.model,
        "GOOGLE_GEMINI_BASE_URL": f"{connection.url}/gemini",
        "GEMINI_API_KEY_AUTH_MECHANISM": "bearer",
        _SECRET: connection.token,
    }


def _files(connection: AgentConnection) -> tuple[AgentFile, ...]:
    if connection.owner is SettingsOwner.MANAGED:
        return ()  # its system settings cannot hold a base URL
    folder = "~/.gemini" if connection.owner is SettingsOwner.USER else "./.gemini"
    env = tuple(Setting((name,), value, name == _SECRET) for name, value in variables(connection).items())
    settings = (Setting(_AUTH, _AUTH_TYPE), *_telemetry(connection))
    return (AgentFile(f"{folder}/.env", Form.DOTENV, env), AgentFile(f"{folder}/settings.json", Form.JSONC, settings))


def _telemetry(connection: AgentConnection) -> tuple[Setting, ...]:
    """The exporter sends no headers that a file could name, so the token and the tables are in the address."""
    if not connection.tables:
        return ()
    address = f"{connection.url}/api/2.0/otel/t/{connection.token}/{connection.tables}"
    values: dict[str, Any] = {"enabled": True, "target": "local", "otlpEndpoint": address, "otlpProtocol": "http", "logPrompts": False}
    return tuple(Setting(("telemetry", name), value, name == "otlpEndpoint") for name, value in values.items())


def _launch(connection: AgentConnection) -> Launch:
    """The auth type has no variable, so a settings file of Headgate's is named by one."""
    group, auth, name = _AUTH
    return Launch(variables(connection), files={"GEMINI_CLI_SYSTEM_SETTINGS_PATH": json.dumps({group: {auth: {name: _AUTH_TYPE}}}) + "\n"})


GEMINI_CLI: Final = Agent(
    word="gemini",
    recorded_as="gemini-cli",
    name="Gemini CLI",
    program="gemini",
    dialect="gemini",
    model="gemini-2.5-flash",
    files=_files,
    launch=_launch,
    reports_telemetry=True,
    note="Gemini CLI reads its .env only in folders that you trust. Answer its question once in a folder, or set GEMINI_CLI_TRUST_WORKSPACE=true "
    "for one run.",
)
