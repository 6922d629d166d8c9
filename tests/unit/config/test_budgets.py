"""Budgets of the file: the issue's form, what it becomes, and every mistake at once with its line."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from headgate.config.load import accepted_of, load
from headgate.config.problems import ConfigError
from headgate.core.budget import BudgetAction, FallbackRate
from tests.e2e.documented import block
from tests.fakes.budgets import nano

ALONE = "[discovery]\nenvironment = false\nollama = false\n"
LEAST = '[[budgets]]\nname = "all"\nper = "day"\nusd = 1\n'
SECRET_URL = "https://hooks.example/T000/secret"


@pytest.fixture
def loaded(tmp_path):
    """Loads a file with these budgets; they begin in line 4."""

    def load_file(text, **environ):
        file = tmp_path / "headgate.toml"
        file.write_text(ALONE + text, encoding="utf-8")
        return load(str(file), {"HOME": str(tmp_path), **environ}, probe=lambda _address: None)

    return load_file


def test_the_documented_form(loaded):
    """Each contractor has 50 dollars a month, with three actions."""
    (budget,) = loaded(
        '[[budgets]]\nname = "contractors, month"\nscope = "per_user"\ngroup = "contractors"\nper = "month"\nusd = 50.0\n'
        'actions = [{ percent = 80, do = "warn" }, { percent = 90, do = "downgrade", to = "databricks-claude-haiku-4-5" }, { percent = 100, do = "block" }]\n'
    ).budgets

    assert (budget.name, budget.per_user, budget.holder_kind, budget.holder) == ("contractors, month", True, "group", "contractors")
    assert (budget.per, budget.zone, budget.nano_usd, budget.endpoint) == ("month", dt.UTC, nano(50), "*")
    assert budget.actions == (
        BudgetAction(80.0, "warn"),
        BudgetAction(90.0, "downgrade", "databricks-claude-haiku-4-5"),
        BudgetAction(100.0, "block"),
    )
    assert (budget.unpriced, budget.hard, budget.of_session) == ("refuse", False, False)


def test_the_page_on_budgets_is_right(loaded):
    """Its file works as it is printed."""
    read = loaded(block("budgets", "docs/budgets.md").text, BUDGET_WEBHOOK=SECRET_URL).budgets

    assert [each.name for each in read] == ["contractors, month", "search team", "everyone, day", "one session", "agents in CI"]


def test_every_setting(loaded):
    """With a time zone, overrides, a rate for models without a price, and a webhook whose URL nobody sees."""
    (budget,) = loaded(
        LEAST + 'scope = "per_user"\nuser = "ada"\nendpoint = "databricks-claude-*"\nagent = "codex"\nrequest_tag = { team = "search" }\n'
        'session = true\ntimezone = "Europe/Berlin"\noverrides = { "ada" = 2.5 }\nunpriced = "rate"\nunpriced_input_mtok = 1\nunpriced_output_mtok = 4\n'
        'hard = true\nwebhook = "env:HOOK"\nactions = [{ percent = 120, do = "block" }, { percent = 50, do = "warn" }]\n',
        HOOK=SECRET_URL,
    ).budgets

    assert (budget.holder_kind, budget.holder, budget.endpoint, budget.agent) == ("user", "ada", "databricks-claude-*", "codex")
    assert (budget.tag_key, budget.tag_value, budget.of_session) == ("team", "search", True)
    assert (budget.zone, budget.zone_name, budget.overrides) == (ZoneInfo("Europe/Berlin"), "Europe/Berlin", {"ada": nano(2.5)})
    assert (budget.unpriced, budget.rate, budget.hard) == ("rate", FallbackRate(1.0, 4.0), True)
    assert [action.kind for action in budget.actions] == ["warn", "block"]
    assert budget.webhook.reveal() == SECRET_URL
    assert SECRET_URL not in repr(budget)


def test_without_actions_it_blocks(loaded):
    """At 100 percent, exactly to the cent."""
    (budget,) = loaded(LEAST.replace("usd = 1", "usd = 0.1")).budgets

    assert budget.actions == (BudgetAction(100.0, "block"),)
    assert budget.nano_usd == 100_000_000


def test_a_webhook_of_a_file_outlives_it(tmp_path, loaded):
    """What was accepted is loaded again although the file with the URL is gone."""
    hook = tmp_path / "hook"
    hook.write_text(SECRET_URL, encoding="utf-8")
    hook.chmod(0o600)
    accepted = accepted_of(loaded(LEAST + 'webhook = "file:hook"\n'))
    hook.unlink()

    again = load("", {"HOME": str(tmp_path)}, probe=lambda _address: None, accepted=accepted)
    assert again.budgets[0].webhook.reveal() == SECRET_URL


MISTAKES = [
    ("", "usd", 'budgets[0].name: a budget needs a name, such as "contractors, month"'),
    ('name = "a"', "name", 'budgets[0].per: a budget needs a period: "day", "week" or "month"'),
    ('name = "a"\nper = "day"', "name", "budgets[0].usd: a budget needs an amount, such as usd = 50.0"),
    ('name = " a"', "name", "budgets[0].name: a budget's name is at most 128 printable characters, without spaces at its ends"),
    (
        'name = "a"\nuser = "x"\ngroup = "y"',
        "user",
        "budgets[0].user: a budget is for one of group, user and service_principal, and group is stated already",
    ),
    ('name = "a"\noverrides = { x = 1 }', "overrides", 'budgets[0].overrides: are for scope = "per_user": a shared budget has one amount'),
    (
        'name = "a"\nendpoint = "a b"',
        "endpoint",
        "budgets[0].endpoint: 'a b' is no endpoint's name and no pattern of one, such as databricks-claude-* or *",
    ),
    ('name = "a"\nrequest_tag = { a = "1", b = "2" }', "request_tag", "budgets[0].request_tag: has more than one tag; write a budget for each"),
    (
        'name = "a"\nrequest_tag = { a = "" }',
        "request_tag",
        'budgets[0].request_tag: needs the name of a tag and its value, such as { team = "search" }',
    ),
    (
        'name = "a"\ntimezone = "Europe/Berlim"',
        "timezone",
        "budgets[0].timezone: no time zone is named 'Europe/Berlim' — did you mean 'Europe/Berlin'?",
    ),
    ('name = "a"\ntimezone = "../etc/passwd"', "timezone", "budgets[0].timezone: no time zone is named '../etc/passwd'"),
    ('name = "a"\nunpriced = "rate"', "name", 'budgets[0].unpriced_input_mtok: is needed for unpriced = "rate"'),
    ('name = "a"\nunpriced_input_mtok = 1', "unpriced", 'budgets[0].unpriced_input_mtok: is for unpriced = "rate" only'),
    (
        'name = "a"\nactions = [{ percent = 5 }]',
        "actions",
        'budgets[0].actions[0]: an action needs percent and do, such as { percent = 80, do = "warn" }',
    ),
    (
        'name = "a"\nactions = [{ percent = 5, do = "block" }, { percent = 6, do = "block" }]',
        "actions",
        "budgets[0].actions[1]: is one block too many: each percent warns once, and a budget has one downgrade and one block",
    ),
    (
        'name = "a"\nactions = [{ percent = 5, do = "downgrade" }]',
        "actions",
        "budgets[0].actions[0].to: a downgrade needs the name of the endpoint that serves instead",
    ),
    ('name = "a"\nactions = [{ percent = 5, do = "warn", to = "x" }]', "actions", "budgets[0].actions[0].to: a warn has no endpoint"),
    ('name = "a"\nwebhook = "https://x.example"', "webhook", "budgets[0].webhook: a secret is never written here"),
    ('name = "a"\nwebhook = "env:BAD"', "webhook", "budgets[0].webhook: what env:BAD holds is no URL of a webhook: https://HOST/PATH"),
]


@pytest.mark.parametrize(("text", "key", "expected"), MISTAKES, ids=[expected[:60] for _, _, expected in MISTAKES])
def test_mistakes_have_a_line(loaded, text, key, expected):
    """And say what to write."""
    written = "[[budgets]]\n" + ("" if text.endswith('per = "day"') else "usd = 1\n") + text
    with pytest.raises(ConfigError) as caught:
        loaded(written, BAD="ftp://x.example/secret")

    line = next((number for number, each in enumerate((ALONE + written).splitlines(), 1) if each.startswith(key)), 4)
    found = {f"{problem.path}: {problem.reason}": problem.line for problem in caught.value.problems}
    assert any(each.startswith(expected) and at in {line, 4} for each, at in found.items()), str(caught.value)
    assert "ftp:" not in str(caught.value)


def test_a_name_is_unique(loaded):
    """Counts are found by it."""
    with pytest.raises(ConfigError, match=r"'all' is already the name of budgets\[0\]"):
        loaded(LEAST + LEAST)
