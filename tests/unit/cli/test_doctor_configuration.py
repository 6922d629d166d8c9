"""What doctor finds in the configuration."""

import datetime as dt

import pytest

from headgate.cli.doctor_configuration import address_findings, format_findings, price_finding, provider_findings, read_configuration
from headgate.config.schema import Server
from tests.unit.cli.answering import answering

ALONE = "[discovery]\nenvironment = false\nollama = false\n"
PROVIDER = '[[providers]]\nname = "a"\ndialect = "anthropic"\nbase_url = "{}"\napi_key = "env:LAB"\n'


@pytest.fixture
def read(tmp_path):
    """Reads a configuration file."""

    def read(text, environ=None, *, demo=False):
        file = tmp_path / "headgate.toml"
        file.write_text(ALONE + text, encoding="utf-8")
        return read_configuration(str(file), environ or {}, demo=demo)

    return read


def test_a_file(read):
    """Accepted; refused, with every problem; without a key that only the gateway has."""
    configuration, found = read(PROVIDER.format("https://a.example"), {"LAB": "k"})
    assert (configuration.providers[0].name, [each.state for each in found]) == ("a", ["ok"])
    configuration, found = read("[server]\nprt = 1\nhst = 2\n")
    assert (configuration, [each.state for each in found]) == (None, ["failure", "failure"])
    assert "server.prt" in found[0].text
    configuration, found = read(PROVIDER.format("https://a.example"))
    assert [(each.check, each.state) for each in found] == [("configuration", "ok"), ("providers", "warning")]
    assert "LAB is not set" in found[1].text


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (Server(), [("allowed hosts", "ok")]),
        (Server(host="0.0.0.0"), [("allowed hosts", "warning"), ("tls", "warning")]),
        (Server(host="0.0.0.0", public_url="https://gate.example", allowed_hosts=("gate.example",)), [("allowed hosts", "ok")]),
        (Server(public_url="https://gate.example", allowed_hosts=("other.example",)), [("allowed hosts", "failure")]),
        (Server(host="localhost", allowed_hosts=("localhost",)), [("allowed hosts", "ok")]),
        (Server(host="gate.example", allowed_hosts=("gate.example",)), [("allowed hosts", "ok"), ("tls", "warning")]),
    ],
)
def test_who_can_reach_it(server, expected):
    """Under which names, and whether tokens are encrypted on the way."""
    assert [(each.check, each.state) for each in address_findings(server)] == expected


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, {"data": []}, "ok"),
        (401, {"error": {"message": "bad key"}}, "failure"),
        (404, {"error": {"message": "nothing here"}}, "warning"),
        (0, {}, "failure"),
    ],
)
def test_providers(read, status, body, state):
    """Takes the key, refuses it, has no list, is not there."""
    with answering({"/v1/models": body}, status or 200) as (url, _):
        configuration, _ = read(PROVIDER.format(url if status else "http://127.0.0.1:1"), {"LAB": "k"})
        (found,) = provider_findings(configuration)
    assert (found.check, found.state, bool(found.fix)) == ("provider a", state, state != "ok")


def test_providers_without_a_key_of_headgates(read):
    """There is nothing to try; without any provider nothing can be answered."""
    configuration, _ = read(PROVIDER.format("https://api.anthropic.com").replace('api_key = "env:LAB"', 'auth = "client"'))
    assert [each.state for each in provider_findings(configuration)] == ["ok"]
    assert [each.state for each in provider_findings(read("")[0])] == ["failure"]


def test_formats(read):
    """Which pass as they are, and that all others are translated; nothing where there is no provider."""
    configuration, _ = read(PROVIDER.format("https://a.example"), {"LAB": "k"})
    [found] = format_findings(configuration)
    assert (found.state, found.text) == ("ok", "Anthropic; Headgate translates all others, so every agent may use every model")
    assert format_findings(read("")[0]) == []


def test_prices():
    """Of today they are new; years later they are not."""
    assert price_finding(dt.date(2026, 11, 30)).state == "ok"
    assert price_finding(dt.date(2030, 1, 1)).state == "warning"
