"""Lengths of text in Gemini."""

import json

from headgate.dialects.faces import Operation
from headgate.dialects.gemini.request import read
from headgate.dialects.gemini.text import answer_text_length, request_text_length, stream_text_length


def length(**fields):
    """Of a request with these fields."""
    return request_text_length(read(json.dumps(fields).encode(), Operation("countTokens", "gemini/v1/countTokens"), "m"))


def user(*parts):
    """A content of these parts."""
    return {"role": "user", "parts": list(parts)}


def test_all_text_of_a_request_counts():
    """Instruction, contents, thoughts, calls, responses and tools; media and signatures do not."""
    contents = [
        user({"text": "12é4"}, {"inlineData": {"mimeType": "image/png", "data": "x" * 99}}),
        user({"text": "123", "thought": True, "thoughtSignature": "s" * 99}),
        user({"functionCall": {"name": "read", "args": {"p": "a"}, "id": "i" * 99}}),
        user({"functionResponse": {"name": "read", "response": {"o": "b"}}}),
        user({"executableCode": {"code": "12"}}, {"codeExecutionResult": {"output": "1"}}),
    ]

    assert length(contents=contents) == 4 + 3 + (4 + 9) + 9 + 2 + 1
    assert length(systemInstruction=user({"text": "123"})) == length(system_instruction=user({"text": "123"})) == 3
    assert length(tools=[{"functionDeclarations": []}]) == len('[{"functionDeclarations": []}]')
    assert length(generateContentRequest={"contents": contents[:1], "systemInstruction": user({"text": "1"})}) == 5


def test_odd_requests_have_a_length_too():
    """Whatever stands where text should."""
    assert length(contents=7, systemInstruction=[None, 3, {"parts": [None, {"text": 5}, {"functionCall": []}]}]) == 0


def test_an_answer_and_its_stream_have_the_same_length():
    """Text, thoughts and calls, in every form of the stream."""
    parts = [{"text": "Hm.", "thought": True}, {"text": "Yes “é”."}, {"functionCall": {"name": "read", "args": {"p": "a"}}}]
    chunks = [{"candidates": [{"content": user(part)}]} for part in parts]
    stream = b"".join(b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n" for chunk in chunks)

    assert answer_text_length(json.dumps({"candidates": [{"content": user(*parts)}]}).encode()) == 3 + 8 + 4 + 9
    assert stream_text_length(stream) == stream_text_length(stream + b'data: {"cand') == stream_text_length(json.dumps(chunks).encode()) == 24


def test_what_is_no_answer_has_no_text():
    """Of any bytes."""
    assert [answer_text_length(odd) for odd in (b"", b"[]", b'{"candidates":{}}', b"\xff")] == [0] * 4
    assert [stream_text_length(odd) for odd in (b"", b"[", b"data: 7\n\n", b"\xff")] == [0] * 4
