"""Settings from variables and options."""

import pytest

from headgate.config.overrides import apply_overrides, mistyped_variables, variable_of
from headgate.config.problems import Problems


def apply(document, environ, options=None):
    problems = Problems("", {})
    origins = apply_overrides(document, environ, options or {}, problems)
    return origins, [str(problem) for problem in problems.found]


def test_order():
    """An option wins over a variable, a short variable over the long one, any of them over the file."""
    document = {"server": {"port": 1, "host": "file"}}
    environ = {"HEADGATE_PORT": "2", "HEADGATE_SERVER_PORT": "3", "HEADGATE_SERVER_HOST": "long"}
    origins, problems = apply(document, environ, {"server.port": "4"})
    assert document == {"server": {"port": 4, "host": "long"}}
    assert origins == {"server.port": "--port", "server.host": "HEADGATE_SERVER_HOST"}
    assert problems == []
    apply(document, environ)
    assert document["server"]["port"] == 2


def test_every_kind_of_value():
    """Numbers, truth values and lists with commas are read from text."""
    document = {}
    environ = {
        "HEADGATE_STREAMS_KEEP_ALIVE_S": "2.5",
        "HEADGATE_DISCOVERY_OLLAMA": "false",
        "HEADGATE_SERVER_ALLOWED_HOSTS": "a, b,",
        "HEADGATE_UPSTREAM_PROXY_URL": "http://p:1",
    }
    _, problems = apply(document, environ)
    assert problems == []
    assert document == {
        "streams": {"keep_alive_s": 2.5}, "discovery": {"ollama": False}, "server": {"allowed_hosts": ["a", "b"]},
        "upstream": {"proxy_url": "http://p:1"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("HEADGATE_PORT", "99999", "integer from 0 to 65535"), ("HEADGATE_PORT", "x", "integer from 0 to 65535"),
        ("HEADGATE_STREAMS_KEEP_ALIVE_S", "0", "number above 0 to 86400"), ("HEADGATE_DISCOVERY_OLLAMA", "perhaps", "boolean"),
    ],
)  # fmt: skip
def test_bad_values(variable, value, wanted):
    """A bad value is a problem of the variable that holds it."""
    document = {}
    _, problems = apply(document, {variable: value})
    assert len(problems) == 1
    assert problems[0].startswith(f"{variable}: {value!r} is no value for")
    assert wanted in problems[0]
    assert document == {}


def test_a_section_that_is_no_table():
    """What is wrong in the file is left for validation to tell."""
    document = {"server": 5}
    assert apply(document, {"HEADGATE_PORT": "1"}) == ({}, [])
    assert document == {"server": 5}


def test_variable_of():
    """Every setting has one variable."""
    assert variable_of(("streams", "keep_alive_s")) == "HEADGATE_STREAMS_KEEP_ALIVE_S"


def test_a_variable_that_nearly_names_a_setting_is_told():
    """It would be passed over in silence otherwise; commands' own variables, and other programs', are not ours to judge."""
    environ = {
        "HEADGATE_STREMS_KEEP_ALIVE_S": "5", "HEADGATE_SERVER_PROT": "1", "HEADGATE_STREAMS_KEEP_ALIVE_S": "5", "HEADGATE_PORT": "1", "HEADGATE_DATA": "d",
        "HEADGATE_CONFIG": "c", "HEADGATE_TOKEN_CREATE_USER": "ada", "HEADGATE_JSON": "1", "HEADGATE_DEMO": "1", "STREAMS_KEEP_ALIVE_S": "5",
    }  # fmt: skip

    assert mistyped_variables(environ) == [
        "HEADGATE_SERVER_PROT sets nothing; did you mean HEADGATE_SERVER_PORT?",
        "HEADGATE_STREMS_KEEP_ALIVE_S sets nothing; did you mean HEADGATE_STREAMS_KEEP_ALIVE_S?",
    ]
