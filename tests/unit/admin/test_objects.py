"""The use-cases of governed objects."""

from pathlib import Path

import pytest

from headgate.admin.objects import ObjectAdmin
from headgate.config.load import WrittenFile, load
from headgate.core.errors import BadRequest, NotFound
from headgate.core.stored_object import ObjectChange, StoredObject
from tests.fakes.objects import MemoryObjects
from tests.fakes.ports import FakeClock

FILE = """
[[providers]]
name = "lab"
dialect = "anthropic"
models = ["claude-a"]

[[endpoints]]
name = "coding"
targets = [{ provider = "lab", model = "claude-a" }]

[[limits]]
key = "user_default"
per = "minute"
requests = 60
"""
WRITTEN = "* user_default minute"
OPUS = {"endpoint": "claude-opus", "key": "endpoint", "per": "hour", "requests": 5}


@pytest.fixture
def objects():
    """The use-cases over an empty store, beside a file."""
    environ = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
    configuration = load("", environ, accepted=WrittenFile(str(Path("etc/headgate.toml")), FILE))
    return ObjectAdmin(MemoryObjects(), lambda: configuration, FakeClock())


def test_what_the_file_declares_is_shown_with_its_place(objects):
    """Before what the store declares, with what is stated and no defaults."""
    made = objects.create("limit", OPUS, "ada")
    assert [(each.name, each.place, each.document) for each in objects.all_of("limit")] == [
        (WRITTEN, "headgate.toml:11", {"key": "user_default", "per": "minute", "requests": 60}),
        ("claude-opus endpoint hour", "", OPUS),
    ]
    assert made == objects.find("limit", made.stored.id) == objects.find("limit", "claude-opus endpoint hour")
    assert (made.stored.created_by, made.stored.etag) == ("ada", "1")


