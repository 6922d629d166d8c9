"""Settings as TOML text."""

import re
import tomllib

import pytest

from headgate.config.problems import Problems
from headgate.config.schema import Settings
from headgate.config.toml_text import starter, toml_value
from headgate.config.validate import help_of, leaves, validate


@pytest.mark.parametrize("value", [True, False, 1, 2.5, 'a "b" \\ \n \x7f ü', ["a", "b"], {"a": "b", "c d": ["x"]}, []])
def test_toml_value(value):
    """Values are written so that they are read back as themselves."""
    assert tomllib.loads(f"x = {toml_value(value)}")["x"] == value


def test_the_starter_changes_nothing():
    """As it stands, and with every setting taken in as shown, the file means the defaults."""
    problems = Problems("headgate.toml", {})
    assert validate(tomllib.loads(starter()), problems) == Settings()
    taken_in = re.sub(r"^# (\w+ = )", r"\1", starter().partition("[server]")[2], flags=re.MULTILINE)
    assert validate(tomllib.loads(f"[server]{taken_in}"), problems) == Settings()
    assert not problems.found


def test_the_starter_explains_everything():
    """Each setting stands there with its help; the example of providers and endpoints is right once it is taken in."""
    for path, field in leaves():
        assert len(path) == 1 or help_of(field) in starter()
    example = re.sub(r"^# (\[\[|\w+ = )", r"\1", starter().partition("[server]")[0], flags=re.MULTILINE)
    problems = Problems("headgate.toml", {})
    settings = validate(tomllib.loads(example), problems)
    assert settings is not None, problems.found
    assert settings.endpoints[0].targets[0].provider == settings.providers[0].name
