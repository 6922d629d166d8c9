"""The vocabulary of an agent's configuration: what it connects to, the files that hold it, and each setting in them."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

PLACEHOLDER: Final = "<token>"  # what a text has in the token's place when there is none
Version = tuple[int, ...]


class Form(StrEnum):
    """How a file is written. `JSONC` is JSON with comments and commas at the end, for the agents that read those."""

    JSON = "json"
    JSONC = "jsonc"
    TOML = "toml"
    DOTENV = "dotenv"


class SettingsOwner(StrEnum):
    """Whose settings they are: the user's, one project's, or the whole machine's."""

    USER = "user"
    PROJECT = "project"
    MANAGED = "managed"


class AgentConnection(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is connected to: the gateway, a token, a model, and the tables of its telemetry (`catalog.schema.prefix`), empty for none.

    `version` is the agent's own; empty means the current one. `own_profile` asks for a profile beside the user's configuration.
    """

    url: str
    model: str
    token: str = PLACEHOLDER
    tables: str = ""
    owner: SettingsOwner = SettingsOwner.USER
    version: Version = ()
    own_profile: bool = False

    def before(self, version: Version) -> bool:
        """Whether the agent is known to be older than this."""
        return bool(self.version) and self.version < version


class Setting(msgspec.Struct, frozen=True):
    """One value and its place in a file. A secret one is never shown."""

    path: tuple[str, ...]
    value: Any  # what JSON or TOML can hold
    secret: bool = False

    @property
    def name(self) -> str:
        """The place as people write it."""
        return ".".join(self.path)


class AgentFile(msgspec.Struct, frozen=True):
    """A file and the settings that Headgate has in it. `place` begins with `~/`, `/` or `./`, which is the project's folder."""

    place: str
    form: Form
    settings: tuple[Setting, ...]


class Launch(msgspec.Struct, frozen=True):
    """How an agent is started without a file of its own being touched: variables, arguments, and files of Headgate's by the variable that names them."""

    variables: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    files: Mapping[str, str] = msgspec.field(default_factory=dict)


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent: the word of the command line, its name in records and for people, its program, its dialect and its usual model.

    `files` gives its files, none where it has none in that scope; `launch` is absent where variables cannot configure it. `by_hand` are lines to enter in
    its settings, and `note` what else a user must know.
    """

    word: str
    recorded_as: str
    name: str
    program: str
    dialect: str
    model: str
    files: Callable[[AgentConnection], tuple[AgentFile, ...]]
    launch: Callable[[AgentConnection], Launch] | None = None
    by_hand: Callable[[AgentConnection], str] | None = None
    reports_telemetry: bool = False
    note: str = ""


def otlp_headers(connection: AgentConnection, signal: str) -> dict[str, str]:
    """The headers that an OTLP exporter sends: the token, and the table that its signal goes to."""
    return {"Authorization": f"Bearer {connection.token}", "X-Databricks-UC-Table-Name": f"{connection.tables}_otel_{signal}"}
