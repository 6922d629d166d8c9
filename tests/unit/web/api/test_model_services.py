"""Endpoints over the interfaces of Unity Catalog's model services and of the AI Gateway."""

import pytest

from headgate.admin.catalog import CatalogAdmin
from headgate.catalog.entries import Entry
from headgate.catalog.holders import group, user
from headgate.catalog.names import Name
from headgate.web.api.model_services import model_service_routes
from tests.fakes.catalog_state import MemoryCatalog
from tests.fakes.ports import FakeClock
from tests.unit.web.api.objects_asking import ObjectHouse

SERVICES = "/api/2.1/unity-catalog/model-services"
PROVIDERS = "/api/2.1/unity-catalog/model-provider-services"
GATEWAY = "/api/ai-gateway/v2/endpoints"
LIMIT = {"key": "RATE_LIMIT_KEY_USER_DEFAULT", "renewal_period": "RATE_LIMIT_RENEWAL_PERIOD_HOUR", "requests": 60}


def destination(model: str, **more) -> dict:
    external = {"model_provider_service": "model-provider-services/system.ai.lab", "target": {"model": model}}
    return {"name": model, "destination_type": "DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL", "external_model_config": external, **more}


CONFIG = {"routing": {"destinations": [destination("claude-a")]}, "rate_limits": [LIMIT]}


@pytest.fixture
def state():
    """A catalog with the schema `main.ai`, to which `eve` has no way."""
    made = MemoryCatalog(["root", "ada"])
    made.add(Entry(id="ai", name=Name(("main", "ai")), owner=group("admins")))
    return made


@pytest.fixture
def house(state):
    """The interfaces over fakes."""
    return ObjectHouse(lambda calls: model_service_routes(calls, CatalogAdmin(state, FakeClock())))


async def test_a_model_service_from_its_creation_to_its_deletion(house):
    """With its limits in one transaction; changed by mask and etag."""
    made = await house.ask("root", "POST", f"{SERVICES}?parent=schemas/main.ai&model_service_id=coding", {"comment": "c", "config": CONFIG})
    assert (made["name"], made["comment"], made["created_by"]) == ("model-services/main.ai.coding", "c", "root")
    assert made["config"]["rate_limits"] == [LIMIT]
    path = f"{SERVICES}/main.ai.coding"
    assert await house.ask("root", "GET", path) == made
    split = {"routing": {"destinations": [destination("claude-a", traffic_percentage=70), destination("claude-b", traffic_percentage=30)]}}
    mask = "update_mask=config.routing.destinations,config.rateLimits"
    changed = await house.ask("root", "PATCH", f"{path}?{mask}&etag={made['etag']}", {"config": split})
    assert [each["traffic_percentage"] for each in changed["config"]["routing"]["destinations"]] == [70, 30]
    assert (changed["config"]["rate_limits"], changed["comment"]) == ([], "c")
    assert await house.ask("root", "PATCH", f"{path}?{mask}&etag={made['etag']}", {"config": split}) == (409, "ABORTED")
    assert await house.ask("root", "PATCH", path, {"config": split}) == (400, "INVALID_PARAMETER_VALUE")
    assert (await house.ask("root", "PATCH", f"{path}?update_mask=comment", {"comment": "d"}))["comment"] == "d"
    assert await house.ask("root", "DELETE", f"{path}?etag={made['etag']}") == (409, "ABORTED")
    assert await house.ask("root", "DELETE", path) == {}
    assert await house.ask("root", "GET", path) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert [each.name for each in house.objects.all_of("limit")] == ["house user_default minute"]


