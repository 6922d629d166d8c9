"""A gateway that runs elsewhere, as a developer's own machine uses it: signing in, tokens, and what agents ask for, all with one demo gateway."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.agents import CLAUDE_CODE, CODEX
from tests.e2e.documented import HOST, block
from tests.e2e.headless import QUIET_CODEX, Desk
from tests.e2e.lab import ALONE, Gateway, command_folder, environment

PAGE = "docs/team.md"
BUDGET = """
[[budgets]]
name = "everyone"
per = "month"
usd = 50
"""


class Laptop:
    """The machine of a developer: a home, no store, and the address of a gateway."""

    def __init__(self, home: Path, gateway: Gateway) -> None:
        self.home = home
        self.gateway = gateway

    def run(self, *arguments: str, typed: str = "", code: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Headgate there."""
        done = subprocess.run(
            [str(command_folder() / "headgate"), *arguments],
            input=typed,
            env=environment() | {"HOME": str(self.home)} | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done


@pytest.fixture(scope="module")
def laptop(tmp_path_factory):
    """A developer who is signed in to a demo gateway."""
    folder = tmp_path_factory.mktemp("remote")
    gateway = Gateway(folder, ALONE + BUDGET, arguments=("--demo",))
    gateway.token = "-"
    try:
        gateway.start()
        gateway.token, gateway.token_id = gateway.create_token()
        there = Laptop(folder / "home", gateway)
        there.home.mkdir()
        said = there.run("login", gateway.url, "--token-stdin", typed=gateway.token).stderr
        assert f"Signed in to {gateway.url} as ada@example.com (token laptop)" in said
        yield there
    finally:
        gateway.kill_all()


def test_who_am_i(laptop):
    """The gateway's own words: the principal, the token, the budgets."""
    me = json.loads(laptop.run("whoami", "--json").stdout)
    assert (me["url"], me["principal"]["name"], me["token"]["id"]) == (laptop.gateway.url, "ada@example.com", laptop.gateway.token_id)
    assert [each["name"] for each in me["budgets"]] == ["everyone"]
    assert me["gateway"]["demo"] is True


def test_ones_own_tokens(laptop):
    """Are made, listed and revoked without a store on this machine; an administrator's call is refused in words."""
    made = json.loads(laptop.run("token", "create", "notebook", "--scope", "sql", "--expires", "7", "--json").stdout)
    assert (made["user"], made["scopes"]) == ("ada@example.com", ["sql"])
    listed = json.loads(laptop.run("token", "list", "--json").stdout)
    assert {each["name"]: each["last4"] for each in listed} == {"laptop": laptop.gateway.token[-4:], "notebook": made["token"][-4:]}
    laptop.run("token", "revoke", "notebook")
    assert "does not allow this: This needs a token with the scope `admin`" in laptop.run("token", "create", "x", "--user", "ben", code=1).stderr


def test_a_helper_and_a_status_line(laptop):
    """The token for agents, and the line with what is left."""
    assert laptop.run("token", "get").stdout == f"{laptop.gateway.token}\n"
    line = laptop.run("statusline", typed='{"model": {"display_name": "Opus 4.6"}}', ANTHROPIC_BASE_URL=f"{laptop.gateway.url}/anthropic").stdout
    assert line.startswith("Opus 4.6 · $")
    assert "of $50.00 left until " in line


@pytest.mark.slow
def test_claude_code_asks_for_the_token(laptop, tmp_path):
    """With the page's settings and no token in them."""
    desk = agent_desk(laptop, tmp_path)
    desk.write(".claude/settings.json", filled("claude-code-helper", laptop))
    desk.variables |= {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "IS_SANDBOX": "1"}
    answered = desk.run(CLAUDE_CODE, "-p", "Say hello.", "--model", "claude-opus-4-6")
    assert "demo provider speaking" in answered.out, answered.text


@pytest.mark.slow
def test_codex_asks_for_the_token(laptop, tmp_path):
    """With the page's provider and no variable."""
    desk = agent_desk(laptop, tmp_path)
    desk.write(".codex/config.toml", filled("codex-helper", laptop) + QUIET_CODEX)
    desk.variables["CODEX_HOME"] = str(desk.home / ".codex")
    answered = desk.run(CODEX, "exec", "--skip-git-repo-check", "Say hello.")
    assert "demo provider speaking" in answered.out, answered.text


def filled(name, laptop):
    """A block of the page with this gateway's address, and the command by its path."""
    text, program = block(name, PAGE).text.replace(HOST, laptop.gateway.url), command_folder() / "headgate"
    return text.replace('command = "headgate"', f'command = "{program}"').replace('"headgate token get"', f'"{program} token get"')


def agent_desk(laptop, folder):
    """A desk for an agent of the developer who is signed in."""
    return Desk(folder / "desk", {"XDG_CONFIG_HOME": str(laptop.home / ".config")})
