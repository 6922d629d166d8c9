"""Who sees and changes endpoints through the interfaces of administration."""

import msgspec
import pytest

from headgate.core.endpoint_grant import CAN_MANAGE, EndpointGrant
from headgate.core.model_names import only_itself
from headgate.core.principal_name import PrincipalName
from headgate.core.scopes import ADMIN, SQL
from headgate.policy.endpoint_rights import may_manage, may_see
from headgate.policy.permissions import PermissionTable
from tests.fakes.principals import administrator, token_of, user

GRANTS = PermissionTable([
    EndpointGrant(PrincipalName("ada"), "coding", CAN_MANAGE),
    EndpointGrant(PrincipalName("ada"), "gpt-*", CAN_MANAGE),
    EndpointGrant(PrincipalName("ben"), "coding"),
])


def with_scopes(*scopes: str):
    """Ada, with a token of these scopes."""
    return msgspec.structs.replace(user("ada"), scopes=frozenset(scopes))


@pytest.mark.parametrize(
    ("token", "sees", "manages"),
    [
        (token_of(administrator("root"), "t"), {"coding", "gpt-5", "open"}, {"coding", "gpt-5", "open"}),
        (token_of(with_scopes(ADMIN), "t"), {"coding", "gpt-5", "open"}, {"coding", "gpt-5", "open"}),
        (token_of(user("ada"), "t"), {"coding", "gpt-5", "open"}, {"coding", "gpt-5"}),
        (token_of(user("ada"), "t", endpoints=("gpt-*",)), {"gpt-5"}, {"gpt-5"}),
        (token_of(with_scopes(SQL), "t"), set(), set()),
        (token_of(user("ben"), "t"), {"coding", "open"}, set()),
    ],
)  # fmt: skip
def test_who_sees_and_who_manages(token, sees, manages):
    """By the principal's grants, and within the token's own scopes and endpoints."""
    names = {"coding", "gpt-5", "open"}
    assert set(filter(may_see(token, GRANTS, only_itself), names)) == sees
    assert set(filter(may_manage(token, GRANTS, only_itself), names)) == manages


def test_without_grants_administrators_alone_manage():
    """Every principal sees everything."""
    assert may_see(token_of(user("ada"), "t"), None, only_itself)("coding")
    assert not may_manage(token_of(user("ada"), "t"), None, only_itself)("coding")
    assert may_manage(token_of(administrator("root"), "t"), None, only_itself)("coding")
