"""An agent's configuration as a page shows it: the texts and where they go, and a command of a POSIX shell that writes them, never over a file. Pure."""

from collections.abc import Mapping
from itertools import starmap
from typing import Final, NamedTuple

from headgate.agents.merge import written
from headgate.agents.setting import Agent, AgentConnection

_END: Final = "HEADGATE"
_BY_HAND: Final = {"cursor": "Settings › Cursor Settings › Models › API Keys", "copilot": "In the shell that starts it"}

# The addresses of each format, for agents and SDKs that have no tab of their own: docs/agents.md has more of them.
ADDRESSES: Final = (
    ("Anthropic Messages", "/anthropic"),
    ("OpenAI Responses", "/openai/v1"),
    ("OpenAI Chat Completions", "/openai/v1"),
    ("Gemini", "/gemini"),
)


class Snippet(NamedTuple):
    """A text to copy, and where it goes."""

    place: str
    text: str


def configured(agent: Agent, connection: AgentConnection) -> dict[str, str]:
    """The agent's files by their places, as they are where there were none before."""
    return {file.place: written(file) for file in agent.files(connection)}


def snippets(agent: Agent, connection: AgentConnection) -> list[Snippet]:
    """All that a user copies: the files, and what is entered by hand."""
    found = list(starmap(Snippet, configured(agent, connection).items()))
    if agent.by_hand is not None:
        found.append(Snippet(_BY_HAND[agent.word], agent.by_hand(connection)))
    return found


def write_command(files: Mapping[str, str]) -> str:
    """The command that writes the files, readable by their user alone. `set -C` lets the shell refuse to write over a file that exists."""
    lines = ["(set -eC; umask 077"]
    for place, text in files.items():
        lines += [f"mkdir -p {place.rpartition('/')[0]}", f"cat > {place} <<'{_END}'", *text.rstrip("\n").split("\n"), _END]
    return "\n".join([*lines, f"echo 'Written: {', '.join(files)}')"]) + "\n"
