"""Whether a caller may see or change an endpoint through the interfaces of administration. Pure; decided on the endpoint's name."""

from collections.abc import Callable

from headgate.core.access_token import AccessToken
from headgate.core.model_names import NamesOf
from headgate.core.scopes import INFERENCE
from headgate.policy.permissions import PermissionTable
from headgate.policy.permit import allowed_names

Right = Callable[[str], bool]


def may_see(token: AccessToken, permissions: PermissionTable | None, names_of: NamesOf) -> Right:
    """Administrators see every endpoint; others those that they may query with this token."""
    if token.principal.is_administrator:
        return lambda _: True
    if INFERENCE not in token.principal.scopes:
        return lambda _: False
    return allowed_names(token, permissions, names_of)


def may_manage(token: AccessToken, permissions: PermissionTable | None, names_of: NamesOf) -> Right:
    """Administrators change every endpoint; others those that they see with this token and have CAN_MANAGE on."""
    if token.principal.is_administrator:
        return lambda _: True
    seen = may_see(token, permissions, names_of)
    return lambda name: permissions is not None and seen(name) and permissions.may_manage(token.principal, name)
