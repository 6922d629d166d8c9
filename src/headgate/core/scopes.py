"""Scopes: what an access token lets its principal do. A route names the one scope that it needs, or that it is public."""

from typing import Final

INFERENCE: Final = "inference"  # call models
TELEMETRY: Final = "telemetry"  # send telemetry
SQL: Final = "sql"  # use the catalog and SQL with the principal's own privileges
ADMIN: Final = "admin"  # administer Headgate: its pages, and in the catalog all that the group `admins` holds
SCOPES: Final = frozenset({INFERENCE, TELEMETRY, SQL, ADMIN})

PUBLIC: Final = "public"  # the rule of a route that needs no token; no token has it as a scope


def check_access(route: str, access: str) -> None:
    """Raise ValueError unless the route's access rule is a scope or `PUBLIC`. To be called for every route at start."""
    if access not in SCOPES and access != PUBLIC:
        raise ValueError(f"{route} does not say who may call it")
