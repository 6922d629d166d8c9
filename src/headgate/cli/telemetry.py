"""`headgate telemetry init`: makes the tables of the agents' telemetry, here or on a gateway that runs elsewhere, and prints what each agent needs."""

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple

import msgspec
import typer

from headgate.admin.statements import StatementRequest
from headgate.agents.merge import written
from headgate.agents.registry import AGENTS, TELEMETRY_TABLES
from headgate.agents.setting import Agent, AgentConnection, AgentFile
from headgate.catalog import names
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import SIGNALS, ddl
from headgate.cli.administrator import ADMINISTRATOR
from headgate.cli.gateway_address import gateway_address
from headgate.cli.gateway_choice import gateway_or_store
from headgate.cli.options import ConfigOption, DataOption, JsonOption, UrlOption, reports_errors, typer_app
from headgate.cli.output import json_text
from headgate.cli.remote_sql import remote_result
from headgate.core.errors import BadRequest
from headgate.core.principal import EVERYONE

app = typer_app("Make the tables of the agents' telemetry.")

_OPEN_SCHEMA: Final = ("main", "default")  # it is there from the beginning, and every user may use it


@app.callback()
def _group() -> None:
    """Keep `init` a sub-command, although it is the only one."""


@app.command()
@reports_errors
def init(
    tables: Annotated[
        str,
        typer.Argument(metavar="CATALOG.SCHEMA.PREFIX", help="Where the tables are made, and how their names begin.", show_envvar=False),
    ] = TELEMETRY_TABLES,
    url: UrlOption = "",
    data: DataOption = "",
    config: ConfigOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make the three tables that agents send their telemetry to, let every user write to them, and print each agent's settings.

    What is there already stays as it is, so that it can be run again. `headgate connect --telemetry` writes the settings into the agents' files.
    """
    prefix = _prefix(tables)
    gateway = gateway_or_store(url, data)
    requests = [StatementRequest(statement=text) for text in statements(prefix)]
    if gateway is None:
        asyncio.run(_run(requests, data, config))
    else:
        for request in requests:
            remote_result(gateway, request)
    made = [str(each) for each in table_names(prefix).values()]
    environ = {**os.environ, **({"HEADGATE_CONFIG": config} if config else {})}
    found = agent_settings(gateway.url if gateway is not None else gateway_address(url, environ).url, str(prefix))
    if as_json:
        print(json_text({"tables": made, "agents": [msgspec.to_builtins(each._asdict()) for each in found]}))
        return
    sys.stderr.write("The tables are there, and every user may write to them:\n")
    for name in made:
        sys.stderr.write(f"  {name}\n")
    sys.stderr.write("Each agent needs the settings below, with its own token. `headgate connect --telemetry` writes them for you.\n\n")
    print("\n".join(_lines(found)))


def _prefix(text: str) -> Name:
    if len(names.split(text)) != 3:
        raise BadRequest(f"{text!r} is no place for the tables: write catalog.schema.prefix, such as {TELEMETRY_TABLES}.")
    return names.parse(text, 3)


class AgentSettings(NamedTuple):
    """What is put into one file of an agent for its telemetry."""

    agent: str
    file: str
    text: str


def table_names(prefix: Name) -> dict[str, Name]:
    """The table of each signal."""
    return {signal: prefix.parent.child(f"{prefix.leaf}_otel_{signal}") for signal in SIGNALS}


def statements(prefix: Name) -> list[str]:
    """The SQL that makes the tables, and the catalog and the schema where they are not the usual ones, and that lets every user write."""
    found: list[str] = []
    if prefix.parts[:2] != _OPEN_SCHEMA:
        schema, catalog = prefix.parent.sql, prefix.parent.parent.sql
        found += [f"CREATE CATALOG IF NOT EXISTS {catalog}", f"CREATE SCHEMA IF NOT EXISTS {schema}"]
        found += [f"GRANT USE CATALOG ON CATALOG {catalog} TO `{EVERYONE}`", f"GRANT USE SCHEMA ON SCHEMA {schema} TO `{EVERYONE}`"]
    for signal, name in table_names(prefix).items():
        found += [ddl(name, signal), f"GRANT MODIFY ON TABLE {name.sql} TO `{EVERYONE}`"]
    return found


def agent_settings(url: str, tables: str) -> list[AgentSettings]:
    """The settings of every agent that reports telemetry, with a placeholder for the token: those that its connection alone does not need."""
    return [
        AgentSettings(agent.name, file.place, written(file))
        for agent in AGENTS
        if agent.reports_telemetry
        for file in _telemetry_files(agent, url, tables)
    ]


def _telemetry_files(agent: Agent, url: str, tables: str) -> Sequence[AgentFile]:
    plain = AgentConnection(url=url, model=agent.model)
    needed = {(file.place, setting.path) for file in agent.files(plain) for setting in file.settings}
    files = agent.files(msgspec.structs.replace(plain, tables=tables))
    left = (msgspec.structs.replace(file, settings=tuple(each for each in file.settings if (file.place, each.path) not in needed)) for file in files)
    return [file for file in left if file.settings]


def _lines(found: Sequence[AgentSettings]) -> list[str]:
    return [line for each in found for line in (f"# {each.agent}: {each.file}", each.text.rstrip(), "")][:-1]


async def _run(requests: Sequence[StatementRequest], data: str, config: str) -> None:
    from headgate.cli.sql_access import statement_runner  # ruff: ignore[import-outside-top-level] an engine, which takes long to load

    async with statement_runner(data, config) as runner:
        for request in requests:
            await runner.statements.result(request, ADMINISTRATOR)
