"""What an error says of itself."""

import pytest

from headgate.core.errors import BadRequest, BudgetExhausted, GatewayError, LimitExceeded, Unauthenticated, Unavailable, UpstreamFailed


@pytest.mark.parametrize(
    ("error", "repeatable"),
    [
        (BadRequest("x"), False),
        (Unauthenticated("x"), False),
        (BudgetExhausted("x"), False),
        (LimitExceeded("x"), True),
        (Unavailable("x"), True),
        (UpstreamFailed("x", status=504), True),
        (GatewayError("x"), True),
        (BadRequest("x", status=426), False),
    ],
)
def test_what_may_succeed_later_by_itself(error: GatewayError, *, repeatable: bool) -> None:
    """Failures and limits; not what somebody must change first."""
    assert error.repeatable == repeatable
