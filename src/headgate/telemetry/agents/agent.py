"""The shape of what is known about an agent's telemetry: where its sessions, tokens, lines and outcomes are found."""

import msgspec


class TokenNames(msgspec.Struct, frozen=True, kw_only=True):
    """Names of the token classes, as attribute keys of an event or as values of a metric's type attribute. Empty: not reported."""

    input: str = ""
    cache_read: str = ""
    cache_write: str = ""
    output: str = ""
    reasoning: str = ""
    tool: str = ""


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """A metric, and the attribute that splits it (`type=added`)."""

    metric: str
    split_by: str = ""
    added: str = ""
    removed: str = ""


class AgentTelemetry(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent sends. Event names are the values of the `event.name` attribute: the OTLP field is empty or means something else.

    `content` are the attributes that hold prompts, answers, tool arguments or tool results. `cumulative` says that its metrics are running totals.
    """

    agent: str
    service_names: tuple[str, ...]
    content: tuple[str, ...]
    session_id: str
    request_id: str = ""
    user_email: str = "user.email"
    model: str = "model"
    cumulative: bool = False
    # events
    prompt_event: str = ""
    request_event: str = ""
    request_tokens: TokenNames = TokenNames()
    request_cost_usd: str = ""
    error_event: str = ""
    tool_event: str = ""
    tool_name: str = ""
    tool_success: str = "success"
    decision_event: str = ""
    decision: str = "decision"
    # metrics
    sessions: Counter | None = None
    tokens: Counter | None = None
    token_types: TokenNames = TokenNames()
    cost: Counter | None = None
    lines: Counter | None = None
    commits: Counter | None = None
    pull_requests: Counter | None = None
    active_time_s: Counter | None = None
    edit_decisions: Counter | None = None
