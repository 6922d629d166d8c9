"""The upper-case words of Databricks' error bodies: `error_code` and `message` next to each dialect's own envelope for readers of that shape."""

from headgate.core.errors import GatewayError

_WORDS = (
    ("bad_request", "INVALID_PARAMETER_VALUE"),
    ("too_large", "REQUEST_TOO_LARGE"),
    ("unauthenticated", "UNAUTHENTICATED"),
    ("forbidden", "PERMISSION_DENIED"),
    ("not_found", "RESOURCE_DOES_NOT_EXIST"),
    ("model_not_found", "RESOURCE_DOES_NOT_EXIST"),
    ("limit_exceeded", "REQUEST_LIMIT_EXCEEDED"),
    ("budget_exhausted", "RESOURCE_EXHAUSTED"),
    ("upstream_failed", "UPSTREAM_FAILED"),
    ("credential_refused", "UPSTREAM_FAILED"),
    ("unavailable", "TEMPORARILY_UNAVAILABLE"),
)


def error_code(error: GatewayError) -> str:
    """The word for an error's kind."""
    return next((word for kind, word in _WORDS if kind == error.kind), "INTERNAL_ERROR")
