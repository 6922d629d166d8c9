"""Switching previews in the store."""

import pytest

from headgate.admin.previews import PreviewAdmin
from headgate.config.load import load
from headgate.core.errors import BadRequest, NotFound
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.store import StateStore
from tests.fakes.ports import FakeClock


@pytest.fixture
def previews(tmp_path):
    """The use-cases beside a file that states one preview."""
    file = tmp_path / "headgate.toml"
    file.write_text("[discovery]\nenvironment = false\nollama = false\n[previews]\ncoding_agents = true\n", encoding="utf-8")
    configuration = load(str(file), {})
    state = StateStore(f"sqlite:///{tmp_path}/state.db")
    yield PreviewAdmin(ObjectStore(state.database), lambda: configuration, FakeClock())
    state.close()


def test_a_preview_is_switched_off_and_on(previews):
    """As often as wanted; who did it is known."""
    for enabled in (False, False, True):
        assert previews.switch("opentelemetry", "ada", enabled=enabled).enabled is enabled
        shown = {each.name: each for each in previews.all()}
        assert (shown["opentelemetry"].enabled, shown["opentelemetry"].updated_by) == (enabled, "ada")
    assert shown["coding_agents"].declared_at.endswith("headgate.toml:5")


def test_what_cannot_be_switched_says_why(previews):
    """What the file states, and a name that does not exist."""
    with pytest.raises(BadRequest, match=r"is declared at .*headgate.toml:5. Change it there.") as refused:
        previews.switch("coding_agents", "ada", enabled=False)
    assert refused.value.status == 409
    with pytest.raises(NotFound, match="Did you mean 'opentelemetry'"):
        previews.switch("opentelemetri", "ada", enabled=False)
    with pytest.raises(NotFound, match="The previews are coding_agents, opentelemetry"):
        previews.switch("xyz", "ada", enabled=False)
