"""Databricks' words."""

import pytest

from headgate.core.errors import BadRequest, BudgetExhausted, Forbidden, GatewayError, LimitExceeded, Unauthenticated
from headgate.dialects.error_code import error_code


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (BadRequest("x"), "INVALID_PARAMETER_VALUE"),
        (Unauthenticated("x"), "UNAUTHENTICATED"),
        (Forbidden("x"), "PERMISSION_DENIED"),
        (LimitExceeded("x"), "REQUEST_LIMIT_EXCEEDED"),
        (BudgetExhausted("x"), "RESOURCE_EXHAUSTED"),
        (GatewayError("x"), "INTERNAL_ERROR"),
    ],
)
def test_each_kind_has_its_word(error, word):
    """The word for the kind, and one for whatever else."""
    assert error_code(error) == word
