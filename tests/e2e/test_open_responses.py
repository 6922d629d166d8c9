"""The compliance cases of Open Responses (https://www.openresponses.org), restated, on models whose providers speak another dialect.

Each body and each event is read by the specification's own types (`openresponses-types`). A case that needs state on the server is refused by name.
"""

import base64
import json
import re
from types import SimpleNamespace

import httpx2
import openresponses_types as spec
import pytest
from pydantic import BaseModel

from tests.e2e.foreign import CHAT, DIALECT_OF, foreign_lab
from tests.e2e.lab import CLAUDE, GEMINI
from tests.fakes.provider import WIRES
from tests.fakes.turns import Call, Text, Tokens, Turn, say

MODELS = (CLAUDE, CHAT, GEMINI)
SPENT = Tokens(fresh=57, read=300, output=41)
TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the current weather for a location",
    "parameters": {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
}
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = base64.b64encode(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF").decode()
FRAME = re.compile(r"event: (\S+)\ndata: (.*)\n\n")
models = pytest.mark.parametrize("model", MODELS)


def _event_types() -> dict[str, type[BaseModel]]:
    found = [each for name, each in vars(spec).items() if name.endswith("StreamingEvent")]
    return {word: each for each in found for word in _words(each)}


def _words(event: type[BaseModel]) -> list[str]:
    schema = event.model_json_schema()
    named = schema["properties"]["type"]
    named = schema["$defs"][named["$ref"].rpartition("/")[2]] if "$ref" in named else named
    return named.get("enum") or [named.get("const") or named["default"]]


EVENTS = _event_types()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A provider that takes translated requests alone, and a gateway."""
    with foreign_lab(tmp_path_factory.mktemp("lab")) as (provider, gateway):
        headers = {"authorization": f"Bearer {gateway.token}"}
        with httpx2.Client(base_url=f"{gateway.url}/v1", headers=headers, timeout=60) as client:
            yield SimpleNamespace(provider=provider, client=client)


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def ask(lab, request):
    """Asks, checks everything that comes by the specification, and returns the response."""

    def asked(model, given, **more):
        body = {"model": model, "input": given, **more}
        spec.CreateResponseBody.model_validate(body)
        answer = lab.client.post("/responses", json={**body, "stream": request.param})
        assert answer.status_code == 200, answer.text
        response = checked_stream(answer.text) if request.param else answer.json()
        spec.ResponseResource.model_validate(response)
        return response

    return asked


def checked_stream(text):
    """The last response of a stream, whose events are all of the specification's, numbered, named as they are, and ended by `[DONE]`."""
    assert text.endswith("\n\ndata: [DONE]\n\n")
    frames = FRAME.findall(text)
    events = [json.loads(data) for _, data in frames]
    assert "".join(f"event: {name}\ndata: {data}\n\n" for name, data in frames) + "data: [DONE]\n\n" == text
    for (name, _), event in zip(frames, events, strict=True):
        assert event["type"] == name
        EVENTS[name].model_validate(event)
    assert [event["sequence_number"] for event in events] == [*range(len(events))]
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    assert events[-1]["type"] == "response.completed"
    return events[-1]["response"]


def message(role, *content):
    """An item of the input."""
    return {"type": "message", "role": role, "content": [*content] if isinstance(content[0], dict) else content[0]}


def text_of(response):
    """All visible text."""
    return "".join(part["text"] for item in response["output"] if item["type"] == "message" for part in item["content"])


@models
def test_basic_response(play, ask, model):
    """One message in, one out; the response is complete and has its counts."""
    play(Turn((Text("Hello to you."),), SPENT))
    response = ask(model, [message("user", "Say hello in exactly 3 words.")])
    assert (response["status"], text_of(response)) == ("completed", "Hello to you.")
    assert response["usage"] == {
        "input_tokens": 357,
        "output_tokens": 41,
        "total_tokens": 398,
        "input_tokens_details": response["usage"]["input_tokens_details"] | {"cached_tokens": 300},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    assert response["completed_at"] >= response["created_at"]


@models
def test_text_alone_as_input(play, ask, model):
    """The input may be a text."""
    play(say("Three."))
    assert text_of(ask(model, "Count from 1 to 3.")) == "Three."


@models
def test_system_prompt(play, ask, model):
    """A system message and instructions both reach the provider."""
    ledger = play(say("Arr."))
    system = message("system", "You are a pirate. Always respond in pirate speak.")
    assert text_of(ask(model, [system, message("user", "Say hello.")], instructions="Be brief.")) == "Arr."
    assert "You are a pirate." in ledger.entries[-1].body.decode()
    assert "Be brief." in ledger.entries[-1].body.decode()


@models
def test_tool_calling(play, ask, model):
    """A call is an item with its arguments as a text."""
    play(Turn((Call("get_weather", {"location": "San Francisco"}, "call_1"),), SPENT))
    response = ask(model, [message("user", "What's the weather like in San Francisco?")], tools=[TOOL])
    (call,) = response["output"]
    assert (call["type"], call["name"], call["status"]) == ("function_call", "get_weather", "completed")
    assert json.loads(call["arguments"]) == {"location": "San Francisco"}


@models
def test_function_call_roundtrip(play, ask, model):
    """A call and its output as items of the input reach the provider as a pair."""
    ledger = play(say("It is 18 degrees."))
    call = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": '{"location":"San Francisco"}'}
    output = {"type": "function_call_output", "call_id": "call_1", "output": '{"temperature": 18}'}
    response = ask(model, [message("user", "What's the weather?"), call, output], tools=[TOOL])
    assert text_of(response) == "It is 18 degrees."
    results = WIRES[DIALECT_OF[model]].results(ledger.entries[-1].json)
    assert "temperature" in results["call_1"]


@models
def test_image_input(play, ask, model):
    """An image in a data URL."""
    ledger = play(say("A dot."))
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}
    assert text_of(ask(model, [message("user", {"type": "input_text", "text": "What do you see?"}, image)])) == "A dot."
    assert PNG in ledger.entries[-1].body.decode()


@models
def test_file_input(play, ask, model):
    """A document in a data URL."""
    ledger = play(say("It is empty."))
    file = {"type": "input_file", "filename": "page.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}
    assert text_of(ask(model, [message("user", {"type": "input_text", "text": "Sum it up."}, file)])) == "It is empty."
    assert PDF in ledger.entries[-1].body.decode()


@models
def test_multi_turn(play, ask, model):
    """The answers of the assistant stay in their places."""
    ledger = play(say("Your name is Alice."))
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello Alice!"}]}
    response = ask(model, [message("user", "My name is Alice."), said, message("user", "What is my name?")])
    assert text_of(response) == "Your name is Alice."
    sent = ledger.entries[-1].body.decode()
    assert sent.index("My name is Alice.") < sent.index("Hello Alice!") < sent.index("What is my name?")


@models
def test_output_that_ends_too_soon(play, lab, model):
    """A response that is cut by its bound is incomplete, and says why."""
    play(Turn((Text("Half of"),), SPENT, ending="length"))
    response = lab.client.post("/responses", json={"model": model, "input": "Say all.", "max_output_tokens": 16}).json()
    spec.ResponseResource.model_validate(response)
    assert (response["status"], response["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})


@models
def test_an_earlier_response_is_refused_by_name(lab, model):
    """No other provider keeps responses, so leaving the earlier ones out would change what is asked."""
    answer = lab.client.post("/responses", json={"model": model, "input": "And then?", "previous_response_id": "resp_1"})
    assert answer.status_code == 400
    assert "resp_1" in answer.json()["error"]["message"]
