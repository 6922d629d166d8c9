"""Errors in the words of Databricks' REST interface."""

import pytest

from headgate.core.errors import BadRequest, Forbidden, GatewayError, NotFound, Unauthenticated, Unavailable
from headgate.web.api.service import envelope


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("m", code="TABLE_OR_VIEW_NOT_FOUND"), "TABLE_DOES_NOT_EXIST"),
        (NotFound("m", code="NO_SUCH_CATALOG_EXCEPTION"), "CATALOG_DOES_NOT_EXIST"),
        (NotFound("m"), "RESOURCE_DOES_NOT_EXIST"),
        (BadRequest("m", status=409, code="SCHEMA_ALREADY_EXISTS"), "SCHEMA_ALREADY_EXISTS"),
        (BadRequest("m"), "INVALID_PARAMETER_VALUE"),
        (Forbidden("m", code="INSUFFICIENT_PERMISSIONS"), "PERMISSION_DENIED"),
        (Unauthenticated("m", code="unknown_token"), "UNAUTHENTICATED"),
        (Unavailable("m", code="draining"), "TEMPORARILY_UNAVAILABLE"),
        (GatewayError("m"), "INTERNAL_ERROR"),
    ],
)
def test_codes(error, code):
    """By the error's own code where clients know it, else by its status."""
    told = envelope(error, "req_1")
    assert (told["error_code"], told["message"]) == (code, "m")
