"""Mistakes that translators of these dialects have made in the field, each as a test that Headgate does not make it."""

import json

import pytest

from headgate.core.conversation import USER
from headgate.core.event import Failed
from headgate.core.opaque_state import OpaqueState, enveloped
from tests.golden.translation.cases import stream_bytes
from tests.golden.translation.folded import Answer, fold
from tests.golden.translation.journey import Sent, answer_stages, stream_events, streamed, translated
from tests.golden.translation.matrix import TARGETS

CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'}}
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


def chat(*deltas, finish="stop", usage=USAGE, done=True):
    """A stream of Chat Completions: a chunk for each delta, the end with the last."""
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    last = len(deltas) - 1
    chunks = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish if number == last else None}]}
        for number, delta in enumerate(deltas)
    ]
    chunks += [{**head, "choices": [], "usage": usage}] if usage else []
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode() + (b"data: [DONE]\n\n" if done else b"")


def named(*events):
    """A stream of events with their names (Anthropic, Responses)."""
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()


def answered(provider, data) -> Answer:
    """What a provider's stream says."""
    return fold(stream_events(provider, data))


def shown_to(client, provider, data):
    """A provider's stream as a client of Anthropic Messages or of Responses sees it: its events, and what broke it off."""
    steps = answer_stages(client, TARGETS[provider])
    written, failed = streamed(client, steps.feed(stream_events(provider, data)))
    return [json.loads(line[6:]) for line in written.decode().splitlines() if line.startswith("data: {")], failed


def asked_of(client, operation, target, body) -> dict[str, object]:
    """What a provider is asked."""
    result = translated(client, operation, json.dumps({"model": "m", **body}).encode(), TARGETS[target])
    assert isinstance(result, Sent), result
    return {**json.loads(result.body), "_losses": [loss.what for loss in result.losses]}


def test_arguments_in_the_chunk_that_ends_the_text_are_kept():
    """One chunk ends the text and begins a call with its first arguments: no piece of the input is lost at the change of blocks."""
    events, failed = shown_to(
        "anthropic", "openai_chat", chat({"role": "assistant", "content": "I "}, {"content": "look.", "tool_calls": [CALL]}, {}, finish="tool_calls")
    )

    pieces = [event["delta"].get("partial_json", "") for event in events if event["type"] == "content_block_delta"]
    assert json.loads("".join(pieces)) == {"city": "Rome"}
    assert "".join(event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta") == "I look."
    assert failed is None


def test_a_second_message_start_is_no_second_answer():
    """A start that is sent again, or spliced into the stream, neither begins a message nor loses what came before."""
    start = {
        "type": "message_start",
        "message": {"id": "a", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": {"input_tokens": 3, "output_tokens": 0}},
    }
    data = named(
        start,
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "It "}},
        start,
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "is."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    )

    assert answered("anthropic", data).texts() == [("text", "It is.")]
    events, _ = shown_to("openai_responses", "anthropic", data)
    assert [event["type"] for event in events].count("response.created") == 1


@pytest.mark.parametrize("provider", ["anthropic", "openai_chat", "openai_responses", "gemini"])
def test_parallel_calls_stay_apart(provider):
    """Three calls in one answer are three calls, with their own ids, names and arguments."""
    answer = answered(provider, stream_bytes(f"{provider}/calls"))

    calls = [part for part in answer.parts if part.kind == "call"]
    assert [(part.name, json.loads(part.text or "{}")) for part in calls] == [
        ("get_weather", {"city": "Rome"}),
        ("get_weather", {"city": "Oslo"}),
        ("today", {}),
    ]
    assert len({part.call_id for part in calls}) == 3
    assert answer.end.cause == "tool_use"


@pytest.mark.parametrize("arguments", [{}, {"arguments": ""}, {"arguments": None}, {"arguments": "{}"}])
def test_a_call_without_arguments_has_an_empty_object(arguments):
    """Absent, null and empty arguments are an empty object for a client that expects one."""
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "today", **arguments}}
    events, _ = shown_to("anthropic", "openai_chat", chat({"role": "assistant", "content": None, "tool_calls": [call]}, finish="tool_calls"))

    assert [event["content_block"]["name"] for event in events if event["type"] == "content_block_start"] == ["today"]
    assert json.loads("".join(event["delta"].get("partial_json", "") for event in events if event["type"] == "content_block_delta") or "{}") == {}


