"""Requests and answers that are made to break translation, or to get around what governs an exchange."""

import json

import msgspec
import pytest

from headgate.core.conversation import Conversation
from headgate.core.endpoint import Endpoint, ParameterPolicy, Provider, target_of
from headgate.core.errors import Forbidden, GatewayError, TooLarge
from headgate.core.loss import Loss
from headgate.core.secret import Secret
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENT_CODECS
from headgate.exchange import translated
from headgate.exchange.settings import StreamLimits
from headgate.exchange.translated import warnings
from tests.unit.exchange.journeys import Stage

U = {"role": "user", "content": "Hi"}
OPERATIONS = {
    "anthropic": Operation("messages", "a"),
    "openai_chat": Operation("chat", "c"),
    "openai_responses": Operation("responses", "r"),
    "gemini": Operation("generateContent", "g", streams="never"),
    "cursor": Operation("chat", "c"),
}
TO = ("anthropic", "openai_chat", "openai_responses", "gemini")
MODELS = {"anthropic": "claude-sonnet-4-5", "openai_chat": "gpt-5.2", "openai_responses": "gpt-5.2", "gemini": "gemini-2.5-pro"}
SCHEMA = {"type": "object", "properties": {}}


def stage_to(dialect: str, policy: ParameterPolicy | None = None, limits: StreamLimits | None = None) -> Stage:
    """A worker whose only endpoint is of a provider of the dialect."""
    provider = Provider(name="other", dialect=dialect, base_url="http://other", api_key=Secret("key-of-other"))
    endpoint = Endpoint(name="m", targets=(target_of(provider, MODELS[dialect]),), parameters=policy or ParameterPolicy())
    return Stage(limits, endpoints=[endpoint])


def ask(stage: Stage, dialect: str, body: dict[str, object]) -> bytes:
    """Ask; the body that is sent."""
    stage.ask(dialect, json.dumps(body).encode(), OPERATIONS[dialect], "m" if dialect == "gemini" else "")
    return stage.upstream.requests[0].body


