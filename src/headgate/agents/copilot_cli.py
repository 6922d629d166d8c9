"""GitHub Copilot CLI: a provider of one's own is set by variables alone, in no file. Measured with 1.0.102."""

from typing import Final

from headgate.agents.setting import Agent, AgentConnection, Launch


def _variables(connection: AgentConnection) -> dict[str, str]:
    return {
        "COPILOT_PROVIDER_TYPE": "openai",
        "COPILOT_PROVIDER_BASE_URL": f"{connection.url}/openai/v1",
        "COPILOT_PROVIDER_API_KEY": connection.token,
        "COPILOT_MODEL": connection.model,
        "COPILOT_OFFLINE": "true",
    }


COPILOT_CLI: Final = Agent(
    word="copilot",
    recorded_as="copilot",
    name="Copilot CLI",
    program="copilot",
    dialect="openai_chat",
    model="gpt-5.2",
    files=lambda _connection: (),
    launch=lambda connection: Launch(_variables(connection)),
    by_hand=lambda connection: "".join(f"{name}={value}\n" for name, value in _variables(connection).items()),
    note="Copilot CLI reads these from its environment alone. `headgate run copilot` starts it with them.",
)