def test_arguments_beside_the_name_are_kept():
    """A server sends a call whole in one chunk: name, id and all arguments."""
    assert answered("openai_chat", chat({"role": "assistant", "tool_calls": [CALL]}, finish="tool_calls")).calls() == [
        ("get_weather", '{"city": "Rome"}')
    ]


def test_one_chunk_may_hold_all():
    """Content, calls and the finish reason in a single chunk, with the usage beside them."""
    answer = answered("openai_chat", stream_bytes("openai_chat/one_chunk"))

    assert answer.texts() == [("text", "I look."), ("call", '{"city": "Rome"}'), ("call", "{}")]
    assert (answer.end.cause, answer.usage.output_tokens) == ("tool_use", 7)


def test_chunks_without_choices_are_no_end():
    """A first chunk with `choices: []` (filter results, usage so far) begins nothing and ends nothing."""
    empty = b'data: {"id": "c", "model": "m", "choices": []}\n\n'

    assert answered("openai_chat", empty + chat({"content": "It "}, {"content": "is."})).texts() == [("text", "It is.")]


def test_usage_after_the_finish_reason_counts():
    """The usage chunk comes after the finish reason, and reaches a client whose usage is in the last event."""
    events, _ = shown_to("anthropic", "openai_chat", chat({"content": "Yes."}))

    (delta,) = [event for event in events if event["type"] == "message_delta"]
    assert (delta["usage"]["input_tokens"], delta["usage"]["output_tokens"]) == (11, 7)


@pytest.mark.parametrize("content", [None, ""])
def test_empty_content_is_no_part(content):
    """`content: ""` and `content: null` beside a call begin no text."""
    answer = answered("openai_chat", chat({"role": "assistant", "content": content}, {"content": content, "tool_calls": [CALL]}, finish="tool_calls"))

    assert [part.kind for part in answer.parts] == ["call"]


@pytest.mark.parametrize("provider", ["anthropic", "openai_chat", "openai_responses", "gemini"])
def test_thoughts_text_and_calls_keep_their_order(provider):
    """Reasoning, then text, then a call: in this order for every client."""
    answer = answered(provider, stream_bytes(f"{provider}/thinking"))
    kinds = ["thinking" if part.kind == "summary" else part.kind for part in answer.parts if not part.redacted]
    assert [kind for number, kind in enumerate(kinds) if number == 0 or kinds[number - 1] != kind] == ["thinking", "text", "call"]

    events, _ = shown_to("anthropic", provider, stream_bytes(f"{provider}/thinking"))
    blocks = [event["content_block"]["type"] for event in events if event["type"] == "content_block_start"]
    deltas = [event["delta"]["type"] for event in events if event["type"] == "content_block_delta"]
    assert blocks.index("text") < blocks.index("tool_use")
    assert "thinking_delta" not in deltas[deltas.index("text_delta") :]


def test_thoughts_that_come_after_text_stay_there():
    """A thought between two texts is not moved before them: the order of blocks is part of what a signature proves."""
    data = chat({"content": "First."}, {"reasoning_content": "Hm."}, {"content": "Second."})

    assert answered("openai_chat", data).texts() == [("text", "First."), ("thinking", "Hm."), ("text", "Second.")]


def thought(signature, text="Which city?"):
    """A turn of an Anthropic client's history with a thought."""
    return {"role": "assistant", "content": [{"type": "thinking", "thinking": text, "signature": signature}, {"type": "text", "text": "Rome."}]}


def test_a_foreign_signature_is_not_sent():
    """A state of another provider's is dropped with its thought; the text stays."""
    foreign = enveloped(OpaqueState("gemini", "signature", "Q2tnSUFSQUM="))
    messages = [{"role": "user", "content": "One."}, thought(foreign), {"role": "user", "content": "Two."}]

    body = asked_of("anthropic", "messages", "anthropic", {"max_tokens": 9, "messages": messages})

    assert "Q2tn" not in json.dumps(body)
    assert "hgs1" not in json.dumps(body)
    assert [block["type"] for block in body["messages"][1]["content"]] == ["text"]
    assert body["_losses"]