@pytest.mark.parametrize(
    ("word", "document", "words"),
    [
        ("limit", {"key": "user_default", "per": "minute", "requests": 60}, "declared at headgate.toml:11 already"),
        ("limit", {"key": "user_defalt"}, "key: unknown word 'user_defalt' — did you mean 'user_default'?"),
        ("limit", {"key": "user", "per": "day", "requests": 1}, "principal: a limit with the key"),
        ("limit", {"kye": "endpoint"}, "kye: unknown key"),
        ("endpoint", {"name": "chat", "targets": [{"provider": "lob"}]}, "targets[0].provider: no provider is named 'lob'"),
        ("endpoint", {"name": "coding", "targets": [{"provider": "lab"}]}, "Endpoint 'coding' is declared at headgate.toml:7 already."),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_refused_as_in_the_file(objects, word, document, words):
    """With every problem and the key that has it, and nothing is stored."""
    before = objects.all_of(word)
    with pytest.raises(BadRequest) as refused:
        objects.create(word, document, "ada")
    assert words in refused.value.message
    assert objects.all_of(word) == before


def test_the_file_is_changed_only_in_the_file(objects):
    """Change and delete say where it is declared."""
    for step in (lambda: objects.change("limit", WRITTEN, {"requests": 1}, "ada"), lambda: objects.delete("limit", WRITTEN, "ada")):
        with pytest.raises(BadRequest, match=r"declared at headgate\.toml:11\. Change it there") as refused:
            step()
        assert (refused.value.status, refused.value.code) == (409, "INVALID_STATE")


@pytest.mark.parametrize(
    ("fields", "mask", "after"),
    [
        ({"requests": 9}, None, OPUS | {"requests": 9}),
        ({"requests": 9, "tokens": 7}, ["tokens"], OPUS | {"tokens": 7}),
        ({"tokens": 7}, ["requests", "tokens"], {"endpoint": "claude-opus", "key": "endpoint", "per": "hour", "tokens": 7}),
        ({"key": "endpoint", "per": "day", "requests": 1}, ["*"], {"key": "endpoint", "per": "day", "requests": 1}),
    ],
)  # fmt: skip
def test_a_change_takes_the_stated_fields_or_those_of_the_mask(objects, fields, mask, after):
    """A masked field that is not stated goes back to its default."""
    made = objects.create("limit", OPUS, "ada")
    changed = objects.change("limit", made.stored.id, fields, "ben", mask=mask)
    assert (changed.document, changed.stored.revision, changed.stored.updated_by) == (after, 2, "ben")
    assert objects.find("limit", made.stored.id) == changed


def test_what_both_declare(objects):
    """The file's counts. The stored one is listed as not used, and is found and deleted by its id."""
    document = {"key": "user_default", "per": "minute", "requests": 5}
    made = StoredObject(
        id="lim_1", kind="limit", name=WRITTEN, document=document, created_at_ms=1, created_by="ada", updated_at_ms=1, updated_by="ada"
    )
    objects._state.apply([ObjectChange(None, made)])
    assert [each.document["requests"] for each in objects.all_of("limit")] == [60]
    written, stored = objects.listed("limit")
    assert (written.place, stored.id) == ("headgate.toml:11", "lim_1")
    assert stored.problem == "not used: headgate.toml:11 declares it too, and the file counts"
    assert objects.find("limit", WRITTEN) == written
    assert objects.find("limit", "lim_1") == stored
    objects.delete("limit", "lim_1", "ada")
    assert objects.listed("limit") == [written]


def test_a_change_of_an_old_revision_is_refused(objects):
    """As is a delete; without an etag the current one is meant."""
    made = objects.create("limit", OPUS, "ada")
    objects.change("limit", made.name, {"requests": 9}, "ben")
    for step in (
        lambda: objects.change("limit", made.name, {"requests": 8}, "eve", etag="1"),
        lambda: objects.delete("limit", made.name, "eve", etag="1"),
    ):
        with pytest.raises(BadRequest, match="its etag is 2") as refused:
            step()
        assert (refused.value.status, refused.value.code) == (409, "ABORTED")
    objects.delete("limit", made.name, "eve", etag="2")
    with pytest.raises(NotFound, match="No limit has the id or name"):
        objects.find("limit", made.name)


def test_a_change_may_not_take_the_name_of_another(objects):
    """A limit's name is what it counts."""
    objects.create("limit", OPUS, "ada")
    other = objects.create("limit", OPUS | {"per": "day"}, "ada")
    with pytest.raises(BadRequest, match="'claude-opus endpoint hour' exists already"):
        objects.change("limit", other.name, {"per": "hour"}, "ada")
    assert len(objects.all_of("limit")) == 3


def test_a_mask_names_fields(objects):
    """An unknown one is refused with the one that is meant, or with those that there are."""
    made = objects.create("limit", OPUS, "ada")
    with pytest.raises(BadRequest, match=r"A limit has no field 'request'\. Did you mean 'requests'"):
        objects.change("limit", made.name, {}, "ada", mask=["request"])
    with pytest.raises(BadRequest, match=r"A limit has no field 'colour'\. It has endpoint, key, "):
        objects.change("limit", made.name, {}, "ada", mask=["colour"])


def test_a_change_without_a_difference_is_none(objects):
    """It makes no revision, so nobody else's etag is out of date."""
    made = objects.create("limit", OPUS, "ada")
    assert objects.change("limit", made.name, OPUS, "ben", etag="1") == made
    assert objects.find("limit", made.name) == made


def test_an_edit_is_stored_whole_or_not_at_all(objects):
    """Its later steps see its earlier ones; where one is refused, nothing has changed."""
    with objects.editing("ada") as edit:
        edit.create("limit", OPUS)
        edit.change("limit", "claude-opus endpoint hour", {"requests": 6})
        edit.create("endpoint", {"name": "opus", "targets": [{"provider": "lab", "model": "claude-a"}]})
    assert objects.find("limit", "claude-opus endpoint hour").document["requests"] == 6
    with pytest.raises(BadRequest, match="exists already"), objects.editing("ben") as edit:
        edit.delete("limit", "claude-opus endpoint hour")
        edit.create("limit", OPUS)
        edit.create("endpoint", {"name": "opus", "targets": [{"provider": "lab", "model": "claude-a"}]})
    assert objects.find("limit", "claude-opus endpoint hour").stored.revision == 2


def test_trying_stores_nothing(objects):
    """A new object and a changed one are checked as they are when they are stored."""
    made = objects.create("limit", OPUS, "root")
    assert objects.tried("limit", {"key": "endpoint", "per": "day", "tokens": 9}).document["tokens"] == 9
    assert objects.tried("limit", {"key": "endpoint", "per": "day", "requests": 1}, made.id).document == {
        "key": "endpoint",
        "per": "day",
        "requests": 1,
    }
    assert [one.document for one in objects.all_of("limit")][1:] == [OPUS]
    with pytest.raises(BadRequest, match="exists already"):
        objects.tried("limit", OPUS)
    with pytest.raises(BadRequest, match="is declared at"):
        objects.tried("limit", OPUS, WRITTEN)
