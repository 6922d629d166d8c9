"""`headgate policy explain` in a terminal."""

import json

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app
from tests.unit.cli.answering import answering

FOUND = {
    "user": "ada", "has_token": True, "groups": ["contractors"], "model": "opus", "agent": "claude-code", "dialect": "anthropic", "allowed": True, "refusal": None,
    "endpoint": "haiku", "downgraded_from": "opus",
    "targets": [
        {"provider": "lab", "model": "claude-haiku", "dialect": "anthropic", "passed_over": True},
        {"provider": "spare", "model": "h", "dialect": "gemini", "translated_to": "gemini", "passed_over": False},
    ],
    "grants": [{"principal": "group:contractors", "endpoint": "*", "permission": "CAN_QUERY"}],
    "limits": [
        {"key": "user", "endpoint": "*", "value": "ada", "per": "hour", "measure": "tokens", "maximum": 200000, "used": 1500, "remaining": 198500},
        {"key": "agent", "endpoint": "*", "value": "", "per": "minute", "measure": "concurrent", "maximum": 3, "used": 1, "remaining": 2},
    ],
    "budgets": [
        {
            "name": "team", "principal": None, "session": None, "period": "month", "timezone": "UTC", "usd": 50.0, "spent_usd": 45.0, "reserved_usd": 0.0,
            "left_usd": 5.0, "percent": 90.0, "resets_at": "2026-12-01T00:00:00+00:00",
        },
    ],
}  # fmt: skip
PATH = "/api/2.0/headgate/policy/explain"


def explain(monkeypatch, found, *arguments, query="model=opus&user=ada&agent=claude-code"):
    """Run the command against a gateway that answers so."""
    with answering({f"{PATH}?{query}": found}) as (url, _):
        monkeypatch.setenv("HEADGATE_URL", url)
        monkeypatch.setenv("HEADGATE_TOKEN", "hg_x")
        return CliRunner().invoke(app, ["policy", "explain", "--model", "opus", "--as", "ada", "--agent", "claude-code", *arguments])


def test_for_people(monkeypatch):
    """The decision first, then where it goes, then what was looked at."""
    lines = explain(monkeypatch, FOUND).stdout.splitlines()
    assert lines[:4] == [
        "Allowed: ada (in contractors) may ask for opus with claude-code, in anthropic.",
        "Endpoint: haiku, instead of opus, as a budget sends its requests here",
        "  passed over for now, since it is in trouble: claude-haiku of lab",
        "  tried first: h of spare, translated to Gemini",
    ]
    rest = [" ".join(line.split()) for line in lines[4:]]
    assert "group:contractors CAN_QUERY *" in rest
    assert "user ada * tokens per hour 200,000 1,500 198,500" in rest
    assert "agent * concurrent at a time 3 1 2" in rest
    assert "team all 90 % $50.00 $5.00 2026-12-01 00:00 UTC" in rest


def test_a_user_without_a_token(monkeypatch):
    """Is explained as if there were one, and the second line says so."""
    lines = explain(monkeypatch, FOUND | {"has_token": False}).stdout.splitlines()
    assert lines[1] == "ada has no token: this is what would happen with one that allows all endpoints."


def test_a_refusal(monkeypatch):
    """Is shown with the text that the agent would get."""
    refusal = {"status": 403, "code": "permission_missing", "message": "User ada lacks the permission CAN_QUERY."}
    found = FOUND | {"allowed": False, "refusal": refusal, "targets": [], "grants": [], "limits": [], "budgets": [], "downgraded_from": ""}
    assert explain(monkeypatch, found).stdout.splitlines() == [
        "Refused with 403 permission_missing: ada (in contractors), opus with claude-code.",
        "User ada lacks the permission CAN_QUERY.",
        "Endpoint: haiku",
        "Grants: none names the endpoint",
    ]


def test_a_model_service(monkeypatch):
    """The privileges of the catalog that it takes, with whether they are held, beside the grants that name it."""
    needed = [
        {"privilege": "USE SCHEMA", "on": "schema main.ai", "held": True},
        {"privilege": "EXECUTE", "on": "model service main.ai.x", "held": False},
    ]
    lines = [" ".join(line.split()) for line in explain(monkeypatch, FOUND | {"grants": [], "privileges": needed}).stdout.splitlines()]
    at = lines.index("PRIVILEGE NEEDED ON HELD")
    assert lines[at + 1 : at + 3] == ["USE SCHEMA schema main.ai yes", "EXECUTE model service main.ai.x no"]
    assert "Grants: none names the endpoint" not in lines


def test_as_json_with_tags(monkeypatch):
    """What the gateway answered; tags go as one object."""
    query = "model=opus&user=ada&agent=claude-code&tags=%7B%22team%22%3A+%22search%22%7D"
    result = explain(monkeypatch, FOUND, "--tag", "team=search", "--json", query=query)
    assert json.loads(result.stdout) == FOUND


@pytest.mark.parametrize("tag", ["team", "=x"])
def test_what_is_no_tag(monkeypatch, tag):
    """Is refused before anything is asked."""
    result = explain(monkeypatch, FOUND, "--tag", tag)
    assert result.exit_code == 1
    assert "is no tag; write KEY=VALUE" in result.stderr
