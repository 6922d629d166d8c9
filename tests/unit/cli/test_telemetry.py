"""`headgate telemetry init`."""

import json

import pytest
from typer.testing import CliRunner

from headgate.admin.statements import PATH
from headgate.catalog import names
from headgate.catalog.otel_tables import SIGNALS
from headgate.cli.main import app
from headgate.cli.telemetry import agent_settings, statements
from tests.e2e.documented import HOST, block
from tests.unit.cli.answering import answering
from tests.unit.cli.test_remote_sql import succeeded

TABLES = [f"main.default.agents_otel_{signal}" for signal in SIGNALS]


@pytest.fixture
def run(tmp_path):
    """Runs a command on the data directory of a new store."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "state.db").touch(mode=0o600)

    def run(*arguments: str, code: int = 0, **variables: str):
        environ = {"HEADGATE_DATA": str(tmp_path / "data"), "HOME": str(tmp_path), **variables}
        result = CliRunner().invoke(app, [*arguments], env=environ)
        assert result.exit_code == code, result.output
        return result

    return run


def test_the_tables_are_there_afterwards(run):
    """The usual ones, and others in a catalog of their own; every user may write to them. A second time nothing changes."""
    for prefix in ("main.default.agents", "tools.telemetry.dev", "main.default.agents"):
        told = run("telemetry", "init", prefix)
        assert f"  {prefix}_otel_logs\n" in told.stderr
    for table in ("main.default.agents_otel_spans", "tools.telemetry.dev_otel_metrics"):
        assert json.loads(run("sql", f"SELECT count(*) AS n FROM {table}", "--json").stdout) == [{"n": 0}]
        grants = json.loads(run("sql", f"SHOW GRANTS ON TABLE {table}", "--json").stdout)
        assert ("account users", "MODIFY") in {(grant["Principal"], grant["ActionType"]) for grant in grants}


def test_what_is_printed_can_be_piped(run):
    """The settings alone are data; JSON has the tables too."""
    shown = run("telemetry", "init")
    assert shown.stdout.startswith("# Claude Code: ~/.claude/settings.json\n{")
    assert "headgate connect --telemetry" in shown.stderr
    found = json.loads(run("telemetry", "init", "--json").stdout)
    assert found["tables"] == TABLES
    assert [each["agent"] for each in found["agents"]] == ["Claude Code", "Codex CLI", "Gemini CLI"]


@pytest.mark.parametrize("prefix", ["agents", "default.agents", "a.b.c.d"])
def test_a_prefix_has_three_parts(run, prefix):
    """Anything else is refused before anything is made."""
    assert "write catalog.schema.prefix" in run("telemetry", "init", prefix, code=1).stderr


@pytest.mark.parametrize("number", range(3))
def test_the_settings_are_the_documented_ones(number):
    """Of each agent, in its own file's form, without what connects it."""
    found = agent_settings(HOST, "main.default.agents")[number]
    documented = block(("claude-code-telemetry", "codex-telemetry", "gemini-telemetry")[number], "docs/telemetry.md").text

    assert found.text == documented


def test_names_are_quoted():
    """Whatever they hold."""
    made = statements(names.parse("`my-catalog`.default.x", 3))

    assert made[0] == "CREATE CATALOG IF NOT EXISTS `my-catalog`"
    assert "`my-catalog`.default.x_otel_metrics" in made[4]


def test_on_a_gateway_that_runs_elsewhere(run):
    """The same statements go there, with the user's token, and the settings have its address."""
    with answering({f"POST {PATH}": succeeded({})}) as (url, asked):
        shown = run("telemetry", "init", "--url", url, HEADGATE_TOKEN="hg_x", HEADGATE_DATA="")

    assert [each["body"]["statement"] for each in asked] == statements(names.parse("main.default.agents", 3))
    assert {each["authorization"] for each in asked} == {"Bearer hg_x"}
    assert f"{url}/api/2.0/otel/v1/logs" in shown.stdout
