"""The bodies of Codex's requests in the demo, and the answers, as OpenAI's Responses API has them: https://platform.openai.com/docs/api-reference/responses."""

import json
from typing import Any

from headgate.app.demo_month.transcript import CalledTool, Moment, Said

_INSTRUCTIONS = "You are Codex, a coding agent that runs in a terminal on the user's computer."
_TOOLS = [
    {
        "type": "function",
        "name": "shell",
        "parameters": {"type": "object", "properties": {"command": {"type": "array", "items": {"type": "string"}}}},
    },
    {"type": "custom", "name": "apply_patch", "description": "Edit files with a patch."},
]


def request(moment: Moment) -> dict[str, Any]:
    """The request."""
    items = [item for said in moment.before for item in _items(said)]
    model = moment.step.outcome.intent.model_asked
    return {"model": model, "instructions": _INSTRUCTIONS, "stream": True, "store": False, "tools": _TOOLS, "input": items}


def answer(moment: Moment) -> dict[str, Any]:
    """The answer, or the error that came in its place."""
    outcome, said = moment.step.outcome, moment.answer
    if said is None:
        return {"error": {"code": outcome.error_code or "server_error", "message": outcome.error_message or "The answer broke off."}}
    usage = outcome.usage
    counts = (
        {}
        if usage is None
        else {
            "input_tokens": usage.all_input_tokens,
            "input_tokens_details": {"cached_tokens": usage.cache_read_tokens},
            "output_tokens": usage.output_tokens,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        }
    )
    return {
        "id": outcome.response_id,
        "object": "response",
        "status": "completed",
        "model": outcome.model_served,
        "output": _output(said),
        "usage": counts,
    }


def _items(said: Said) -> list[dict[str, Any]]:
    if said.prompt:
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": said.text}]}]
    results = [{"type": f"{_kind(call)}_output", "call_id": call.id, "output": call.result} for call in said.calls]
    return [*_output(said), *results]


def _output(said: Said) -> list[dict[str, Any]]:
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": said.text}]}
    return [message, *(_called(call) for call in said.calls)]


def _called(call: CalledTool) -> dict[str, Any]:
    if _kind(call) == "custom_tool_call":
        return {"type": "custom_tool_call", "call_id": call.id, "name": call.use.name, "input": _patch(call)}
    read = {"read": f"sed -n 1,80p {call.file}", "search": f"rg -n {call.command.rpartition(' ')[2]} src"}
    command = ["bash", "-lc", read.get(call.use.does, call.command)]
    return {"type": "function_call", "call_id": call.id, "name": call.use.name, "arguments": json.dumps({"command": command})}


def _kind(call: CalledTool) -> str:
    return "custom_tool_call" if call.use.does in {"edit", "write"} else "function_call"


def _patch(call: CalledTool) -> str:
    if call.use.does == "write":
        lines = [f"*** Add File: {call.file}", *(f"+{line}" for line in call.after.splitlines())]
    else:
        changed = [*(f"-{line}" for line in call.before.splitlines()), *(f"+{line}" for line in call.after.splitlines())]
        lines = [f"*** Update File: {call.file}", "@@", *changed]
    return "\n".join(["*** Begin Patch", *lines, "*** End Patch"])
