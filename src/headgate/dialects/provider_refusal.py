"""A provider's error answer as an error of Headgate's kinds, for a client of another dialect: the client's face then words it so that the agent acts on it.

Which statuses and codes mean what: https://docs.anthropic.com/en/api/errors, https://platform.openai.com/docs/guides/error-codes,
https://ai.google.dev/gemini-api/docs/troubleshooting.
"""

import math
import re
from collections.abc import Callable, Mapping

from headgate.core.errors import (
    BadRequest,
    BudgetExhausted,
    Forbidden,
    GatewayError,
    LimitExceeded,
    LimitSpent,
    TooLarge,
    UnknownModel,
    UpstreamFailed,
)
from headgate.core.event import Failed

_OVERLOADED = 529  # Anthropic's own status: Google's SDK asks again on 503 and not on this one
_MESSAGE_MAX = 8000  # characters of a provider's words that a client gets
_WAIT_MAX_S = 60.0  # an agent waits no longer
_OVERFLOW_CODES = frozenset({"context_length_exceeded", "model_context_window_exceeded"})
_OVERFLOW = re.compile(
    r"prompt is too long|maximum context length|context window|exceeds? the (?:maximum|available) (?:number of tokens|context)|input token count",
    re.IGNORECASE,
)
_TOO_LONG = "prompt is too long"  # what Claude Code looks for before it compacts its history
_SPENT = frozenset({"insufficient_quota", "billing_error", "billing_not_active", "billing_hard_limit_reached"})
_STATUS_OF_CODE: Mapping[str, int] = {
    "invalid_request_error": 400, "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "invalid_prompt": 400,
    "permission_error": 403, "PERMISSION_DENIED": 403,
    "not_found_error": 404, "NOT_FOUND": 404, "model_not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429, "rate_limit_exceeded": 429, "RESOURCE_EXHAUSTED": 429,
    "overloaded_error": 503, "server_is_overloaded": 503, "slow_down": 503, "UNAVAILABLE": 503,
    "timeout_error": 504, "DEADLINE_EXCEEDED": 504,
}  # fmt: skip
_STATUS = re.compile(r"[45]\d\d", re.ASCII)
_DELAY = re.compile(r"(?:try again|retry) in (\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|seconds?|m|minutes?)", re.IGNORECASE)


def refusal_of_provider(status: int, names: Mapping[bytes, bytes], failed: Failed | None) -> GatewayError:
    """The error that an answer of this status, with these headers, reports; of a failure inside a stream the status is below 400 and its code counts."""
    code = failed.code if failed is not None else ""
    message = (failed.message[:_MESSAGE_MAX] if failed is not None else "") or f"The provider answered {status}."
    if status < 400:
        status = _status_of(code)
    if code in _OVERFLOW_CODES or (status in {400, 413} and _OVERFLOW.search(message)):
        return BadRequest(message if _TOO_LONG in message.lower() else f"{_TOO_LONG}: {message}", code="context_length_exceeded")
    if code in _SPENT or status == 402:
        return BudgetExhausted(message, code=code or "insufficient_quota")
    if status == 429:
        return _limited(message, code, _wait_s(names, message))
    make = _OF_STATUS.get(status)
    if make is not None:
        return make(message, code)
    if status < 500:
        return BadRequest(message, status=status, code=code)
    return UpstreamFailed(message, status=503 if status == _OVERLOADED else status, code=code or "provider_error")


def _status_of(code: str) -> int:
    """The status that a code inside a stream means; servers behind OpenRouter write the status itself."""
    return _STATUS_OF_CODE.get(code) or (int(code) if _STATUS.fullmatch(code) else 502)


def _limited(message: str, code: str, wait_s: float | None) -> GatewayError:
    if wait_s is not None and wait_s > _WAIT_MAX_S:
        return LimitSpent(message, code=code or "rate_limit_exceeded", retry_after_s=wait_s)
    return LimitExceeded(message, code=code or "rate_limit_exceeded", retry_after_s=wait_s)


def _wait_s(names: Mapping[bytes, bytes], message: str) -> float | None:
    """How long to wait: by a header, or by the message as OpenAI and Google word it."""
    for name, unit_s in ((b"retry-after-ms", 0.001), (b"retry-after", 1.0)):
        try:
            wait_s = float(names[name]) * unit_s
        except (KeyError, ValueError):
            continue
        if math.isfinite(wait_s):
            return max(0.0, wait_s)
    found = _DELAY.search(message)
    if found is None:
        return None
    unit = found.group(2).lower()
    return float(found.group(1)) * (0.001 if unit == "ms" else 60.0 if unit.startswith("m") else 1.0)


_OF_STATUS: Mapping[int, Callable[[str, str], GatewayError]] = {
    403: lambda message, code: Forbidden(message, code=code),
    404: lambda message, _code: UnknownModel(message, code="model_not_found"),
    413: lambda message, code: TooLarge(message, code=code),
}
