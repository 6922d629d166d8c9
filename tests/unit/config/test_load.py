"""Loading a configuration whole."""

import os
from pathlib import Path

import pytest

from headgate.config.load import load, load_without_secrets, server_settings
from headgate.config.problems import ConfigError
from headgate.config.schema import Server

GOLDEN = Path(__file__).parents[2] / "golden" / "config"
EXAMPLE = """\
[[providers]]
name = "lab"
dialect = "anthropic"                      # anthropic | openai | openai_chat | openai_responses | gemini
base_url = "http://127.0.0.1:9000"         # OpenAI's formats: with /v1; the others without a version
api_key = "env:LAB_KEY"

[[endpoints]]
name = "databricks-claude-opus-4-6"
targets = [{ provider = "lab", model = "claude-opus-4-6" }]
"""


def no_ollama(_address: str) -> None:
    """Nothing answers."""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a configuration file into an empty working directory."""
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> str:
        (tmp_path / "headgate.toml").write_text(text)
        return str(tmp_path / "headgate.toml")

    return write


def test_the_example_works_as_it_stands(write):
    """The documented example gives its provider and its endpoint."""
    configuration = load(write(EXAMPLE), {"LAB_KEY": "sk-1"}, probe=no_ollama)
    (provider,) = configuration.providers
    assert (provider.name, provider.dialect, provider.base_url, provider.api_key.reveal()) == ("lab", "anthropic", "http://127.0.0.1:9000", "sk-1")
    (endpoint,) = configuration.endpoints
    assert endpoint.name == "databricks-claude-opus-4-6"
    assert (endpoint.targets[0].provider, endpoint.targets[0].model) == (provider, "claude-opus-4-6")
    assert configuration.notes == ()


def test_no_file(write, tmp_path):
    """Without a file there are the defaults and what the environment gives."""
    configuration = load("", {"HOME": str(tmp_path), "OPENAI_API_KEY": "sk-1"}, probe=no_ollama)
    assert configuration.file is None
    assert [provider.name for provider in configuration.providers] == ["openai"]
    assert configuration.settings.server.port == 8484


@pytest.mark.parametrize("case", sorted(path.stem for path in GOLDEN.glob("*.toml")))
def test_golden_errors(case):
    """Every refused file has the messages that its `.txt` holds; UPDATE=1 rewrites them."""
    with pytest.raises(ConfigError) as caught:
        load(str(GOLDEN / f"{case}.toml"), {}, probe=no_ollama)
    messages = str(caught.value).replace(f"{GOLDEN}/", "") + "\n"
    assert "canary" not in messages
    expected = GOLDEN / f"{case}.txt"
    if os.environ.get("UPDATE"):
        expected.write_text(messages)
    assert messages == expected.read_text()


def test_files_that_cannot_be_read(tmp_path):
    """A missing file that was asked for by name is an error that says who named it; so is one that is no text or no size for a configuration."""
    for asked, environ, by in ((str(tmp_path / "no.toml"), {}, "--config"), ("", {"HEADGATE_CONFIG": str(tmp_path / "no.toml")}, "HEADGATE_CONFIG")):
        with pytest.raises(ConfigError, match=f"no.toml: cannot be read: No such file or directory .named by {by}"):
            load(asked, environ, probe=no_ollama)
    for content, reason in ((b"a = 1\nb = '\xff'", r":2: is not UTF-8"), (b"#" * (1 << 20) + b"#", "is larger"), (b"x = " + b"[" * 9999, "too deep")):
        (tmp_path / "bad.toml").write_bytes(content)
        with pytest.raises(ConfigError, match=reason):
            load(str(tmp_path / "bad.toml"), {}, probe=no_ollama)


def test_origins(write):
    """Each setting that is no default says what set it."""
    file = write("[server]\nport = 1\nhost = 'a'\n[[providers]]\nname = 'lab'\ndialect = 'openai'\n")
    configuration = load(file, {"HEADGATE_HOST": "127.0.0.2"}, {"streams.keep_alive_s": "5"}, no_ollama)
    assert configuration.origins == {
        "server.port": f"{file}:2", "server.host": "HEADGATE_HOST", "providers": f"{file}:4", "streams.keep_alive_s": "--keep-alive-s",
    }  # fmt: skip
    assert configuration.settings.server.host == "127.0.0.2"
    assert int(configuration.settings.streams.keep_alive_s) == 5


def test_written_providers_come_first_and_hide_found_ones(write):
    """A provider of the file is used instead of a found one of the same name."""
    file = write("[[providers]]\nname = 'openai'\ndialect = 'openai'\nbase_url = 'http://127.0.0.1:1/v1'\n")
    environ = {"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": "sk-2"}
    configuration = load(file, environ, probe=lambda _: ("llama3.2",))
    assert [(each.name, each.origin) for each in configuration.providers] == [
        ("openai", "headgate.toml"), ("anthropic", "ANTHROPIC_API_KEY"), ("ollama", "answers"),
    ]  # fmt: skip


def test_discovery_can_be_switched_off(write):
    """What is switched off is neither read nor probed."""

    def probe(_address: str) -> tuple[str, ...]:
        raise AssertionError("Ollama was probed")

    file = write("[discovery]\nenvironment = false\nollama = false\n")
    assert load(file, {"OPENAI_API_KEY": "sk-1"}, probe=probe).providers == ()


def test_an_endpoint_may_count_on_ollama_before_it_answers(write):
    """An endpoint that names Ollama is valid while Ollama is not running; nothing else is sent to it."""
    file = write("[[endpoints]]\nname = 'house'\ntargets = [{ provider = 'ollama', model = 'qwen3' }]\n")
    configuration = load(file, {}, probe=no_ollama)
    assert [(each.name, each.models, each.origin) for each in configuration.providers] == [("ollama", ("qwen3",), "does not answer yet")]


def test_an_endpoint_may_name_a_found_provider(write):
    """Targets reach providers of the environment; a name that is nowhere is refused with the nearest."""
    file = write("[[endpoints]]\nname = 'house'\ntargets = [{ provider = 'openai' }]\n")
    assert load(file, {"OPENAI_API_KEY": "sk-1"}, probe=no_ollama).endpoints[0].targets[0].provider.name == "openai"
    with pytest.raises(ConfigError, match=r"headgate.toml:3: endpoints.0..targets.0..provider: no provider is named 'openai'"):
        load(file, {}, probe=no_ollama)


def test_notes(write):
    """A key that would travel in the clear is pointed out, on loopback not."""
    file = write("[[providers]]\nname = 'lab'\ndialect = 'anthropic'\nbase_url = 'http://lab.example:9000'\napi_key = 'env:KEY'\n")
    configuration = load(file, {"KEY": "sk-1", "OPENAI_API_KEY": "hg_x"}, probe=no_ollama)
    assert configuration.notes == (
        "OPENAI_API_KEY holds a Headgate token, not a provider's key; ignored",
        "provider lab: its key travels unencrypted to http://lab.example:9000",
    )


def test_a_first_token_that_may_take_too_long_is_noted(write):
    """After the agent has the head of its stream no other target may answer it."""
    endpoint = "[[endpoints]]\nname = 'house'\ntargets = [{{ provider = 'openai' }}]\nfallbacks = [{{ provider = 'openai', model = 'm' }}]\n{}"
    for seconds, noted in ((39, False), (40, True)):
        file = write(endpoint.format(f"first_token_timeout_s = {seconds}\n"))
        notes = load(file, {"OPENAI_API_KEY": "sk-1"}, probe=no_ollama).notes
        assert bool(notes) is noted
        assert all("endpoint house: first_token_timeout_s has no effect" in note for note in notes)


def test_bad_variables_are_problems(write):
    """A bad variable is refused like a bad file."""
    with pytest.raises(ConfigError, match=r"HEADGATE_PORT: 'x' is no value for server.port"):
        load(write(""), {"HEADGATE_PORT": "x"}, probe=no_ollama)


@pytest.mark.parametrize(
    ("server", "exposed"),
    [
        ("", False), ("host = '127.0.0.3'", False), ("host = '::1'", False), ("host = 'localhost'", False), ("host = '0.0.0.0'", True),
        ("host = '::'", True), ("host = '192.0.2.1'", True), ("host = '0.0.0.0'\npublic_url = 'https://gate.example'", False),
        ("host = '0.0.0.0'\npublic_url = 'http://gate.example'", True),
    ],
)  # fmt: skip
def test_plain_http_for_other_machines_is_said(write, server, exposed):
    """Whoever lets other machines in without TLS reads what that means; not where a public address with https says that a proxy is in front."""
    notes = load(str(write(f"[server]\n{server}\n")), {}, probe=no_ollama).notes
    assert [note for note in notes if "plain HTTP" in note and "TLS" in note] == list(notes)
    assert bool(notes) is exposed


def test_the_option_lets_other_machines_in_as_the_file_does(write):
    """`headgate up --host 0.0.0.0` says the same, whatever the file has."""
    (note,) = load(str(write("[server]\nhost = '127.0.0.1'\n")), {}, {"server.host": "0.0.0.0"}, probe=no_ollama).notes
    assert note.startswith("other machines reach 0.0.0.0 over plain HTTP")


def test_the_servers_settings_alone(write):
    """They need no provider's key, and are refused where they make no sense."""
    provider = '[[providers]]\nname = "lab"\ndialect = "anthropic"\napi_key = "env:NOT_SET"\n'
    file = str(write("[server]\npublic_url = 'https://gate.example'\n" + provider))
    assert server_settings(file, {"HEADGATE_PORT": "9000"}) == Server(public_url="https://gate.example", port=9000)
    with pytest.raises(ConfigError, match="public_url"):
        server_settings(str(write("[server]\npublic_url = 'gate'\n")), {})
    with pytest.raises(ConfigError, match="unknown key"):
        server_settings(str(write("[server]\npublic = 1\n")), {})


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    """Unknown keys, wrong types and what does not fit together: whoever mends all of it is done. What follows from another mistake is left out."""
    (tmp_path / "headgate.toml").write_text(
        '[srver]\nport = 1\n[server]\nprt = 5\nport = "x"\n'
        '[[providers]]\nname = "lab"\ndialect = "antropic"\n[[providers]]\nname = "two"\ndialct = "openai"\n[[providers]]\nname = "three"\ndialect = 5\n'
        '[[endpoints]]\nname = "a"\ntargets = [{ provider = "lob" }, { provder = "lab" }]\n[prices]\n[storage]\nwarehouse = "here"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as refused:
        load(str(tmp_path / "headgate.toml"), {"HEADGATE_STREAMS_KEEP_ALIVE_S": "soon"}, probe=lambda _: None)
    found = [(problem.line, problem.path, problem.reason.partition(" —")[0]) for problem in refused.value.problems]

    assert [each[:2] for each in found] == [
        (0, ""),
        (1, "srver"),
        (4, "server.prt"),
        (5, "server.port"),
        (8, "providers[0].dialect"),
        (11, "providers[1].dialct"),
        (14, "providers[2].dialect"),
        (17, "endpoints[0].targets[1].provder"),
        (17, "endpoints[0].targets[0].provider"),
        (18, "prices"),
        (20, "storage.warehouse"),
    ]
    assert found[4][2] == "unknown dialect 'antropic'"
    assert found[6][2] == "must be text in quotes, not a number"


def test_a_configuration_without_its_secrets(write):
    """For commands beside the gateway: no key is needed, everything else is checked, and a key in the file itself is refused as ever."""
    file = write(EXAMPLE)
    configuration = load_without_secrets(file, {})
    assert [provider.name for provider in configuration.providers] == ["lab"]
    assert [endpoint.name for endpoint in configuration.endpoints] == ["databricks-claude-opus-4-6"]
    for wrong in ("sk-1", "other"):
        with pytest.raises(ConfigError, match="a secret is never written here" if wrong == "sk-1" else "no provider is named"):
            load_without_secrets(write(EXAMPLE.replace("env:LAB_KEY", wrong) if wrong == "sk-1" else EXAMPLE.replace('"lab",', '"lob",')), {})
    budget = '[[budgets]]\nname = "b"\nper = "day"\nusd = 1.0\nwebhook = "env:HOOK"\n'
    assert load_without_secrets(write(budget), {"HEADGATE_DISCOVERY_ENVIRONMENT": "false"}).budgets[0].name == "b"
