"""A gateway that runs elsewhere, as a developer's own machine uses it: signing in, tokens, and what agents ask for, all with one demo gateway."""

import json
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from headgate.cli.usage_reading import By, UsageQuestion, find_usage
from headgate.core.clock import SystemClock
from headgate.core.record import Intent, Outcome
from headgate.core.usage import Usage, UsageLine
from headgate.storage.journal.journals import writer_dir
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalWriter
from tests.e2e.agents import CLAUDE_CODE, CODEX
from tests.e2e.documented import HOST, block
from tests.e2e.forked_commands import command_folder
from tests.e2e.headless import QUIET_CODEX, Desk
from tests.e2e.lab import ALONE, Gateway, environment, headgate

PAGE = "docs/team.md"
BUDGET = """
[[budgets]]
name = "everyone"
per = "month"
usd = 50
"""


class Laptop:
    """The machine of a developer: a home, no store, and the address of a gateway; and an administrator's token there."""

    def __init__(self, home: Path, gateway: Gateway, administrator: str) -> None:
        self.home = home
        self.gateway = gateway
        self.administrator = administrator

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


def write_exchanges(data: str) -> None:
    """A journal with exchanges of two users, from before the gateway's start: with an adviser's line, with searches, refused, and without a price."""
    Path(data).mkdir(mode=0o700, parents=True)
    journal, clock = JournalWriter.open(writer_dir(data, "before"), JournalLimits(), SystemClock()), SystemClock()
    adviser = UsageLine(kind="advisor_message", model="claude-fable-5", tier="us", input_tokens=900, output_tokens=70)
    searched = UsageLine(kind="web_search", uses=3)
    used = Usage(input_tokens=1_000, cache_read_tokens=2_000, output_tokens=100, beside=(adviser, searched))
    exchanges = (("ada@example.com", "claude-opus-4-6", used), ("ben@example.com", "gpt-5.2", Usage(input_tokens=9, estimated=True, tier="flex")),
                 ("ada@example.com", "nobody-knows", Usage(input_tokens=5)), ("ben@example.com", "", None))  # fmt: skip
    for number, (user, model, usage) in enumerate(exchanges):
        started_ns = clock.wall_ns() - (number * 40 + 1) * 86_400 * 10**9
        intent = Intent(request_id=f"req_{number}", started_at_ns=started_ns, requester=user, agent="claude-code", endpoint=model, model_sent=model,
                        provider_dialect="anthropic", request_tags={"team": "payments"} if number else {}, session_id="s" * number)  # fmt: skip
        journal.intent(intent)
        ended = "completed" if usage else "refused"
        journal.outcome(
            Outcome(intent=intent, status_code=200 if usage else 429, ended=ended, ended_at_ns=started_ns, usage=usage, model_served=model)
        )
    journal.close()


@pytest.fixture(scope="module")
def laptop(tmp_path_factory):
    """A developer who is signed in to a demo gateway."""
    folder = tmp_path_factory.mktemp("remote")
    gateway = Gateway(folder, ALONE + BUDGET, arguments=("--demo",))
    gateway.token = "-"
    write_exchanges(gateway.data)
    try:
        gateway.start()
        gateway.token, gateway.token_id = gateway.create_token()
        administrator = headgate("token", "create", "root", "--admin", "--data", gateway.data).strip()
        there = Laptop(folder / "home", gateway, administrator)
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


@pytest.mark.parametrize("by", get_args(By))
def test_usage_is_as_on_the_gateways_machine(laptop, monkeypatch, by):
    """Sums by every key, in every detail; for an administrator everyone's."""
    monkeypatch.setenv("HEADGATE_TOKEN", laptop.administrator)
    asked = UsageQuestion(by=by, tag="team" if by == "tag" else "", since_ns=SystemClock().wall_ns() - 100 * 86_400 * 10**9)
    here, there = find_usage(asked, "", laptop.gateway.data), find_usage(asked, laptop.gateway.url, "")
    assert there.rows == here.rows
    assert sum(row["requests"] for row in there.rows) == 3
    assert there.whose.startswith("Usage of everyone")


def test_every_exchange_is_as_on_the_gateways_machine(laptop, monkeypatch):
    """Every column of every row."""
    monkeypatch.setenv("HEADGATE_TOKEN", laptop.administrator)
    asked = UsageQuestion(every_exchange=True)
    found = find_usage(asked, laptop.gateway.url, "")
    assert found.rows == find_usage(asked, "", laptop.gateway.data).rows
    assert len(found.rows) == 4


def test_a_members_own_usage_and_sql(laptop):
    """Nobody else's rows, and the output of the command as it is on the gateway's machine."""
    done = laptop.run("usage", "--by", "user")
    assert [line.split()[:2] for line in done.stdout.splitlines()[1:]] == [["ada@example.com", "2"]]
    assert f"Usage of ada@example.com, from {laptop.gateway.url}" in done.stderr
    shown = laptop.run("sql", "SELECT requester, count(*) AS n FROM system.ai_gateway.my_usage GROUP BY ALL", "--csv")
    assert shown.stdout == "requester,n\nada@example.com,2\n"
    assert "INSUFFICIENT_PERMISSIONS" in laptop.run("sql", "SELECT 1 FROM system.ai_gateway.usage", code=1).stderr


def test_a_helper_and_a_status_line(laptop):
    """The token for agents, and the line with what is left."""
    assert laptop.run("token", "get").stdout == f"{laptop.gateway.token}\n"
    line = laptop.run("statusline", typed='{"model": {"display_name": "Opus 4.6"}}', ANTHROPIC_BASE_URL=f"{laptop.gateway.url}/anthropic").stdout
    assert line.startswith("Opus 4.6 · $")
    assert "of $50.00 left until " in line


def test_doctor(laptop):
    """Looks at the gateway from here, and on the gateway's machine at everything behind it."""
    there = json.loads(laptop.run("doctor", "--json").stdout)
    assert {each["check"]: each["state"] for each in there["findings"] if each["check"] in {"gateway", "token", "clock"}} == {
        "gateway": "ok", "token": "ok", "clock": "ok",
    }  # fmt: skip
    config = str(laptop.gateway.folder / "headgate.toml")
    variables = {"HEADGATE_PORT": str(laptop.gateway.port)}
    here = json.loads(laptop.run("doctor", "--json", "--data", laptop.gateway.data, "--config", config, **variables).stdout)
    states = {each["check"]: each["state"] for each in here["findings"]}
    assert {name: states[name] for name in ("data", "store", "configuration", "gateway", "providers")} == dict.fromkeys(
        ("data", "store", "configuration", "gateway", "providers"), "ok"
    )
    assert "state     ready" in laptop.run("status").stdout


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
