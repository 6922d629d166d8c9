"""Gemini streams as answers."""

import json

from headgate.dialects.gemini.assemble import assemble
from tests.fakes.assembled import stream, whole
from tests.fakes.wire_gemini import GeminiWire

WIRE = GeminiWire()


def joined(answer):
    """The provider's unstreamed answer with its pieces of text made one."""
    parts = answer["candidates"][0]["content"]["parts"]
    texts = [part for part in parts if "text" in part and not part.get("thought")]
    texts[0]["text"] = "".join(part["text"] for part in texts)
    answer["candidates"][0]["content"]["parts"] = [part for part in parts if part not in texts[1:]]
    return answer


def test_a_stream_is_the_answer_that_an_unstreamed_one_is():
    """Thoughts, text, calls, counts and the reason to stop."""
    assert assemble(stream(WIRE)) == joined(whole(WIRE))


def test_an_array_of_chunks_is_a_stream_too():
    """What comes without `alt=sse`."""
    chunks = [line.removeprefix(b"data: ") for line in stream(WIRE).splitlines() if line.startswith(b"data: ")]
    assert assemble(b"[" + b",\n".join(chunks) + b"]") == joined(whole(WIRE))


def test_a_whole_answer_assembles_to_itself():
    """What a server sends that does not stream."""
    assert assemble(json.dumps(whole(WIRE)).encode()) == joined(whole(WIRE))


def test_texts_are_joined_with_their_own_kind_alone():
    """A thought stays one; an empty text at the end brings its signature and nothing else."""
    chunks = [
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "a", "thought": True}]}}]},
        {"candidates": [{"content": {"parts": [{"text": "b"}]}}]},
        {"candidates": [{"content": {"parts": [{"text": ""}]}}]},
        {"candidates": [{"content": {"parts": [{"text": "c", "thoughtSignature": "s"}]}, "finishReason": "STOP"}], "responseId": "r"},
    ]
    text = b"".join(b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n" for chunk in chunks)
    assert assemble(text) == {
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": "a", "thought": True}, {"text": "bc", "thoughtSignature": "s"}]}, "finishReason": "STOP"}
        ],
        "responseId": "r",
    }


def test_an_error_in_a_stream_is_told():
    """Beside what came."""
    assert assemble(b'data: {"error": {"code": 503}}\n\n') == {"error": {"code": 503}}


def test_what_tells_no_answer_is_none():
    """Nor does nonsense raise."""
    for text in (b"data: [1]\n\n", b"[1, {", b"\xff", b"", b'data: {"candidates": [{"index": -1}]}\n\n', b'data: {"candidates": 5}\n\n'):
        assert assemble(text) is None