TOOLS = {
    "anthropic": {"messages": [U], "max_tokens": 9, "tools": [{"name": "bad", "input_schema": SCHEMA}]},
    "openai_chat": {"messages": [U], "tools": [{"type": "function", "function": {"name": "bad", "parameters": SCHEMA}}]},
    "openai_chat/functions": {"messages": [U], "functions": [{"name": "bad", "parameters": SCHEMA}]},
    "openai_responses": {"input": "Hi", "tools": [{"type": "function", "name": "bad", "parameters": SCHEMA}]},
    "openai_responses/namespace": {"input": "Hi", "tools": [{"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "bad"}]}]},
    "openai_responses/later": {"input": [U, {"type": "additional_tools", "tools": [{"type": "function", "name": "bad"}]}]},
    "openai_responses/found": {
        "input": [
            U,
            {"type": "tool_search_call", "call_id": "c", "execution": "client", "arguments": {}},
            {"type": "tool_search_output", "call_id": "c", "execution": "client", "tools": [{"type": "function", "name": "bad"}]},
        ]
    },
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "tools": [{"function_declarations": [{"name": "bad"}]}]},
    "cursor": {"messages": [U], "tools": [{"name": "bad", "input_schema": SCHEMA}]},
    "cursor/later": {"input": [U, {"type": "additional_tools", "tools": [{"type": "function", "name": "bad"}]}]},
}


@pytest.mark.parametrize("provider", TO)
@pytest.mark.parametrize("case", TOOLS)
def test_a_tool_that_is_not_allowed_is_not_sent_in_any_form(case: str, provider: str) -> None:
    """Wherever the client puts it, by the name that the client gives it."""
    client = case.partition("/")[0]
    body = {**TOOLS[case], **({} if client == "gemini" else {"model": "m"})}
    stage = stage_to(provider, ParameterPolicy(tools=("good*",)))
    with pytest.raises(Forbidden, match="bad"):
        ask(stage, client, body)
    assert not stage.upstream.requests
    if provider == client or (provider, client) == ("openai_responses", "cursor"):
        return
    assert b"bad" in ask(stage_to(provider, ParameterPolicy(tools=("bad",))), client, body)


SEARCHES = {
    "anthropic": {"messages": [U], "max_tokens": 9, "tools": [{"type": "web_search_20250305", "name": "web_search"}]},
    "openai_chat": {"messages": [U], "web_search_options": {}},
    "openai_responses": {"input": "Hi", "tools": [{"type": "web_search"}]},
    "openai_responses/later": {"input": [U, {"type": "additional_tools", "tools": [{"type": "web_search"}]}]},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "tools": [{"googleSearch": {}}]},
    "cursor": {"messages": [U], "tools": [{"type": "web_search"}]},
}


@pytest.mark.parametrize("provider", TO)
@pytest.mark.parametrize("case", SEARCHES)
def test_a_tool_of_a_provider_needs_to_be_allowed_in_every_dialect(case: str, provider: str) -> None:
    """Nothing is sent, whatever the tool is called there."""
    client = case.partition("/")[0]
    stage = stage_to(provider, ParameterPolicy(server_tools=()))
    with pytest.raises(Forbidden):
        ask(stage, client, {**SEARCHES[case], **({} if client == "gemini" else {"model": "m"})})
    assert not stage.upstream.requests


LONG = {
    "anthropic": {"messages": [U], "max_tokens": 64_000, "thinking": {"type": "enabled", "budget_tokens": 60_000}},
    "anthropic/effort": {"messages": [U], "max_tokens": 64_000, "thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}},
    "openai_chat": {"messages": [U], "reasoning_effort": "high"},
    "openai_chat/both": {"messages": [U], "reasoning_effort": "high", "max_tokens": 64_000, "max_completion_tokens": 99_000},
    "openai_responses": {"input": "Hi", "reasoning": {"effort": "high"}, "max_output_tokens": 64_000},
    "openai_responses/none": {"input": "Hi", "max_output_tokens": None},
    "gemini": {
        "contents": [{"parts": [{"text": "Hi"}]}],
        "generation_config": {"max_output_tokens": 64_000, "thinkingConfig": {"thinkingBudget": 32_000}},
    },
    "gemini/both": {
        "contents": [{"parts": [{"text": "Hi"}]}],
        "generation_config": {"maxOutputTokens": 64_000},
        "generationConfig": {"max_output_tokens": 9_000},
    },
    "cursor": {"input": [U], "max_tokens": 64_000, "max_output_tokens": 99_000, "reasoning": {"effort": "high"}},
}


def bounds_of(body: object) -> list[object]:
    """Every bound on the output in what is sent."""
    if isinstance(body, list):
        return [bound for each in body for bound in bounds_of(each)]
    if not isinstance(body, dict):
        return []
    names = {"max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens"}
    return [value for name, value in body.items() if name in names] + [bound for value in body.values() for bound in bounds_of(value)]


@pytest.mark.parametrize("provider", TO)
@pytest.mark.parametrize("case", LONG)
def test_the_bound_of_an_endpoint_holds_in_every_dialect(case: str, provider: str) -> None:
    """There is one, and no more than it, also where the model is asked to think much."""
    client = case.partition("/")[0]
    body = {**LONG[case], **({} if client == "gemini" else {"model": "m"})}
    sent = json.loads(ask(stage_to(provider, ParameterPolicy(max_output_tokens=2_000)), client, body))
    bounds = bounds_of(sent)
    assert bounds
    assert max(bounds) <= 2_000


def test_more_objects_than_are_translated_are_refused_and_nothing_is_sent() -> None:
    """The same request goes to a provider of the client's own dialect as it is."""
    body = {"model": "m", "messages": [U] * 20}
    limits = StreamLimits(translated_objects_max=20)
    stage = stage_to("gemini", limits=limits)
    with pytest.raises(TooLarge, match="more than 20 JSON objects"):
        ask(stage, "openai_chat", body)
    assert (stage.upstream.requests, stage.journal.outcomes[0].error_code) == ([], "too_many_objects")
    assert ask(stage_to("openai_chat", limits=limits), "openai_chat", body)


def test_a_bug_in_a_translation_has_its_record(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The client is told no more than where to look."""

    def decode(*_: object) -> Conversation:
        raise RuntimeError("secret")

    broken = {**CLIENT_CODECS, "openai_chat": msgspec.structs.replace(CLIENT_CODECS["openai_chat"], decode=decode)}
    monkeypatch.setattr(translated, "CLIENT_CODECS", broken)
    stage = stage_to("gemini")
    with pytest.raises(GatewayError, match="the reason under the request's id, req_1"):
        ask(stage, "openai_chat", {"model": "m", "messages": [U]})
    assert [outcome.ended for outcome in stage.journal.outcomes] == ["refused"]
    assert "RuntimeError: secret" in caplog.text


def test_warnings_are_one_header_of_a_bounded_length() -> None:
    """Whatever the client called its things."""
    value = warnings([Loss("a\r\nset-cookie: b=c\x00\x7f\x1b[1m\u2028", "no"), *(Loss(f"f{n}", "no") for n in range(5_000))])

    assert value.startswith(b"a  set-cookie: b=c   [1m?: no; f0: no; ")
    assert len(value) <= 2048
    assert all(32 <= byte < 127 for byte in value)


def test_the_losses_of_a_record_are_bounded() -> None:
    """Types that nobody knows, thousands of them, with names of any length."""
    unknown = [{"type": f"{n}{'x' * 1_000}"} for n in range(500)]
    stage = stage_to("gemini")
    client = stage.ask("openai_responses", json.dumps({"model": "m", "input": [U, *unknown]}).encode(), OPERATIONS["openai_responses"])
    stage.upstream.sinks[0].head(200, [(b"content-type", b"application/json")])
    stage.upstream.sinks[0].data(b'{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}')
    stage.upstream.sinks[0].end()

    (outcome,) = stage.journal.outcomes
    assert (client.status, len(outcome.losses)) == (200, 64)
    assert max(len(loss.what) for loss in outcome.losses) == 200


def sse(*data: object) -> list[bytes]:
    """Frames of a stream; bytes are data as they are."""
    return [b"data: " + (each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n\n" for each in data]


def chat_call(**fields: object) -> dict[str, object]:
    """A chunk with a piece of a call."""
    return {"id": "x", "model": "m", "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, **fields}]}}]}


HALF = b'{"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "x'
STREAMS = {
    "anthropic": sse(
        {"type": "message_start", "message": {"id": "a", "model": "c", "usage": {"input_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '{"path":"/'}},
        HALF,
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '"}'}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        {"type": "message_stop"},
    ),
    "openai_chat": sse(
        chat_call(id="t", function={"name": "f", "arguments": '{"path":"/'}),
        HALF,
        chat_call(function={"arguments": '"}'}),
        {"id": "x", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
        b"[DONE]",
    ),
    "openai_responses": sse(
        {"type": "response.created", "response": {"id": "r", "model": "m", "status": "in_progress"}},
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "function_call", "id": "i", "call_id": "c", "name": "f"}},
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": '{"path":"/'},
        HALF,
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": '"}'},
        {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": []}},
    ),
    "gemini": sse(
        {"responseId": "r", "candidates": [{"content": {"parts": [{"functionCall": {"name": "f", "args": {"path": "/"}}}]}}]},
        HALF,
        {"responseId": "r", "candidates": [{"content": {"parts": [{"text": "y"}]}, "finishReason": "STOP"}]},
    ),
}
ENDS = {"anthropic": b"message_stop", "openai_chat": b"[DONE]", "openai_responses": b"response.completed", "gemini": b"finishReason"}
ASKS = {
    "anthropic": {"model": "m", "stream": True, "max_tokens": 9, "messages": [U]},
    "openai_chat": {"model": "m", "stream": True, "messages": [U]},
    "openai_responses": {"model": "m", "stream": True, "input": "Hi"},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
}
STREAM = {**OPERATIONS, "gemini": Operation("streamGenerateContent", "g", streams="always")}


@pytest.mark.parametrize("client", ENDS)
@pytest.mark.parametrize("provider", STREAMS)
def test_an_answer_with_a_frame_that_cannot_be_read_never_ends_well(provider: str, client: str) -> None:
    """Something of a call may be missing: no agent gets to make it, and the record says that the answer failed."""
    if client == provider:
        pytest.skip("the native way passes frames as they are")
    stage = stage_to(provider)
    answer = stage.ask(client, json.dumps(ASKS[client]).encode(), STREAM[client], "m" if client == "gemini" else "")
    sink = stage.upstream.sinks[0]
    sink.head(200, [(b"content-type", b"text/event-stream")])
    for frame in STREAMS[provider]:
        sink.data(frame)
    sink.end()

    assert ENDS[client] not in answer.body
    assert b"content_block_stop" not in answer.body or provider == "gemini"  # Gemini's calls come whole
    (outcome,) = stage.journal.outcomes
    assert (outcome.ended, outcome.error_code, stage.settled) == ("failed", "invalid_answer", 1)


@pytest.mark.parametrize("client", ["anthropic", "openai_responses", "gemini"])
def test_a_fallback_of_another_dialect_answers_in_one_clean_stream(client: str) -> None:
    """The first target fails before its first token; nothing of it reaches the client, and each try is on the record."""
    first = Provider(name="first", dialect="anthropic", base_url="http://first", api_key=Secret("key-of-first"))
    second = Provider(name="second", dialect="openai_chat", base_url="http://second", api_key=Secret("key-of-second"))
    endpoint = Endpoint(
        name="m", targets=(target_of(first, "claude-sonnet-4-5"),), fallbacks=(target_of(second, "gpt-5.2"),), first_token_timeout_s=5
    )
    stage = Stage(endpoints=[endpoint])
    answer = stage.ask(client, json.dumps(ASKS[client]).encode(), STREAM[client], "m" if client == "gemini" else "")
    stage.upstream.sinks[0].head(200, [(b"content-type", b"text/event-stream")])
    stage.upstream.sinks[0].data(
        STREAMS["anthropic"][0] + b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"No."}}\n\n'
    )
    sink = stage.upstream.sinks[1]
    sink.head(200, [(b"content-type", b"text/event-stream")])
    good = [{"id": "x", "model": "g", "choices": [{"index": 0, "delta": {"content": "Hello"}}]}]
    for frame in sse(*good, {"id": "x", "model": "g", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, b"[DONE]"):
        sink.data(frame)
    sink.end()

    assert (answer.status, answer.body.count(b"Hello") > 0, ENDS[client] in answer.body, b"overloaded" in answer.body) == (200, True, True, False)
    assert json.loads(stage.upstream.requests[1].body)["model"] == "gpt-5.2"
    (outcome,) = stage.journal.outcomes
    assert (outcome.ended, outcome.translated_to, outcome.intent.provider) == ("completed", "openai_chat", "second")
    assert [(each.provider, each.error_code) for each in outcome.attempts] == [("first", "overloaded_error"), ("second", "")]
