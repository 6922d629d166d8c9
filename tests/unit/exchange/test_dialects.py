"""In which dialect a provider is asked, and in which it is not."""

import json

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.dialects.faces import Operation
from tests.unit.exchange.journeys import Stage
from tests.unit.exchange.spoken import ALL, Spoken


@pytest.mark.parametrize("spoken", [spoken for spoken in ALL if spoken.dialect in {"openai_chat", "openai_responses", "cursor"}], ids=str)
def test_a_provider_of_both_of_openais_formats_is_asked_in_each_requests_own(spoken: Spoken) -> None:
    """The path is the format's, and the answer is read in it."""
    stage = Stage()
    spoken.start(stage)
    sink = stage.upstream.sinks[0]
    sink.head(200, spoken.headers)
    for frame in spoken.frames:
        sink.data(frame)
    sink.end()

    assert stage.upstream.requests[0].target == {"openai_responses": "/responses"}.get(spoken.dialect, "/chat/completions")
    (outcome,) = stage.journal.outcomes
    assert (outcome.model_served, outcome.ended, outcome.intent.provider_dialect) == ("served", "completed", "openai")


def test_a_name_that_cursor_derived_asks_the_model_itself() -> None:
    """With the effort that the name says."""
    provider = Provider(name="one", dialect="openai_chat", base_url="http://one/v1")
    stage = Stage(endpoints=[Endpoint(name="house", targets=(target_of(provider, "m"),))])
    stage.ask("cursor", b'{"model":"house-thinking-high","messages":[]}', Operation("chat", "c"))

    assert stage.upstream.requests[0].body == b'{"reasoning_effort":"high","model":"m","messages":[]}'
    assert stage.journal.intents[0].endpoint == "house"


def test_a_mixed_body_of_cursors_is_translated_for_a_provider_of_chat_completions_too() -> None:
    """It is asked in plain Chat Completions; what comes back is chunks, with the call of the custom tool as that of a function."""
    provider = Provider(name="one", dialect="openai_chat", base_url="http://one/v1")
    stage = Stage(endpoints=[Endpoint(name="house", targets=(target_of(provider, "m"),))])
    tool = {"type": "custom", "name": "ApplyPatch"}
    body = {"model": "house", "stream": True, "input": "Fix it.", "tools": [tool], "text": {}, "store": False}
    client = stage.ask("cursor", json.dumps(body).encode(), Operation("chat", "c"))
    called = {"index": 0, "id": "c1", "type": "custom", "custom": {"name": "ApplyPatch", "input": "*** Begin"}}
    sink = stage.upstream.sinks[0]
    sink.head(200, [(b"content-type", b"text/event-stream")])
    for choice in ({"delta": {"tool_calls": [called]}}, {"delta": {}, "finish_reason": "stop"}):
        sink.data(b"data: " + json.dumps({"id": "x", "model": "served", "choices": [{"index": 0, **choice}]}).encode() + b"\n\n")
    sink.data(b"data: [DONE]\n\n")
    sink.end()

    sent = json.loads(stage.upstream.requests[0].body)
    assert (sent["messages"], sent["stream_options"]) == ([{"role": "user", "content": "Fix it."}], {"include_usage": True})
    assert sent["tools"] == [{"type": "custom", "custom": {"name": "ApplyPatch"}}]
    frames = [json.loads(line[6:]) for line in bytes(client.body).splitlines() if line.startswith(b"data: {")]
    calls = [call for frame in frames for choice in frame["choices"] for call in choice["delta"].get("tool_calls", [])]
    assert [call["function"]["arguments"] for call in calls] == ["", "*** Begin"]
    assert (calls[0]["function"]["name"], frames[-1]["choices"][0]["finish_reason"]) == ("ApplyPatch", "tool_calls")
