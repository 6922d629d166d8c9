"""Rate limits of the file: the issue's forms, what they become, and every mistake at once with its line."""

import pytest

from headgate.config.load import load
from headgate.config.problems import ConfigError
from headgate.config.toml_text import toml_value
from tests.e2e.documented import block

ALONE = "[discovery]\nenvironment = false\nollama = false\n"


@pytest.fixture
def limits(tmp_path):
    """Loads a file with these limits; they begin in line 4."""

    def loaded(text):
        file = tmp_path / "headgate.toml"
        file.write_text(ALONE + text, encoding="utf-8")
        return load(str(file), {"HOME": str(tmp_path)}, probe=lambda _address: None).limits

    return loaded


def entry(**values):
    """One `[[limits]]`."""
    return "\n".join(["[[limits]]", *(f"{key} = {toml_value(value)}" for key, value in values.items()), ""])


def test_the_documented_forms(limits):
    """A default for each user of an endpoint, and what a group shares over all of them."""
    default, group = limits(
        '[[limits]]\nendpoint = "databricks-claude-opus-4-6"\nkey = "user_default"\nper = "minute"\nrequests = 60\ntokens = 200000\n'
        '[[limits]]\nendpoint = "*"\nkey = "group"\nprincipal = "contractors"\nper = "hour"\ntokens = 1000000\n'
    )

    assert (default.endpoint, default.key, default.holder, default.per) == ("databricks-claude-opus-4-6", "user_default", "", "minute")
    assert default.bounds == (("requests", 60), ("tokens", 200_000))
    assert (group.endpoint, group.key, group.holder, group.per, group.bounds) == ("*", "group", "contractors", "hour", (("tokens", 1_000_000),))
    assert not group.hard


def test_the_page_on_limits_is_right(limits):
    """Its file works as it is printed."""
    read = limits(block("limits", "docs/limits.md").text)

    assert [each.key for each in read] == ["user_default", "user", "group", "endpoint", "request_tag", "agent"]


def test_every_key(limits):
    """Those that need a name have it, the others count each."""
    read = limits(
        entry(key="endpoint", per="day", input_tokens=5, output_tokens=6, hard=True)
        + entry(key="user", principal="ada@example.com", concurrent=2)
        + entry(key="service_principal", principal="ci", per="day", requests=1)
        + entry(key="request_tag", request_tag_key="project", per="day", requests=1)
        + entry(key="request_tag", request_tag_key="project", request_tag_value="x", per="day", requests=1)
        + entry(key="token", per="day", requests=1)
        + entry(key="agent", per="day", requests=1)
        + entry(key="agent", agent="codex", per="day", requests=1)
    )

    assert [(each.key, each.holder, each.tag_key, each.tag_value) for each in read] == [
        ("endpoint", "", "", ""),
        ("user", "ada@example.com", "", ""),
        ("service_principal", "ci", "", ""),
        ("request_tag", "", "project", ""),
        ("request_tag", "", "project", "x"),
        ("token", "", "", ""),
        ("agent", "", "", ""),
        ("agent", "codex", "", ""),
    ]
    assert (read[0].hard, read[0].bounds) == (True, (("input_tokens", 5), ("output_tokens", 6)))
    assert len({each.id for each in read}) == len(read)


def test_the_numbers_are_no_part_of_the_id(limits):
    """Counts go on when a limit is raised."""
    (low,), (high,) = limits(entry(key="token", per="day", requests=1)), limits(entry(key="token", per="day", requests=9, tokens=1, hard=True))

    assert low.id == high.id


MISTAKES = [
    (entry(per="day", requests=1), "4: limits[0].key: a limit needs a key"),
    (entry(key="user_defualt", per="day", requests=1), "5: limits[0].key: unknown word 'user_defualt' — did you mean 'user_default'?"),
    (entry(key="token", per="dya", requests=1), "6: limits[0].per: unknown word 'dya' — did you mean 'day'?"),
    (entry(key="token", per="day", request=1), "7: limits[0].request: unknown key — did you mean 'requests'?"),
    (entry(key="token", per="day"), "4: limits[0]: a limit needs at least one of requests, tokens, input_tokens, output_tokens, concurrent"),
    (entry(key="token", requests=1), "4: limits[0].per: a limit needs a window"),
    (entry(key="token", requests=1, concurrent=1), "4: limits[0].per: a limit needs a window"),
    (entry(key="token", per="day", requests=0), "7: limits[0].requests: must be a whole number >= 1"),
    (entry(key="token", per="day", tokens=-1), "7: limits[0].tokens: must be a whole number >= 1"),
    ('[[limits]]\nkey = "token"\nper = "day"\nrequests = nan\n', "7: limits[0].requests: must be"),
    ('[[limits]]\nkey = "token"\nper = "day"\nrequests = 1e30\n', "7: limits[0].requests: must be"),
    (entry(key="token", per="day", requests=1, hard=True), "8: limits[0].hard: is about the output"),
    (entry(key="group", per="day", requests=1), '4: limits[0].principal: a limit with the key "group" needs the name of the group'),
    (entry(key="service_principal", per="day", requests=1), "needs the name of the service principal"),
    (entry(key="token", principal="ada", per="day", requests=1), '6: limits[0].principal: a limit with the key "token" has no principal'),
    (entry(key="user", principal="a", agent="codex", per="day", requests=1), '7: limits[0].agent: a limit with the key "user" has no agent'),
    (entry(key="request_tag", per="day", requests=1), 'limits[0].request_tag_key: a limit with the key "request_tag" needs the name of the tag'),
    (entry(key="token", request_tag_value="x", per="day", requests=1), "limits[0].request_tag_value: a limit with the key"),
    (entry(endpoint="a model", key="token", per="day", requests=1), "5: limits[0].endpoint: 'a model' is no endpoint's name and no pattern"),
    (entry(key="token", per="day", requests=1) + entry(key="token", per="day", tokens=1), "8: limits[1]: limits what limits[0] limits already"),
]


@pytest.mark.parametrize(("written", "said"), MISTAKES)
def test_a_mistake_is_named_with_its_line(limits, written, said):
    """And with the nearest right word, where there is one."""
    with pytest.raises(ConfigError) as refused:
        limits(written)

    assert said in str(refused.value)


def test_all_mistakes_are_named_at_once(limits):
    """Nobody has to start three times to correct three."""
    with pytest.raises(ConfigError) as refused:
        limits(entry(key="group", per="day", requests=1) + entry(key="tokn", per="day", requests=1) + entry(key="token", per="day"))

    assert [problem.path for problem in refused.value.problems] == ["limits[0].principal", "limits[1].key", "limits[2]"]


@pytest.mark.parametrize(("key", "most"), [("group", 5), ("user", 20)])
def test_an_endpoint_has_no_more_limits_than_in_databricks(limits, key, most):
    """Twenty, and five of them for groups; each endpoint has its own."""
    written = [entry(key=key, principal=f"p{number}", per="day", requests=1) for number in range(most + 1)]
    assert len(limits("".join(written[:most]) + entry(endpoint="gpt-5", key=key, principal="p", per="day", requests=1))) == most + 1
    with pytest.raises(ConfigError, match=rf"limits\[{most}\]: is one too many for"):
        limits("".join(written))
