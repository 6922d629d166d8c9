"""Endpoints together with their limits."""

import pytest

from headgate.admin.endpoints import EndpointAdmin, LimitSet
from headgate.admin.objects import ObjectAdmin
from headgate.config.load import WrittenFile, load
from headgate.core.errors import BadRequest
from tests.fakes.objects import MemoryObjects
from tests.fakes.ports import FakeClock

FILE = '[[providers]]\nname = "lab"\ndialect = "anthropic"\n[[limits]]\nendpoint = "coding"\nkey = "endpoint"\nper = "minute"\nrequests = 9\n'
CODING = {"name": "coding", "targets": [{"provider": "lab", "model": "claude-a"}]}


def limit(key: str, **more) -> dict:
    return {"endpoint": "coding", "key": key, "per": "minute", "requests": 1} | more


@pytest.fixture
def objects():
    """The use-cases of objects beside a file that declares one limit of the endpoint."""
    environ = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
    configuration = load("", environ, accepted=WrittenFile("headgate.toml", FILE))
    return ObjectAdmin(MemoryObjects(), lambda: configuration, FakeClock())


@pytest.fixture
def endpoints(objects):
    """The use-cases."""
    return EndpointAdmin(objects)


def all_of(*documents) -> LimitSet:
    return LimitSet(documents, lambda entry: entry.key != "agent")


def test_limits_are_replaced_as_far_as_the_form_has_them(objects, endpoints):
    """Added, changed and removed; those of the file and those that the form cannot express stay."""
    view = endpoints.create(CODING, all_of(limit("token"), limit("user_default")), "ada")
    objects.create("limit", limit("agent"), "ada")
    objects.create("limit", limit("token", endpoint="*"), "ada")
    assert sorted(each.key for each in view.limits) == ["endpoint", "token", "user_default"]
    view = endpoints.change("coding", {}, all_of(limit("token", requests=5)), "ada")
    assert sorted((each.key, each.requests) for each in view.limits) == [("agent", 1), ("endpoint", 9), ("token", 5)]
    assert endpoints.find("coding") == endpoints.all()[0] == view
    assert objects.find("endpoint", "coding").stored.revision == 1
    endpoints.delete("coding", "ada", view.etag)
    assert [each.name for each in objects.all_of("limit")] == ["coding endpoint minute", "* token minute"]
    assert objects.all_of("endpoint") == []


def test_the_etag_covers_the_limits(endpoints):
    """A change of either makes an old one refused, with nothing changed."""
    first = endpoints.create(CODING, None, "ada")
    second = endpoints.change("coding", {}, all_of(limit("token")), "ada", first.etag)
    third = endpoints.change("coding", {"display_name": "x"}, None, "ada", second.etag)
    assert len({first.etag, second.etag, third.etag}) == 3
    for step in (lambda: endpoints.change("coding", {}, all_of(), "ada", second.etag), lambda: endpoints.delete("coding", "ada", first.etag)):
        with pytest.raises(BadRequest, match=third.etag):
            step()
    assert endpoints.find("coding") == third


def test_a_limit_that_is_refused_leaves_everything(objects, endpoints):
    """The endpoint and the other limits too."""
    for wrong in (all_of(limit("token"), limit("token")), all_of(limit("token", requests=0)), all_of(limit("endpoint", requests=1))):
        with pytest.raises(BadRequest):
            endpoints.create(CODING, wrong, "ada")
    assert objects.all_of("endpoint") == []
    assert len(objects.all_of("limit")) == 1