def test_a_thought_is_sent_back_word_for_word():
    """A client that shortens or empties a thought keeps its signature: what is sent is the thought that was signed, or nothing of it."""
    seal = enveloped(OpaqueState("anthropic", "signature", "EqQBNATIVE", text="Which city? The longer story."))
    for summary in ([], [{"type": "summary_text", "text": "Which…"}], [{"type": "summary_text", "text": "Which city? The longer story."}]):
        reasoning = {"type": "reasoning", "id": "rs_1", "summary": summary, "content": None, "encrypted_content": seal}
        items = [{"role": "user", "content": "One."}, reasoning, {"role": "assistant", "content": "Rome."}, {"role": "user", "content": "Two."}]

        body = asked_of("openai_responses", "responses", "anthropic", {"input": items})

        assert {"type": "thinking", "thinking": "Which city? The longer story.", "signature": "EqQBNATIVE"} in body["messages"][1]["content"]


@pytest.mark.parametrize("target", ["anthropic", "gemini", "openai_chat", "openai_responses"])
def test_what_comes_later_changes_nothing_before_it(target):
    """A system message late in a conversation leaves everything before it as it was: caches and signatures hang on it."""
    first = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "One."}, {"role": "assistant", "content": "First."}]
    names = {"anthropic": "messages", "openai_chat": "messages", "openai_responses": "input", "gemini": "contents"}
    before = asked_of("openai_chat", "chat", target, {"messages": [*first, {"role": "user", "content": "Two."}]})
    later = [
        {"role": "user", "content": "Two."},
        {"role": "assistant", "content": "Second."},
        {"role": "developer", "content": "Plan."},
        {"role": "user", "content": "Three."},
    ]
    after = asked_of("openai_chat", "chat", target, {"messages": [*first, *later]})

    said = len(before[names[target]])
    assert after[names[target]][:said] == before[names[target]]
    assert {name: after.get(name) for name in ("system", "systemInstruction")} == {name: before.get(name) for name in ("system", "systemInstruction")}
    assert "Plan." in json.dumps(after[names[target]])


@pytest.mark.parametrize("target", ["anthropic", "gemini", "openai_chat_compatible"])
def test_a_custom_tool_is_not_dropped(target):
    """A freeform tool becomes a function, and its call a custom call again."""
    body = asked_of("openai_responses", "responses", target, {"input": "Go.", "tools": [{"type": "custom", "name": "apply_patch"}]})
    assert '"apply_patch"' in json.dumps(body["tools"])

    provider = TARGETS[target].dialect
    events, _ = shown_to("openai_responses", provider, stream_bytes(f"{provider}/custom_call"))
    (item,) = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert (item["type"], item["name"], item["input"]) == ("custom_tool_call", "apply_patch", "*** Begin Patch\n *** End Patch\n")


@pytest.mark.parametrize("target", ["anthropic", "gemini", "openai_chat"])
def test_a_namespace_is_not_dropped(target):
    """Tools in a namespace are offered, and a call names both again."""
    tool = {
        "type": "namespace",
        "name": "agents",
        "description": "",
        "tools": [{"type": "function", "name": "spawn", "parameters": {"type": "object", "properties": {}}}],
    }
    body = asked_of("openai_responses", "responses", target, {"input": "Go.", "tools": [tool]})
    assert "spawn" in json.dumps(body["tools"])

    events, _ = shown_to("openai_responses", target, stream_bytes(f"{target}/namespace_call"))
    (item,) = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert (item["namespace"], item["name"], json.loads(item["arguments"])) == ("agents", "spawn", {"task": "a"})


@pytest.mark.parametrize("client", ["anthropic", "openai_chat", "gemini"])
def test_a_failed_response_is_no_stop(client):
    """`response.failed` is a failure for every client, never a clean end."""
    _, failed = shown_to(client, "openai_responses", stream_bytes("openai_responses/failed"))

    assert failed == Failed("server_error", "The model broke.")


