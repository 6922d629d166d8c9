"""Codex CLI: a provider in `~/.codex/config.toml` (https://developers.openai.com/codex/config-reference).

Measured with 0.133.0, 0.169.0 and 0.171.0: all take the provider with the token in `experimental_bearer_token` and the catalogue in `model_catalog_url`.
Profiles are tables of `config.toml` up to 0.133; from 0.134 on each is a file beside it, and a table is a fatal error.
"""

from typing import Any, Final

from headgate.agents.setting import Agent, AgentConnection, AgentFile, Form, Launch, Setting, SettingsOwner, otlp_headers

PROVIDER: Final = "headgate"
PROFILE_FILES_SINCE: Final = (0, 134)
_HOME: Final = "~/.codex"
_TOKEN_VARIABLE: Final = "HEADGATE_TOKEN"  # ruff: ignore[hardcoded-password-string] the name of a variable
_SIGNALS: Final = (("exporter", "logs"), ("metrics_exporter", "metrics"), ("trace_exporter", "traces"))
_TABLES: Final = {"traces": "spans"}


def _files(connection: AgentConnection) -> tuple[AgentFile, ...]:
    if connection.owner is not SettingsOwner.USER:
        return ()  # a project's file may not name a provider, and a managed one would hold every user's token
    chosen = (Setting(("model_provider",), PROVIDER), Setting(("model",), connection.model))
    provider = tuple(
        Setting(("model_providers", PROVIDER, name), value, name == "experimental_bearer_token")
        for name, value in (_provider(connection) | {"experimental_bearer_token": connection.token}).items()
    )
    rest = (*provider, *_telemetry(connection))
    if connection.own_profile and connection.before(PROFILE_FILES_SINCE):
        profile = tuple(Setting(("profiles", PROVIDER, *each.path), each.value) for each in chosen)
        return (AgentFile(f"{_HOME}/config.toml", Form.TOML, (*profile, *rest)),)
    file = f"{PROVIDER}.config.toml" if connection.own_profile else "config.toml"
    return (AgentFile(f"{_HOME}/{file}", Form.TOML, (*chosen, *rest)),)


def _provider(connection: AgentConnection) -> dict[str, str]:
    base_url = f"{connection.url}/openai/v1"
    return {"name": "Headgate", "base_url": base_url, "wire_api": "responses", "model_catalog_url": f"{base_url}/models"}


def _telemetry(connection: AgentConnection) -> tuple[Setting, ...]:
    if not connection.tables:
        return ()
    found = [Setting(("otel", "environment"), "dev"), Setting(("otel", "log_user_prompt"), value=False)]
    for exporter, signal in _SIGNALS:
        at = ("otel", exporter, "otlp-http")
        found += [Setting((*at, "endpoint"), f"{connection.url}/api/2.0/otel/v1/{signal}"), Setting((*at, "protocol"), "binary")]
        headers = otlp_headers(connection, _TABLES.get(signal, signal))
        found += [Setting((*at, "headers", name), value, name == "Authorization") for name, value in headers.items()]
    return tuple(found)


def _launch(connection: AgentConnection) -> Launch:
    """Arguments hold everything but the token, which Codex reads from a variable. Telemetry would need the token in an argument, so it is left out."""
    overrides: dict[str, Any] = {"model_provider": PROVIDER, "model": connection.model}
    overrides |= {f"model_providers.{PROVIDER}.{name}": value for name, value in (_provider(connection) | {"env_key": _TOKEN_VARIABLE}).items()}
    arguments = [word for name, value in overrides.items() for word in ("-c", f'{name}="{value}"')]
    return Launch({_TOKEN_VARIABLE: connection.token}, tuple(arguments))


CODEX: Final = Agent(
    word="codex",
    recorded_as="codex",
    name="Codex CLI",
    program="codex",
    dialect="openai_responses",
    model="gpt-5.2",
    files=_files,
    launch=_launch,
    reports_telemetry=True,
)
