"""`headgate usage`."""

import base64
import contextlib
import csv
import datetime as dt
import io
import json

import pyarrow as pa
import pytest
import typer
from typer.testing import CliRunner

from headgate.admin.statements import PATH
from headgate.cli.main import app
from headgate.cli.usage import print_groups, print_rows, since_of
from headgate.core.clock import SystemClock
from headgate.core.record import Intent, Outcome
from headgate.core.usage import Usage
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.state.stated_configuration import StatedConfiguration, write_configuration
from tests.unit.cli.answering import ME, answering
from tests.unit.cli.test_remote_sql import succeeded

HOUR_NS = 3_600 * 10**9


@pytest.fixture
def run(tmp_path):
    """Runs the command on a data directory whose journal has two exchanges: one of an hour ago, one of ten days ago."""
    (tmp_path / "state.db").touch(mode=0o600)
    clock = SystemClock()
    journal = JournalWriter.open(str(tmp_path / "journal"), JournalLimits(), clock)
    for number, (age_ns, user) in enumerate(((240 * HOUR_NS, "hakan"), (HOUR_NS, "ada"))):
        started_ns = clock.wall_ns() - age_ns
        intent = Intent(request_id=f"req_{number}", started_at_ns=started_ns, requester=user, agent="codex", endpoint="gpt-5.2", model_sent="gpt-5.2",
                        provider_dialect="openai", request_tags={"team": "payments"})  # fmt: skip
        journal.intent(intent)
        usage = Usage(input_tokens=1_000, cache_read_tokens=2_000, output_tokens=100)
        journal.outcome(
            Outcome(intent=intent, status_code=200, ended="completed", ended_at_ns=started_ns + 10**9, usage=usage, model_served="gpt-5.2")
        )
    journal.close()

    def run(*arguments: str, code: int = 0):
        result = CliRunner().invoke(app, ["usage", "--data", str(tmp_path), *arguments])
        assert result.exit_code == code, result.output
        return result

    return run


def test_grouped(run):
    """Sums by one key, with all of them together."""
    lines = run("--by", "user").stdout.splitlines()
    assert lines[0].split() == ["USER", "REQUESTS", "NOT", "COMPLETED", "FRESH", "CACHE", "READ", "CACHE", "WRITE", "OUTPUT", "CHARGE"]
    assert sorted(line.split()[0] for line in lines[1:3]) == ["ada", "hakan"]
    assert lines[3].split()[:7] == ["all", "2", "0", "2.0k", "4.0k", "–", "200"]
    assert lines[3].split()[7].startswith("$0.0")


@pytest.mark.parametrize("by", ["user", "agent", "model", "endpoint", "provider", "token", "tier", "day", "week", "month", "session"])
def test_every_key_as_json(run, by):
    """Each key gives an array of sums."""
    found = json.loads(run("--by", by, "--json").stdout)
    assert sum(row["requests"] for row in found) == 2
    assert by in found[0]


def test_rows(run):
    """Every exchange, as a table for people and whole for programs."""
    assert [line.split()[2] for line in run("--rows").stdout.splitlines()] == ["USER", "hakan", "ada"]
    rows = json.loads(run("--rows", "--json").stdout)
    assert [(row["request_id"], row["requester"], row["output_tokens"]) for row in rows] == [("req_0", "hakan", 100), ("req_1", "ada", 100)]


def test_since(run):
    """Only what began since then is counted."""
    assert [row["requester"] for row in json.loads(run("--rows", "--json", "--since", "7d").stdout)] == ["ada"]
    assert [row["user"] for row in json.loads(run("--by", "user", "--json", "--since", "7d").stdout)] == ["ada"]
    assert run("--since", "1m").stderr == "Nothing was used since 1m.\n"
    assert "neither a span" in run("--since", "soon", code=2).stderr


