"""Why an answer ended, in Anthropic's words and in those of `core.event.Finished`: https://docs.claude.com/en/api/handling-stop-reasons.

Servers that imitate Anthropic write OpenAI's words now and then; they are understood too.
"""

from collections.abc import Mapping
from typing import Final

_CAUSES: Final[Mapping[str, str]] = {
    "end_turn": "stop",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_use",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filter",
    "pause_turn": "pause",
    "compaction": "pause",
    "length": "length",
    "content_filter": "filter",
    "tool_calls": "tool_use",
}
_REASONS: Final[Mapping[str, str]] = {
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_use",
    "length": "max_tokens",
    "filter": "refusal",
    "pause": "pause_turn",
}


def cause_of(reason: str, calls: int) -> str:
    """The cause that a stop reason names, after so many calls: an answer with calls waits for their results, whatever word it ends with."""
    cause = _CAUSES.get(reason, "stop")
    return "tool_use" if calls and cause == "stop" else cause


def reason_of(cause: str) -> str:
    """The stop reason for a cause."""
    return _REASONS.get(cause, "end_turn")
