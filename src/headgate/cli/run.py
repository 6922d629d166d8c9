"""`headgate run`: starts an agent with the gateway in its environment. No file of the agent's is touched."""

import os
import sys
from typing import Annotated

import msgspec
import typer

from headgate.agents.registry import AGENTS, agent_named
from headgate.agents.setting import Agent, AgentConnection, Launch, SettingsOwner
from headgate.cli.agent_tokens import given_token
from headgate.cli.connect import ModelOption, TokenOption, UserOption, own_or_other
from headgate.cli.connected import read_connected, write_connected
from headgate.cli.connecting import WantedConnection, chosen, in_the_way
from headgate.cli.installed_agents import Installed, installed_agents
from headgate.cli.options import DataOption, UrlOption, reports_errors, typer_app
from headgate.cli.private_file import PRIVATE, replace_file
from headgate.config.paths import user_config_directory
from headgate.core.errors import BadRequest, NotFound

app = typer_app("Start an agent with the gateway in its environment.")

_WORDS = "|".join(agent.word for agent in AGENTS if agent.launch is not None)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False})
@reports_errors
def run(
    context: typer.Context,
    agent: Annotated[str, typer.Argument(metavar="AGENT", help=f"{_WORDS}.", show_envvar=False)],
    url: UrlOption = "",
    token: TokenOption = "",
    model: ModelOption = "",
    user: UserOption = "",
    data: DataOption = "",
) -> None:
    """Start an agent with the gateway in its environment; its files stay as they are. Options of Headgate's come before AGENT; what follows it is the agent's."""
    found = agent_named(agent)
    if found is None or found.launch is None:
        raise BadRequest(f"{agent!r} cannot be started so; these can: {_WORDS}." if found is None else _only_files(found))
    installed = installed_agents([found]).get(found.word)
    if installed is None:
        raise NotFound(f"{found.program} is not in PATH. Install {found.name} first.")
    address = own_or_other(url, data)
    wanted = WantedConnection(
        address=address,
        token=given_token(token, os.environ, address),
        data=data,
        user=user,
        owner=SettingsOwner.USER,
        tables="",
        model=model,
        own_profile=True,
        asks_gateway=True,
        writes=True,
    )
    passed = context.args[1:] if context.args[:1] == ["--"] else context.args
    connection = _connection(found, installed, wanted)
    for trap in in_the_way(found, connection, launched=True):
        sys.stderr.write(f"! {trap.problem}\n  Fix: {trap.fix}\n")
    launch = found.launch(connection)
    variables = {**os.environ, **launch.variables, **_written(found, launch)}
    os.execve(installed.program, [found.program, *launch.arguments, *passed], variables)  # ruff: ignore[start-process-with-no-shell] what the user asks for


def _connection(agent: Agent, installed: Installed, wanted: WantedConnection) -> AgentConnection:
    """What the agent is started with. A token that is made for it is noted, and used again the next time."""
    connected = read_connected(os.environ)
    connection, token = chosen(agent, installed, wanted, connected)
    if token.token_id and connected.tokens.get(agent.word) != token:
        write_connected(msgspec.structs.replace(connected, tokens=connected.tokens | {agent.word: token}), os.environ)
    return connection


def _written(agent: Agent, launch: Launch) -> dict[str, str]:
    """The files of Headgate's own that the agent is pointed at, by the variables that name them."""
    found: dict[str, str] = {}
    for variable, text in launch.files.items():
        path = user_config_directory(os.environ) / "run" / f"{agent.word}.json"
        replace_file(path, text, PRIVATE)
        found[variable] = str(path)
    return found


def _only_files(agent: Agent) -> str:
    return f"{agent.name} reads its gateway from its settings alone. Use `headgate connect {agent.word}`."
