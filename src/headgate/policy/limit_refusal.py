"""How a denial by a rate limit is put to people, and whether an agent should wait for its end. Pure."""

import math

import msgspec

from headgate.core.errors import LimitExceeded, LimitSpent, OverLimit
from headgate.core.limit import CONCURRENT, Limit
from headgate.core.limit_state import LimitState
from headgate.policy.limit_denial import LimitDenial

# Claude Code waits 60 s and gives up at a second more, so nothing longer is ever asked of an agent. A window of a minute may need its last part too:
# then the agent waits for a minute, and for a second once more.
_WAIT_MAX_S = 61
_ASK = "ask your Headgate administrator for a higher limit"
_WORDS = {
    "requests": "requests",
    "tokens": "tokens",
    "input_tokens": "input tokens",
    "output_tokens": "output tokens",
    CONCURRENT: "requests at a time",
}


class _Key(msgspec.Struct, frozen=True):
    """The code and the words for the limits of one key; the words take the limit and the value that has the count."""

    code: str
    whose: str


_KEYS = {
    "endpoint": _Key(code="limit_endpoint", whose="all users together"),
    "user_default": _Key(code="limit_user_default", whose="each user"),
    "user": _Key(code="limit_user", whose="user {limit.holder}"),
    "group": _Key(code="limit_group", whose="group {limit.holder} (shared by its members)"),
    "service_principal": _Key(code="limit_service_principal", whose="service principal {limit.holder}"),
    "request_tag": _Key(code="limit_request_tag", whose="requests with the tag {limit.tag_key}"),
    "token": _Key(code="limit_token", whose="each token"),
    "agent": _Key(code="limit_agent", whose="each agent"),
}


def refusal(denial: LimitDenial) -> LimitExceeded:
    """The error for the client."""
    limit, measure = denial.limit, denial.measure
    per = "" if measure == CONCURRENT else f" per {limit.per}"
    whole = f"limit of {_amount(denial.maximum, measure)}{per} for {whose_text(limit, denial.value)} on {where_text(limit)}"
    code, remaining = _KEYS[limit.key].code, max(0, denial.maximum - denial.used)
    if math.isinf(denial.wait_s):
        message = (
            f"This request may need {_amount(denial.amount, measure)}. That is more than the whole {whole}, so it is never let through. "
            f"Make it smaller (compact the conversation, or ask for fewer output tokens), or {_ASK}."
        )
        return OverLimit(message, code="over_limit", limit=LimitState(limit.key, measure, denial.maximum, remaining))
    wait_s = max(1, math.ceil(denial.wait_s))
    state = LimitState(limit.key, measure, denial.maximum, remaining, wait_s)
    if measure == CONCURRENT:
        end = "it" if denial.used == 1 else "one of them"
        message = f"The {whole} is used up: {_are(denial.used)} under way. Wait until {end} ends, or {_ASK}."
        return LimitExceeded(message, code=code, retry_after_s=wait_s, limit=state)
    message = (
        f"The {whole} has no room: {_are(denial.used)} counted, and this request needs {denial.amount:,}. "
        f"It fits in {_duration(wait_s)}. Wait until then, or {_ASK}."
    )
    kind = LimitExceeded if wait_s <= _WAIT_MAX_S else LimitSpent
    return kind(message, code=code, retry_after_s=wait_s, limit=state)


def _amount(count: int, measure: str) -> str:
    words = _WORDS[measure]
    return f"1 {words.replace('requests', 'request').replace('tokens', 'token')}" if count == 1 else f"{count:,} {words}"


def _are(count: int) -> str:
    return "1 is" if count == 1 else f"{count:,} are"


def where_text(limit: Limit) -> str:
    """The endpoints whose requests a limit counts together."""
    if limit.endpoint == "*":
        return "all endpoints together"
    return f"the endpoints {limit.endpoint} together" if "*" in limit.endpoint else f"endpoint {limit.endpoint}"


def whose_text(limit: Limit, value: str) -> str:
    """Whose requests a limit counts together; `value` is the one that has the count, where it has many."""
    if limit.key == "agent" and (limit.holder or value):
        return f"agent {limit.holder or value}"
    if limit.key == "request_tag":
        return f"requests with the tag {limit.tag_key} = {limit.tag_value or value}"
    return _KEYS[limit.key].whose.format(limit=limit)


def _duration(seconds: int) -> str:
    """In words, never less than it is: `45 seconds`, `12 minutes`, `3 h 20 min`."""
    if seconds < 120:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = math.ceil(seconds / 60)
    if minutes < 120:
        return f"{minutes} minutes"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
