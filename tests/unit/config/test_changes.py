"""What differs between two configurations."""

from headgate.config.changes import changes
from headgate.config.entries import WrittenEndpoint, WrittenLimit, WrittenProvider
from headgate.config.schema import Server, Settings, WrittenPreviews

OLD = Settings(
    providers=(WrittenProvider(name="lab", api_key="env:LAB_KEY"),),
    endpoints=(WrittenEndpoint(name="opus"), WrittenEndpoint(name="gone")),
    server=Server(port=1),
)


def test_only_what_differs_is_told() -> None:
    """By section, key, and the name of an entry; what is new or gone is whole on its side."""
    new = Settings(
        providers=(WrittenProvider(name="lab", api_key="env:NEW_KEY"),), endpoints=(WrittenEndpoint(name="opus"),), server=Server(port=1),
        previews=WrittenPreviews(opentelemetry=False), limits=(WrittenLimit(key="user_default", requests=5),),
    )  # fmt: skip
    before, after = changes(OLD, new)
    assert set(before) == set(after) == {"providers", "endpoints", "previews", "limits"}
    assert (before["providers"], after["providers"]) == ({"lab": {"api_key": "env:LAB_KEY"}}, {"lab": {"api_key": "env:NEW_KEY"}})
    assert (before["previews"], after["previews"]) == ({"opentelemetry": True}, {"opentelemetry": False})
    assert (set(before["endpoints"]), after["endpoints"]) == ({"gone"}, {})
    assert (before["limits"], after["limits"]["0"]["requests"]) == ({}, 5)


def test_nothing_differs() -> None:
    """Both sides are empty."""
    assert not any(changes(OLD, OLD))
