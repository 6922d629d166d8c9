"""Codex CLI: delta metrics without session or user, events whose OTLP name is a line of its own source, log records whose time is 0.

Its `tool_result` carries arguments and output even with prompts off; commits and lines are only to be had from those arguments.
Two `response.completed` events arrive for each request, and only one has tokens. Seen with version 0.169.0.
"""

from headgate.telemetry.agents.agent import AgentTelemetry, Counter, TokenNames

CODEX = AgentTelemetry(
    agent="codex",
    service_names=("codex_cli_rs", "codex_exec", "codex-cli", "codex_vscode", "codex"),
    content=("prompt", "arguments", "output", "input_messages", "last_assistant_message"),
    session_id="conversation.id",
    prompt_event="codex.user_prompt",
    request_event="codex.sse_event",
    request_tokens=TokenNames(
        input="input_token_count",
        cache_read="cached_token_count",
        cache_write="cache_write_token_count",
        output="output_token_count",
        reasoning="reasoning_token_count",
        tool="tool_token_count",
    ),
    error_event="codex.api_request",
    tool_event="codex.tool_result",
    tool_name="tool_name",
    decision_event="codex.tool_decision",
    sessions=Counter(metric="codex.thread.started"),
    tokens=Counter(metric="codex.turn.token_usage", split_by="token_type"),
    token_types=TokenNames(input="input", cache_read="cached_input", cache_write="cache_write_input", output="output", reasoning="reasoning_output"),
    active_time_s=Counter(metric="codex.turn.e2e_duration_ms"),
)
