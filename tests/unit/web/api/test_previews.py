"""Previews over REST."""

from headgate.admin.previews import PreviewAdmin
from headgate.config.load import WrittenFile, load
from headgate.core.scopes import ADMIN
from headgate.web.api.previews import preview_routes
from tests.fakes.objects import MemoryObjects
from tests.fakes.ports import FakeClock
from tests.unit.web.api.objects_asking import ObjectHouse

ROOT = "/api/2.0/headgate/previews"


async def test_previews_are_listed_and_switched():
    """A change is in force when it is answered; what the file states is shown with its place and cannot be switched here."""
    environ = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
    configuration = load("", environ, accepted=WrittenFile("headgate.toml", "[previews]\ncoding_agents = true\n"))
    previews = PreviewAdmin(MemoryObjects(), lambda: configuration, FakeClock())
    house = ObjectHouse(lambda calls: preview_routes(previews, lambda: calls.write(dict)))
    assert await house.ask("root", "PATCH", f"{ROOT}/opentelemetry", {"enabled": False}) == {
        "name": "opentelemetry", "enabled": False, "declared_at": "", "updated_by": "root",
    }  # fmt: skip
    assert house.follows == 1
    found = await house.ask("root", "GET", ROOT)
    assert [(each["name"], each["enabled"], each["declared_at"]) for each in found["previews"]] == [
        ("coding_agents", True, "headgate.toml:2"), ("opentelemetry", False, ""),
    ]  # fmt: skip
    assert await house.ask("root", "PATCH", f"{ROOT}/coding_agents", {"enabled": False}) == (409, "INVALID_STATE")
    assert await house.ask("root", "PATCH", f"{ROOT}/none", {"enabled": False}) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert await house.ask("root", "PATCH", f"{ROOT}/opentelemetry", {"on": 1}) == (400, "INVALID_PARAMETER_VALUE")
    for step in (("GET", ROOT), ("PATCH", f"{ROOT}/opentelemetry", {"enabled": True})):
        assert await house.ask("ada", *step) == (403, "PERMISSION_DENIED")
    assert {route.access for route in house._table} == {ADMIN}
