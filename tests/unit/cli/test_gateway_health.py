"""What a gateway says of itself, and what to do about it."""

import datetime as dt

import pytest

from headgate.cli.gateway_health import GatewayHealth, clock_finding, gateway_findings, health_of, proxy_findings, transport_finding
from tests.unit.cli.answering import answering

NOW = dt.datetime.now(dt.UTC)
READY = {"ready": True, "reasons": [], "warnings": [], "restarts": {}}
URL = "http://127.0.0.1:8484"


def judged(health, **how):
    """State and text of what is found, and what to do."""
    return [(each.state, each.text, each.fix) for each in gateway_findings(health, **how)]


def test_a_gateway_that_is_ready():
    """Its clock is this machine's."""
    with answering({"/readyz": READY}) as (url, _):
        health = health_of(url, dt.datetime.now(dt.UTC))
    assert (health.ready, abs(health.skew_s) < 60) == (True, True)
    assert judged(health, is_own=True) == [("ok", f"ready at {url}", "")]
    assert clock_finding(health).state == "ok"


def test_a_gateway_that_is_not():
    """Each reason and each warning, with what to do."""
    told = {"ready": False, "reasons": ["The journal is full."], "warnings": ["The changed configuration is refused, and the old one goes on."]}
    with answering({"/readyz": told}, 503) as (url, _):
        found = judged(health_of(url, NOW), is_own=True)
    assert found[0][:2] == ("failure", f"{url} takes no requests: The journal is full.")
    assert "journalctl" in found[0][2]
    assert (found[1][0], "headgate check" in found[1][2]) == ("warning", True)


def test_something_else():
    """Another program at the address; a gateway that refuses the name that it was asked by."""
    with answering({"/readyz": b"<html>"}) as (url, _):
        found = judged(health_of(url, NOW), is_own=True)
    assert found[0][:2] == ("failure", f"What answers at {url} is not a gateway that this command knows: status 200")
    assert "headgate up --port" in found[0][2]
    with answering({"/readyz": {"message": "The host is not allowed."}}, 400) as (url, _):
        health = health_of(url, NOW)
    assert health.trouble.endswith("The host is not allowed.")
    assert gateway_findings(health, is_own=False)[0].fix == "check the address"
    assert clock_finding(health) is None


def test_nothing():
    """No gateway, here or elsewhere; or one at another address."""
    health = health_of("http://127.0.0.1:1", NOW)
    assert judged(health, is_own=True)[0][2] == "start it: headgate up"
    assert "your Headgate administrator" in judged(health, is_own=False)[0][2]
    assert "works on this store, but none answers at http://127.0.0.1:1" in judged(health, is_own=True, running=True)[0][1]


def test_a_clock_that_is_wrong():
    """By how much, and how to mend it."""
    found = clock_finding(GatewayHealth(url=URL, reached=True, is_headgate=True, ready=True, skew_s=-300))
    assert (found.state, "differs from the gateway's by 300 s" in found.text) == ("warning", True)


@pytest.mark.parametrize(
    ("url", "state"), [("https://gate.example", "ok"), (URL, "ok"), ("http://localhost:1", "ok"), ("http://gate.example", "warning")]
)
def test_transport(url, state):
    """Tokens may go in the clear on this machine alone."""
    assert transport_finding(url).state == state


@pytest.mark.parametrize(
    ("url", "environ", "state"),
    [
        (URL, {}, "ok"),
        (URL, {"HTTPS_PROXY": "http://p:1"}, "ok"),
        (URL, {"HTTP_PROXY": "http://p:1"}, "failure"),
        (URL, {"http_proxy": "http://p:1", "no_proxy": "127.0.0.1"}, "ok"),
        ("https://gate.example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "localhost"}, "warning"),
    ],
)
def test_proxies(url, environ, state):
    """A gateway on this machine is never behind one; whether another is, only its users know."""
    (found,) = proxy_findings(url, environ)
    assert found.state == state
    assert ("export NO_PROXY=" in found.fix) is (state != "ok")
