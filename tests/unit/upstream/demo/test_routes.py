"""Routes of the demo provider: every wire format, streamed and whole, says the same."""

import json

import pytest

from headgate.upstream.demo.routes import scene

TOOL_SCHEMA = {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}
ASK = {
    "anthropic": (
        "/v1/messages?beta=true",
        {
            "model": "m",
            "max_tokens": 900,
            "thinking": {"type": "adaptive"},
            "system": [{"type": "text", "text": "s" * 400, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": "What files are here?"}]}],
            "tools": [{"name": "Bash", "input_schema": TOOL_SCHEMA}],
        },
    ),
    "openai_chat": (
        "/chat/completions",
        {
            "model": "m",
            "stream_options": {"include_usage": True},
            "messages": [{"role": "user", "content": "What files are here?"}],
            "tools": [{"type": "function", "function": {"name": "bash", "parameters": TOOL_SCHEMA}}],
        },
    ),
    "openai_responses": (
        "/responses",
        {
            "model": "m",
            "reasoning": {"summary": "auto"},
            "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What files are here?"}]}],
            "tools": [{"type": "function", "name": "exec_command", "parameters": {"properties": {"cmd": {"type": "string"}}}}],
        },
    ),
    "gemini": (
        "/v1beta/models/m:generateContent",
        {
            "generationConfig": {"thinkingConfig": {"includeThoughts": True}},
            "contents": [{"role": "user", "parts": [{"text": "What files are here?"}]}],
            "tools": [{"functionDeclarations": [{"name": "run_shell_command", "parametersJsonSchema": TOOL_SCHEMA}]}],
        },
    ),
}


def ask(dialect, *, stream, **changes):
    """The scene for a request of the dialect."""
    target, body = ASK[dialect]
    if dialect == "gemini" and stream:
        target = target.replace("generate", "streamGenerate") + "?alt=sse"
    return scene(target, json.dumps({**body, **({} if dialect == "gemini" else {"stream": stream}), **changes}).encode())


def data_of(played):
    """The JSON of a stream's frames."""
    lines = b"".join(played.frames).decode().splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]


def whole_of(played):
    """The JSON of a whole body."""
    (frame,) = played.frames
    return json.loads(frame)


def test_anthropic_stream_and_whole_agree():
    """Blocks in order, one after the other; the same content and counts as unstreamed."""
    events, message = data_of(ask("anthropic", stream=True)), whole_of(ask("anthropic", stream=False))
    blocks = {}
    for event in events:
        if event["type"] == "content_block_start":
            blocks[event["index"]] = dict(event["content_block"], parts="")
        if event["type"] == "content_block_delta":
            delta = event["delta"]
            blocks[event["index"]]["parts"] += delta.get("text") or delta.get("thinking") or delta.get("partial_json") or ""
    assert [block["type"] for block in blocks.values()] == [block["type"] for block in message["content"]] == ["thinking", "text", "tool_use"]
    assert blocks[1]["parts"] == message["content"][1]["text"]
    assert json.loads(blocks[2]["parts"]) == message["content"][2]["input"] == {"command": "ls"}
    assert events[0]["message"]["usage"] | events[-2]["usage"] == message["usage"]
    assert message["usage"]["cache_creation_input_tokens"] > 0
    assert (events[-2]["delta"]["stop_reason"], events[-1]["type"]) == ("tool_use", "message_stop")


def test_chat_stream_and_whole_agree():
    """Deltas join to the message; the usage chunk comes when it was asked for."""
    chunks, body = data_of(ask("openai_chat", stream=True)), whole_of(ask("openai_chat", stream=False))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    message = body["choices"][0]["message"]
    assert "".join(delta.get("content") or "" for delta in deltas) == message["content"]
    calls = [delta["tool_calls"][0]["function"]["arguments"] for delta in deltas if "tool_calls" in delta]
    assert "".join(calls) == message["tool_calls"][0]["function"]["arguments"] == '{"command":"ls"}'
    assert chunks[-1]["usage"] == body["usage"]
    assert chunks[-1]["choices"] == []
    quiet = data_of(ask("openai_chat", stream=True, stream_options=None))
    assert all("usage" not in chunk for chunk in quiet)


def test_responses_stream_and_whole_agree():
    """Every item is done as it stands in the completed response; numbers are dense."""
    events, body = data_of(ask("openai_responses", stream=True)), whole_of(ask("openai_responses", stream=False))
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert done == body["output"]
    assert [item["type"] for item in done] == ["reasoning", "message", "function_call"]
    assert events[-1]["type"] == "response.completed"
    assert events[-1]["response"] == body


