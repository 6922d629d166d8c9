"""Claude Code: metrics with delta temporality, events whose body is `claude_code.<event>`. The same key is a number in one event and a string in another.

https://code.claude.com/docs/en/monitoring-usage (read 2026-08), and what version 2.1.330 was seen to send.
"""

from headgate.telemetry.agents.agent import AgentTelemetry, Counter, TokenNames

CLAUDE_CODE = AgentTelemetry(
    agent="claude-code",
    service_names=("claude-code",),
    # `body` is the whole request or answer of the raw-body events; `tool_parameters` holds commands.
    content=(
        "prompt",
        "prompt_text",
        "response",
        "tool_input",
        "tool_parameters",
        "tool_output",
        "body",
        "user_prompt",
        "new_context",
        "full_command",
        "bash_command",
    ),
    session_id="session.id",
    request_id="request_id",
    prompt_event="user_prompt",
    request_event="api_request",
    request_tokens=TokenNames(input="input_tokens", cache_read="cache_read_tokens", cache_write="cache_creation_tokens", output="output_tokens"),
    request_cost_usd="cost_usd",
    error_event="api_error",
    tool_event="tool_result",
    tool_name="tool_name",
    decision_event="tool_decision",
    sessions=Counter(metric="claude_code.session.count"),
    tokens=Counter(metric="claude_code.token.usage", split_by="type"),
    token_types=TokenNames(input="input", cache_read="cacheRead", cache_write="cacheCreation", output="output"),
    cost=Counter(metric="claude_code.cost.usage"),
    lines=Counter(metric="claude_code.lines_of_code.count", split_by="type", added="added", removed="removed"),
    commits=Counter(metric="claude_code.commit.count"),
    pull_requests=Counter(metric="claude_code.pull_request.count"),
    active_time_s=Counter(metric="claude_code.active_time.total", split_by="type"),
    edit_decisions=Counter(metric="claude_code.code_edit_tool.decision", split_by="decision", added="accept", removed="reject"),
)
