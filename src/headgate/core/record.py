"""The records of an exchange: an intent before anything is sent, an outcome when it has ended; and what the request says about the agent that sent it.

Intent and outcome are journalled as MessagePack arrays, so fields are only ever added at the end, with defaults.
"""

import msgspec

from headgate.core.budget import BudgetMark
from headgate.core.loss import Loss
from headgate.core.usage import Usage

REFUSED = "refused"
PAID_BY_DEMO = "demo"  # the built-in demo answered, which costs nothing
FAILED = frozenset({"failed", "cut", REFUSED, "interrupted"})  # the ways for an outcome to end that are failures


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """The agent, as the headers and the body of its request describe it. Empty where unknown.

    Recorded; and a session stays on one of an endpoint's targets. Never used for identity or permission.
    """

    agent: str = ""
    agent_version: str = ""
    surface: str = ""
    session_id: str = ""
    subagent_id: str = ""
    parent_subagent_id: str = ""
    turn_id: str = ""
    client_request_id: str = ""
    user_agent: str = ""


class Reserved(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What an exchange has reserved from its beginning. `at_s` is the time of the worker's reservations, which never goes back; `at_ns` that of its budgets.

    `counts` are the keys of the counts of rate limits, each with the output tokens that are reserved in it. `money` has the names of budgets, with
    nano-US-dollars; the intent says which count of each.
    """

    at_s: float
    at_ns: int = 0
    input_tokens: int = 0
    counts: tuple[tuple[bytes, int], ...] = ()
    money: tuple[tuple[str, int], ...] = ()


class Settled(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What an exchange really used, in place of what it had reserved. `requests` is 0 if no provider was reached.

    `spent` has the names of the budgets that it counts in, with nano-US-dollars.
    """

    at_s: float
    requests: int = 1
    input_tokens: int = 0
    output_tokens: int = 0
    spent: tuple[tuple[str, int], ...] = ()


class Intent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Everything known before the request is sent. Times are wall-clock nanoseconds since the epoch."""

    request_id: str
    started_at_ns: int
    principal_id: str = ""
    requester: str = ""
    requester_type: str = "USER"
    token_id: str = ""
    endpoint: str = ""
    provider: str = ""
    provider_dialect: str = ""
    model_asked: str = ""
    model_sent: str = ""
    dialect: str = ""
    api_type: str = ""
    path: str = ""
    stream: bool = False
    agent: str = ""
    agent_version: str = ""
    surface: str = ""
    session_id: str = ""
    subagent_id: str = ""
    parent_subagent_id: str = ""
    turn_id: str = ""
    client_request_id: str = ""
    user_agent: str = ""
    ip_address: str = ""
    request_tags: dict[str, str] = {}
    request_bytes: int = 0
    estimated_input_tokens: int = 0  # (text length + 1) / 4, for an exchange whose provider never reports
    endpoint_tags: dict[str, str] = {}
    price_as: str = ""
    trace_id: str = ""
    parent_span_id: str = ""
    paid_by: str = ""  # `requester`: with a credential of their own; `demo`: no account; "": Headgate's account
    budgets: tuple[BudgetMark, ...] = ()  # that its cost is counted in
    downgraded_from: str = ""  # the endpoint that was asked for, where a budget sent the request to another
    untracked: bool = False  # its endpoint wants no rows of usage
    reserved: Reserved | None = None  # none where nothing limits the request


# What the record says of a target whose turn had come and that was not tried: it is in trouble, or no extra try was left.
CIRCUIT_OPEN = "circuit_open"
RETRY_BUDGET = "retry_budget"
UNTRANSLATABLE = "untranslatable"
NOT_TRIED = frozenset({CIRCUIT_OPEN, RETRY_BUDGET, UNTRANSLATABLE})
"""Actions of targets that were not tried although their turn had come."""


class AttemptRecord(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """One try of one target, or, by its `action`, that a target was not tried."""

    provider: str
    model: str
    status_code: int = 0  # 0: no answer
    error_code: str = ""
    started_at_ns: int = 0
    latency_ms: int = 0
    action: str = ""  # "" | "fallback" | "retry" | "circuit_open" | "retry_budget" | "untranslatable"
    traffic_percent: int | None = None  # the target's share of the endpoint's requests

    @property
    def tried(self) -> bool:
        """Whether the target was asked."""
        return self.action not in NOT_TRIED


class Outcome(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """How an exchange ended. Contains its whole intent, so that a row can be made from it alone.

    `ended`: `completed`, `failed` (an error answer or an error inside the stream), `cut` (the provider broke off), `client_gone`, `refused` (by
        Headgate, before anything was sent) or `interrupted` (Headgate was killed; only recovery writes that).
    """

    intent: Intent
    status_code: int
    ended: str
    ended_at_ns: int
    latency_ms: int = 0
    time_to_first_byte_ms: int = 0
    usage: Usage | None = None
    model_served: str = ""
    response_id: str = ""
    finish_reason: str = ""
    error_code: str = ""
    error_message: str = ""
    response_content_type: str = ""
    response_bytes: int = 0
    upstream_request_id: str = ""
    attempts: tuple[AttemptRecord, ...] = ()
    settled: Settled | None = None
    translated_to: str = ""  # the dialect that the provider was asked in, where the client's was another
    losses: tuple[Loss, ...] = ()  # what could not be said in it
