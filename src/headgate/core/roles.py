"""Roles: what a principal may be to Headgate. A group's role is a role of each of its members. A token does only what its scopes and its principal's
roles both allow.
"""

from collections.abc import Iterable
from typing import Final

from headgate.core.scopes import ADMIN as ADMIN_SCOPE
from headgate.core.scopes import SCOPES

ACCOUNT_ADMIN: Final = "account_admin"  # administers, and alone makes and unmakes administrators
ADMIN: Final = "admin"  # administers
VIEWER: Final = "viewer"  # a member that may also read the usage of all principals
MEMBER: Final = "member"  # calls models, sends telemetry, uses SQL; every principal is one
ROLES: Final = (ACCOUNT_ADMIN, ADMIN, VIEWER, MEMBER)
ADMINISTRATORS: Final = frozenset({ACCOUNT_ADMIN, ADMIN})


def allowed_scopes(roles: Iterable[str]) -> frozenset[str]:
    """The scopes that a principal with these roles can use."""
    return SCOPES - {ADMIN_SCOPE} if ADMINISTRATORS.isdisjoint(roles) else SCOPES


def in_order(roles: Iterable[str]) -> tuple[str, ...]:
    """The roles as they are stored and shown: the strongest first, `member` only where there is no other."""
    held = set(roles)
    return tuple(role for role in ROLES[:-1] if role in held) or (MEMBER,)