@pytest.mark.parametrize("provider", ["anthropic", "openai_chat", "openai_responses"])
def test_a_stream_cut_within_arguments_has_failed(provider):
    """The call is not made: no client gets the events that would end it cleanly."""
    events, failed = shown_to("openai_responses", provider, stream_bytes(f"{provider}/cut"))

    assert failed is not None
    assert not [event for event in events if event["type"] in {"response.completed", "response.output_item.done", "response.incomplete"}]


@pytest.mark.parametrize("provider", ["anthropic", "openai_chat", "openai_responses", "gemini"])
@pytest.mark.parametrize("data", [b"<html><body>502 Bad Gateway</body></html>", b"data: oops\n\n", b'data: {"a": \n\n', b"data: [1, 2]\n\n", b""])
def test_what_is_no_stream_has_failed(provider, data):
    """A page of a proxy, frames that are no JSON, or nothing: a failure and no crash."""
    assert isinstance(answered(provider, data).end, Failed)


@pytest.mark.parametrize("provider", ["anthropic", "openai_chat", "gemini"])
def test_an_overload_within_the_stream_is_reported(provider):
    """An error in the stream ends it as a failure, with the provider's words."""
    answer = answered(provider, stream_bytes(f"{provider}/error"))

    assert isinstance(answer.end, Failed)
    assert answer.end.message == "Overloaded"
    assert answer.texts() == [("text", "I ")]


def test_a_response_that_is_created_again_goes_on():
    """llama.cpp sends `response.created` between two deltas, and numbers neither events nor items."""
    answer = answered("openai_responses", stream_bytes("openai_responses/bare"))

    assert answer.texts() == [("text", "It is sunny."), ("call", '{"city":"Rome"}')]
    events, _ = shown_to("anthropic", "openai_responses", stream_bytes("openai_responses/bare"))
    assert [event["type"] for event in events].count("message_start") == 1


def test_blocks_that_overlap_come_one_after_the_other():
    """llama.cpp opens a tool's block, without `input`, before it ends the text's."""
    events, _ = shown_to("openai_responses", "anthropic", stream_bytes("anthropic/overlap"))

    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert [item["type"] for item in done] == ["message", "function_call"]
    assert (done[0]["content"][0]["text"], json.loads(done[1]["arguments"])) == ("I look.", {"city": "Rome"})


def test_a_blocked_prompt_is_a_filtered_answer():
    """Gemini answers a blocked prompt without a candidate: the client sees a filter, not an error and not an empty success."""
    answer = answered("gemini", stream_bytes("gemini/blocked"))
    assert answer.end.cause == "filter"

    events, failed = shown_to("anthropic", "gemini", stream_bytes("gemini/blocked"))
    (delta,) = [event["delta"] for event in events if event["type"] == "message_delta"]
    assert (delta["stop_reason"], failed) == ("refusal", None)


@pytest.mark.parametrize("client", ["anthropic", "openai_responses"])
def test_a_signature_on_an_empty_text_is_kept(client):
    """Gemini hangs a signature on an empty last part: it reaches the client's slot and comes back."""
    written, _ = streamed(client, answer_stages(client, TARGETS["gemini"]).feed(stream_events("gemini", stream_bytes("gemini/signed_text"))))

    assert enveloped(OpaqueState("gemini", "signature", "Q2tnSUFSQUM="))[:12].encode() in written


@pytest.mark.parametrize("target", ["gemini", "openai_chat", "openai_responses"])
def test_arguments_are_no_schema(target):
    """What is cleaned of schemas is left alone in arguments that look like one."""
    arguments = {"$schema": "x", "additionalProperties": False, "type": "object", "const": 1, "propertyNames": {}, "exclusiveMinimum": 0}
    messages = [
        {"role": USER, "content": "Go."},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": arguments}]},
        {"role": USER, "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "ok"}]},
    ]
    body = asked_of(
        "anthropic", "messages", target, {"max_tokens": 9, "messages": messages, "tools": [{"name": "f", "input_schema": {"type": "object"}}]}
    )

    text = json.dumps(body)
    assert (
        json.dumps(arguments) in text or json.dumps(json.dumps(arguments)) in text or json.dumps(json.dumps(arguments, separators=(",", ":"))) in text
    )