def test_until(run):
    """Only what began before then is counted; a day counts whole."""
    assert [row["requester"] for row in json.loads(run("--rows", "--json", "--until", "7d").stdout)] == ["hakan"]
    today = dt.datetime.now(dt.UTC).date()
    assert len(json.loads(run("--rows", "--json", "--until", today.isoformat()).stdout)) == 2
    assert run("--since", "2d", "--until", "1d").stderr == "Nothing was used since 2d until 1d.\n"
    assert "neither a span" in run("--until", "soon", code=2).stderr


def test_by_tag(run):
    """A tag's values are the keys; the option and the tag's name go together."""
    assert json.loads(run("--by", "tag", "--tag", "team", "--json").stdout)[0]["tag"] == "payments"
    for wrong in (("--by", "tag"), ("--tag", "team")):
        assert "go together" in run(*wrong, code=2).stderr


def test_limit(run):
    """The latest exchanges, or the largest sums; the total stays that of all."""
    cut = run("--rows", "--limit", "1")
    assert [line.split()[2] for line in cut.stdout.splitlines()] == ["USER", "ada"]
    assert "These are the latest 1; there may be more" in cut.stderr
    assert [row["request_id"] for row in json.loads(run("--rows", "--limit", "1", "--json").stdout)] == ["req_1"]
    assert len(json.loads(run("--by", "user", "--limit", "1", "--json").stdout)) == 1
    lines = run("--by", "user", "--limit", "1").stdout.splitlines()
    assert (len(lines), lines[-1].split()[:2]) == (3, ["all", "2"])
    assert "there may be more" not in run("--rows", "--limit", "0").stderr


def test_the_days_are_said(run):
    """On standard error, with the zone."""
    today = dt.datetime.now(dt.UTC).date()
    assert run().stderr.endswith(" in UTC.\n")
    assert run("--since", "7d").stderr in {f"Exchanges from {day} to {day}, in UTC.\n" for day in (today, today - dt.timedelta(days=1))}


def test_senseless_together(run):
    """Single exchanges have no sums."""
    assert "leave out --by" in run("--rows", "--by", "user", code=2).stderr


def test_csv(run):
    """A line of names and a line for each sum or row, with whole values; not together with JSON."""
    sums = list(csv.DictReader(io.StringIO(run("--by", "user", "--csv").stdout)))
    assert sorted((row["user"], row["requests"], row["total_tokens"]) for row in sums) == [("ada", "1", "3100"), ("hakan", "1", "3100")]
    rows = list(csv.DictReader(io.StringIO(run("--rows", "--csv").stdout)))
    assert [(row["request_id"], row["output_tokens"], row["error_code"]) for row in rows] == [("req_0", "100", ""), ("req_1", "100", "")]
    assert "one of --json and --csv" in run("--csv", "--json", code=2).stderr


def test_a_demo_says_that_it_is_one(run, tmp_path):
    """Under each table, so that nobody takes its dollars for a bill; programs read it in `charge_status`."""
    said = "This is the demo: its usage is made up, and no account is charged.\n"
    assert said not in run().stderr
    write_configuration(str(tmp_path), StatedConfiguration(demo=True))
    assert run("--by", "user").stderr.endswith(said)
    assert run("--rows").stderr.endswith(said)


def test_nothing(tmp_path):
    """A store in which nothing was used yet is no error."""
    (tmp_path / "state.db").touch(mode=0o600)
    result = CliRunner().invoke(app, ["usage", "--data", str(tmp_path)])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing was used yet.\n")
    assert json.loads(CliRunner().invoke(app, ["usage", "--rows", "--json", "--data", str(tmp_path)]).stdout) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("30m", 10**18 - 1_800 * 10**9), ("24h", 10**18 - 86_400 * 10**9), ("2w", 10**18 - 1_209_600 * 10**9), ("1970-01-02", 86_400 * 10**9),
     ("999999w", 0)],
)  # fmt: skip
def test_since_of(text, expected):
    """Spans count back from now, days begin at midnight UTC."""
    assert since_of(text, 10**18) == expected


