"""`headgate sql`."""

import csv
import json

import pytest
from typer.testing import CliRunner

from headgate.admin.statements import PATH
from headgate.cli.main import app
from tests.fakes.page_ddl import LOGS, METRICS, PLACEHOLDERS, filled
from tests.unit.cli.answering import answering
from tests.unit.cli.test_remote_sql import attachment, succeeded


@pytest.fixture
def run(tmp_path):
    """Runs the command on the data directory of a new store."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "state.db").touch(mode=0o600)

    def run(*arguments: str, code: int = 0, stdin: str | None = None):
        environ = {"HEADGATE_DATA": str(tmp_path / "data"), "HOME": str(tmp_path)}
        result = CliRunner().invoke(app, ["sql", *arguments], env=environ, input=stdin)
        assert result.exit_code == code, result.output
        return result

    return run


def test_a_query(run):
    """A table for people, its size on standard error; JSON with values as JSON has them; CSV with a head."""
    query = "SELECT 1 AS n, 'a\tb' AS t, map('k', array(1.5)) AS m, CAST(NULL AS INT) AS z, DATE '2026-01-31' AS d"
    shown = run(query)
    assert shown.stdout.splitlines() == ["n  t    m                 z  d", '1  a b  {"k":["1.5"]}  NULL  2026-01-31']
    assert shown.stderr == "1 row.\n"
    assert json.loads(run(query, "--json").stdout) == [{"n": 1, "t": "a\tb", "m": {"k": [1.5]}, "z": None, "d": "2026-01-31"}]
    assert next(csv.reader(run(query, "--csv").stdout.splitlines())) == ["n", "t", "m", "z", "d"]
    assert run("SELECT 1 AS n WHERE false", "--json").stdout == "[]\n"


def test_what_is_refused_is_told_once_and_in_words_of_ours(run, caplog):
    """No parser's warning stands beside it, and none is logged."""
    for statement in ("EXPLAIN SELECT 1", "WITH a AS (SHOW TABLES) SELECT 1"):
        refused = run(statement, code=1)
        assert refused.stderr.startswith("[PARSE_SYNTAX_ERROR] ")
        assert len(refused.stderr.splitlines()) == 1
    assert not caplog.records


def test_the_pages_statements(run):
    """As printed with names filled in; with placeholders left in they say what to do."""
    for statement in (METRICS, LOGS):
        assert run(filled(statement)).stderr == "Done.\n"
        assert PLACEHOLDERS in run(statement, code=1).stderr
    assert [row["tableName"] for row in json.loads(run("SHOW TABLES", "--json").stdout)] == ["claude_code_otel_logs", "claude_code_otel_metrics"]
    assert json.loads(run("SELECT count(*) AS n FROM claude_code_otel_metrics", "--json").stdout) == [{"n": 0}]


def test_a_script(run, tmp_path):
    """The statements of a file run in order; the first that fails ends it, and what was done stays."""
    script = tmp_path / "tables.sql"
    script.write_text("CREATE SCHEMA main.obs; -- a comment; with a semicolon\nCREATE TABLE main.obs.t (a INT);\nSHOW TABLES IN main.obs;\n")
    assert run("-f", str(script), "--csv").stdout == "database,tableName,isTemporary\nobs,t,false\n"
    failed = run("--file", "-", stdin="CREATE TABLE main.obs.u (a INT); CREATE TABLE main.obs.t (a INT); CREATE TABLE main.obs.v (a INT)", code=1)
    assert "exists already" in failed.stderr
    assert run("SHOW TABLES", "--schema", "obs", "--csv").stdout.splitlines()[1:] == ["obs,t,false", "obs,u,false"]


def test_whose_rows_they_are(run):
    """The command is an administrator's: it reads what everybody used, before anything was."""
    assert json.loads(run("SELECT current_user() AS u, is_member('admins') AS a", "--json").stdout) == [{"u": "admin", "a": True}]
    assert run("SELECT * FROM system.ai_gateway.usage", "--json").stdout == "[]\n"


def test_what_was_read(run):
    """On standard error, if it is asked for; commands read no files."""
    assert run("SELECT 1 AS n", "--verbose", "--csv").stderr == "Read 0 of 0 files: 0 B of 0 B, 0 rows.\n"
    assert not run("SHOW SCHEMAS", "--verbose", "--json").stderr
    answer = succeeded({"attachment": attachment(7)})
    answer["manifest"]["metrics"] = {
        "read_files_count": 1, "pruned_files_count": 364, "read_bytes": 2048, "pruned_bytes": 4096, "rows_read_count": 1,
    }  # fmt: skip
    with answering({f"POST {PATH}": answer}) as (url, _):
        shown = CliRunner().invoke(app, ["sql", "--url", url, "SELECT 7 AS n", "--verbose"], env={"HEADGATE_TOKEN": "hg_x"})
    assert shown.stderr == "1 row.\nRead 1 of 365 files: 2.0 KiB of 6.0 KiB, 1 row.\n"


def test_command_lines_that_make_no_sense(run, tmp_path):
    """No statement, two of them, two forms, no such file, a file that is no text."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for arguments in (["SELECT 1", "-f", "x"], ["SELECT 1", "--csv", "--json"], ["-f", str(tmp_path / "none")], ["-f", str(tmp_path / "binary")]):
        run(*arguments, code=2)
    assert "PARSE_SYNTAX_ERROR" in run("SELEC 1", code=1).stderr


def test_a_gateway_that_runs_elsewhere():
    """Is asked, with the same output; each statement of a file by itself, until one fails."""
    answers = {f"POST {PATH}": succeeded({"attachment": attachment(7)})}
    with answering(answers) as (url, asked):
        shown = CliRunner().invoke(app, ["sql", "--url", url, "-f", "-"], env={"HEADGATE_TOKEN": "hg_x"}, input="SELECT 7 AS n; SELECT 7 AS n")
        as_json = CliRunner().invoke(app, ["sql", "SELECT 7 AS n", "--json"], env={"HEADGATE_TOKEN": "hg_x", "HEADGATE_URL": url})
    assert (shown.stdout, shown.stderr) == ("n\n7\nn\n7\n", "1 row.\n1 row.\n")
    assert as_json.stdout == '[{"n": 7}]\n'
    assert [each["body"]["schema"] for each in asked] == ["default"] * 3
    refused = CliRunner().invoke(app, ["sql", "SELECT 1", "--url", "http://127.0.0.1:1"], env={"HEADGATE_TOKEN": "hg_x"})
    assert (refused.exit_code, "No gateway answers" in refused.stderr) == (1, True)
