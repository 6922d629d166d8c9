"""The control state follows the store and the file, whole or not at all."""

import asyncio
import logging

import pytest

from headgate.admin.objects import ObjectAdmin
from headgate.admin.token_ports import EndedSession
from headgate.admin.token_request import TokenRequest
from headgate.app.control import Control
from headgate.app.options import ServingOptions, UpOptions
from headgate.app.start_report import start_report
from headgate.catalog import holders
from headgate.config.load import WrittenFile, load
from headgate.config.problems import ConfigError
from headgate.core.errors import Unavailable
from headgate.core.price_rule import PriceRule
from headgate.policy.previews import Previews
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.stated_configuration import read_configuration
from headgate.storage.state.stated_groups import StatedGroups
from headgate.storage.state.stated_prices import read_rules
from tests.fakes.ports import FakeClock

ALONE = "[discovery]\nenvironment = false\nollama = false\n"
PROVIDER = '[[providers]]\nname = "lab"\ndialect = "anthropic"\nmodels = ["{model}"]\n'


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to start in, without a configuration."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def environ(place):
    """An environment in which nothing is found."""
    return {"HOME": str(place), "HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}


@pytest.fixture
def control(place, environ):
    """The control state of a gateway that was started there."""
    made = Control(UpOptions(data_dir=str(place / "data")), environ, FakeClock())
    yield made
    made.close()


def names(control):
    """The models that Claude Code is shown."""
    return [endpoint.name for endpoint in control.snapshot().endpoints.listing("anthropic")]


async def read_again(control):
    """Two looks at the file: a changed one is read once it is as it was at the look before."""
    for _ in range(2):
        await control.file.follow()


async def test_a_file_that_is_written_while_the_gateway_runs_is_found(place, control):
    """Without one at the start, as the first lines of `headgate up` advise."""
    await read_again(control)
    before = names(control)
    (place / "headgate.toml").write_text(ALONE + PROVIDER.format(model="claude-a"), encoding="utf-8")
    await read_again(control)

    assert (before, names(control)) == ([], ["claude-a"])


async def test_half_of_a_file_is_not_used(place, control, monkeypatch):
    """An editor empties the file before it writes, and may write while it is read. What a command asks for is read at once."""
    file, found = place / "headgate.toml", []
    file.write_text(ALONE + PROVIDER.format(model="claude-a"), encoding="utf-8")
    await read_again(control)
    file.write_text("", encoding="utf-8")
    await control.file.follow()
    found.append(names(control))
    file.write_text(ALONE + PROVIDER.format(model="claude-longer-name"), encoding="utf-8")
    await control.file.follow()
    found.append(names(control))

    def load_while_written(*arguments, **options):
        monkeypatch.setattr("headgate.app.configuration_file.load", load)
        loaded = load(*arguments, **options)
        file.write_text(ALONE + PROVIDER.format(model="claude-b"), encoding="utf-8")
        return loaded

    monkeypatch.setattr("headgate.app.configuration_file.load", load_while_written)
    await control.file.follow()
    found.append(names(control))
    await read_again(control)
    found.append(names(control))
    file.write_text(ALONE + PROVIDER.format(model="claude-c"), encoding="utf-8")
    control.file.reload()
    await control.file.follow()

    assert (found, names(control)) == ([["claude-a"]] * 3 + [["claude-b"]], ["claude-c"])


async def test_a_change_is_taken_whole_or_refused(place, control, caplog):
    """A broken file changes nothing and is told until it is mended; which sections wait for a restart is said by name."""
    caplog.set_level(logging.INFO)
    file = place / "headgate.toml"
    file.write_text(ALONE + PROVIDER.format(model="claude-a"), encoding="utf-8")
    await read_again(control)
    file.write_text(ALONE + PROVIDER.format(model="claude-b") + "modles = []\n", encoding="utf-8")
    await read_again(control)
    kept, refusal = names(control), control.file.refusal
    file.write_text("[streams]\nkeep_alive_s = 20\n" + ALONE + PROVIDER.format(model="claude-long-name"), encoding="utf-8")
    await read_again(control)

    assert kept == ["claude-a"]
    assert "headgate.toml:8" in refusal
    assert "models" in refusal
    assert (names(control), control.file.refusal) == (["claude-long-name"], "")
    assert "[streams] after a restart: run `headgate restart`" in caplog.text


async def test_a_process_that_is_started_again_goes_on_with_what_was_accepted(place, environ):
    """The file is refused by then, and the file with the key is gone. The file is refused still, until it is mended."""
    file, key, heard = place / "headgate.toml", place / "key", []
    key.write_text("sk-of-a-file", encoding="utf-8")
    key.chmod(0o600)
    good = ALONE + PROVIDER.format(model="claude-a") + 'api_key = "file:key"\n'
    file.write_text(good.replace("claude-a", "claude-old"), encoding="utf-8")
    options = UpOptions(data_dir=str(place / "data"), config_path=str(file))
    first = Control(options, environ, FakeClock())
    first.file.report_accepted(heard.append)
    file.write_text(good, encoding="utf-8")
    await read_again(first)
    file.write_text(f"{good}modles = []\n", encoding="utf-8")
    await read_again(first)
    first.close()
    key.unlink()
    second = Control(options, environ, FakeClock(), heard[-1])
    await read_again(second)
    found, refusal, (provider,) = names(second), second.file.refusal, second.configuration.providers
    second.file.report_accepted(heard.append)
    file.write_text(ALONE + PROVIDER.format(model="claude-b"), encoding="utf-8")
    await read_again(second)
    second.close()

    assert [each.text.count("claude-old") for each in heard] == [1, 0, 0, 0]
    assert (found, provider.api_key.reveal()) == (["claude-a"], "sk-of-a-file")
    assert "modles" in refusal
    assert heard[1] == heard[2]
    assert (names(second), second.file.refusal) == (["claude-b"], "")


async def test_without_an_accepted_configuration_a_wrong_file_is_no_start(place, environ):
    """As at the first start of a gateway. A gateway that was started without a file goes on without one."""
    (place / "headgate.toml").write_text("[server]\nprot = 1\n", encoding="utf-8")
    options = UpOptions(data_dir=str(place / "data"))
    with pytest.raises(ConfigError, match="prot"):
        Control(options, environ, FakeClock())
    again = Control(options, environ, FakeClock(), WrittenFile())
    again.close()

    assert "prot" in again.file.refusal
    assert again.configuration.file is None


async def test_stated_prices_are_handed_on_whole_and_only_when_accepted(place, control):
    """Those who price rows find them in the data directory."""
    found, file, lab = [], place / "headgate.toml", ALONE + PROVIDER.format(model="claude-a")
    for text in (
        "",
        "[[prices]]\nfactor = 0.5\n",
        '[[prices]]\nfactor = 0.25\nprovider = "lob"\n',
        "[[prices]]\nfactor = 0.75\n[[prices]]\nform = 1\n",
        "",
    ):
        file.write_text(lab + text, encoding="utf-8")
        await read_again(control)
        found.append(read_rules(str(place / "data")))

    assert found == [(), half := (PriceRule(factor=0.5),), half, half, ()]


GROUPS = '[[groups]]\nname = "team"\nmembers = [{members}]\n[[groups]]\nname = "all"\nmembers = ["team"]\n'


async def test_principals_are_in_the_groups_of_the_file(place, control, caplog):
    """From the next change of the file or of the tokens on, whichever comes first; other processes find the groups' names in the data directory."""
    file, tokens = place / "headgate.toml", control.store.admin

    def groups(created):
        return control.snapshot().tokens.live(created.row.id, 1).principal.groups

    ada = tokens.create(TokenRequest(name="laptop", user="ada"))
    await control.store.follow()
    found = [groups(ada)]
    file.write_text(ALONE + GROUPS.format(members='"ada", "bob"'), encoding="utf-8")
    await read_again(control)
    bob = tokens.create(TokenRequest(name="laptop", user="bob"))
    await control.store.follow()
    found += [groups(ada), groups(bob)]
    known = StatedGroups(str(place / "data")).names()
    file.write_text(ALONE + GROUPS.format(members='"bob"'), encoding="utf-8")
    await read_again(control)
    found += [groups(ada), groups(bob)]

    assert found == [set(), both := {"team", "all"}, both, set(), both]
    assert known == control.catalog_state.load().groups - set(holders.GROUPS) == both
    assert "group" not in caplog.text


async def test_a_user_with_the_name_of_a_group_is_reported(place, control, caplog):
    """Once: what is granted to the name goes to the group."""
    control.store.admin.create(TokenRequest(name="laptop", user="team"))
    (place / "headgate.toml").write_text(ALONE + GROUPS.format(members='"ada"'), encoding="utf-8")
    await read_again(control)
    control.store.admin.create(TokenRequest(name="laptop", user="ada"))
    await control.store.follow()

    assert caplog.text.count("both a group and a user or service principal have the name 'team'") == 1


async def test_a_working_directory_that_is_gone_is_no_matter(place, control, monkeypatch):
    """It was where a file could have been; the tokens and a file elsewhere are still followed."""
    gone = place / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    await read_again(control)
    await control.store.follow()
    folder = place / ".config" / "headgate"
    folder.mkdir(parents=True)
    (folder / "headgate.toml").write_text(ALONE + PROVIDER.format(model="claude-a"), encoding="utf-8")
    await read_again(control)
    monkeypatch.chdir(place)

    assert names(control) == ["claude-a"]


async def test_a_change_that_could_not_be_taken_up_is_tried_again(place, control, monkeypatch):
    """A full disk at the wrong moment must not have the change forgotten."""
    (place / "headgate.toml").write_text(ALONE + PROVIDER.format(model="claude-a"), encoding="utf-8")
    with monkeypatch.context() as full:
        full.setattr("headgate.app.control.write_rules", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            await read_again(control)
    await read_again(control)

    assert names(control) == ["claude-a"]


async def test_a_store_that_cannot_be_read_leaves_the_tokens_as_they_are(control, monkeypatch):
    """Following it says so to its caller; a look for one unknown token just finds nothing."""

    def locked():
        raise Unavailable("The store is locked.")

    before = control.snapshot()
    monkeypatch.setattr(control.store._state, "version", locked)
    with pytest.raises(Unavailable):
        await control.store.follow()
    await control.store.refresh()

    assert control.snapshot() is before


async def test_a_token_made_a_moment_after_a_look_is_found(control):
    """The next look waits until it is due, and does not refuse what it has not looked for."""
    for name in ("first", "second"):
        made = control.store.admin.create(TokenRequest(name=name, user="ada@example.com"))
        await control.store.refresh()
        assert control.snapshot().tokens.live(made.row.id, FakeClock().wall_ns() / 1e9) is not None


async def test_looks_for_unknown_tokens_are_shared(control, monkeypatch):
    """A flood of them reads the store once for all that wait, and once more for those that came while it was read."""
    looks = []
    version = control.store._state.version
    monkeypatch.setattr(control.store._state, "version", lambda: looks.append(1) or version())
    await asyncio.gather(*(control.store.refresh() for _ in range(50)))

    assert len(looks) == 1


async def test_an_ended_session_is_known_to_every_process_and_after_a_restart(place, control):
    """The process that ended it knows at once, another one at its next look at the store, a new one from its start."""
    options, environ = UpOptions(data_dir=str(place / "data")), {"HOME": str(place), "HEADGATE_DISCOVERY_OLLAMA": "false"}
    other = Control(options, environ, FakeClock())
    digest = b"s" * 32
    await control.store.end_session(EndedSession(digest, FakeClock().wall_ns() // 1_000_000 + 1))
    seen = [control.snapshot().ended_sessions, other.snapshot().ended_sessions]
    await other.store.follow()
    (place / "headgate.toml").write_text(ALONE + PROVIDER.format(model="claude-a"), encoding="utf-8")
    await read_again(other)
    restarted = Control(options, environ, FakeClock())
    seen += [other.snapshot().ended_sessions, restarted.snapshot().ended_sessions]
    other.close()
    restarted.close()

    assert seen == [{digest}, frozenset(), {digest}, {digest}]


async def test_the_demo_uses_no_other_provider(place, monkeypatch):
    """Whatever keys are set and whatever the file has: a first question must not be billed, nor leave the machine. What is left out is said."""
    monkeypatch.setattr("headgate.config.load.find_ollama", lambda *_: pytest.fail("nothing is looked for"))
    (place / "headgate.toml").write_text(
        '[streams]\nkeep_alive_s = 20\n[[providers]]\nname = "lab"\ndialect = "anthropic"\napi_key = "env:LAB_KEY"\n'
        '[[endpoints]]\nname = "x"\ntargets = [{ provider = "anthropic" }]\n[[prices]]\nprovider = "lab"\nfactor = 0.5\n',
        encoding="utf-8",
    )
    environ = {"HOME": str(place), "ANTHROPIC_API_KEY": "sk-real", "DATABRICKS_HOST": "d.example", "DATABRICKS_TOKEN": "dapi-real"}
    options = UpOptions(data_dir=str(place / "data"), demo=True)
    control = Control(options, environ, FakeClock())
    serving = ServingOptions(up=options, listen_fd=-1, link_fd=-1, parent_pid=0, url="http://127.0.0.1:1")
    described, endpoints = start_report(control, serving), control.snapshot().endpoints
    served = {target.provider.base_url for endpoint in endpoints.everything() for target in endpoint.targets}
    control.close()

    assert {name for name, _, _ in described.providers} == {"demo-anthropic", "demo-openai", "demo-gemini"}
    assert served == {"demo:anthropic", "demo:openai", "demo:gemini"}
    assert described.notes == [
        "ANTHROPIC_API_KEY and DATABRICKS_TOKEN are set and not used in the demo",
        "the providers of the configuration file are not used in the demo",
    ]
    assert control.configuration.settings.streams.keep_alive_s == 20


async def test_a_preview_is_switched_with_the_file(place, control):
    """The others stay as they are; a name that is unknown is refused with the nearest one."""
    file = place / "headgate.toml"
    file.write_text(ALONE + "[previews]\nopentelemetry = false\n", encoding="utf-8")
    await read_again(control)
    assert control.snapshot().previews == Previews(opentelemetry=False)
    file.write_text(ALONE + "[previews]\ncoding_agent = false\n", encoding="utf-8")
    await read_again(control)
    assert "did you mean 'coding_agents'?" in control.file.refusal
    assert control.snapshot().previews == Previews(opentelemetry=False)


async def test_a_section_that_waits_for_a_restart_waits_whole(place, control, caplog):
    """Not a half of it: the log says that it is used after a restart. It says so again with each change, until it is."""
    file = place / "headgate.toml"
    file.write_text(ALONE + PROVIDER.format(model="claude-a"), encoding="utf-8")
    await read_again(control)
    before = control.configuration.settings
    changed = '[payloads]\ntable = "main.default.all"\n[telemetry]\nkeep = ["*"]\n' + ALONE
    for model in ("claude-b", "claude-c-longer"):
        file.write_text(changed + PROVIDER.format(model=model), encoding="utf-8")
        await read_again(control)
    after = control.configuration.settings

    assert (after.payloads, after.telemetry, after.storage) == (before.payloads, before.telemetry, before.storage)
    assert after.providers[0].models == ("claude-c-longer",)
    assert names(control) == ["claude-c-longer"]
    assert caplog.text.count("[telemetry], [payloads] after a restart") == 2
    assert control.file.waiting == ("telemetry", "payloads")
    assert read_configuration(str(control.data.root)).waiting == ("telemetry", "payloads")
    assert "payloads.table" not in control.configuration.origins
    assert control.configuration.origins["providers"].startswith(f"{file}:")
    assert control.file.changed_at_ms == file.stat().st_mtime_ns // 1_000_000


async def test_what_the_store_declares_is_used_beside_the_file(place, control, caplog):
    """A stored object is in force at the next look, until it is removed. An endpoint whose provider is gone stays and refuses; the log says so."""
    (place / "headgate.toml").write_text(ALONE + PROVIDER.format(model="claude-a"), encoding="utf-8")
    await read_again(control)
    objects = ObjectAdmin(ObjectStore(control.store.database), lambda: control.configuration, FakeClock())
    objects.create("endpoint", {"name": "claude-coding", "targets": [{"provider": "lab", "model": "claude-a"}]}, "ada")
    objects.create("limit", {"key": "user_default", "per": "day", "requests": 1}, "ada")
    await control.store.follow()
    first = control.snapshot()
    (place / "headgate.toml").write_text(ALONE + PROVIDER.format(model="claude-b-long"), encoding="utf-8")
    await read_again(control)
    await control.store.follow()
    second = names(control)
    objects.delete("limit", "* user_default day", "ada")
    (place / "headgate.toml").write_text(ALONE, encoding="utf-8")
    await read_again(control)
    await control.store.follow()

    assert "claude-coding" in [endpoint.name for endpoint in first.endpoints.written]
    assert first.limits is not None
    assert second == ["claude-coding", "claude-b-long"]
    assert control.snapshot().limits is None
    (endpoint,) = control.snapshot().endpoints.written
    assert endpoint.targets[0].provider.deleted
    assert "endpoint claude-coding of the store: provider 'lab' is gone: requests to it are refused" in caplog.text