def test_gemini_stream_and_whole_agree():
    """Parts join to the answer; the counts of the last chunk are those of the whole one."""
    chunks, body = data_of(ask("gemini", stream=True)), whole_of(ask("gemini", stream=False))
    parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    thought, text, call = body["candidates"][0]["content"]["parts"]
    assert "".join(part["text"] for part in parts if part.get("thought")) == thought["text"]
    assert "".join(part["text"] for part in parts if "text" in part and not part.get("thought")) == text["text"]
    assert parts[-1] == call
    assert parts[-1]["functionCall"]["args"] == {"command": "ls"}
    assert parts[-1]["thoughtSignature"]
    assert chunks[-1]["usageMetadata"] == body["usageMetadata"]
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"
    assert body["modelVersion"] == "m"


NEXT_TURN = {
    "anthropic": {
        "messages": [
            {"role": "user", "content": "What files are here?"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "Bash", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "notes.txt"}]},
        ]
    },
    "openai_chat": {
        "messages": [
            {"role": "user", "content": "What files are here?"},
            {"role": "assistant", "tool_calls": [{"id": "t", "type": "function", "function": {"name": "bash", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "t", "content": "notes.txt"},
        ]
    },
    "openai_responses": {
        "input": [
            {"role": "user", "content": "What files are here?"},
            {"type": "function_call", "call_id": "t", "name": "exec_command", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "t", "output": "notes.txt"},
        ]
    },
    "gemini": {
        "contents": [
            {"role": "user", "parts": [{"text": "What files are here?"}]},
            {"role": "model", "parts": [{"functionCall": {"id": "t", "name": "run_shell_command", "args": {}}}]},
            {"role": "user", "parts": [{"functionResponse": {"id": "t", "name": "run_shell_command", "response": {"output": "notes.txt"}}}]},
        ]
    },
}


@pytest.mark.parametrize("dialect", list(ASK))
def test_the_turn_after_a_tool_result_is_the_last(dialect):
    """Every format's tool result is recognised, and ends the session with an answer that tells it."""
    text = ask(dialect, stream=False, **NEXT_TURN[dialect]).frames[0].decode()
    assert "notes.txt" in text
    assert "What files are here?" in text


def test_structured_answers():
    """A schema that is asked for is answered, in the place each format asks in."""
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    asked = {
        "anthropic": {"output_config": {"format": {"type": "json_schema", "schema": schema}}},
        "openai_chat": {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}},
        "openai_responses": {"text": {"format": {"type": "json_schema", "schema": schema}}},
        "gemini": {"generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": schema}},
    }
    for dialect, fields in asked.items():
        assert r"{\"title\":\"demo\"}" in ask(dialect, stream=False, tools=[], **fields).frames[0].decode(), dialect


def test_tokens_are_counted():
    """The formats that count do so."""
    anthropic = scene("/v1/messages/count_tokens", json.dumps(ASK["anthropic"][1]).encode())
    assert whole_of(anthropic)["input_tokens"] > 100
    gemini = scene("/v1beta/models/m:countTokens", json.dumps({"generateContentRequest": ASK["gemini"][1]}).encode())
    assert whole_of(gemini)["totalTokens"] > 10
    responses = scene("/responses/input_tokens", json.dumps(ASK["openai_responses"][1]).encode())
    assert whole_of(responses)["input_tokens"] > 10


@pytest.mark.parametrize(
    ("target", "body", "status"),
    [
        ("/v1/messages", b"[]", 400),
        ("/v1/messages", b"{", 400),
        ("/v1/elsewhere", b"{}", 404),
        ("/v1beta/models/m:embed", b"{}", 404),
        ("/v1/messages", b'{"messages":3,"tools":"x","system":7,"thinking":1}', 200),
        ("/chat/completions", b'{"messages":[1,{"role":"user"}],"tools":[{}],"tool_choice":4}', 200),
        ("/responses", b'{"input":"hello","tools":[{}],"text":[],"reasoning":2}', 200),
        ("/v1beta/models/m:generateContent", b'{"contents":[{"parts":[1]}],"tools":{},"toolConfig":[]}', 200),
    ],
)
def test_may_refuse_never_raises(target, body, status):
    """Odd requests are refused or answered."""
    assert scene(target, body).status == status
