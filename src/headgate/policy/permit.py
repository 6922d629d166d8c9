"""Whether a caller may do what was asked: use an endpoint, or act with a scope. Pure; decided on what was resolved, never on what was typed."""

from collections.abc import Callable

from headgate.core.access_token import AccessToken
from headgate.core.endpoint import Endpoint
from headgate.core.endpoint_grant import CAN_MANAGE, CAN_QUERY
from headgate.core.errors import Forbidden
from headgate.core.model_names import NamesOf, matches_any
from headgate.core.principal import USER, Principal
from headgate.core.scopes import opens
from headgate.policy.permissions import PermissionTable

_NAMES_SHOWN = 8
_GROUPS_SHOWN = 3


def permit(token: AccessToken, endpoint: Endpoint, permissions: PermissionTable | None, names_of: NamesOf) -> None:
    """Raise Forbidden unless the token allows the endpoint and its principal may query it. `permissions` are `None` where all may.

    A token that allows one of the endpoint's names allows the endpoint.
    """
    if "*" not in token.endpoints and not any(matches_any(token.endpoints, name) for name in names_of(endpoint.name)):
        raise Forbidden(
            f"Token {token.name!r} may not use endpoint {endpoint.name}; it allows {_shown(token.endpoints)}. "
            "Ask your Headgate administrator for access.",
            code="endpoint_not_allowed",
        )
    if permissions is not None and not permissions.may_query(token.principal, endpoint.name):
        raise _missing(token.principal, CAN_QUERY, endpoint.name, permissions)


def require_manage(principal: Principal, endpoint: str, permissions: PermissionTable | None) -> None:
    """Raise Forbidden unless the principal may change the endpoint of this name, and who may use it."""
    if not (principal.is_administrator if permissions is None else permissions.may_manage(principal, endpoint)):
        raise _missing(principal, CAN_MANAGE, endpoint, permissions)


def allowed_names(token: AccessToken, permissions: PermissionTable | None, names_of: NamesOf) -> Callable[[str], bool]:
    """Whether the token allows an endpoint of a name and its principal may query it: what a listing shows."""
    patterns, principal = token.endpoints, token.principal
    every = "*" in patterns

    def allowed(name: str) -> bool:
        return (every or any(matches_any(patterns, each) for each in names_of(name))) and (
            permissions is None or permissions.may_query(principal, name)
        )

    return allowed


def require_scope(principal: Principal, scope: str) -> None:
    """Raise Forbidden unless the principal's token has the scope. No scope includes another, `admin` neither."""
    if not opens(principal.scopes, scope):
        held = ", ".join(sorted(principal.scopes)) or "nothing"
        raise Forbidden(
            f"Your token lacks the scope {scope}; it has {held}. Ask your Headgate administrator for a token with it.",
            code="scope_missing",
        )


def _missing(principal: Principal, permission: str, endpoint: str, permissions: PermissionTable | None) -> Forbidden:
    kind = "User" if principal.kind == USER else "Service principal"
    groups = permissions.managing_groups(endpoint)[:_GROUPS_SHOWN] if permissions is not None else []
    need = permissions.lacked(principal, endpoint) if permissions is not None and permission == CAN_QUERY else None
    what = (
        f"permission {permission} on endpoint {endpoint}"
        if need is None
        else f"privilege {need.privilege} on {need.place}, which endpoint {endpoint} takes"
    )
    choice = ", or choose a model that the model listing shows" if permission == CAN_QUERY else ""
    managers = f"a member of {' or '.join(groups)}, who manage it, or " if groups else ""
    return Forbidden(
        f"{kind} {principal.name} lacks the {what}. Ask {managers}your Headgate administrator for it{choice}.",
        code="permission_missing",
    )


def _shown(patterns: tuple[str, ...]) -> str:
    if not patterns:
        return "no endpoint"
    more = len(patterns) - _NAMES_SHOWN
    return ", ".join(patterns[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
