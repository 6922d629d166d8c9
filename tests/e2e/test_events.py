"""The event stream of a browser, before a whole gateway: an exchange and an export are heard of, and the gateway ends without waiting for the browser."""

import http.client
import json
from urllib.parse import urlencode

import pytest

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.exporters import PATHS, Exporters, name_of
from tests.e2e.lab import Gateway, running
from tests.fakes.exports import logs


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("events"), None, arguments=("--demo",)) as gateway:
        yield gateway


def _session(gateway: Gateway) -> str:
    """The cookie of a browser that has signed in with the gateway's token."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.request("POST", "/login", urlencode({"token": gateway.token}), {"content-type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 303
    return str(answer.headers["set-cookie"]).partition(";")[0]


def _event(answer: http.client.HTTPResponse) -> tuple[str, dict[str, object]]:
    """The next event."""
    kind = ""
    while line := answer.readline():
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            kind = value
        elif field == "data":
            return kind, json.loads(value)
    raise AssertionError("the stream has ended")


def test_a_browser_hears_what_is_recorded(demo):
    """Its own exchange, with the agent, then its own export; and the stream ends cleanly when the gateway is stopped."""
    Exporters(demo).create_tables()
    connection = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=30)
    connection.request("GET", "/events", headers={"cookie": _session(demo)})
    answer = connection.getresponse()
    assert (answer.status, answer.readline()) == (200, b"retry: 3000\n")

    with Asking(demo.url, demo.token, ANTHROPIC.path(), ANTHROPIC.body(), {"user-agent": "claude-cli/2.1.197 (external, cli)"}) as asking:
        asking.rest()
    assert _event(answer) == ("recorded", {"exchanges": 1, "own": {"claude-code": 1}})

    headers = {"authorization": f"Bearer {demo.token}", "content-type": "application/x-protobuf", "x-databricks-uc-table-name": str(name_of("logs"))}
    exporter = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=30)
    exporter.request("POST", f"/api/2.0/otel/v1/{PATHS['logs']}", logs(records=1), headers)
    assert exporter.getresponse().status == 200
    exporter.close()
    kind, data = _event(answer)
    assert (kind, data["exports"]) == ("telemetry", 1)

    assert demo.stop() == 0
    answer.read()  # raises unless the stream has its own end
    connection.close()
