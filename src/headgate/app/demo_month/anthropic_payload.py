"""The bodies of Claude Code's requests in the demo, and the answers, as Anthropic's Messages API has them: https://platform.claude.com/docs/en/api/messages."""

from typing import Any

from headgate.app.demo_month.transcript import CalledTool, Moment, Said

_SYSTEM = "You are Claude Code, Anthropic's official CLI for Claude. You help with software engineering tasks. Use the tools you have."
_EPHEMERAL = {"type": "ephemeral"}
_TOOLS = {
    "Read": {"file_path": "string"},
    "Grep": {"pattern": "string", "path": "string"},
    "Bash": {"command": "string"},
    "Edit": {"file_path": "string", "old_string": "string", "new_string": "string"},
    "Write": {"file_path": "string", "content": "string"},
    "Task": {"description": "string", "prompt": "string"},
}


def request(moment: Moment) -> dict[str, Any]:
    """The request. Its tools change with the prefix: a server of tools joins, and leaves again."""
    tools = [{"name": name, "description": f"{name}.", "input_schema": _schema(fields)} for name, fields in _TOOLS.items()]
    if moment.changes % 2:
        tools.insert(0, {"name": "mcp__tracker__search_issues", "description": "Search the tracker.", "input_schema": _schema({"query": "string"})})
    system = [{"type": "text", "text": _SYSTEM, "cache_control": _EPHEMERAL}]
    if moment.changes > 1:
        system.append({"type": "text", "text": f"Git status changed {moment.changes - 1} times since the session began."})
    messages = [message for said in moment.before for message in _messages(said)]
    messages[-1]["content"][-1]["cache_control"] = _EPHEMERAL
    return {
        "model": moment.step.outcome.intent.model_asked,
        "max_tokens": 32_000,
        "stream": True,
        "system": system,
        "tools": tools,
        "messages": messages,
    }


def answer(moment: Moment) -> dict[str, Any]:
    """The answer, or the error that came in its place."""
    outcome, said = moment.step.outcome, moment.answer
    if said is None:
        return {"type": "error", "error": {"type": outcome.error_code or "api_error", "message": outcome.error_message or "The answer broke off."}}
    usage = outcome.usage
    counts = (
        {}
        if usage is None
        else {
            "input_tokens": usage.input_tokens,
            "cache_read_input_tokens": usage.cache_read_tokens,
            "cache_creation_input_tokens": usage.cache_write_5m_tokens,
            "output_tokens": usage.output_tokens,
        }
    )
    return {
        "id": outcome.response_id,
        "type": "message",
        "role": "assistant",
        "model": outcome.model_served,
        "content": _content(said),
        "stop_reason": outcome.finish_reason,
        "stop_sequence": None,
        "usage": counts,
    }


def _messages(said: Said) -> list[dict[str, Any]]:
    if said.prompt:
        return [{"role": "user", "content": [{"type": "text", "text": said.text}]}]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": call.result, "is_error": not call.use.ok} for call in said.calls]
    answered = {"role": "assistant", "content": _content(said)}
    return [answered, {"role": "user", "content": results}] if results else [answered]


def _content(said: Said) -> list[dict[str, Any]]:
    uses = [{"type": "tool_use", "id": call.id, "name": call.use.name, "input": _input(call)} for call in said.calls]
    return [{"type": "text", "text": said.text}, *uses]


def _input(call: CalledTool) -> dict[str, Any]:
    return {
        "read": {"file_path": call.file},
        "search": {"pattern": call.command.rpartition(" ")[2], "path": "src"},
        "run": {"command": call.command},
        "edit": {"file_path": call.file, "old_string": call.before, "new_string": call.after},
        "write": {"file_path": call.file, "content": call.after},
        "subagent": {"description": "Find callers", "prompt": "Find every caller, and list them."},
    }[call.use.does]


def _schema(fields: dict[str, str]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in fields.items()}, "required": list(fields)}
