"""Endpoints that are in no schema of the catalog, as model services of `system.ai`."""

import pytest

from headgate.admin.grants import HolderChange
from headgate.admin.system_services import SystemServices
from headgate.core.errors import BadRequest, Forbidden, NotFound
from tests.fakes.principals import user
from tests.unit.admin.test_endpoint_permissions import BEN, ROOT, Office

EVE = user("eve")
OPEN = [("account users", "EXECUTE", "system.ai.claude-b")]


class House:
    """The use-cases over the same stores."""

    def __init__(self) -> None:
        self.office = Office()
        self.services = SystemServices(self.office.permissions, self.may_query)

    def may_query(self, who, name):
        return self.office.governed().permissions.may_query(who, name)

    def listed(self, endpoint="claude-b", who=ROOT, holder=""):
        return [(each.holder, each.privilege, str(each.on)) for each in self.services.listed(who, endpoint, holder)]

    def effective(self, endpoint="claude-b", who=ROOT, holder=""):
        return [(each.holder, each.privilege, str(each.on)) for each in self.services.effective(who, endpoint, holder)]

    def change(self, endpoint="claude-b", who=ROOT, **changes):
        """`eve="+EXECUTE -MANAGE"`."""
        told = [(name.replace("_", " "), words.split()) for name, words in changes.items()]
        self.services.change(
            who, endpoint, [HolderChange(name, *([word[1:] for word in words if word[0] == sign] for sign in "+-")) for name, words in told]
        )

    def may(self, endpoint="claude-b", *names):
        permissions = self.office.governed().permissions
        return [permissions.may_query(user(name), endpoint) for name in names]


@pytest.fixture
def house():
    """`claude-b` is open, `coding` has grants of the file."""
    return House()


def test_an_open_endpoint(house):
    """Everybody has EXECUTE, and keeps it when others get it too; when it is taken from everybody, the others alone have it, and then administrators."""
    assert house.listed() == house.effective() == OPEN
    house.change(eve="+EXECUTE")
    assert house.listed() == [*OPEN, ("eve", "EXECUTE", "system.ai.claude-b")]
    assert house.may("claude-b", "eve", "ada") == [True, True]
    house.change(account_users="-EXECUTE")
    assert house.listed() == [("eve", "EXECUTE", "system.ai.claude-b")]
    assert house.may("claude-b", "eve", "ada") == [True, False]
    house.change(eve="-ALL_PRIVILEGES")
    assert [each[:2] for each in house.listed()] == [("admins", "EXECUTE"), ("admins", "MANAGE")]
    assert house.may("claude-b", "eve", "ada") == [False, False]


def test_everybody_loses_it_at_once(house):
    """One change takes it from all and gives it to one; a group's name means the group, and a service principal is found by its name or id."""
    house.change(users="-EXECUTE", guests="+EXECUTE", ci="+EXECUTE +MANAGE")
    assert house.office.shown("claude-b") == [("service_principal:ci", "CAN_MANAGE", ""), ("group:guests", "CAN_QUERY", "")]
    house.services.change(ROOT, "claude-b", [HolderChange(house.office.service_id, remove=["MANAGE"])])
    assert house.office.shown("claude-b") == [("service_principal:ci", "CAN_QUERY", ""), ("group:guests", "CAN_QUERY", "")]
    house.change(ci="-EXECUTE", guests="+MANAGE -EXECUTE")
    assert house.office.shown("claude-b") == [("group:guests", "CAN_MANAGE", "")]  # who manages it may query it


def test_what_the_file_grants_is_inherited(house):
    """It is effective, and refused to be taken; for oneself a group counts, and it says whether one may use it."""
    assert house.listed("coding", BEN) == []
    assert house.effective("coding", BEN) == [
        ("ben", "EXECUTE", "system.ai"), ("ben", "MANAGE", "system.ai"), ("staff", "EXECUTE", "system.ai"),
    ]  # fmt: skip
    with pytest.raises(BadRequest, match="declared at"):
        house.change("coding", ben="-MANAGE -EXECUTE")
    assert house.effective("coding", user("ada", "staff"), "ada") == [("ada", "EXECUTE", "system.ai")]
    assert house.effective("coding", user("ada", "staff")) == [("staff", "EXECUTE", "system.ai")]
    assert house.effective("claude-b", EVE, "eve") == [("eve", "EXECUTE", "system.ai")]


def test_refusals(house):
    """One who may not use it does not see it, one who may does not change it; names and privileges must exist."""
    with pytest.raises(NotFound):
        house.listed("coding", EVE)
    with pytest.raises(NotFound):
        house.effective("nothing", ROOT)
    with pytest.raises(Forbidden, match="CAN_MANAGE"):
        house.change(who=EVE, eve="+MANAGE")
    with pytest.raises(NotFound):
        house.change(nobody="+EXECUTE")
    house.change(nobody="-EXECUTE")
    for wrong in ("+SELECT", "+FLY", "-USE_SCHEMA"):
        with pytest.raises(BadRequest):
            house.change(eve=wrong)
    assert house.listed() == OPEN