@pytest.mark.parametrize("text", ["7", "d7", "-1d", "7 d", "2026-13-01", "yesterday"])
def test_senseless_since(text):
    """Anything else is refused."""
    with pytest.raises(typer.BadParameter):
        since_of(text, 10**18)


SUMS = {
    "requests": 2, "not_completed": 1, "fresh_input_tokens": 10, "cache_write_5m_tokens": None, "cache_write_1h_tokens": 5, "cache_read_tokens": None,
    "output_tokens": 7, "charge": None, "unpriced": 1, "estimated": 1,
}  # fmt: skip


def lines_of(show, *arguments):
    """What is printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        show(*arguments)
    return out.getvalue().splitlines()


def group_lines(found, by):
    return lines_of(print_groups, found, by)


def row_lines(found):
    return lines_of(print_rows, found)


def test_unpriced_is_never_free():
    """What has no price says so, in a line of its own and in the sum."""
    lines = group_lines([SUMS | {"model": "a"}, SUMS | {"model": None, "charge": 1.5, "unpriced": 0, "estimated": 0}], "model")
    assert lines[1].split() == ["a", "2", "1", "~10", "–", "~5", "~7", "unpriced"]
    assert lines[2].split() == ["–", "2", "1", "10", "–", "5", "7", "$1.50"]
    assert lines[3].split() == ["all", "4", "2", "~20", "–", "~10", "~14", "$1.50", "+", "1", "unpriced"]
    assert len(group_lines([SUMS | {"model": "a"}], "model")) == 2


def test_row_of_a_refusal():
    """An exchange that used nothing has dashes, not zeros."""
    row = dict.fromkeys(("fresh_input_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_read_tokens", "output_tokens"))
    row |= {"event_time": "2026-11-24T11:50:56.727932Z", "requester": "ada", "agent": None, "endpoint_name": None, "status_code": 404, "ended": "refused",
            "charge": None, "charge_status": "none", "usage_estimated": None}  # fmt: skip
    assert row_lines([row])[1].split() == ["2026-11-24", "11:50:56", "ada", "–", "–", "404", "refused", "–", "–", "–", "–", "–"]


def test_searches_and_tiers_have_columns_where_there_are_any():
    """They take no room where nobody searched and everything was served the ordinary way."""
    searched = group_lines([SUMS | {"model": "a", "web_searches": 3}, SUMS | {"model": "b", "web_searches": None}], "model")
    assert [line.split()[-2] for line in searched[1:]] == ["3", "–", "3"]
    assert "SEARCHES" in searched[0]
    row = dict.fromkeys(("fresh_input_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_read_tokens", "output_tokens"))
    row |= {"event_time": "2026-11-24T11:50:56Z", "requester": "ada", "agent": None, "endpoint_name": None, "status_code": 200, "ended": "completed",
            "charge": 0.5, "charge_status": "priced", "usage_estimated": None, "service_tier": None}  # fmt: skip
    lines = row_lines([row, row | {"service_tier": "fast+us"}])
    assert lines[0].split()[5:7] == ["TIER", "STATUS"]
    assert [line.split()[5] for line in lines[1:]] == ["–", "fast+us"]


def test_a_gateway_that_runs_elsewhere():
    """Is asked in place of a store; whose usage it is goes to standard error."""
    row = SUMS | {"user": "ada", "charge": 1.5, "unpriced": 0}
    table, sink = pa.Table.from_pylist([row]), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    answers = {"/api/2.0/headgate/me": ME, f"POST {PATH}": succeeded({"attachment": base64.b64encode(sink.getvalue()).decode()})}
    with answering(answers) as (url, _):
        shown = CliRunner().invoke(app, ["usage", "--by", "user", "--url", url], env={"HEADGATE_TOKEN": "hg_x"})
    assert shown.stdout.splitlines()[1].split()[0] == "ada"
    assert shown.stderr == f"Usage of ada@example.com, from {url}\n"
