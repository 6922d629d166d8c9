"""Cursor: three fields of its settings window. Its own servers make the call, so the address must be one that the internet reaches."""

from typing import Final

from headgate.agents.setting import Agent, AgentConnection
from headgate.core.loopback import is_loopback_url


def _by_hand(connection: AgentConnection) -> str:
    url = "https://<your public host>" if is_loopback_url(connection.url) else connection.url
    return (
        f"Override OpenAI Base URL   {url}/cursor/v1\nOpenAI API Key             {connection.token}\nAdd Custom Model           {connection.model}\n"
    )


CURSOR: Final = Agent(
    word="cursor",
    recorded_as="cursor",
    name="Cursor",
    program="cursor",
    dialect="openai_chat",
    model="gpt-5.2",
    files=lambda _connection: (),
    by_hand=_by_hand,
    note="Settings › Cursor Settings › Models › API Keys. Cursor's own servers make the call, so the address must be reachable from the internet over HTTPS.",
)
