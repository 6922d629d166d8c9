"""`headgate whoami`."""

import json

from typer.testing import CliRunner

from headgate.cli.main import app
from headgate.cli.whoami import lines
from tests.unit.cli.answering import ME, answering

LIMIT = {
    "key": "user",
    "whose": "user ada",
    "endpoint": "*",
    "measure": "input_tokens",
    "per": "minute",
    "maximum": 90000,
    "used": 100,
    "remaining": 89900,
}
BUDGET = {"name": "team", "principal": None, "session": None, "timezone": "UTC", "usd": 50.0, "spent_usd": 41.0, "reserved_usd": 0.0, "left_usd": 9.0,
          "percent": 82.0, "resets_at": "2026-12-01T00:00:00+00:00"}  # fmt: skip


def test_everything_for_people():
    """A line for each fact, a table for limits and one for budgets."""
    shown = list(lines(ME | {"limits": [LIMIT | {"measure": "concurrent"}, LIMIT], "budgets": [BUDGET]}, "https://gate.example"))
    assert shown[:6] == [
        "you       ada@example.com (user)",
        "roles     member",
        "groups    contractors",
        "gateway   https://gate.example (Headgate 0.1.0)",
        "token     laptop (tok_1): inference, sql",
        "ends      2099-01-15T08:00:00Z",
    ]
    assert shown[8].split() == ["user", "ada", "*", "concurrent", "at", "a", "time", "90,000", "100", "89,900"]
    assert "input tokens per minute" in shown[9]
    assert "82 %" in shown[12]


def test_what_a_token_does_not_have():
    """No group, no end, only some endpoints; a service principal; the demo."""
    principal = ME["principal"] | {"groups": [], "kind": "SERVICE_PRINCIPAL"}
    token = ME["token"] | {"expires_at": None, "endpoints": ["claude-*", "gpt-5*"]}
    shown = list(lines(ME | {"principal": principal, "token": token, "gateway": {"version": "1", "demo": True}}, "http://h"))
    assert shown == [
        "you       ada@example.com (service principal)",
        "roles     member",
        "gateway   http://h (Headgate 1, the demo)",
        "token     laptop (tok_1): inference, sql, endpoints claude-* gpt-5*",
        "ends      never",
    ]


def test_the_command():
    """Asks the gateway that is named; as JSON it is the answer with the address."""
    with answering({"/api/2.0/headgate/me": ME}) as (url, _):
        shown = CliRunner().invoke(app, ["whoami", "--url", url], env={"HEADGATE_TOKEN": "hg_x"})
        as_json = CliRunner().invoke(app, ["whoami", "--json"], env={"HEADGATE_TOKEN": "hg_x", "HEADGATE_URL": url})
    assert "ada@example.com" in shown.stdout
    assert json.loads(as_json.stdout) == {"url": url, "signed_in": False, **ME}
