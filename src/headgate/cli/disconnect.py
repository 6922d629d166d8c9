"""`headgate disconnect`: takes out what `headgate connect` put into the agents' files, and revokes the tokens that it made."""

import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from headgate.agents.registry import AGENTS, agent_named
from headgate.cli.agent_tokens import revoke_made
from headgate.cli.connect_plan import Undone, undo_file
from headgate.cli.connected import Connected, read_connected, write_connected
from headgate.cli.options import JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text
from headgate.core.errors import BadRequest, GatewayError

app = typer_app("Take Headgate out of the agents' files again.")

_WORDS = "|".join(agent.word for agent in AGENTS)


@app.command()
@reports_errors
def disconnect(
    agents: Annotated[
        list[str] | None, typer.Argument(metavar="AGENT…", help=f"{_WORDS}, or all. By default all that are connected.", show_envvar=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Undo `headgate connect`: files are byte for byte as before; where you changed other settings since, only Headgate's go."""
    connected = read_connected(os.environ)
    words = _chosen(agents or [], connected)
    if not words:
        print("[]") if as_json else sys.stderr.write("Nothing is connected.\n")
        return
    shown: list[dict[str, object]] = []
    refused = False
    for word in words:
        connected, undone, revoked, problems = _disconnected(word, connected)
        write_connected(connected, os.environ)
        refused = refused or bool(problems)
        shown.append({"agent": word, "files": [each._asdict() for each in undone], "token_revoked": revoked, "problems": problems})
        if not as_json:
            _print(word, undone, problems, revoked=revoked)
    if as_json:
        print(json_text(shown))
    if refused:
        raise typer.Exit(1)


def _chosen(words: list[str], connected: Connected) -> list[str]:
    known = [agent.word for agent in AGENTS if connected.of(agent.word) or agent.word in connected.tokens]
    if not words or words == ["all"]:
        return known
    named = [agent_named(word) for word in words]
    if None in named:
        raise BadRequest(f"{words[named.index(None)]!r} is no agent that Headgate can connect; these are: {_WORDS}, or all.")
    asked = {agent.word for agent in named if agent is not None}
    return [word for word in known if word in asked]


def _disconnected(word: str, connected: Connected) -> tuple[Connected, list[Undone], bool, list[str]]:
    """Undo one agent. A file that cannot be changed stays recorded, and so does the token."""
    files = dict(connected.files)
    undone: list[Undone] = []
    problems: list[str] = []
    for path, record in connected.of(word).items():
        try:
            undone.append(undo_file(Path(path), record))
            del files[path]
        except GatewayError as error:
            problems.append(error.message)
    if problems:
        return msgspec.structs.replace(connected, files=files), undone, False, problems
    token = connected.tokens.get(word)
    revoked = token is not None and revoke_made(token)
    tokens = {each: one for each, one in connected.tokens.items() if each != word}
    return Connected(files=files, tokens=tokens), undone, revoked, problems


def _print(word: str, undone: list[Undone], problems: list[str], *, revoked: bool) -> None:
    agent = agent_named(word)
    print(agent.name if agent is not None else word)
    for each in undone:
        print(f"  {each.place}  {each.how}")
    if revoked:
        print("  its token is revoked")
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
