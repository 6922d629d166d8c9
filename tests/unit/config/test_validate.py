"""Types and keys of a parsed document."""

import datetime as dt

import pytest

from headgate.config.problems import Problems
from headgate.config.schema import Settings
from headgate.config.validate import help_of, leaves, validate


def problems_of(document) -> list[str]:
    problems = Problems("", {})
    assert isinstance(validate(document, problems), Settings)
    return [str(problem) for problem in problems.found]


def test_valid():
    """A valid document becomes settings."""
    settings = validate({"server": {"port": 1}, "endpoints": [{"name": "a", "targets": [{"provider": "p"}], "tags": {"t": "v"}}]}, Problems("", {}))
    assert isinstance(settings, Settings)
    assert settings.server.port == 1
    assert settings.endpoints[0].tags == {"t": "v"}


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"sever": {}}, "sever: unknown key — did you mean 'server'?"),
        ({"server": {"prot": 1}}, "server.prot: unknown key — did you mean 'port'?"),
        ({"server": 1}, "server: must be a table, not a number"),
        ({"server": {"port": "x"}}, "server.port: must be a whole number, not text"),
        ({"server": {"port": True}}, "server.port: must be a whole number, not true or false"),
        ({"server": {"port": 70_000}}, "server.port: must be a whole number <= 65535"),
        ({"server": {"port": 1.5}}, "server.port: must be a whole number, not a number"),
        ({"server": {"host": dt.date(2026, 1, 1)}}, "server.host: must be text in quotes, not a date or time"),
        ({"server": {"allowed_hosts": "a"}}, "server.allowed_hosts: must be a list, not text"),
        ({"server": {"allowed_hosts": ["a", 1]}}, "server.allowed_hosts[1]: must be text in quotes, not a number"),
        ({"streams": {"keep_alive_s": 0}}, "streams.keep_alive_s: must be a number > 0.0"),
        ({"providers": {}}, "providers: must be a list, not a table"),
        ({"providers": ["x"]}, "providers[0]: must be a table, not text"),
        ({"providers": [{"nam": "x"}]}, "providers[0].nam: unknown key — did you mean 'name'?"),
        ({"endpoints": [{"targets": [{"provder": "x"}]}]}, "endpoints[0].targets[0].provder: unknown key — did you mean 'provider'?"),
        ({"endpoints": [{"tags": {"a": 1}}]}, "endpoints[0].tags: must be text in quotes, not a table"),
        ({"discovery": {"ollama": []}}, "discovery.ollama: must be true or false, not a list"),
    ],
)
def test_problems(document, problem):
    """Every unknown key and wrong type is said in words for people, at its path."""
    assert problems_of(document) == [problem]


def test_all_at_once():
    """Everything that is wrong is found in one go."""
    assert len(problems_of({"a": 1, "server": {"b": 1, "port": "x"}, "providers": [{"c": 1}, {"d": 1}]})) == 5


def test_leaves():
    """Every single setting is listed with its help."""
    found = {".".join(path): help_of(field) for path, field in leaves()}
    assert "server.port" in found
    assert "providers" in found
    assert all(found.values())
