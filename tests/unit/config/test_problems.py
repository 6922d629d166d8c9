"""How problems are said."""

import pytest

from headgate.config.problems import ConfigError, Problem, Problems, nearest, written


def test_written():
    """Paths read as people write them."""
    assert written(("providers", 0, "base_url")) == "providers[0].base_url"
    assert not written(())


def test_nearest():
    """The nearest word is offered; without one, the few there are; of many, none."""
    assert nearest("prot", ["port", "host"]) == " — did you mean 'port'?"
    assert nearest("zzz", ["port", "host"]) == " — known: port, host"
    assert not nearest("zzz", [str(number) for number in range(20)])


def test_problem():
    """A problem reads as file, line, key, reason; what is unknown is left out."""
    assert str(Problem("a.toml", 3, "server.port", "is bad")) == "a.toml:3: server.port: is bad"
    assert str(Problem("HEADGATE_PORT", 0, "", "is bad")) == "HEADGATE_PORT: is bad"


def test_problems_find_lines():
    """A key that is not written is placed at the nearest table that is; problems come in the order of the file."""
    problems = Problems("a.toml", {("providers", 0): 7, ("server", "port"): 2})
    problems.add(("providers", 0, "name"), "is missing")
    problems.add(("server", "port"), "is bad")
    problems.add_of("HEADGATE_HOST", "is bad")
    with pytest.raises(ConfigError) as caught:
        problems.raise_any()
    assert str(caught.value).splitlines() == ["HEADGATE_HOST: is bad", "a.toml:2: server.port: is bad", "a.toml:7: providers[0].name: is missing"]
    Problems("a.toml", {}).raise_any()
