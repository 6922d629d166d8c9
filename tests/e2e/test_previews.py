"""The previews over a real server: switched by the file, within two seconds, for every format."""

import json

import pytest

from tests.e2e.asking import ANTHROPIC, CASES, Asking
from tests.e2e.documented import block
from tests.e2e.lab import headgate, lab_provider, running, until
from tests.fakes.turns import say

BOTH_ON = block("previews", "docs/previews.md").text
OTLP = "/api/2.0/otel/v1/metrics"


@pytest.fixture(scope="module")
def switched(tmp_path_factory):
    """A provider and a gateway with the page's file."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("previews"), provider, BOTH_ON) as gateway:
        yield provider, gateway


def ask(gateway, path, body):
    """Status and body of one request."""
    with Asking(gateway.url, gateway.token, path, body) as asking:
        return asking.status, json.loads(asking.rest() or b"{}")


def told_once(status, gateway, path, body):
    """The body of the answer, once it has this status."""
    until(lambda: ask(gateway, path, body)[0], status)
    return ask(gateway, path, body)[1]


def test_a_preview_that_is_switched_off_is_off_for_every_format(switched):
    """With Databricks' word and who can switch it on; on again, it answers as before. The other preview stays as it is."""
    provider, gateway = switched
    file = gateway.folder / "headgate.toml"
    text = file.read_text(encoding="utf-8")
    provider.play(say("Hello."))
    assert ask(gateway, ANTHROPIC.path(stream=False), ANTHROPIC.body(stream=False))[0] == 200

    file.write_text(text.replace("coding_agents = true", "coding_agents = false"), encoding="utf-8")
    told_once(404, gateway, ANTHROPIC.path(stream=False), ANTHROPIC.body(stream=False))
    for case in CASES:
        status, told = ask(gateway, case.path(stream=False), case.body(stream=False))
        assert (status, told["error_code"]) == (404, "FEATURE_DISABLED")
        assert "coding_agents = true under [previews] in headgate.toml" in told["message"]
    assert ask(gateway, OTLP, b"{}")[0] == 400  # no table is named, which is looked at after the preview

    file.write_text(text.replace("opentelemetry = true", "opentelemetry = false"), encoding="utf-8")
    assert told_once(404, gateway, OTLP, b"{}")["code"] == 5
    provider.play(say("Hello again."))
    assert ask(gateway, ANTHROPIC.path(stream=False), ANTHROPIC.body(stream=False))[0] == 200


def test_a_preview_is_switched_by_command(tmp_path):
    """Where the file says nothing of it; it is off in the running gateway, and says how it is switched on again."""
    with running(tmp_path, None) as gateway:
        headgate("preview", "off", "opentelemetry", "--data", gateway.data)
        told = told_once(404, gateway, OTLP, b"{}")
        assert told["code"] == 5
        assert "`headgate preview on opentelemetry`" in told["message"]
        headgate("preview", "on", "opentelemetry", "--data", gateway.data)
        until(lambda: ask(gateway, OTLP, b"{}")[0], 400)
        rows = json.loads(headgate("audit", "list", "--action", "*Preview", "--json", "--data", gateway.data))
        assert [(row["action_name"], row["after"]) for row in rows] == [("updatePreview", '{"enabled":true}'), ("createPreview", '{"enabled":false}')]
