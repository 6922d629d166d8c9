"""Statements through a real gateway: the page's DDL as printed, queries, states, chunks, Arrow, privileges, and what stays light meanwhile."""

import base64
import os
import signal
import time
import urllib.request
from pathlib import Path

import pyarrow as pa
import pytest

from tests.e2e.asking import CASES, Asking
from tests.e2e.lab import descendants, headgate, running
from tests.e2e.workspace import STATEMENTS, Asker, administrator, user
from tests.fakes import exports
from tests.fakes.page_ddl import LOGS, METRICS, PLACEHOLDERS, filled


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway with the demo provider."""
    with running(tmp_path_factory.mktemp("sql"), None, arguments=("--demo",)) as started:
        yield started


@pytest.fixture(scope="module")
def root(gateway):
    """An administrator."""
    return administrator(gateway)


@pytest.fixture(scope="module")
def ada(gateway):
    """Somebody without a grant."""
    return user(gateway, "ada@example.com")


def test_nothing_is_loaded_before_a_statement_comes(gateway):
    """The serving process never holds a table library; the process that does is not there before the first statement."""
    maps = Path(f"/proc/{gateway.serving_pid()}/maps").read_text(encoding="utf-8")
    assert not [library for library in ("deltalake", "pyarrow", "duckdb", "sqlglot") if library in maps]


def test_the_pages_statements(root, gateway):
    """As printed with names filled in they make the tables; with placeholders left in they say what to replace; through the command line too."""
    for statement in (METRICS, LOGS):
        assert root.rows(filled(statement)) == []
        message = root.error(statement)
        assert message.startswith(
            f"Replace the placeholder {PLACEHOLDERS} with a name of your own, for example: CREATE TABLE main.default.claude_code_otel_"
        )
        headgate("sql", filled(statement, prefix="cli"), "--data", gateway.data)
    columns = root.rows("DESCRIBE main.default.claude_code_otel_metrics")
    assert [column[0] for column in columns[:6]] == ["name", "description", "unit", "metric_type", "gauge", "sum"]
    assert root.rows("SHOW TABLES IN main.default LIKE 'claude*'") == [
        ["default", "claude_code_otel_logs", "false"],
        ["default", "claude_code_otel_metrics", "false"],
    ]
    assert root.rows("SELECT count(*) FROM main.default.cli_otel_logs") == [["0"]]
    assert "already exists" in root.error(filled(LOGS)).replace("exists already", "already exists")
    (shown,) = root.rows("SHOW CREATE TABLE main.default.claude_code_otel_logs")[0]
    assert "'otel.schemaVersion' = 'v1'" in shown
    root.rows("DROP TABLE main.default.cli_otel_logs")


def test_usage_is_seen_at_once(root, ada, gateway):
    """A request is in the usage table in the next moment; everybody sees their own, administrators all."""
    case = next(case for case in CASES if case.dialect == "anthropic")
    with Asking(gateway.url, ada.token, case.path(stream=False), case.body("hello", stream=False)) as asking:
        asking.rest()
    deadline = time.monotonic() + 90
    mine = "SELECT requester, status_code FROM system.ai_gateway.my_usage"
    while not (rows := ada.rows(mine)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert rows == [["ada@example.com", "200"]]
    assert root.rows(mine) == []
    assert root.rows("SELECT requester FROM usage", catalog="system", schema="ai_gateway") == [["ada@example.com"]]
    message = ada.error("SELECT * FROM system.ai_gateway.usage")
    assert message.startswith("[INSUFFICIENT_PERMISSIONS] ada@example.com does not have SELECT on Table 'system.ai_gateway.usage'.")


def test_telemetry_is_seen_at_once(root):
    """An export that is acknowledged is in the answer of the next query, once, also after it has been carried into the table."""
    root.rows(filled(METRICS, prefix="seen"))
    headers = {
        "authorization": f"Bearer {root.token}",
        "content-type": "application/x-protobuf",
        "x-databricks-uc-table-name": "main.default.seen_otel_metrics",
    }
    request = urllib.request.Request(f"{root.url}/api/2.0/otel/v1/metrics", exports.metrics("mark", 3), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200
    query = "SELECT sum.attributes['mark'], count(*), max(sum.value) FROM main.default.seen_otel_metrics GROUP BY ALL"
    assert root.rows(query) == [["mark", "3", "2.0"]]
    deadline = time.monotonic() + 90
    while len(root.rows("DESCRIBE HISTORY main.default.seen_otel_metrics")) < 2 and time.monotonic() < deadline:
        assert root.rows(query) == [["mark", "3", "2.0"]]
        time.sleep(0.2)
    assert root.rows(query) == [["mark", "3", "2.0"]]


def test_privileges(root, ada):
    """Nothing is read without a grant; a grant holds at once; what is missing is named."""
    root.rows("CREATE TABLE main.default.ours (a INT)")
    assert "USE SCHEMA" not in ada.error("SELECT * FROM main.default.ours")
    root.rows(f"GRANT SELECT ON TABLE main.default.ours TO `{ada.name}`")
    assert ada.rows("SELECT * FROM main.default.ours") == []
    root.rows(f"REVOKE SELECT ON TABLE main.default.ours FROM `{ada.name}`")
    assert "SELECT on Table 'main.default.ours'" in ada.error("SELECT * FROM main.default.ours")
    assert "CREATE TABLE on Schema 'main.default'" in ada.error("CREATE TABLE main.default.mine (a INT)")
    assert "Nobody is named" in root.error("GRANT SELECT ON TABLE main.default.ours TO `nobody`")


def test_parameters_and_limits(root):
    """Named parameters are values, never text; limits cut and say so."""
    parameters = [{"name": "who", "value": "x' OR '1'='1"}, {"name": "n", "value": "3", "type": "INT"}, {"name": "none", "type": "DATE"}]
    assert root.rows("SELECT :who AS a, :n + 1 AS b, :none AS c", parameters=parameters) == [["x' OR '1'='1", "4", None]]
    answer = root.run("SELECT * FROM range(100)", row_limit=7)
    assert (answer["manifest"]["total_row_count"], answer["manifest"]["truncated"]) == (7, True)


def test_states(root, ada):
    """A statement can be left to run, asked after, and stopped, by who sent it alone."""
    slow = "SELECT count(*) FROM range(3000000) a, range(3000000) b"
    status, answer = root.ask("POST", STATEMENTS, {"statement": slow, "wait_timeout": "0s"})
    assert (status, answer["status"]["state"]) == (200, "RUNNING")
    place = f"{STATEMENTS}/{answer['statement_id']}"
    assert root.ask("GET", place)[1]["status"]["state"] == "RUNNING"
    assert ada.ask("GET", place)[0] == 404
    assert ada.ask("POST", f"{place}/cancel")[0] == 404
    assert root.ask("POST", f"{place}/cancel") == (200, {})
    assert root.ask("GET", place)[1]["status"]["state"] == "CANCELED"
    answer = root.run(slow, wait_timeout="5s", on_wait_timeout="CANCEL")
    assert answer["status"]["state"] == "CANCELED"


def test_chunks(root):
    """A large result comes in chunks, each with the way to the next."""
    answer = root.run("SELECT id FROM range(45000) AS t(id) ORDER BY id")
    seen = [row[0] for row in answer["result"]["data_array"]]
    part = answer["result"]
    while "next_chunk_internal_link" in part:
        status, part = root.ask("GET", part["next_chunk_internal_link"])
        assert status == 200
        seen += [row[0] for row in part["data_array"]]
    assert seen == [str(number) for number in range(45_000)]
    assert root.ask("GET", f"{STATEMENTS}/{answer['statement_id']}/result/chunks/9")[0] == 400
    assert root.ask("GET", f"{STATEMENTS}/{answer['statement_id']}/result/chunks/x")[0] == 400


def test_arrow(root):
    """Rows as an Arrow stream: inside the answer, or behind a link that needs no credential and cannot be forged."""
    answer = root.run("SELECT 1 AS a, map('k', 'v') AS m", format="ARROW_STREAM")
    inside = pa.ipc.open_stream(base64.b64decode(answer["result"]["attachment"])).read_all()
    assert inside.to_pylist() == [{"a": 1, "m": [("k", "v")]}]
    answer = root.run("SELECT 1 AS a", format="ARROW_STREAM", disposition="EXTERNAL_LINKS")
    link = answer["result"]["external_links"][0]["external_link"]
    assert link.startswith(root.url)
    with urllib.request.urlopen(link, timeout=10) as stream:
        assert pa.ipc.open_stream(stream.read()).read_all().to_pylist() == [{"a": 1}]
    stranger = Asker(root.url, "", "")
    assert stranger.ask("GET", link.removeprefix(root.url).replace("?s=", "?s=0"))[0] == 403
    assert stranger.ask("GET", link.removeprefix(root.url).partition("?")[0])[0] == 403


def test_refusals(root):
    """A body that is none, values that make no sense, statements that do not read as one: each is told, none is a crash."""
    for body in ({}, {"statement": 7}, {"statement": "SELECT 1", "wait_timeout": "1s"}, {"statement": "SELECT 1", "format": "CSV"}):
        status, answer = root.ask("POST", STATEMENTS, body)
        assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), answer
    for statement in (
        "",
        "SELECT 1; SELECT 2",
        "DELETE FROM main.default.ours WHERE true",
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY x TO '/tmp/x'",
    ):
        answer = root.run(statement)
        assert (answer["status"]["state"], answer["status"]["error"]["error_code"]) == ("FAILED", "BAD_REQUEST"), answer
    assert Asker(root.url, "", "").ask("POST", STATEMENTS, {"statement": "SELECT 1"})[0] == 401
    assert Asker(root.url, "hg_wrong", "").ask("POST", STATEMENTS, {"statement": "SELECT 1"})[0] == 401
    assert root.ask("GET", "/api/2.0/no/such")[1]["error_code"] == "ENDPOINT_NOT_FOUND"
    assert root.ask("PUT", STATEMENTS)[0] == 405


def test_a_dead_statement_process_costs_its_statements_alone(root, gateway):
    """Statements are run again by the next one, and the gateway has served meanwhile."""
    assert root.rows("SELECT 1") == [["1"]]  # the first statement starts it
    (process,) = [pid for pid in descendants(gateway.serving_pid()) if b"statement_process" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(process, signal.SIGKILL)
    status, answer = root.ask("POST", STATEMENTS, {"statement": "SELECT 1", "wait_timeout": "10s"})
    if status == 503:
        assert answer["error_code"] == "STATEMENT_PROCESS_ENDED"
        status, answer = root.ask("POST", STATEMENTS, {"statement": "SELECT 1", "wait_timeout": "10s"})
    assert (status, answer["status"]["state"]) == (200, "SUCCEEDED")


def test_odd_names(root):
    """A table may be called almost anything, and is found by that name alone."""
    for leaf in ("a%20b", "été*?[x]", "k=v&#", "x" * 255):
        root.rows(f"CREATE TABLE main.default.`{leaf}` (a INT)")
        assert root.rows(f"SELECT count(*) FROM main.default.`{leaf}`") == [["0"]]
        assert [leaf in row for row in root.rows("SHOW TABLES IN main.default")].count(True) == 1
        root.rows(f"DROP TABLE main.default.`{leaf}`")
    assert "holds a space" in root.error("CREATE TABLE main.default.`a b` (a INT)")


def test_texts_that_are_parsed_for_hours_stop_nobody_else(root, ada):
    """Another user's statements are answered meanwhile, and a cancel ends the work. The bound of each user comes before the bound of all."""
    hours = "CREATE TABLE t (a INT) TBLPROPERTIES ('x' = " + "struct(" * 40 + "1" + ")" * 40 + ")"
    begun = [ada.run(hours, wait_timeout="0s")["statement_id"] for _ in range(20)]
    status, refused = ada.ask("POST", STATEMENTS, {"statement": "SELECT 1", "wait_timeout": "0s"})
    assert (status, refused["error_code"]) == (503, "TOO_MANY_STATEMENTS")

    assert root.rows("SELECT 1") == [["1"]]
    assert root.rows("SHOW CATALOGS")

    for statement_id in begun:
        ada.ask("POST", f"{STATEMENTS}/{statement_id}/cancel", {})
    assert {ada.ask("GET", f"{STATEMENTS}/{statement_id}")[1]["status"]["state"] for statement_id in begun} <= {"CANCELED", "FAILED"}
    assert ada.rows("SELECT 2") == [["2"]]
