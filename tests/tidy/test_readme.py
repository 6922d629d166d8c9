"""README says in the same place what its short sentences leave out, so that a new user is not surprised by it."""

import json

import pytest

from headgate.agents.merge import written
from headgate.agents.registry import AGENTS
from headgate.agents.setting import Agent, AgentConnection
from headgate.catalog.system import TABLES
from tests.e2e.documented import HOST, PAGES, ROOT, Block, blocks

_NEAR = 15  # lines before a block that belong to it


def _lines(page: str) -> list[str]:
    return (ROOT / page).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("README.md", "passes byte for byte. Only the model's name and the credential change, and a chat stream is asked for its token counts."),
        ("README.md", "Headers pass too, except credentials and those of the connection."),
        ("README.md", "install what they use into this directory; data is in `~/.local/share`."),
        ("README.md", "`make up` keeps the terminal until you press Ctrl-C."),
        ("README.md", "In a clone the command is `./headgate`."),
        ("README.md", "The demo has its own data directory, `~/.local/share/headgate-demo`."),
        ("README.md", "Your other settings, their order and their comments stay."),
        ("README.md", "Its own servers make the call, so the address must be reachable from the internet."),
        ("docs/agents.md", "Agent mode sends other shapes to the same address"),
        ("docs/sql.md", "Rows are only added: `INSERT OVERWRITE`, `UPDATE`, `DELETE`, `MERGE`, `TRUNCATE` and `COPY INTO` are refused"),
    ],
)
def test_what_holds_only_in_part_says_so(page, sentence):
    """Each of these sentences has a test of the behaviour elsewhere, or is the only place where a user learns of it before it happens."""
    assert sentence in " ".join(" ".join(_lines(page)).split())


def test_plain_names_come_first():
    """Databricks' names are for those who come from there: README has them below a heading that says so, and no agent's usual settings have them."""
    lines = _lines("README.md")
    (heading,) = [number for number, line in enumerate(lines, start=1) if line.startswith("### Coming from Databricks")]
    early = [str(each) for each in blocks("README.md") if "databricks" in each.text.lower() and each.line < heading and each.name]
    assert early == []
    for agent in AGENTS:
        connection = AgentConnection(url=HOST, model=agent.model)
        assert "databricks" not in _settings(agent, connection).lower(), agent.word


def _settings(agent: Agent, connection: AgentConnection) -> str:
    return "".join([*map(written, agent.files(connection)), agent.by_hand(connection) if agent.by_hand else ""])


def _switches_trust_off(each: Block) -> bool:
    return each.language == "json" and json.loads(each.text).get("security", {}).get("folderTrust") == {"enabled": False}


def test_folder_trust_is_never_switched_off_silently():
    """Gemini CLI then runs the hooks of every folder: whoever pastes such a block reads that above it. What we write ourselves leaves it alone."""
    found = [each for page in PAGES for each in blocks(page) if _switches_trust_off(each)]
    assert {each.page for each in found} == {"README.md", "docs/agents.md"}
    for each in found:
        assert "every folder" in " ".join(_lines(each.page)[max(each.line - _NEAR, 0) : each.line]).replace("**", ""), str(each)
    for agent in AGENTS:
        assert "folderTrust" not in "".join(map(written, agent.files(AgentConnection(url=HOST, model=agent.model)))), agent.word


def test_how_long_everything_is_kept_is_on_one_page():
    """Every table of Headgate's own is on it, with the setting that shortens it, and so is the command that forgets a person."""
    page = "\n".join(_lines("docs/retention.md"))
    for table in TABLES:
        assert (f"`{table.name}`" if not table.name.leaf.startswith("settled_") else "`system.ai_gateway.settled_*`") in page, str(table.name)
    for setting in ("`usage.retention_days`", "`payloads.retention_days`", "'headgate.retentionDays'", "headgate user forget"):
        assert setting in page
