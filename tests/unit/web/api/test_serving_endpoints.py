"""Endpoints over the interface of Databricks' serving endpoints."""

import pytest

from headgate.routing.table import EndpointTable
from headgate.web.api.model_listing import API_TYPES, api_types
from headgate.web.api.serving_endpoints import serving_routes
from tests.unit.web.api.objects_asking import ObjectHouse

ROOT = "/api/2.0/serving-endpoints"
CODING = {
    "name": "coding",
    "config": {
        "served_entities": [{"name": "one", "entity_name": "lab/claude-a"}, {"name": "two", "entity_name": "lab/claude-b"}],
        "traffic_config": {
            "routes": [{"served_entity_name": "one", "traffic_percentage": 80}, {"served_entity_name": "two", "traffic_percentage": 20}]
        },
    },
    "ai_gateway": {"rate_limits": [{"key": "user", "calls": 60, "renewal_period": "minute"}]},
    "tags": [{"key": "team", "value": "search"}],
}


@pytest.fixture
def house():
    """The interface over fakes."""
    made = ObjectHouse(lambda calls: serving_routes(calls, lambda: EndpointTable(made.configuration.providers, made.configuration.endpoints)))
    return made


async def test_an_endpoint_with_its_limits(house):
    """One transaction: the endpoint and its limits. Other shares, other limits, tags, and gone with its limits."""
    made = await house.ask("root", "POST", ROOT, CODING)
    assert [each["traffic_percentage"] for each in made["config"]["traffic_config"]["routes"]] == [80, 20]
    assert made["ai_gateway"]["rate_limits"] == [{"key": "user", "renewal_period": "minute", "calls": 60}]
    assert made == await house.ask("root", "GET", f"{ROOT}/coding")
    assert [each.name for each in house.objects.all_of("limit")][1:] == ["coding user_default minute"]

    house.objects.create("limit", {"endpoint": "coding", "key": "agent", "per": "day", "requests": 9}, "root")
    changed = await house.ask("root", "PUT", f"{ROOT}/coding/config", {"served_entities": [{"entity_name": "other/gpt"}]})
    assert [each["name"] for each in changed["config"]["served_entities"]] == ["other/gpt"]
    limits = [{"key": "user_group", "principal": "staff", "tokens": 5, "renewal_period": "minute"}, {"calls": 7, "renewal_period": "minute"}]
    gateway = await house.ask("ada", "PUT", f"{ROOT}/coding/ai-gateway", {"rate_limits": limits, "usage_tracking_config": {"enabled": False}})
    assert gateway["usage_tracking_config"] == {"enabled": False}
    assert sorted(each.name for each in house.objects.all_of("limit")[1:]) == [
        "coding agent day", "coding endpoint minute", "coding group staff minute",
    ]  # fmt: skip
    tags = await house.ask("root", "PATCH", f"{ROOT}/coding/tags", {"add_tags": [{"key": "a", "value": "b"}], "delete_tags": ["team"]})
    assert tags == {"tags": [{"key": "a", "value": "b"}]}
    assert await house.ask("ada", "DELETE", f"{ROOT}/coding") == {}
    assert [each.name for each in house.objects.all_of("limit")] == ["house user_default minute"]


async def test_a_refused_limit_leaves_no_endpoint(house):
    """All or nothing."""
    twice = CODING | {"ai_gateway": {"rate_limits": [{"calls": 1, "renewal_period": "minute"}] * 2}}
    for body in (twice, CODING | {"ai_gateway": {"rate_limits": [{"calls": 0, "renewal_period": "minute"}]}}):
        assert await house.ask("root", "POST", ROOT, body) == (400, "INVALID_PARAMETER_VALUE")
    assert await house.ask("root", "GET", f"{ROOT}/coding") == (404, "RESOURCE_DOES_NOT_EXIST")


async def test_the_file_s_endpoint_takes_limits_and_no_change(house):
    """Its own limit stays as the file declares it."""
    gateway = {"rate_limits": [{"key": "endpoint", "calls": 5, "renewal_period": "minute"}]}
    answer = await house.ask("root", "PUT", f"{ROOT}/house/ai-gateway", gateway)
    assert [each["key"] for each in answer["rate_limits"]] == ["user", "endpoint"]
    other = {"rate_limits": [{"key": "user", "calls": 5, "renewal_period": "minute"}]}
    assert await house.ask("root", "PUT", f"{ROOT}/house/ai-gateway", other) == (409, "INVALID_STATE")
    assert "declared at headgate.toml" in house.refusal
    assert await house.ask("root", "PUT", f"{ROOT}/house/config", {"served_entities": [{"entity_name": "lab/x"}]}) == (409, "INVALID_STATE")


async def test_who_may_do_what(house):
    """Everyone sees what they may query, with their level; who may not change it is refused; administrators create."""
    await house.ask("root", "POST", ROOT, CODING)
    levels = {
        who: {each["name"]: each["permission_level"] for each in (await house.ask(who, "GET", ROOT))["endpoints"]} for who in ("ada", "ben", "eve")
    }
    assert levels == {
        "ada": {"house": "CAN_QUERY", "coding": "CAN_MANAGE"},
        "ben": {"house": "CAN_QUERY", "coding": "CAN_QUERY"},
        "eve": {"house": "CAN_QUERY"},
    }
    assert await house.ask("ben", "DELETE", f"{ROOT}/coding") == (403, "permission_missing")
    assert await house.ask("eve", "DELETE", f"{ROOT}/coding") == (404, "RESOURCE_DOES_NOT_EXIST")
    assert await house.ask("ada", "POST", ROOT, CODING) == (403, "PERMISSION_DENIED")


async def test_models_are_discovered(house):
    """Each name once, with the interfaces that it can be called by."""
    found = {each["name"]: each for each in (await house.ask("eve", "GET", f"{ROOT}:foundation-models"))["endpoints"]}
    assert found["house"] == {
        "name": "house", "display_name": "house", "ai_gateway_v2_supported": True, "api_types": api_types(API_TYPES),
    }  # fmt: skip
