"""`headgate connect`: points the agents of this machine at a gateway, tries each, and says what it changed. `headgate disconnect` undoes it."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Final

import msgspec
import typer

from headgate.agents.registry import AGENTS, TELEMETRY_TABLES, agent_named
from headgate.agents.setting import Agent, SettingsOwner
from headgate.cli.agent_gateway import Tried, try_agent, with_costs
from headgate.cli.agent_tokens import given_token
from headgate.cli.connect_plan import write_plans
from headgate.cli.connect_text import described, lines
from headgate.cli.connected import Connected, read_connected, write_connected
from headgate.cli.connecting import Connecting, WantedConnection, prepared
from headgate.cli.gateway_address import DATA_VARIABLE, GatewayAddress, gateway_address
from headgate.cli.gateway_connection import exchange
from headgate.cli.installed_agents import Installed, installed_agents
from headgate.cli.options import DataOption, JsonOption, UrlOption, reports_errors, typer_app
from headgate.cli.output import Paint, json_text, wants_colour
from headgate.cli.store import existing_store
from headgate.core.errors import BadRequest, GatewayError, NotFound

app = typer_app("Point the agents of this machine at a gateway.")

ALL: Final = "all"
_HEALTH_TIMEOUT_S: Final = 10.0
_WORDS: Final = "|".join(agent.word for agent in AGENTS)
AgentsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="AGENT…", help=f"{_WORDS}, or all. By default all that are installed.", show_envvar=False)
]
TokenOption = Annotated[
    str,
    typer.Option(
        "--token",
        metavar="TOKEN",
        envvar="HEADGATE_TOKEN",
        help="The token for the agents; `-` asks for it. By default your login's, or a new one of this machine's own gateway.",
    ),
]
UserOption = Annotated[str, typer.Option("--user", metavar="USER", help="The user of a new token. By default your name on this machine.")]
ModelOption = Annotated[str, typer.Option("--model", metavar="NAME", help="The model. By default the one you have, or the usual one of the agent.")]


@app.command()
@reports_errors
def connect(
    agents: AgentsArgument = None,
    url: UrlOption = "",
    token: TokenOption = "",
    scope: Annotated[
        SettingsOwner, typer.Option("--scope", help="Whose settings: yours, this folder's project's, or the whole machine's.")
    ] = SettingsOwner.USER,
    telemetry: Annotated[bool, typer.Option("--telemetry", help="Let the agents report their telemetry too.")] = False,
    tables: Annotated[str, typer.Option("--tables", metavar="CATALOG.SCHEMA.PREFIX", help="The tables of the telemetry.")] = TELEMETRY_TABLES,
    model: ModelOption = "",
    profile: Annotated[bool, typer.Option("--profile", help="Codex: a profile `headgate` of its own beside your configuration.")] = False,
    user: UserOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    no_test: Annotated[bool, typer.Option("--no-test", help="Ask the gateway nothing: no list of models, no request of each agent.")] = False,
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Point agents at a gateway: their files are changed, a request tries each, and what changed is shown. `headgate disconnect` undoes it."""
    address = own_or_other(url, data)
    wanted = WantedConnection(
        address=address,
        token=given_token(token, os.environ, address),
        data=data,
        user=user,
        owner=scope,
        tables=tables if telemetry else "",
        model=model,
        own_profile=profile,
        asks_gateway=not no_test,
        writes=not dry_run,
    )
    chosen = chosen_agents(agents or [], installed_agents(AGENTS))
    _check_gateway(wanted)
    results, refused = _connected(chosen, wanted)
    tried = _tried(results, wanted) if wanted.asks_gateway and wanted.writes else {}
    _print(results, refused, tried, as_json=as_json, dry_run=dry_run)
    if refused or any(each.problem for each in tried.values()):
        raise typer.Exit(1)


def own_or_other(url: str, data: str) -> GatewayAddress:
    """The gateway of `--url`; of the store in `--data`; else the one that every command asks."""
    return gateway_address(url, {**os.environ, DATA_VARIABLE: data} if data else os.environ)


