"""`headgate check`."""

import json

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app
from headgate.storage.state.stated_configuration import StatedConfiguration, write_configuration

FORMATS = "✔ formats     Anthropic; Headgate translates all others, so every agent may use every model"
QUIET = "[discovery]\nenvironment = false\nollama = false\n"
GOOD = (
    QUIET
    + """
[[providers]]
name = "lab"
dialect = "anthropic"
base_url = "http://lab.example:9000"
api_key = "env:LAB_KEY"

[[endpoints]]
name = "house"
targets = [{ provider = "lab", model = "m" }]
"""
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command on a file with this text."""
    monkeypatch.chdir(tmp_path)

    def run(text: str, *arguments: str, code: int = 0):
        (tmp_path / "headgate.toml").write_text(text)
        result = CliRunner().invoke(app, ["check", *arguments], env={"LAB_KEY": "sk-canary", "HEADGATE_DATA": str(tmp_path / "data")})
        assert result.exit_code == code, result.output
        assert "canary" not in result.output
        return result

    return run


def test_good(run, tmp_path):
    """Provider, endpoint, names and notes are listed."""
    assert run(GOOD).stdout.splitlines() == [
        f"✔ config      {tmp_path}/headgate.toml",
        "✔ provider    lab (headgate.toml): anthropic at http://lab.example:9000, with a key",
        "✔ endpoint    house → m at lab",
        "✔ 1 name for Claude Code and Anthropic SDKs:",
        "    house",
        "✔ other names of Claude Code go to lab",
        FORMATS,
        "! provider lab: its key travels unencrypted to http://lab.example:9000",
    ]


@pytest.mark.parametrize(("file", "noted"), [("headgate.toml", True), ("another.toml", False)])
def test_what_waits_for_a_restart_is_noted(run, tmp_path, file, noted):
    """As the running gateway states it, of the file that is checked."""
    (tmp_path / "data").mkdir()
    write_configuration(str(tmp_path / "data"), StatedConfiguration(str(tmp_path / file), waiting=("streams", "sql")))

    told = "! [streams], [sql]: the running gateway uses the changes after a restart. Run `headgate restart`."
    assert (told in run(GOOD).stdout) == noted


def test_a_provider_that_each_user_pays(run):
    """Is said to have no key of Headgate's."""
    text = '[discovery]\nenvironment = false\nollama = false\n[[providers]]\nname = "max"\ndialect = "anthropic"\nauth = "client"\n'
    assert "✔ provider    max (headgate.toml): anthropic at https://api.anthropic.com, paid by each user" in run(text).stdout


def test_governance_is_counted(run):
    """What decides on requests beside the endpoints, of each kind that there is."""
    text = (
        GOOD
        + '[[groups]]\nname = "contractors"\nmembers = ["ada"]\n'
        + '[[limits]]\nkey = "endpoint"\nper = "day"\nrequests = 1\n'
        + '[[limits]]\nkey = "agent"\nper = "day"\nrequests = 1\n'
        + '[[budgets]]\nname = "all"\nper = "day"\nusd = 5\n'
    )
    assert "✔ governance  1 group, 2 limits, 1 budget" in run(text).stdout
    assert json.loads(run(text, "--json").stdout)["governance"] == {"group": 1, "limit": 2, "budget": 1}
    assert json.loads(run(GOOD, "--json").stdout)["governance"] == {}


def test_names_that_nothing_has_are_noted(run):
    """Of endpoints and groups, in grants and limits, with the line and the name that was probably meant."""
    text = (
        GOOD
        + '[[groups]]\nname = "contractors"\nmembers = ["ada"]\n'
        + '[[grants]]\nprincipal = "contractor"\nendpoint = "hous"\n'
        + '[[grants]]\nprincipal = "group:staff"\nendpoint = "house"\n'
        + '[[grants]]\nprincipal = "account users"\nendpoint = "ho*"\n'
        + '[[grants]]\nprincipal = "bob"\nendpoint = "lab-*"\n'
        + '[[limits]]\nkey = "group"\nprincipal = "account users"\nper = "day"\nrequests = 1\n'
    )
    notes = json.loads(run(text, "--json").stdout)["notes"][1:]
    assert notes == [
        "headgate.toml:19: grants[0].endpoint: 'hous' is no endpoint — did you mean 'house'?",
        "headgate.toml:28: grants[3].endpoint: 'lab-*' matches no endpoint",
        "headgate.toml:18: grants[0].principal: no group is named 'contractor', so it is the name of a user or service principal — did you mean 'contractors'?",
        "headgate.toml:21: grants[1].principal: no group is named 'staff'",
        "headgate.toml:31: limits[0].principal: no group is named 'account users'",
    ]
    assert "! headgate.toml:19: grants[0].endpoint: 'hous' is no endpoint" in run(text).stdout


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('targets = [{ provider = "lab", model = "m" }, { provider = "lab" }]', "house → m at lab, then house at lab"),
        (
            (
                'targets = [{ provider = "lab", model = "m", traffic_percent = 70 }, { provider = "lab", traffic_percent = 30 }]\n'
                'fallbacks = [{ provider = "lab", model = "x" }, { provider = "lab", model = "y" }]'
            ),
            "house → 70 % m at lab, 30 % house at lab; if that fails x at lab, then y at lab",
        ),
    ],
)
def test_what_serves_an_endpoint(run, written, shown):
    """Targets in their order or with their shares, and the fallbacks."""
    found = run(GOOD.replace('targets = [{ provider = "lab", model = "m" }]', written)).stdout
    assert f"✔ endpoint    {shown}\n" in found


