"""Whether a caller may do what was asked: use an endpoint, or act with a scope. Pure; decided on what was resolved, never on what was typed."""

from headgate.core.access_token import AccessToken
from headgate.core.endpoint import Endpoint
from headgate.core.errors import Forbidden
from headgate.core.model_names import matches_any
from headgate.core.scopes import INFERENCE

_NAMES_SHOWN = 8


def permit(token: AccessToken, endpoint: Endpoint) -> None:
    """Raise Forbidden unless the token may use the endpoint for inference."""
    require_scope(token, INFERENCE)
    if "*" not in token.endpoints and not matches_any(token.endpoints, endpoint.name):
        raise Forbidden(
            f"Token {token.name!r} may not use endpoint {endpoint.name}; it allows {_shown(token.endpoints)}. "
            "Ask your Headgate administrator for access.",
            code="endpoint_not_allowed",
        )


def require_scope(token: AccessToken, scope: str) -> None:
    """Raise Forbidden unless the token has the scope. `admin` does not include `inference`, nor the other way round."""
    if scope not in token.principal.scopes:
        held = ", ".join(sorted(token.principal.scopes)) or "nothing"
        raise Forbidden(
            f"Token {token.name!r} lacks the scope {scope}; it has {held}. Ask your Headgate administrator for a token with it.",
            code="scope_missing",
        )


def _shown(patterns: tuple[str, ...]) -> str:
    if not patterns:
        return "no endpoint"
    more = len(patterns) - _NAMES_SHOWN
    return ", ".join(patterns[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
