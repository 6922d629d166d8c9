"""The texts that set up agents on machines without Headgate: scripts for a POSIX shell and for PowerShell, and instructions that an agent can follow.

They are made from the same source as `headgate connect`. No token is in them: they hold its place. Pure, except that the templates are files of the package.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import starmap
from typing import Final

from headgate.agents.merge import written
from headgate.agents.registry import AGENTS, agent_named
from headgate.agents.setting import Agent, AgentConnection, AgentFile, Form
from headgate.core.errors import BadRequest

_URL: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]/_~-]+")  # nothing that a shell or a quotation acts on
_END: Final = "HEADGATE"
_FUNCTIONS: Final = {Form.JSON: "json_file", Form.JSONC: "json_file", Form.DOTENV: "env_file", Form.TOML: "whole_file"}


def shell_script(url: str) -> str:
    """`/connect.sh`: connects agents by a POSIX shell."""
    agents = _with_files(url)
    places = " ".join(_shell_place(file) for _, found in agents for file in found)
    words = " ".join(agent.word for agent, _ in agents)
    functions = "\n".join(starmap(_shell_function, agents))
    values = {"@URL@": checked(url), "@PLACES@": places, "@WORDS@": words, "@AGENTS@": functions}
    return _filled("connect.sh", values)


def powershell_script(url: str) -> str:
    """`/connect.ps1`: the same for PowerShell."""
    described = [
        {
            "agent": agent.word,
            "place": file.place,
            "form": {Form.JSONC: "json"}.get(file.form, file.form.value),
            "settings": [{"path": list(each.path), "value": each.value} for each in file.settings],
            "text": written(file),
        }
        for agent, found in _with_files(url)
        for file in found
    ]
    return _filled("connect.ps1", {"@URL@": checked(url), "@FILES@": json.dumps(described, indent=1)})


def setup_text(url: str, word: str) -> str:
    """`/setup.md`: instructions for an agent that sets itself up, or for all agents where no word is given. Raises BadRequest for a word that is none."""
    agent = agent_named(word) if word else None
    if word and agent is None:
        raise BadRequest(f"{word[:40]!r} is no agent that Headgate can connect; these are: {', '.join(each.word for each in AGENTS)}.")
    chosen = AGENTS if agent is None else (agent,)
    named = "|".join(each.word for each in AGENTS) if agent is None else agent.word
    return "\n".join([_head(checked(url), named), *(_agent_section(each, url) for each in chosen), _tail(url)])


def checked(url: str) -> str:
    """The address, if it can be in a script. Raises BadRequest otherwise."""
    if not _URL.fullmatch(url):
        raise BadRequest("This address cannot be written into a script. Set server.public_url.")
    return url


def _head(url: str, named: str) -> str:
    return f"""# Set up a coding agent with Headgate

Headgate is the gateway at {url}. It speaks the APIs of Anthropic, OpenAI and Gemini, and takes one token of its own.

Rules for an agent that follows this:

1. Ask the user for the token if the environment variable HEADGATE_TOKEN is not set. Never print the token, and never put it into a command's arguments.
2. If the command `headgate` is installed, run `headgate connect {named} --url {url}` with HEADGATE_TOKEN set, and stop here: it does all of the following.
3. Copy each file that exists to FILE.before-headgate before you change it. Keep every setting that is not named below, and all comments.
4. Put the token in the place of `<token>`, and make each file readable by its owner alone (mode 600).
5. Tell the user which files you changed, and how to take that back: put the copies back.
"""


def _tail(url: str) -> str:
    return f"""## Check

This lists the models that the token may ask for; 401 means that the token is wrong:

```sh
curl -fsS {url}/openai/v1/models -H "Authorization: Bearer $HEADGATE_TOKEN"
```

Then start the agent anew: settings are read when it starts. More: {url}/docs/agents.md
"""


def _agent_section(agent: Agent, url: str) -> str:
    connection = AgentConnection(url=url, model=agent.model)
    lines = [f"## {agent.name}", ""]
    for file in agent.files(connection):
        language = "json" if file.form is Form.JSONC else file.form.value
        lines += [f"Merge into `{file.place}`:", "", f"```{language}", written(file).rstrip("\n"), "```", ""]
    if agent.by_hand is not None:
        lines += ["```text", agent.by_hand(connection).rstrip("\n"), "```", ""]
    return "\n".join([*lines, agent.note, ""] if agent.note else lines)


def _with_files(url: str) -> list[tuple[Agent, Sequence[AgentFile]]]:
    """The agents that have files. Codex gets a profile of its own, because a shell cannot merge TOML."""
    found: list[tuple[Agent, Sequence[AgentFile]]] = []
    for agent in AGENTS:
        files_of = agent.files(AgentConnection(url=checked(url), model=agent.model, own_profile=True))
        if files_of:
            found.append((agent, files_of))
    return found


def _shell_function(agent: Agent, found: Sequence[AgentFile]) -> str:
    lines = [f"agent_{agent.word}() {{"]
    for file in found:
        is_json = file.form in {Form.JSON, Form.JSONC}
        settings = f" '{json.dumps([[list(each.path), each.value] for each in file.settings])}'" if is_json else ""
        lines += [f"    {_FUNCTIONS[file.form]} {_shell_place(file)}{settings} <<'{_END}' || return 1", *written(file).rstrip("\n").split("\n"), _END]
    if any(file.form is Form.TOML for file in found):
        lines.append(f'    say "  Start it with: {agent.program} --profile headgate"')
    if agent.note:
        lines.append(f"    say '  {agent.note}'")
    return "\n".join([*lines, "}", ""])


def _shell_place(file: AgentFile) -> str:
    return f'"$HOME/{file.place.removeprefix("~/")}"'


def _filled(name: str, values: dict[str, str]) -> str:
    text = _template(name)
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


@cache
def _template(name: str) -> str:
    return (files("headgate.web.ui") / "scripts" / name).read_text(encoding="utf-8")
