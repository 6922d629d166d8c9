"""Conversations that are kept for clients that do not bring them whole, through whole exchanges."""

import json

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import BadRequest, NotFound
from headgate.core.secret import Secret
from headgate.dialects.faces import Operation
from headgate.exchange.response_calls import ResponseCall
from headgate.storage.conversations.limits import KeepingLimits
from tests.fakes.kept import MemoryCallStates, MemoryResponses
from tests.fakes.ports import FakeClient, FakeClock
from tests.fakes.principals import token_of, user
from tests.fakes.turns import Call, Text, Thinking, Tokens, Turn
from tests.fakes.wire import Wire
from tests.fakes.wire_anthropic import AnthropicWire
from tests.fakes.wire_gemini import GeminiWire
from tests.fakes.wire_responses import ResponsesWire
from tests.unit.exchange.journeys import JSON, SSE, Stage

RESPONSES, CHAT = Operation("responses", "r"), Operation("chat", "c")
COMPACT = Operation("compact", "r/compact", streams="never", translates=False)
TURN = Turn((Thinking("Hm.", "c2ln"), Text("I look."), Call("weather", {"city": "Rome"}, "call_1")), Tokens(fresh=9, output=4))
TOOL = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


class Kept:
    """A worker before one provider of a dialect, with stores."""

    def __init__(self, dialect: str, wire: Wire) -> None:
        self.clock, self.wire = FakeClock(), wire
        limits = KeepingLimits()
        self.responses, self.states = MemoryResponses(limits, self.clock), MemoryCallStates(limits, self.clock)
        provider = Provider(name="other", dialect=dialect, base_url="http://other/v1", api_key=Secret("key-of-other"))
        endpoint = Endpoint(name="gpt", targets=(target_of(provider, "model-of-other"),))
        self.stage = Stage(endpoints=[endpoint], clock=self.clock, outside={"responses": self.responses, "call_states": self.states})
        self._asked = 0

    def ask(self, dialect: str, operation: Operation, who: str = "ada@example.com", *, turn: Turn = TURN, **body: object) -> dict:
        """What a client is answered, and what the provider was asked."""
        self._asked += 1
        client, sent = FakeClient(), {"model": "gpt", **body}
        inbound = self.stage.inbound(json.dumps(sent).encode(), dialect=dialect)
        inbound.head.operation, inbound.head.token, inbound.request_id = operation, token_of(user(who)), f"req_{self._asked}"
        self.stage.exchanges.run(inbound, client, lambda: None)
        request, sink = json.loads(self.stage.upstream.requests[-1].body), self.stage.upstream.sinks[-1]
        stream = sent.get("stream") is True
        sink.head(200, SSE if stream else JSON)
        for frame in self.wire.frames(turn, request, "served", 1) if stream else [self.wire.whole(turn, request, "served", self._asked)]:
            sink.data(frame)
        sink.end()
        return {"request": request, "body": client.body, "status": client.status}

    def read(self, response_id: str, method: str = "GET", who: str = "ada@example.com", part: str = "", query: str = "") -> list:
        """What a request for a response is answered."""
        answers: list = []
        call = ResponseCall(
            method=method, response_id=response_id, part=part, query=query, face="openai_responses", speaks="openai_responses", token=token_of(user(who)),
            own=None, headers=[(b"authorization", b"Bearer hg_client")],
        )  # fmt: skip
        self.stage.exchanges.response_calls().ask(call, lambda *answer: answers.append(answer), answers.append)
        return answers


@pytest.fixture
def claude() -> Kept:
    """A provider of Anthropic's dialect."""
    return Kept("anthropic", AnthropicWire())


@pytest.mark.parametrize("stream", [False, True])
def test_a_request_goes_on_from_an_earlier_response(claude, stream):
    """With what was asked, thought and called before; and the one after that with both."""
    first = claude.ask("openai_responses", RESPONSES, input="What is it like?", tools=[{"type": "function", **TOOL}], stream=stream)
    output = [{"type": "function_call_output", "call_id": "call_1", "output": "Rain"}]
    second = claude.ask("openai_responses", RESPONSES, input=output, previous_response_id="resp_req_1", tools=[{"type": "function", **TOOL}])
    third = claude.ask("openai_responses", RESPONSES, input="Thanks", previous_response_id="resp_req_2")

    assert first["status"] == 200
    assert [(message["role"], [part["type"] for part in message["content"]]) for message in second["request"]["messages"]] == [
        ("user", ["text"]),
        ("assistant", ["thinking", "text", "tool_use"]),
        ("user", ["tool_result"]),
    ]
    assert second["request"]["messages"][1]["content"][0]["signature"] == "c2ln"
    assert json.loads(second["body"])["previous_response_id"] == "resp_req_1"
    assert third["request"]["messages"][:3] == second["request"]["messages"]


def test_a_kept_response_is_read_and_deleted(claude):
    """As it was answered; then it is unknown, also to go on from."""
    answered = claude.ask("openai_responses", RESPONSES, input="Hi")
    ((status, headers, body),) = claude.read("resp_req_1")

    assert (status, headers) == (200, [(b"content-type", b"application/json")])
    assert json.loads(body) == json.loads(answered["body"])
    assert [item["role"] for item in json.loads(claude.read("resp_req_1", part="input_items")[0][2])["data"]] == ["user"]
    assert json.loads(claude.read("resp_req_1", "DELETE")[0][2])["deleted"] is True
    with pytest.raises(NotFound):
        claude.read("resp_req_1")
    with pytest.raises(BadRequest) as refused:
        claude.ask("openai_responses", RESPONSES, input="Hi", previous_response_id="resp_req_1")
    assert refused.value.code == "previous_response_not_found"


