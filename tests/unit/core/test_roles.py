"""What roles allow."""

import pytest

from headgate.core.roles import allowed_scopes, in_order
from headgate.core.scopes import SCOPES


@pytest.mark.parametrize(
    ("roles", "administers"), [((), False), (("member",), False), (("viewer",), False), (("admin",), True), (("account_admin", "viewer"), True)]
)
def test_only_administrators_may_use_the_scope_admin(roles, administers):
    """Every role has all other scopes."""
    assert allowed_scopes(roles) == (SCOPES if administers else SCOPES - {"admin"})


def test_the_order_of_roles():
    """The strongest comes first, none is twice, and who has no other role is a member."""
    assert in_order(["viewer", "member", "account_admin", "viewer"]) == ("account_admin", "viewer")
    assert in_order([]) == in_order(["member"]) == ("member",)
