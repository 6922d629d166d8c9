"""What the error answers of all dialects share: how long to wait, the headers, and Databricks' `error_code`.

Each dialect writes `error_code` and `message` beside its own envelope, for readers of Databricks' shape.
"""

import math
from functools import lru_cache

from headgate.core.budget import BudgetNotice
from headgate.core.errors import BudgetExhausted, GatewayError, LimitExceeded
from headgate.core.headers import Headers
from headgate.core.limit_state import LimitState

WAIT_MAX_S = 60  # agents wait as long as an answer says; a minute at a time keeps them listening
_WORDS = (
    ("bad_request", "INVALID_PARAMETER_VALUE"),
    ("too_large", "REQUEST_TOO_LARGE"),
    ("unauthenticated", "UNAUTHENTICATED"),
    ("forbidden", "PERMISSION_DENIED"),
    ("not_found", "RESOURCE_DOES_NOT_EXIST"),
    ("model_not_found", "RESOURCE_DOES_NOT_EXIST"),
    ("feature_disabled", "FEATURE_DISABLED"),
    ("limit_exceeded", "REQUEST_LIMIT_EXCEEDED"),
    ("limit_spent", "REQUEST_LIMIT_EXCEEDED"),
    ("budget_exhausted", "RESOURCE_EXHAUSTED"),
    ("upstream_failed", "UPSTREAM_FAILED"),
    ("credential_refused", "UPSTREAM_FAILED"),
    ("unavailable", "TEMPORARILY_UNAVAILABLE"),
)


def error_code(error: GatewayError) -> str:
    """Databricks' word for an error's kind."""
    return next((word for kind, word in _WORDS if kind == error.kind), "INTERNAL_ERROR")


def wait_s(error: GatewayError, budget_min_s: int = 0) -> int:
    """Whole seconds to wait, at least 1 for a limit; 0 where waiting is not the advice.

    For a spent budget, and for a limit that has no room for long, at least `budget_min_s`, from which on an agent gives up at once; 0 if the agent needs
    no such sign.
    """
    if error.kind in {"budget_exhausted", "limit_spent"}:
        return max(budget_min_s, math.ceil(error.retry_after_s or 0)) if budget_min_s else 0
    if error.retry_after_s is None:
        return 1 if error.kind == "limit_exceeded" else 0
    return max(1, min(WAIT_MAX_S, math.ceil(error.retry_after_s)))


def headers(error: GatewayError, wait_s: int, content_type: bytes = b"application/json") -> Headers:
    """The headers of an answer that says the error."""
    found: Headers = [(b"content-type", content_type)]
    if wait_s:
        found.append((b"retry-after", b"%d" % wait_s))
    if not error.repeatable:
        found.append((b"x-should-retry", b"false"))
    if isinstance(error, LimitExceeded) and error.limit is not None:
        found += limit_headers(error.limit)
    elif isinstance(error, BudgetExhausted) and error.budget is not None:
        found += budget_headers(error.budget)
    return found


def limit_headers(state: LimitState) -> Headers:
    """How much is left of a rate limit, in Headgate's own headers."""
    found: Headers = [*_limit_names(state.key, state.measure, state.maximum), (b"x-headgate-limit-remaining", b"%d" % state.remaining)]
    if state.reset_s:
        found.append((b"x-headgate-limit-reset", b"%d" % state.reset_s))
    return found


@lru_cache(maxsize=1024)
def _limit_names(key: str, measure: str, maximum: int) -> Headers:
    """What says which limit it is: the same for many answers."""
    return [(b"x-headgate-limit-key", key.encode()), (b"x-headgate-limit-measure", measure.encode()), (b"x-headgate-limit-max", b"%d" % maximum)]


def budget_headers(notice: BudgetNotice) -> Headers:
    """How much is left of a budget, in Headgate's own headers. A header has ASCII only, so other characters of the name are `?`."""
    return [
        (b"x-headgate-budget-name", notice.name.encode("ascii", "replace")),
        (b"x-headgate-budget-percent", b"%d" % notice.percent),
        (b"x-headgate-budget-left-usd", notice.left_usd.encode()),
        (b"x-headgate-budget-resets", notice.resets.encode()),
    ]
