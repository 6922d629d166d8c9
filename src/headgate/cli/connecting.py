"""Connects one agent: chooses its token and its model, plans its files, finds what is in the way. Prints nothing."""

import glob
import os
import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from headgate.agents.merge import FORMS
from headgate.agents.setting import Agent, AgentConnection, Form, SettingsOwner
from headgate.agents.text_form import Broken, value_at
from headgate.agents.traps import MANAGED_PLACES, Machine, Trap, traps
from headgate.cli.agent_gateway import served_models
from headgate.cli.agent_tokens import new_token
from headgate.cli.connect_plan import FilePlan, plan_file, real_path
from headgate.cli.connected import AgentToken, Connected
from headgate.cli.gateway_address import GatewayAddress
from headgate.cli.installed_agents import Installed
from headgate.cli.private_file import read_file
from headgate.core.errors import BadRequest, GatewayError, Unauthenticated
from headgate.core.secret import Secret

_NEW_TOKEN_TRIES: Final = 12
_NEW_TOKEN_WAIT_S: Final = 0.25
_UNMADE: Final = "hg_made_when_it_is_written"  # stands for a new token while nothing may be made yet


class WantedConnection(msgspec.Struct, frozen=True, kw_only=True):
    """What a user asks of `headgate connect`. `token` is the one that they give, if any; `model` is empty for the usual one."""

    address: GatewayAddress
    token: Secret | None
    data: str
    user: str
    owner: SettingsOwner
    tables: str
    model: str
    own_profile: bool
    asks_gateway: bool
    writes: bool


class Connecting(msgspec.Struct, frozen=True, kw_only=True):
    """An agent about to be connected: what it is given, its files, and what is in the way."""

    agent: Agent
    installed: Installed | None
    connection: AgentConnection
    token: AgentToken
    plans: list[FilePlan]
    traps: list[Trap]

    @property
    def secret(self) -> Secret:
        """The token as what it is."""
        return Secret(self.token.token)


def prepared(agent: Agent, installed: Installed | None, wanted: WantedConnection, connected: Connected) -> Connecting:
    """Everything that is decided before a file is written. Raises GatewayError, in words for people."""
    usual = _usual(agent, installed, wanted)
    if not agent.files(usual) and agent.by_hand is None:
        raise BadRequest(f"{agent.name} has no settings of its own for --scope {wanted.owner.value}.")
    for file in agent.files(usual):
        plan_file(agent.word, file, connected)  # refuses what cannot be changed, before a token is made
    connection, token = chosen(agent, installed, wanted, connected)
    plans = [plan_file(agent.word, file, connected) for file in agent.files(connection)]
    return Connecting(agent=agent, installed=installed, connection=connection, token=token, plans=plans, traps=in_the_way(agent, connection))


def chosen(agent: Agent, installed: Installed | None, wanted: WantedConnection, connected: Connected) -> tuple[AgentConnection, AgentToken]:
    """What the agent is connected to, and its token."""
    usual = _usual(agent, installed, wanted)
    token, models = _token_and_models(agent, wanted, connected)
    return msgspec.structs.replace(usual, token=token.token, model=wanted.model or _model(agent, usual, models)), token


def in_the_way(agent: Agent, connection: AgentConnection, *, launched: bool = False) -> list[Trap]:
    """What on this machine keeps the agent from using its connection."""
    files = agent.files(connection)
    ours = {file.place for file in files}
    patterns = MANAGED_PLACES.get(agent.word, ()) if connection.owner is not SettingsOwner.MANAGED else ()
    places = [place for pattern in patterns for place in sorted(glob.glob(pattern)) if place not in ours]
    machine = Machine(
        version=connection.version,
        variables=os.environ,
        own={file.place: _tree(file.place, file.form) for file in files if file.form is not Form.DOTENV},
        managed={place: _tree(place, Form.TOML if place.endswith(".toml") else Form.JSONC) for place in places},
        model=connection.model,
        token=connection.token,
        url=connection.url,
        launched=launched,
    )
    return traps(agent.word, machine)


def _usual(agent: Agent, installed: Installed | None, wanted: WantedConnection) -> AgentConnection:
    """The connection before a token and a model are chosen."""
    return AgentConnection(
        url=wanted.address.url,
        model=wanted.model or agent.model,
        tables=wanted.tables,
        owner=wanted.owner,
        version=installed.version if installed is not None else (),
        own_profile=wanted.own_profile,
    )


def _token_and_models(agent: Agent, wanted: WantedConnection, connected: Connected) -> tuple[AgentToken, tuple[str, ...]]:
    """The token, and the models that it may ask for; a token that was made before is used again if the gateway still takes it."""
    url = wanted.address.url
    if wanted.owner is SettingsOwner.MANAGED and wanted.token is None:  # no token is in what all users read
        return AgentToken(url=url, token=""), ()
    had = connected.tokens.get(agent.word)
    if wanted.token is not None:
        same = had is not None and had.url == url and had.token == wanted.token.reveal()
        given = had if had is not None and same else AgentToken(url=url, token=wanted.token.reveal())
        return given, _models(url, given, agent, wanted)
    if had is not None and had.url == url:
        try:
            return had, _models(url, had, agent, wanted)
        except Unauthenticated:  # it was revoked or has ended
            pass
    if not wanted.writes:
        return AgentToken(url=url, token=_UNMADE), ()
    made = new_token(agent, wanted.address, wanted.data, wanted.user)
    return made, _models_of_new(url, made, agent, wanted)


def _models_of_new(url: str, token: AgentToken, agent: Agent, wanted: WantedConnection) -> tuple[str, ...]:
    """The same for a token that was made a moment ago: a running gateway knows it within two seconds."""
    for _ in range(_NEW_TOKEN_TRIES):
        try:
            return _models(url, token, agent, wanted)
        except Unauthenticated:
            time.sleep(_NEW_TOKEN_WAIT_S)
    return _models(url, token, agent, wanted)


def _models(url: str, token: AgentToken, agent: Agent, wanted: WantedConnection) -> tuple[str, ...]:
    return served_models(url, Secret(token.token), agent) if wanted.asks_gateway else ()


def _model(agent: Agent, connection: AgentConnection, models: tuple[str, ...]) -> str:
    """The model that the user's files name, if the gateway serves it; else the usual one, or the first that it serves."""
    for file in agent.files(connection):
        settings = _tree(file.place, file.form)
        for setting in file.settings:
            own = value_at(settings, setting.path)
            if setting.value == connection.model and own in models:
                return str(own)
    return agent.model if agent.model in models or not models else models[0]


def _tree(place: str, form: Form) -> Mapping[str, Any]:
    """What a file holds; nothing if it is not there or cannot be read."""
    try:
        found = read_file(real_path(place))
        return FORMS[form].tree(found.text) if found is not None else {}
    except (GatewayError, Broken):
        return {}
