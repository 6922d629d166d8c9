"""Permissions on endpoints as Databricks' clients read and write them."""

from typing import Any

import pytest

from headgate.admin.endpoint_permissions import Permission
from headgate.core.errors import BadRequest, Forbidden
from headgate.core.principal import Principal
from headgate.core.principal_name import principal_name
from headgate.web.api.permissions import permission_routes
from headgate.web.api.routes import ApiRequest
from tests.fakes.principals import token_of, user

FOUND = [
    Permission(principal_name("user:ada"), "CAN_QUERY"),
    Permission(principal_name("user:ada"), "CAN_MANAGE", "headgate.toml:12"),
    Permission(principal_name("service_principal:ci"), "CAN_QUERY", "grant ci on c*"),
]


class FakePermissions:
    """Notes what it was asked, and finds the same."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def shown(self, _principal, which):
        return which, FOUND

    def replace(self, _principal, which, wanted):
        self.asked.append(("replace", wanted))
        return which, FOUND

    def update(self, _principal, which, wanted):
        self.asked.append(("update", wanted))
        return which, FOUND

    def levels(self, _principal, _which):
        return {"CAN_QUERY": "asks"}


@pytest.fixture
def fake():
    """The use-cases."""
    return FakePermissions()


@pytest.fixture
def ask(fake):
    """Asks by method; the number of calls after changes is in `ask.changes`."""

    async def changed():
        asked.changes += 1

    routes = {(route.method, route.path.rpartition("/")[2]): route for route in permission_routes(fake, changed)}

    async def asked(method, body=b"", last="{id}"):
        request = ApiRequest(parameters={"id": "ep_1"}, query={}, body=body, token=token_of(asked.principal))
        return (await routes[method, last].call(request)).body

    asked.changes, asked.principal = 0, user("ada")
    return asked


async def test_the_list_is_in_their_form(ask):
    """One entry for each principal by its kind, with the source of what is not given here; administrators are always in it."""
    assert await ask("GET") == {
        "object_id": "/serving-endpoints/ep_1",
        "object_type": "serving-endpoint",
        "access_control_list": [
            {
                "user_name": "ada",
                "all_permissions": [
                    {"permission_level": "CAN_QUERY", "inherited": False},
                    {"permission_level": "CAN_MANAGE", "inherited": True, "inherited_from_object": ["headgate.toml:12"]},
                ],
            },
            {
                "service_principal_name": "ci",
                "all_permissions": [{"permission_level": "CAN_QUERY", "inherited": True, "inherited_from_object": ["grant ci on c*"]}],
            },
            {
                "group_name": "admins",
                "all_permissions": [{"permission_level": "CAN_MANAGE", "inherited": True, "inherited_from_object": ["/serving-endpoints/"]}],
            },
        ],
    }
    assert await ask("GET", last="permissionLevels") == {"permission_levels": [{"permission_level": "CAN_QUERY", "description": "asks"}]}


async def test_changes(ask, fake):
    """PUT replaces, PATCH updates; both are in force before the answer. No body is an empty list."""
    body = (
        b'{"access_control_list": [{"group_name": "staff", "permission_level": "CAN_QUERY"}, {"user_name": "eve", "permission_level": "CAN_MANAGE"}]}'
    )
    both = [Permission(principal_name("group:staff"), "CAN_QUERY"), Permission(principal_name("user:eve"), "CAN_MANAGE")]
    await ask("PUT", body)
    await ask("PATCH", body)
    await ask("PUT")
    assert fake.asked == [("replace", both), ("update", both), ("replace", [])]
    assert ask.changes == 3


async def test_a_token_for_something_else_manages_nothing(ask, fake):
    """Whatever its principal may do: it needs the scope for models or that for administration."""
    for scopes, allowed in (({"telemetry", "sql"}, False), ({"inference"}, True), ({"admin"}, True)):
        ask.principal = Principal(id="usr_ada", name="ada", scopes=frozenset(scopes))
        if allowed:
            await ask("PUT")
        else:
            with pytest.raises(Forbidden, match="lacks the scope inference"):
                await ask("PUT")
    assert len(fake.asked) == 2


@pytest.mark.parametrize(
    "entry",
    [
        b'{"permission_level": "CAN_QUERY"}',
        b'{"user_name": "ada"}',
        b'{"user_name": "ada", "group_name": "staff", "permission_level": "CAN_QUERY"}',
        b'{"user_name": 5, "permission_level": "CAN_QUERY"}',
    ],
)
async def test_an_entry_names_one_principal_and_a_level(ask, fake, entry):
    """Anything else changes nothing."""
    with pytest.raises(BadRequest):
        await ask("PUT", b'{"access_control_list": [%s]}' % entry)
    assert (fake.asked, ask.changes) == ([], 0)
