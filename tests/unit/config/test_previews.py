"""Previews of the file and the store together."""

import pytest

from headgate.config.load import load
from headgate.config.previews import stated_at, switched
from headgate.core.stored_object import StoredObject


def stored(name, enabled):
    """A switch of the store."""
    return StoredObject(id=name, kind="preview", name=name, document={"enabled": enabled})


@pytest.fixture
def configuration(tmp_path):
    """A file that states one preview."""
    file = tmp_path / "headgate.toml"
    file.write_text("[discovery]\nenvironment = false\nollama = false\n[previews]\ncoding_agents = true\n", encoding="utf-8")
    return load(str(file), {})


def test_what_the_file_states_counts(configuration):
    """The store decides about the rest; without either, a preview has its default."""
    both = switched(configuration, [stored("coding_agents", False), stored("opentelemetry", False)])
    assert (both.coding_agents, both.opentelemetry) == (True, False)
    assert switched(configuration, []).opentelemetry is True
    assert stated_at(configuration, "coding_agents").endswith("headgate.toml:5")
    assert not stated_at(configuration, "opentelemetry")


def test_what_makes_no_sense_is_left_alone(configuration):
    """A preview of another release, a document that says nothing, an object of another kind."""
    odd = [
        stored("later_beta", False),
        stored("opentelemetry", "no"),
        StoredObject(id="x", kind="limit", name="opentelemetry", document={"enabled": False}),
    ]
    assert switched(configuration, odd) == configuration.settings.previews
