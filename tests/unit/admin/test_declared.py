"""Governed objects as interfaces show them."""

import pytest

from headgate.admin.declared import changed, of_file, of_store, stated
from headgate.config.entries import WrittenEndpoint, WrittenLimit, WrittenTarget
from headgate.config.objects import KINDS, DeclaredEntry
from headgate.core.stored_object import StoredObject

LIMIT = KINDS["limit"]


def test_an_object_of_the_file_says_where_it_is_declared():
    """Its name is its id; it has no etag, because it cannot be changed here."""
    shown = of_file(LIMIT, DeclaredEntry("* endpoint day", WrittenLimit(key="endpoint", per="day", requests=5), "headgate.toml:3"))
    assert shown.described() == {
        "id": "* endpoint day", "name": "* endpoint day", "declared_at": "headgate.toml:3", "etag": "", "created_at": None, "created_by": "",
        "updated_at": None, "updated_by": "", "problem": "", "limit": {"key": "endpoint", "per": "day", "requests": 5},
    }  # fmt: skip


def test_an_object_of_the_store_says_who_changed_it_and_what_is_wrong_with_it():
    """Times as ISO 8601 in UTC."""
    one = StoredObject(
        id="lim_1", kind="limit", name="n", document={"key": "endpoint"}, revision=3, created_at_ms=1_000, created_by="ada", updated_at_ms=2_000, updated_by="ben"
    )  # fmt: skip
    shown = of_store(LIMIT, one, ()).described()
    assert [shown[name] for name in ("id", "etag", "created_at", "created_by", "updated_at", "updated_by", "declared_at")] == [
        "lim_1", "3", "1970-01-01T00:00:01Z", "ada", "1970-01-01T00:00:02Z", "ben", "",
    ]  # fmt: skip
    assert shown["problem"].startswith("a limit needs at least one of")


def test_a_mask_with_an_unknown_field_is_refused():
    """Also where the field is stated."""
    with pytest.raises(ValueError, match="limit has no field 'cost'"):
        changed(LIMIT, {"per": "day"}, {"cost": 1}, ["cost"])
    assert changed(LIMIT, {"per": "day"}, {"per": "hour"}, ["per"]) == {"per": "hour"}


def test_only_what_differs_from_its_default_is_stated():
    """Also where a default is an empty table or list."""
    assert stated(WrittenEndpoint(name="e", targets=(WrittenTarget(provider="lab", traffic_percent=0),), tags={})) == {
        "name": "e",
        "targets": [{"provider": "lab", "traffic_percent": 0}],
    }
    assert stated(WrittenEndpoint()) == {}
