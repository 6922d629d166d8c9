"""Gemini CLI: cumulative metrics, JSON bodies, and prompts on by default, also inside `request_text` and, as the command line, in its resource.

https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/telemetry.md (read 2026-08), and what version 0.61.0 was seen to send.
"""

from headgate.telemetry.agents.agent import AgentTelemetry, Counter, TokenNames

GEMINI_CLI = AgentTelemetry(
    agent="gemini-cli",
    service_names=("gemini-cli",),
    content=(
        "prompt",
        "request_text",
        "response_text",
        "function_args",
        "process.command_args",
        "process.command_line",
        "process.command",
        "input-json",
        "output-json",  # of spans for its own developers, in 0.28
    ),
    session_id="session.id",
    cumulative=True,
    prompt_event="gemini_cli.user_prompt",
    request_event="gemini_cli.api_response",
    request_tokens=TokenNames(
        input="input_token_count",
        cache_read="cached_content_token_count",
        output="output_token_count",
        reasoning="thoughts_token_count",
        tool="tool_token_count",
    ),
    error_event="gemini_cli.api_error",
    tool_event="gemini_cli.tool_call",
    tool_name="function_name",
    decision_event="gemini_cli.tool_call",
    sessions=Counter(metric="gemini_cli.session.count"),
    tokens=Counter(metric="gemini_cli.token.usage", split_by="type"),
    token_types=TokenNames(input="input", cache_read="cache", output="output", reasoning="thought", tool="tool"),
    lines=Counter(metric="gemini_cli.lines.changed", split_by="type", added="added", removed="removed"),
    active_time_s=Counter(metric="gemini_cli.agent.duration"),
)
