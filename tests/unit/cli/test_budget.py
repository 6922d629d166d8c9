"""`headgate budget list` and `headgate usage --mine`, over a gateway's answers."""

import json

import pytest
from typer.testing import CliRunner

from headgate.cli.budget import meter_lines
from headgate.cli.main import app
from tests.unit.cli.answering import answering

METER = {
    "name": "contractors, month",
    "principal": "ada@example.com",
    "session": None,
    "period": "month",
    "timezone": "Europe/Berlin",
    "usd": 50.0,
    "spent_usd": 41.0,
    "reserved_usd": 0.125,
    "left_usd": 8.875,
    "percent": 82.25,
    "resets_at": "2026-12-01T00:00:00+01:00",
}
SHARED = METER | {"name": "all", "principal": None, "reserved_usd": 0.0, "percent": 140.0, "spent_usd": 70.0, "left_usd": 0.0}


def test_meters():
    """A bar, never longer than it is; what is reserved only where something is."""
    head, own, shared = meter_lines([METER, SHARED])

    assert head.split() == ["BUDGET", "OF", "USED", "SPENT", "RESERVED", "BUDGET", "OF", "LEFT", "RESETS"]
    assert own.split("  ")[0] == "contractors, month"
    assert "[################....]   82 %" in own
    assert own.split()[-7:] == ["$41.00", "$0.125", "$50.00", "$8.88", "2026-12-01", "00:00", "Europe/Berlin"]
    assert "[####################]  140 %" in shared
    assert " all " in shared
    assert "–" in shared
    assert meter_lines([]) == ["No budget applies."]


@pytest.mark.parametrize(
    ("command", "path"), [(["budget", "list"], "/api/2.0/headgate/budgets/usage"), (["usage", "--mine"], "/api/2.0/headgate/me")]
)
def test_both_ask_the_gateway(command, path):
    """With the token of the environment; as a table or as JSON."""
    with answering({path: {"budgets": [METER]}}) as (url, asked):
        environ = {"HEADGATE_TOKEN": "hg_secret", "HEADGATE_URL": url}
        shown = CliRunner().invoke(app, command, env=environ)
        as_json = CliRunner().invoke(app, [*command, "--json"], env=environ)

    assert "contractors, month" in shown.stdout
    assert json.loads(as_json.stdout) == [METER]
    assert {headers["authorization"] for headers in asked} == {"Bearer hg_secret"}


def test_without_a_token_it_says_what_to_set(tmp_path):
    """On standard error, with exit code 1."""
    result = CliRunner().invoke(app, ["budget", "list"], env={"HEADGATE_TOKEN": "", "HEADGATE_URL": "", "XDG_CONFIG_HOME": str(tmp_path)})

    assert result.exit_code == 1
    assert "run `headgate login URL`, or set HEADGATE_TOKEN" in result.stderr