async def test_the_owner_of_a_model_service(house, state):
    """It is that of its entry in the catalog, and is changed alone; administrators own what is in no schema."""
    await house.ask("root", "POST", f"{SERVICES}?parent=schemas/main.ai&model_service_id=coding", {"config": CONFIG})
    state.change_services((), [Entry(id="srv", name=Name(("main", "ai", "coding"), service=True), owner=user("root"))])
    path = f"{SERVICES}/main.ai.coding"
    assert (await house.ask("root", "GET", path))["effective_owner"] == "root"
    changed = await house.ask("root", "PATCH", f"{path}?update_mask=owner", {"owner": "ada"})
    assert (changed["effective_owner"], state.load().find_id("srv").owner) == ("ada", user("ada"))
    assert await house.ask("root", "PATCH", f"{path}?update_mask=owner", {"owner": "nobody"}) == (404, "PRINCIPAL_DOES_NOT_EXIST")
    for mask, body in (("owner", {}), ("owner,comment", {"owner": "ada"})):
        assert await house.ask("root", "PATCH", f"{path}?update_mask={mask}", body) == (400, "INVALID_PARAMETER_VALUE")
    assert (await house.ask("root", "GET", f"{SERVICES}/system.ai.house"))["effective_owner"] == "admins"
    assert await house.ask("root", "PATCH", f"{SERVICES}/system.ai.house?update_mask=owner", {"owner": "ada"}) == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("query", "body", "refusal"),
    [
        ("parent=schemas/main.none&model_service_id=x", {"config": CONFIG}, (404, "SCHEMA_NOT_FOUND")),
        ("parent=schemas/main.ai&model_service_id=x.y", {"config": CONFIG}, (400, "INVALID_PARAMETER_VALUE")),
        ("model_service_id=x", {"config": CONFIG}, (400, "INVALID_PARAMETER_VALUE")),
        ("parent=schemas/main.ai&model_service_id=x", {"name": "x", "config": CONFIG}, (400, "INVALID_PARAMETER_VALUE")),
        ("parent=schemas/main.ai&model_service_id=x", {}, (400, "INVALID_PARAMETER_VALUE")),
        ("parent=schemas/system.ai&model_service_id=house", {"config": CONFIG}, (409, "ALREADY_EXISTS")),
    ],
)  # fmt: skip
async def test_what_is_no_model_service_is_refused(house, query, body, refusal):
    """And nothing is stored."""
    assert await house.ask("root", "POST", f"{SERVICES}?{query}", body) == refusal
    assert len(house.objects.all_of("endpoint")) == 1


async def test_services_are_listed_by_schema(house):
    """Those outside of a schema are in `system.ai`; each caller sees what they may query."""
    await house.ask("root", "POST", f"{SERVICES}?parent=schemas/main.ai&model_service_id=coding", {"config": CONFIG})
    await house.ask("root", "POST", f"{SERVICES}?parent=schemas/system.ai&model_service_id=coding", {"config": CONFIG})

    async def listed(who, parent):
        found = await house.ask(who, "GET", f"{SERVICES}?parent=schemas/{parent}&page_size=10")
        return [each["name"].removeprefix("model-services/") for each in found["model_services"]]

    assert await listed("root", "main.ai") == ["main.ai.coding"]
    assert await listed("root", "system.ai") == ["system.ai.house", "system.ai.coding"]
    assert await listed("eve", "system.ai") == ["system.ai.house"]
    assert await house.ask("eve", "GET", f"{SERVICES}/system.ai.coding") == (404, "RESOURCE_DOES_NOT_EXIST")
    assert await house.ask("ben", "DELETE", f"{SERVICES}/system.ai.coding") == (403, "permission_missing")
    assert (await house.ask("ada", "PATCH", f"{SERVICES}/system.ai.coding?update_mask=comment", {"comment": "mine"}))["comment"] == "mine"
    assert await house.ask("ada", "POST", f"{SERVICES}?parent=schemas/main.ai&model_service_id=x", {"config": CONFIG}) == (403, "PERMISSION_DENIED")


async def test_the_ai_gateway_s_form_has_plain_names(house):
    """The same endpoints."""
    made = await house.ask("root", "POST", GATEWAY, {"name": "coding", "config": CONFIG})
    assert made["name"] == "coding"
    found = (await house.ask("root", "GET", GATEWAY))["endpoints"]
    assert [(each["name"], each.get("declared_at", "")) for each in found] == [("house", "headgate.toml:11"), ("coding", "")]
    assert (await house.ask("root", "PATCH", f"{GATEWAY}/coding?update_mask=comment", {"comment": "x"}))["comment"] == "x"
    assert await house.ask("root", "DELETE", f"{GATEWAY}/house") == (409, "INVALID_STATE")
    assert await house.ask("root", "DELETE", f"{GATEWAY}/coding") == {}


async def test_providers_are_shown_and_not_changed(house):
    """They are the file's; the refusal says where."""
    found = await house.ask("root", "GET", f"{PROVIDERS}?parent=schemas/system.ai&page_size=1")
    assert [each["name"] for each in found["model_provider_services"]] == ["model-provider-services/system.ai.lab"]
    assert found["next_page_token"] == "lab"
    assert (await house.ask("root", "GET", f"{PROVIDERS}/system.ai.other"))["config"]["allow_all_targets"]
    assert await house.ask("root", "GET", f"{PROVIDERS}/system.ai.none") == (404, "RESOURCE_DOES_NOT_EXIST")
    for method, path in (("POST", PROVIDERS), ("PATCH", f"{PROVIDERS}/system.ai.lab"), ("DELETE", f"{PROVIDERS}/system.ai.lab")):
        assert await house.ask("root", method, path, {}) == (501, "NOT_IMPLEMENTED")
        assert "declared in headgate.toml" in house.refusal