def test_good_as_json(run):
    """The same for programs."""
    found = json.loads(run(GOOD, "--json").stdout)
    assert (found["ok"], found["endpoints"], found["names"]["anthropic"]) == (True, ["house"], ["house"])
    assert found["providers"][0]["has_key"] is True


def test_names_are_listed_for_those_who_can_ask_for_them(run):
    """A provider of one of OpenAI's formats has its names for that format's agents alone; one of both for all of them in one list."""
    provider = '[[providers]]\nname = "lab"\nbase_url = "http://lab.example:9000/v1"\nmodels = ["m"]\ndialect = '
    for dialect, who in (("openai", "Codex, Cursor and OpenAI SDKs"), ("openai_chat", "Cursor and OpenAI SDKs"), ("openai_responses", "Codex")):
        lines = run(QUIET + provider + f'"{dialect}"\n').stdout.splitlines()
        assert [line for line in lines if " name" in line and "✔" in line] == [f"✔ 1 name for {who}:"]


def test_a_provider_without_models_lists_none(run):
    """It takes every other name of its dialect; what agents offer for choice needs `models`."""
    provider = '[[providers]]\nname = "own"\nbase_url = "http://127.0.0.1:9000"\ndialect = "anthropic"\n'
    for models, shown in (("", []), ('models = ["qwen*", "mine"]\n', ["✔ 1 name for Claude Code and Anthropic SDKs:", "    mine"])):
        lines = run(QUIET + provider + models).stdout.splitlines()
        others = "own (qwen*)" if models else "own"
        assert lines[2:] == [*shown, f"✔ other names of Claude Code go to {others}", FORMATS]


def test_bad(run, tmp_path):
    """Each problem is a line with file, line and reason, on standard error; the exit code is 1."""
    result = run("[server]\nprot = 1\n[streams]\nidle_timeout_s = 'x'\n", code=1)
    assert not result.stdout
    assert result.stderr.splitlines() == [
        f"{tmp_path}/headgate.toml:2: server.prot: unknown key — did you mean 'port'?",
        f"{tmp_path}/headgate.toml:4: streams.idle_timeout_s: must be a number, not text",
    ]


def test_bad_as_json(run, tmp_path):
    """Problems for programs, with the same exit code."""
    found = json.loads(run("[server]\nprot = 1\n", "--json", code=1).stdout)
    assert found == {
        "ok": False,
        "problems": [{"file": f"{tmp_path}/headgate.toml", "line": 2, "path": "server.prot", "reason": "unknown key — did you mean 'port'?"}],
    }


def test_nothing(run):
    """No provider at all is pointed out."""
    assert "! provider    none; set ANTHROPIC_API_KEY" in run(QUIET).stdout


def test_the_demo(run):
    """With the demo its names are listed too, as by a gateway that was started with it."""
    found = run(QUIET, "--demo").stdout
    assert "✔ provider    demo-anthropic (--demo): anthropic at demo:anthropic, without a key" in found
    assert "\n    claude-opus-4-6\n" in found
    assert "demo-" not in run(QUIET).stdout
