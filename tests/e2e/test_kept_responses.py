"""Responses that are named again, and hidden states of calls, with OpenAI's own SDK against a gateway that is killed and started again in between."""

import contextlib
import json
import sqlite3
from pathlib import Path

import openai
import pytest

from tests.e2e.lab import CLAUDE, GEMINI, GPT, until
from tests.fakes.turns import Call, Text, Thinking, Tokens, Turn, say

FUNCTION = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
TOOL = {"type": "function", **FUNCTION, "strict": False}
LOOKS = Turn((Thinking("Hm.", "c2lnbmVk"), Call("weather", {"city": "Rome"}, "call_1")), Tokens(fresh=7, output=21))


@pytest.fixture
def sdk():
    """The SDK as a user sets it up."""
    made = []

    def start(gateway, token: str = "") -> openai.OpenAI:
        made.append(openai.OpenAI(base_url=f"{gateway.url}/openai/v1", api_key=token or gateway.token, max_retries=0))
        return made[-1]

    yield start
    for client in made:
        client.close()


def kept(gateway) -> list[tuple[str]]:
    """The ids in the file."""
    with contextlib.closing(sqlite3.connect(Path(gateway.data) / "responses.db")) as connection:
        return connection.execute("SELECT response_id FROM responses").fetchall()


def kill_and_start(gateway) -> None:
    """`kill -9`, once the file has what was answered."""
    gateway.kill_all()
    gateway.start()


def test_a_conversation_goes_on_after_a_kill(provider, gateway, sdk):
    """On a model of Anthropic's: its thoughts and its call are there again; then the responses are read and deleted."""
    provider.play(LOOKS, say("It rains."))
    first = sdk(gateway).responses.create(model=CLAUDE, input="What is it like?", tools=[TOOL])
    until(lambda: kept(gateway), [(first.id,)])
    kill_and_start(gateway)
    output = [{"type": "function_call_output", "call_id": "call_1", "output": "Rain"}]
    client = sdk(gateway)
    second = client.responses.create(model=CLAUDE, input=output, previous_response_id=first.id, tools=[TOOL])
    asked = provider.ledger.generations[-1].json["messages"]

    assert second.output_text == "It rains."
    assert [[part["type"] for part in message["content"]] for message in asked] == [["text"], ["thinking", "tool_use"], ["tool_result"]]
    assert asked[1]["content"][0]["signature"] == "c2lnbmVk"
    assert client.responses.retrieve(second.id).output_text == "It rains."
    listed = client.responses.input_items.list(second.id, order="asc")
    assert [item.type for item in listed] == ["message", "reasoning", "function_call", "function_call_output"]
    client.responses.delete(second.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(second.id)


def test_another_principal_finds_nothing(provider, gateway, sdk):
    """Of what Headgate keeps, and of what the provider keeps."""
    provider.play(say("Hello."), say("Hello."))
    ours, native = (sdk(gateway).responses.create(model=model, input="Hi") for model in (CLAUDE, GPT))
    token, _ = gateway.create_token("other", "bob@example.com")
    provider.expected.canaries.add(token)
    other = sdk(gateway, token)

    for response, model in ((ours, CLAUDE), (native, GPT)):
        with pytest.raises(openai.NotFoundError):
            other.responses.retrieve(response.id)
        with pytest.raises(openai.NotFoundError):
            other.responses.delete(response.id)
        with pytest.raises(openai.BadRequestError) as refused:
            other.responses.create(model=model, input="Hi", previous_response_id=response.id)
        assert (refused.value.code, refused.value.param) == ("previous_response_not_found", "previous_response_id")


def test_what_the_provider_keeps_is_asked_of_it(provider, gateway, sdk):
    """Reading, deleting and compacting reach it, and no other request."""
    provider.play(say("Hello."))
    client = sdk(gateway)
    response = client.responses.create(model=GPT, input="Hi")
    read = json.loads(client.responses.with_raw_response.retrieve(response.id).text)
    client.responses.delete(response.id)
    compacted = client.post("/responses/compact", body={"model": GPT, "input": "Hi"}, cast_to=object)

    assert read["asked"] == f"GET /v1/responses/{response.id}"
    assert [entry.method for entry in provider.ledger.entries if entry.operation == "response"] == ["GET", "DELETE"]
    assert compacted["object"] == "response.compaction"
    with pytest.raises(openai.NotFoundError):
        client.post("/responses/compact", body={"model": CLAUDE, "input": "Hi"}, cast_to=object)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)


def test_a_chat_client_has_its_signatures_after_a_kill(provider, gateway, sdk):
    """On a model of Gemini's, which wants them with the call."""
    provider.play(LOOKS, Turn((Text("It rains."),), LOOKS.tokens))
    messages: list = [{"role": "user", "content": "What is it like?"}]
    tools = [{"type": "function", "function": FUNCTION}]
    with sdk(gateway).chat.completions.create(model=GEMINI, messages=messages, tools=tools, stream=True) as stream:
        calls = [call for chunk in stream for choice in chunk.choices for call in choice.delta.tool_calls or ()]
    arguments = "".join(call.function.arguments or "" for call in calls)
    call = {"id": calls[0].id, "type": "function", "function": {"name": "weather", "arguments": arguments}}
    gateway.stop()
    gateway.start()
    messages += [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": call["id"], "content": "Rain"}]
    answer = sdk(gateway).chat.completions.create(model=GEMINI, messages=messages, tools=tools)
    parts = provider.ledger.generations[-1].json["contents"][1]["parts"]

    assert answer.choices[0].message.content == "It rains."
    assert [part["thoughtSignature"] for part in parts if "functionCall" in part] == ["c2lnbmVk"]
