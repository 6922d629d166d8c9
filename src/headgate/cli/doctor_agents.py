"""What `headgate doctor` finds about the agents of this machine: their versions, whether their files lead to the gateway, and what is in the way."""

from collections.abc import Mapping
from typing import Any

from headgate.agents.merge import FORMS
from headgate.agents.registry import AGENTS
from headgate.agents.setting import Agent, AgentConnection, AgentFile
from headgate.agents.text_form import Broken, value_at
from headgate.cli.connect_plan import real_path
from headgate.cli.connecting import in_the_way
from headgate.cli.finding import Finding, failure, ok, warning
from headgate.cli.installed_agents import Installed, installed_agents
from headgate.cli.private_file import read_file
from headgate.core.errors import GatewayError

Tree = Mapping[str, Any]


def agent_findings(url: str) -> list[Finding]:
    """Of each agent that is in PATH."""
    installed = installed_agents(AGENTS)
    if not installed:
        return [ok("agents", "none is in PATH on this machine")]
    return [finding for agent in AGENTS if agent.word in installed for finding in _of_agent(agent, installed[agent.word], url)]


def _of_agent(agent: Agent, installed: Installed, url: str) -> list[Finding]:
    check, name = f"agent {agent.word}", f"{agent.name} {installed.version_text}".rstrip()
    connection = AgentConnection(url=url, model=agent.model, version=installed.version)
    files = agent.files(connection)
    if not files:
        return [ok(check, f"{name} is set up by hand, in its own settings")]
    try:
        trees = [(file, _tree(file)) for file in files]
    except (Broken, GatewayError) as error:
        return [failure(check, f"{name} cannot read its settings: {error}", "correct the file")]
    if not any(_leads_to(file, tree, url) for file, tree in trees):
        return [warning(check, f"{name} is not connected to {url}.", f"headgate connect {agent.word}")]
    kept = AgentConnection(url=url, model=agent.model, version=installed.version, token=_token(trees) or connection.token)
    found = [warning(check, f"{name}: {trap.problem}", trap.fix) for trap in in_the_way(agent, kept)]
    return found or [ok(check, f"{name}, connected by {', '.join(file.place for file in files)}")]


def _tree(file: AgentFile) -> Tree:
    """What a file holds; nothing if there is none. Raises Broken or GatewayError, with the file's place, for one that cannot be read."""
    found = read_file(real_path(file.place))
    try:
        return FORMS[file.form].tree(found.text) if found is not None else {}
    except Broken as error:
        raise Broken(error.line, f"{error.reason}, in {file.place}") from error


def _leads_to(file: AgentFile, tree: Tree, url: str) -> bool:
    """Whether an address of the gateway is where the agent looks for it."""
    return any(value_at(tree, each.path) == each.value for each in file.settings if isinstance(each.value, str) and each.value.startswith(url))


def _token(trees: list[tuple[AgentFile, Tree]]) -> str:
    """The token in the agent's files; empty if there is none."""
    values = (value_at(tree, each.path) for file, tree in trees for each in file.settings if each.secret)
    return next((value for value in values if isinstance(value, str)), "")