def test_another_principal_and_a_request_that_stores_nothing(claude):
    """The one finds nothing, the other leaves nothing; of both the words are those for an unknown id."""
    claude.ask("openai_responses", RESPONSES, input="Hi")
    claude.ask("openai_responses", RESPONSES, input="Hi", store=False)

    for response_id, who in (("resp_req_1", "bob@example.com"), ("resp_req_2", "ada@example.com")):
        with pytest.raises(NotFound, match="not found"):
            claude.read(response_id, who=who)
        with pytest.raises(BadRequest, match=r"Previous response with id 'resp_req_\d' not found"):
            claude.ask("openai_responses", RESPONSES, who, input="Hi", previous_response_id=response_id)


def test_a_providers_response_is_its_principals_alone():
    """Its place is noted: the owner's requests are passed on with Headgate's key, all others are refused before anything is sent."""
    native = Kept("openai", ResponsesWire())
    answered = native.ask("openai_responses", RESPONSES, input="Hi")
    response_id = json.loads(answered["body"])["id"]
    waiting = native.read(response_id, part="input_items", query="limit=5")
    request, sink = native.stage.upstream.requests[-1], native.stage.upstream.sinks[-1]
    sink.head(200, [*JSON, (b"set-cookie", b"a=b")])
    sink.data(b'{"object":"list","key":"key-of-other"}')
    sink.end()

    assert (request.method, request.target, request.body) == ("GET", f"/responses/{response_id}/input_items?limit=5", b"")
    assert dict(request.headers)[b"authorization"] == b"Bearer key-of-other"
    assert waiting == [(200, JSON, b'{"object":"list","key":"************"}')]
    with pytest.raises(NotFound):
        native.read(response_id, who="bob@example.com")
    sent = len(native.stage.upstream.requests)
    with pytest.raises(BadRequest) as refused:
        native.ask("openai_responses", RESPONSES, "bob@example.com", input="Hi", previous_response_id=response_id)
    assert refused.value.code == "previous_response_not_found"
    assert len(native.stage.upstream.requests) == sent
    native.ask("openai_responses", RESPONSES, input="More", previous_response_id=response_id)
    assert (
        native.stage.upstream.requests[-1].body
        == json.dumps({"model": "model-of-other", "input": "More", "previous_response_id": response_id}).encode()
    )


def test_a_response_that_the_provider_deleted_is_noted_no_more():
    """And one that was not to be stored never was."""
    native = Kept("openai", ResponsesWire())
    response_id = json.loads(native.ask("openai_responses", RESPONSES, input="Hi")["body"])["id"]
    answers = native.read(response_id, "DELETE")
    native.stage.upstream.sinks[-1].head(200, JSON)
    native.stage.upstream.sinks[-1].end()
    native.ask("openai_responses", RESPONSES, input="Hi", store=False)

    assert answers == [(200, JSON, b"")]
    assert not native.responses.kept


def test_a_provider_that_fails_is_told_in_words():
    """Its refusal of Headgate's key is not shown as the client's fault."""
    native = Kept("openai", ResponsesWire())
    response_id = json.loads(native.ask("openai_responses", RESPONSES, input="Hi")["body"])["id"]
    answers = native.read(response_id)
    native.stage.upstream.sinks[-1].head(401, JSON)
    native.stage.upstream.sinks[-1].end()

    assert [error.code for error in answers] == ["provider_credential_refused"]


def test_compaction_is_the_providers_or_a_404(claude):
    """So that Codex compacts by itself where the provider cannot."""
    with pytest.raises(NotFound) as refused:
        claude.ask("openai_responses", COMPACT, input="Hi")
    native = Kept("openai", ResponsesWire())
    native.ask("openai_responses", COMPACT, input="Hi")

    assert refused.value.code == "not_at_provider"
    assert native.stage.upstream.requests[-1].target == "/responses/compact"
    assert not native.responses.kept


@pytest.mark.parametrize("client", ["openai_chat", "cursor"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("dialect", "wire"), [("anthropic", AnthropicWire()), ("gemini", GeminiWire())], ids=["anthropic", "gemini"])
def test_a_chat_client_gets_its_hidden_states_back(client, stream, dialect, wire):
    """Though it brings back nothing but the call; another principal's call of the same id does not have them."""
    kept = Kept(dialect, wire)
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}
    messages = [
        {"role": "user", "content": "What is it like?"},
        {"role": "assistant", "content": "I look.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Rain"},
    ]
    tools = [{"type": "function", "function": TOOL}]
    turn = (
        Turn((Thinking("Hm.", "c2lnbmVk"), *TURN.parts[2:]), TURN.tokens)
        if dialect == "gemini"
        else Turn((Thinking("Hm.", "c2lnbmVk"), *TURN.parts[1:]), TURN.tokens)
    )
    kept.ask(client, CHAT, turn=turn, messages=messages[:1], tools=tools, stream=stream)
    later = {"turn": Turn((Text("It rains."),), TURN.tokens), "tools": tools, "stream": stream}
    own = kept.ask(client, CHAT, messages=messages, **later)["request"]
    again = kept.ask(client, CHAT, messages=messages, **later)["request"]
    others = kept.ask(client, CHAT, "bob@example.com", messages=messages, **later)["request"]

    assert "c2lnbmVk" in json.dumps(own)
    assert "c2lnbmVk" not in json.dumps(others)
    assert own == again
