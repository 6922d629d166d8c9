"""`headgate connect`, the real agents, and `headgate disconnect`: files with a history of their own, one answer each, and the same bytes afterwards."""

import json
import os
import stat
import subprocess

import pytest

from tests.e2e.agents import (
    CLAUDE_CODE,
    CODEX,
    CODEX_OF_THE_PAGE,
    GEMINI_CLI,
    GEMINI_CLI_OF_THE_PAGE,
    Agent,
    install,
    node_folder,
)
from tests.e2e.headless import Desk, end_group
from tests.e2e.lab import headgate, running

CLAUDE_SETTINGS = b'{\r\n\t"permissions": {"allow": ["Bash(ls:*)"]},\r\n\t"env": {"EDITOR" : "vi", "ANTHROPIC_MODEL": "opus"},\r\n\t"model": "opus"}'
CODEX_CONFIG = b"""# mine
model = "o3" # the old one
approval_policy = "never"

[analytics]
enabled = false
[features]
plugins = false
apps = false

[mcp_servers.local]
command = "true"
"""
GEMINI_SETTINGS = b"""{
  // how I sign in
  "security": {"auth": {"selectedType": "oauth-personal"}},
  "privacy": {"usageStatisticsEnabled": false}, "general": {"enableAutoUpdate": false} /* quiet */
}
"""
FILES = {
    ".claude/settings.json": CLAUDE_SETTINGS,
    ".codex/config.toml": CODEX_CONFIG,
    ".gemini/.env": b"export GEMINI_MODEL='gemini-pro' # mine\nGOOGLE_CLOUD_PROJECT=p",
    ".gemini/settings.json": GEMINI_SETTINGS,
}
QUIET = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "IS_SANDBOX": "1", "GEMINI_CLI_TRUST_WORKSPACE": "true"}
CASES = [
    pytest.param("claude", CLAUDE_CODE, ("-p", "Say hello."), id="Claude Code"),
    pytest.param("codex", CODEX, ("exec", "--skip-git-repo-check", "Say hello."), id="Codex", marks=pytest.mark.slow),
    pytest.param("codex", CODEX_OF_THE_PAGE, ("exec", "--skip-git-repo-check", "Say hello."), id="Codex 0.133", marks=pytest.mark.slow),
    pytest.param("gemini", GEMINI_CLI, ("-p", "Say hello."), id="Gemini CLI", marks=pytest.mark.slow),
    pytest.param("gemini", GEMINI_CLI_OF_THE_PAGE, ("-p", "Say hello."), id="Gemini CLI 0.28", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("demo"), None, arguments=("--demo",)) as gateway:
        yield gateway


class Laptop:
    """A home with files of its own, one of them behind a link, and one agent in PATH."""

    def __init__(self, desk: Desk, gateway, agent: Agent) -> None:
        self.desk, self.gateway = desk, gateway
        for name, content in FILES.items():
            path = desk.home / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        (desk.home / "dotfiles").mkdir()
        (desk.home / ".claude/settings.json").rename(desk.home / "dotfiles/claude.json")
        (desk.home / ".claude/settings.json").symlink_to("../dotfiles/claude.json")
        self.path = f"{install(agent).parent}:{node_folder()}:/usr/bin:/bin"
        self.before = self.contents()

    def contents(self) -> dict[str, tuple[bytes, int]]:
        """Each file's bytes and mode."""
        return {name: ((self.desk.home / name).read_bytes(), stat.S_IMODE((self.desk.home / name).stat().st_mode)) for name in FILES}

    def headgate(self, *arguments: str) -> str:
        """A command of Headgate on this machine."""
        ours = {"HOME": str(self.desk.home), "PATH": self.path, "HEADGATE_DATA": self.gateway.data}
        return headgate(*arguments, variables=ours)

    def start(self, *command: str, **variables: str) -> str:
        """Start an agent, as a user who knows nothing of Headgate would."""
        environ = {"PATH": self.path, "HOME": str(self.desk.home), "TMPDIR": str(self.desk.root / "tmp"), "TERM": "dumb", **QUIET, **variables}
        process = subprocess.Popen(
            command,
            cwd=self.desk.work,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.communicate(timeout=90)[0].decode("utf-8", "replace")
        finally:
            end_group(process.pid, 9)


@pytest.mark.parametrize(("word", "agent", "arguments"), CASES)
def test_connect_use_disconnect(demo, desk, word, agent, arguments):
    """Connected by one command, the agent answers through the gateway; a second run changes nothing; disconnected, each byte and mode is as it was."""
    laptop = Laptop(desk, demo, agent)
    told = json.loads(laptop.headgate("connect", "--json"))
    assert [(each["agent"], each["version"], each["connected"], each["answer"]["problem"]) for each in told] == [(word, agent.version, True, "")]
    assert sum(len(file["changes"]) for file in told[0]["files"]) >= 3
    connected = laptop.contents()
    assert connected != laptop.before
    again = json.loads(laptop.headgate("connect", word, "--json"))
    assert [file["changes"] + file["removed"] for file in again[0]["files"]] == [[]] * len(again[0]["files"])
    assert laptop.contents() == connected
    rows = len(demo.rows())
    said = laptop.start(str(install(agent)), *arguments)
    assert "demo provider" in said
    assert {row["agent"] for row in demo.rows(rows + 1)[rows:]} == {agent.name}
    laptop.headgate("disconnect", word)
    assert laptop.contents() == laptop.before
    assert not os.path.exists(desk.home / ".config/headgate/connected.json")
    assert (desk.home / ".claude/settings.json").is_symlink()


@pytest.mark.slow
def test_a_model_of_another_maker(demo, desk):
    """It is tried by one request, and the agent answers with it, also in its background tasks; the row says what it was translated to."""
    laptop = Laptop(desk, demo, CLAUDE_CODE)
    [told] = json.loads(laptop.headgate("connect", "claude", "--model", "gpt-5.2", "--json"))
    assert (told["connected"], told["answer"]["problem"]) == (True, "")
    rows = len(demo.rows())
    assert "demo provider" in laptop.start(str(install(CLAUDE_CODE)), "-p", "Say hello.")
    assert {(row["model_sent"], row["translated_to"]) for row in demo.rows(rows + 1)[rows:]} == {("gpt-5.2", "openai_chat")}


@pytest.mark.slow
def test_run(demo, desk):
    """`headgate run` starts the agent with the gateway in its environment alone, and says what wins over that."""
    laptop = Laptop(desk, demo, CLAUDE_CODE)
    (desk.home / ".claude/settings.json").unlink()
    rows = len(demo.rows())
    assert "demo provider" in laptop.headgate("run", "claude", "--", "-p", "Say hello.")
    assert {row["agent"] for row in demo.rows(rows + 1)[rows:]} == {"claude-code"}
    assert not (desk.home / ".claude/settings.json").exists()
