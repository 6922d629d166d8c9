"""The response object: in the first two events of a stream, in the last, and as the body of an unstreamed answer.

It has every member that Open Responses requires (https://www.openresponses.org/specification) and repeats what was asked. The answer has one time, that of
its request: an encoder reads no clock.
"""

import msgspec

from headgate.core.conversation import Conversation, OutputFormat
from headgate.core.model_profile import ModelProfile
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.openai_responses.encode_tools import Json, encode_choice, encode_tools

_TIERS = frozenset({"flex", "scale", "priority", "ultrafast"})
_INCOMPLETE = {"length": "max_output_tokens", "filter": "content_filter"}


def response_id(request_id: str) -> str:
    """The id of the response to a request."""
    return f"resp_{request_id}"


class ResponseObject:
    """Makes the objects of one answer. What was asked is encoded once."""

    def __init__(self, context: AnswerContext) -> None:
        asked = context.asked
        self._head: Json = {"id": response_id(context.request_id), "object": "response", "created_at": context.created_at_s}
        self._asked: Json = {
            "model": context.model_asked,
            **{name: msgspec.Raw(msgspec.json.encode(value)) for name, value in _repeated(asked).items()},
        }

    def begun(self) -> Json:
        """The object before there is anything in it."""
        return self._object("in_progress", [], None, "")

    def ended(self, output: list[Json], usage: Usage | None, cause: str) -> Json:
        """The object of the whole answer, by the cause of its end."""
        return self._object("incomplete" if cause in _INCOMPLETE else "completed", output, usage, cause)

    def _object(self, status: str, output: list[Json], usage: Usage | None, cause: str) -> Json:
        reason = _INCOMPLETE.get(cause)
        tier = usage.tier if usage is not None and usage.tier in _TIERS else "default"
        return {
            **self._head,
            "status": status,
            "completed_at": self._head["created_at"] if status == "completed" else None,
            "error": None,
            "incomplete_details": {"reason": reason} if reason else None,
            "output": output,
            **self._asked,
            "service_tier": tier,
            "usage": None if usage is None else usage_object(usage),
        }


def usage_object(usage: Usage) -> Json:
    """Counts as OpenAI writes them: what was cached is part of the input, what was thought part of the output. What is not known is 0."""
    counts = usage.totals
    given, output = counts.all_input_tokens or 0, counts.output_tokens or 0
    written = (counts.cache_write_5m_tokens or 0) + (counts.cache_write_1h_tokens or 0)
    return {
        "input_tokens": given,
        "input_tokens_details": {"cached_tokens": counts.cache_read_tokens or 0, "cache_write_tokens": written},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": counts.reasoning_tokens or 0},
        "total_tokens": given + output,
    }


def format_object(form: OutputFormat) -> Json:
    """The form of the answer, in a request and in a response."""
    if form.kind != "json_schema" or form.schema is None:
        return {"type": "json_object" if form.kind == "json_object" else "text"}
    described: Json = {"description": form.description} if form.description else {}
    return {"type": "json_schema", "name": form.name or "output", **described, "schema": form.schema, "strict": bool(form.strict)}


def _repeated(asked: Conversation) -> Json:
    """What was asked, with OpenAI's defaults for what was not said."""
    sampling, reasoning, beyond = asked.sampling, asked.reasoning, asked.beyond
    tools, _ = encode_tools(asked.tools, ModelProfile())
    metadata = beyond.get("metadata", msgspec.Raw(b"{}"))
    return {
        "instructions": None,
        "tools": [_described(tool) for tool in tools],
        "tool_choice": encode_choice(asked.choice, asked.tools),
        "parallel_tool_calls": asked.parallel_calls is not False,
        "previous_response_id": asked.previous_response_id or None,
        "max_output_tokens": asked.output_tokens_max or None,
        "max_tool_calls": None,
        "temperature": 1.0 if sampling.temperature is None else sampling.temperature,
        "top_p": 1.0 if sampling.top_p is None else sampling.top_p,
        "frequency_penalty": sampling.frequency_penalty or 0.0,
        "presence_penalty": sampling.presence_penalty or 0.0,
        "top_logprobs": asked.log_probabilities or 0,
        "reasoning": {"effort": "none" if reasoning.mode == "off" else reasoning.effort or None, "summary": "auto" if reasoning.shown else None},
        "text": {"format": format_object(asked.format), "verbosity": asked.verbosity or "medium"},
        "truncation": "auto" if bytes(beyond.get("truncation", msgspec.Raw())) == b'"auto"' else "disabled",
        "store": asked.stored,
        "background": False,
        "metadata": metadata if bytes(metadata).startswith(b"{") else {},
        "safety_identifier": asked.user or None,
        "prompt_cache_key": asked.cache_key or None,
    }


def _described(tool: object) -> object:
    """A function's description may be missing in a request, not here."""
    return {"description": None, **tool} if isinstance(tool, dict) and tool.get("type") == "function" else tool
