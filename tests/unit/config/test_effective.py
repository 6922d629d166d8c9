"""The settings in force with their origins."""

from headgate.config.effective import DEFAULT, STORE, effective_values
from headgate.config.load import WrittenFile, load
from headgate.config.validate import leaves
from headgate.core.stored_object import StoredObject

_TEXT = """\
[server]
port = 1234
[previews]
opentelemetry = true
[discovery]
environment = false
ollama = false
"""


def _switch(name: str, *, enabled: bool) -> StoredObject:
    return StoredObject(
        id=f"pre_{name}",
        kind="preview",
        name=name,
        document={"enabled": enabled},
        created_at_ms=1,
        created_by="ada",
        updated_at_ms=1,
        updated_by="ada",
    )


def test_each_value_has_its_origin() -> None:
    """A line of the file, a variable, an option, the store, or the default; every setting is there once."""
    environ = {"HEADGATE_STREAMS_KEEP_ALIVE_S": "5"}
    configuration = load("", environ, {"server.host": "127.0.0.2"}, accepted=WrittenFile("headgate.toml", _TEXT))
    stored = [_switch("coding_agents", enabled=False), _switch("opentelemetry", enabled=False)]
    found = {each.name: each for each in effective_values(configuration, stored)}
    assert list(found) == [".".join(path) for path, _ in leaves()]
    expected = {
        "server.port": (1234, "headgate.toml:2"),
        "server.host": ("127.0.0.2", "--host"),
        "server.drain_s": (30.0, DEFAULT),
        "streams.keep_alive_s": (5.0, "HEADGATE_STREAMS_KEEP_ALIVE_S"),
        "previews.coding_agents": (False, STORE),
        "previews.opentelemetry": (True, "headgate.toml:4"),
    }
    assert {name: (found[name].value, found[name].origin) for name in expected} == expected
    assert found["server.port"].help_text.startswith("Port to listen on")
