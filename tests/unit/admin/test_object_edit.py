"""Changes of governed objects that are one."""

from pathlib import Path

import pytest

from headgate.admin.object_edit import ObjectEdit
from headgate.config.load import WrittenFile, load
from headgate.core.errors import BadRequest, NotFound
from headgate.core.stored_object import ObjectChange
from tests.fakes.objects import MemoryObjects

LIMIT = {"endpoint": "claude-opus", "key": "endpoint", "per": "hour", "requests": 5}
NAME = "claude-opus endpoint hour"


@pytest.fixture
def edit():
    """An edit over an empty store and no file."""
    environ = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
    return ObjectEdit(MemoryObjects(), load("", environ, accepted=WrittenFile(str(Path("headgate.toml")), "")), 1_000_000, "ada")


def test_each_step_sees_those_before_it(edit):
    """Created, changed and deleted within one edit; its owner is given every change in order."""
    made = edit.create("limit", LIMIT).stored
    changed = edit.change("limit", NAME, {"requests": 6}, etag="1").stored
    assert [each.document["requests"] for each in edit.all_of("limit")] == [6]
    edit.delete("limit", made.id, etag="2")
    assert edit.all_of("limit") == []
    with pytest.raises(NotFound):
        edit.find("limit", NAME)
    assert edit.changes == [ObjectChange(None, made), ObjectChange(made, changed), ObjectChange(changed, None)]


def test_a_step_that_is_refused_leaves_no_change(edit):
    """The others are as they were."""
    edit.create("limit", LIMIT)
    for step in (lambda: edit.create("limit", LIMIT), lambda: edit.change("limit", NAME, {"requests": 0}), lambda: edit.delete("limit", NAME, "9")):
        with pytest.raises(BadRequest):
            step()
    assert len(edit.changes) == len(edit.all_of("limit")) == 1


SERVED = '[[providers]]\nname = "lab"\ndialect = "anthropic"\nmodels = ["main.ai.native", "m"]\n'


@pytest.mark.parametrize(("name", "left"), [("main.ai.coding", ["ada on main.ai.*"]), ("coding", None), ("main.ai.native", None)])
def test_a_model_service_ends_with_the_grants_on_it(name, left):
    """A later one of its name begins without any. Those of other endpoints stay, since a provider's model of the name would be open without them."""
    environ = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
    edit = ObjectEdit(MemoryObjects(), load("", environ, accepted=WrittenFile(str(Path("headgate.toml")), SERVED)), 1_000_000, "ada")
    edit.create("endpoint", {"name": name, "targets": [{"provider": "lab", "model": "m"}]})
    for endpoint in (name, "main.ai.*"):
        edit.create("grant", {"principal": "ada", "endpoint": endpoint})
    edit.delete("endpoint", name)
    assert [each.name for each in edit.all_of("grant")] == (left or [f"ada on {name}", "ada on main.ai.*"])
