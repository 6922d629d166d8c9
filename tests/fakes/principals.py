"""Principals and access tokens for tests, with the scopes that a token is made with."""

from headgate.core.access_token import AccessToken
from headgate.core.principal import Principal
from headgate.core.scopes import ADMIN, INFERENCE, SQL, TELEMETRY

_USUAL = frozenset({INFERENCE, TELEMETRY, SQL})


def user(name: str, *groups: str) -> Principal:
    """A user, as an ordinary token of theirs makes them."""
    return Principal(id=f"usr_{name}", name=name, groups=frozenset(groups), scopes=_USUAL)


def administrator(name: str) -> Principal:
    """A user, as a token with the scope `admin` makes them."""
    return Principal(id=f"usr_{name}", name=name, scopes=_USUAL | {ADMIN})


def token_of(principal: Principal, token_id: str = "tok_1", *, endpoints: tuple[str, ...] = ("*",), expires_at_s: float = 0.0) -> AccessToken:
    """A token of this principal."""
    return AccessToken(id=token_id, name="laptop", principal=principal, endpoints=endpoints, expires_at_s=expires_at_s)
