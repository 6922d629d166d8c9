"""What `headgate connect` did on this machine, so that `headgate disconnect` can undo it: one file of the user's, readable by its owner alone.

It holds each changed file as it was and as it became, and the tokens of the agents.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from headgate.agents.setting import Form
from headgate.cli.private_file import PRIVATE, read_file, replace_file
from headgate.config.paths import user_config_directory
from headgate.core.errors import BadRequest

_NAME = "connected.json"


class ConnectedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that holds settings of an agent. `before` is `None` where there was none; `mode_before` is then 0."""

    agent: str
    place: str
    form: Form
    before: str | None
    mode_before: int
    after: str
    paths: tuple[tuple[str, ...], ...]
    made_folders: list[str]


class AgentToken(msgspec.Struct, frozen=True, kw_only=True):
    """The token that an agent has for a gateway. `token_id` is empty if the user gave it; else it was made in the store at `data`."""

    url: str
    token: str
    token_id: str = ""
    data: str = ""


class Connected(msgspec.Struct, frozen=True, kw_only=True):
    """All of it: the files by their real paths, and the tokens by the words of the agents."""

    files: dict[str, ConnectedFile] = msgspec.field(default_factory=dict)
    tokens: dict[str, AgentToken] = msgspec.field(default_factory=dict)

    def of(self, agent: str) -> dict[str, ConnectedFile]:
        """The files of an agent."""
        return {path: file for path, file in self.files.items() if file.agent == agent}


def connected_path(environ: Mapping[str, str]) -> Path:
    """Where it is."""
    return user_config_directory(environ) / _NAME


def read_connected(environ: Mapping[str, str]) -> Connected:
    """What is connected; nothing if there is no file."""
    path = connected_path(environ)
    found = read_file(path)
    if found is None:
        return Connected()
    try:
        return msgspec.json.decode(found.text, type=Connected)
    except msgspec.MsgspecError as error:
        raise BadRequest(
            f"{path} cannot be read ({error}). Without it `headgate disconnect` cannot undo what it describes; move it away to go on."
        ) from error


def write_connected(connected: Connected, environ: Mapping[str, str]) -> None:
    """Replace the file; delete it if nothing is connected."""
    path = connected_path(environ)
    if connected.files or connected.tokens:
        replace_file(path, msgspec.json.format(msgspec.json.encode(connected), indent=2).decode(), PRIVATE)
    else:
        path.unlink(missing_ok=True)
