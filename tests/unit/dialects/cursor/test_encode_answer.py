"""Answers for Cursor."""

import json

from headgate.core.conversation import Conversation
from headgate.core.event import Finished, PartClosed, PartGrew, PartOpened, Started
from headgate.dialects.codec import AnswerContext
from headgate.dialects.cursor.codec import CLIENT
from headgate.dialects.openai_chat import codec as chat

CONTEXT = AnswerContext(request_id="r", model_asked="m", created_at_s=1, asked=Conversation())
PATCHED = [
    Started("r", "gpt"),
    PartOpened(0, "call", "c", "ApplyPatch", call_kind="custom"),
    PartGrew(0, "*** Begin Patch"),
    PartClosed(0),
    Finished("tool_calls", "tool_use"),
]


def test_a_custom_call_is_a_call_of_a_function():
    """With the text itself as its arguments."""
    encoder = CLIENT.encoder(CONTEXT)
    frames = b"".join([*map(encoder.encode, PATCHED), encoder.finish()]).split(b"\n\n")
    calls = [call for frame in frames[:-2] for choice in json.loads(frame[6:])["choices"] for call in choice["delta"].get("tool_calls", [])]
    assert calls == [
        {"index": 0, "id": "c", "type": "function", "function": {"name": "ApplyPatch", "arguments": ""}},
        {"index": 0, "function": {"arguments": "*** Begin Patch"}},
    ]
    message = json.loads(CLIENT.whole(CONTEXT, PATCHED))["choices"][0]["message"]
    assert message["tool_calls"] == [{"id": "c", "type": "function", "function": {"name": "ApplyPatch", "arguments": "*** Begin Patch"}}]


def test_everything_else_is_chat_completions():
    """To the byte."""
    said = [Started("r", "gpt"), PartOpened(0, "text"), PartGrew(0, "a"), PartClosed(0), Finished("stop", "stop")]
    own, other = CLIENT.encoder(CONTEXT), chat.CLIENT.encoder(CONTEXT)
    assert [own.encode(event) for event in said] == [other.encode(event) for event in said]
    assert own.finish() == other.finish()