def chosen_agents(words: list[str], installed: dict[str, Installed]) -> list[tuple[Agent, Installed | None]]:
    """The agents of the words; those that are installed for none or `all`. Raises BadRequest for a word that is none, NotFound if none is installed."""
    if not words or words == [ALL]:
        found: list[tuple[Agent, Installed | None]] = [(agent, installed[agent.word]) for agent in AGENTS if agent.word in installed]
        if not found:
            raise NotFound(f"No agent is in PATH. Name the one to connect: {_WORDS}.")
        return found
    named = [agent_named(word) for word in words]
    if None in named:
        raise BadRequest(f"{words[named.index(None)]!r} is no agent that Headgate can connect; these are: {_WORDS}, or all.")
    return [(agent, installed.get(agent.word)) for agent in dict.fromkeys(named) if agent is not None]


def _check_gateway(wanted: WantedConnection) -> None:
    """Raises GatewayError, once for all agents, if a token would have to come from a store that is not here, or if nothing answers at the address."""
    has_tokens = any(token.url == wanted.address.url for token in read_connected(os.environ).tokens.values())
    if wanted.address.is_own and wanted.token is None and wanted.writes and not has_tokens and wanted.owner is not SettingsOwner.MANAGED:
        existing_store(wanted.data)
    if wanted.asks_gateway and wanted.writes:
        exchange(wanted.address.url, ("GET", "/healthz", {}, None), _HEALTH_TIMEOUT_S)


def _connected(chosen: list[tuple[Agent, Installed | None]], wanted: WantedConnection) -> tuple[list[Connecting], dict[str, GatewayError]]:
    """Connect one agent after the other. One that cannot be connected leaves its files as they are and does not stop the others."""
    connected = read_connected(os.environ)
    results: list[Connecting] = []
    refused: dict[str, GatewayError] = {}
    for agent, installed in chosen:
        try:
            result = prepared(agent, installed, wanted, connected)
            if wanted.writes:
                connected = _written(result, connected)
            results.append(result)
        except GatewayError as error:
            refused[agent.word] = error
    return results, refused


def _written(result: Connecting, connected: Connected) -> Connected:
    """Write the agent's files and what was done. The token is noted first, so that it is never lost."""
    if result.token.token and connected.tokens.get(result.agent.word) != result.token:
        connected = msgspec.structs.replace(connected, tokens=connected.tokens | {result.agent.word: result.token})
        write_connected(connected, os.environ)
    changed = write_plans(result.plans, connected)
    if changed.files != connected.files:
        write_connected(changed, os.environ)
    return changed


def _tried(results: list[Connecting], wanted: WantedConnection) -> dict[str, Tried]:
    """Each agent's request, all at once; then what they cost, in one question."""
    results = [each for each in results if each.token.token]
    if not results:
        return {}
    url = wanted.address.url
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = pool.map(lambda each: try_agent(url, each.secret, each.agent, each.connection.model), results)
        tried = dict(zip((each.agent.word for each in results), answers, strict=True))
    for each in results:
        if tried[each.agent.word].charge is None:
            tried |= with_costs(
                url, each.secret, {word: one for word, one in tried.items() if one.charge is None and word in _same_token(each, results)}
            )
    return tried


def _same_token(one: Connecting, results: list[Connecting]) -> set[str]:
    return {each.agent.word for each in results if each.token.token == one.token.token}


def _print(results: list[Connecting], refused: dict[str, GatewayError], tried: dict[str, Tried], *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        shown: list[dict[str, Any]] = [described(each, tried.get(each.agent.word)) for each in results]
        shown += [{"agent": word, "connected": False, "problem": error.message} for word, error in refused.items()]
        print(json_text(shown))
        return
    paint = Paint(wants_colour(sys.stdout, os.environ))
    for each in results:
        print("\n".join(lines(each, tried.get(each.agent.word), paint, dry_run=dry_run)))
    for word, error in refused.items():
        agent = agent_named(word)
        sys.stderr.write(f"{agent.name if agent is not None else word} is not connected: {error.message}\n")
    if results and not dry_run:
        sys.stderr.write(f"Undo it with `headgate disconnect{'' if len(results) > 1 else f' {results[0].agent.word}'}`.\n")
