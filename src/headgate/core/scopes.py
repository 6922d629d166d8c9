"""Scopes: what an access token lets its principal do. A route names the one scope that it needs, or one of two other rules."""

from typing import Final

INFERENCE: Final = "inference"  # call models
TELEMETRY: Final = "telemetry"  # send telemetry
SQL: Final = "sql"  # use the catalog and SQL with the principal's own privileges
ADMIN: Final = "admin"  # administer Headgate: its pages, and in the catalog all that the group `admins` holds
SCOPES: Final = frozenset({INFERENCE, TELEMETRY, SQL, ADMIN})

# Three more rules of routes, which no token has as a scope.
PUBLIC: Final = "public"  # needs no token
ANY: Final = "any"  # needs a token, whatever its scopes: what a principal may know and do of itself
VIEWER: Final = "viewer"  # needs a principal that may read the usage of all: the role `viewer`, or an administrator's token; a rule of pages alone


def opens(scopes: frozenset[str], access: str) -> bool:
    """Whether a token with these scopes satisfies the access rule of a route."""
    return access in scopes or access in {ANY, PUBLIC}


def check_access(route: str, access: str) -> None:
    """Raise ValueError unless the route's access rule is a scope, `ANY`, `VIEWER` or `PUBLIC`. To be called for every route at start."""
    if access not in SCOPES and access not in {ANY, VIEWER, PUBLIC}:
        raise ValueError(f"{route} does not say who may call it")
