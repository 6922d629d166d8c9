"""Errors as Databricks' REST interface words them: `error_code`, `message`, `details`. Its clients choose their exception by the code, then by the status."""

from headgate.core.errors import GatewayError

# What a statement is told by its error class, an interface of objects is told by these.
_CODES = {
    "TABLE_OR_VIEW_NOT_FOUND": "TABLE_DOES_NOT_EXIST",
    "SCHEMA_NOT_FOUND": "SCHEMA_DOES_NOT_EXIST",
    "NO_SUCH_CATALOG_EXCEPTION": "CATALOG_DOES_NOT_EXIST",
    "TABLE_OR_VIEW_ALREADY_EXISTS": "TABLE_ALREADY_EXISTS",
    "INSUFFICIENT_PERMISSIONS": "PERMISSION_DENIED",
    "NOT_FOUND": "RESOURCE_DOES_NOT_EXIST",
    "BAD_REQUEST": "INVALID_PARAMETER_VALUE",
}
_BY_STATUS = {
    400: "INVALID_PARAMETER_VALUE",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    409: "RESOURCE_CONFLICT",
    413: "REQUEST_TOO_LARGE",
    429: "REQUEST_LIMIT_EXCEEDED",
    501: "NOT_IMPLEMENTED",
    503: "TEMPORARILY_UNAVAILABLE",
}


def envelope(error: GatewayError, request_id: str) -> dict[str, object]:
    """The body of a refusal."""
    own = error.code if error.code.isupper() else ""  # the codes of credentials are for the dialects
    return {
        "error_code": _CODES.get(own, own) or _BY_STATUS.get(error.status, "INTERNAL_ERROR"),
        "message": error.message,
        "details": [{"@type": "type.googleapis.com/google.rpc.RequestInfo", "request_id": request_id, "serving_data": ""}],
    }
