"""What Headgate itself refuses in the demo, with the codes and the words of its own errors (docs/errors.md)."""

import random
from typing import Final

from headgate.app.demo_month.budgets import EACH_DAY, REQUESTS_A_MINUTE
from headgate.app.demo_month.records import Trouble

RATE_LIMIT: Final = Trouble(
    status=429,
    refused=True,
    error_code="limit_user_default",
    message=f"The limit of {REQUESTS_A_MINUTE} requests per minute for each user on all endpoints together has no room: {REQUESTS_A_MINUTE} are counted, "
    "and this request needs 1. It fits in 14 seconds. Wait until then, or ask your Headgate administrator for a higher limit.",
)
DAY_SPENT: Final = Trouble(
    status=429,
    refused=True,
    error_code="budget_exhausted",
    budget_blocks=EACH_DAY,
    message=f"Your budget {EACH_DAY!r} has no room for this request: it is spent today. Wait until it resets, use a cheaper model, or ask your Headgate "
    "administrator for more.",
)
NOT_PERMITTED: Final = Trouble(
    status=403,
    refused=True,
    no_target=True,
    error_code="permission_missing",
    message="User lacks the permission CAN_QUERY on endpoint claude-opus-4-6. Ask your Headgate administrator for it, or choose a model that the model "
    "listing shows.",
)
UNKNOWN_MODEL: Final = Trouble(
    status=404,
    refused=True,
    no_target=True,
    error_code="model_not_found",
    message="No endpoint answers to the model 'claude-opus-5'. Try claude-opus-4-6; the model listing has all names.",
)
_RATE_LIMITED = 0.005


def own_limit(rng: random.Random) -> Trouble | None:
    """A rate limit that a request meets; usually none."""
    return RATE_LIMIT if rng.random() < _RATE_LIMITED else None
