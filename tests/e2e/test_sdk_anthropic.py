"""Anthropic's own SDK through the gateway: every route, streamed and not, and its errors."""

import anthropic
import pytest

from tests.e2e.lab import CLAUDE, KEY
from tests.fakes.play import COUNTED
from tests.fakes.turns import Call, ErrorInStream, Text, Thinking, Tokens, Turn, refuse, say

TOOL = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
ASK = {"model": CLAUDE, "max_tokens": 100, "messages": [{"role": "user", "content": "Say hello."}]}
RICH = Turn(
    (Thinking("Hm.", "c2ln"), Text("Hello, “world” \N{WAVING HAND SIGN}."), Call("weather", {"city": "Nîmes"}, "toolu_1")),
    Tokens(fresh=7, read=300, write_5m=40, write_1h=50, output=21),
)


@pytest.fixture(params=["/anthropic", "/ai-gateway/anthropic", ""])
def client(lab, request):
    """The SDK as a user sets it up, on both mounts and at the bare address."""
    with anthropic.Anthropic(base_url=f"{lab.url}{request.param}", auth_token=lab.token, api_key=None, max_retries=0) as made:
        yield made


def test_message(play, client):
    """A whole message arrives as the provider wrote it."""
    ledger = play(RICH)
    message = client.messages.create(**ASK, tools=[TOOL])
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    assert message.content[1].text == RICH.parts[1].text
    assert message.content[2].input == {"city": "Nîmes"}
    assert message.model == "claude-opus-4-6"
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens, message.usage.cache_creation_input_tokens) == (7, 300, 90)
    assert ledger.entries[-1].json["tools"] == [TOOL]


def test_stream(play, client):
    """A streamed message accumulates to the same."""
    play(RICH)
    with client.messages.stream(**ASK, tools=[TOOL]) as stream:
        kinds = [event.type for event in stream]
        message = stream.get_final_message()
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    assert message.content[0].signature == "c2ln"
    assert message.content[1].text == RICH.parts[1].text
    assert message.content[2].input == {"city": "Nîmes"}
    assert message.usage.output_tokens == 21


def test_count_tokens(client):
    """Tokens are counted by the provider."""
    assert client.messages.count_tokens(model=CLAUDE, messages=ASK["messages"]).input_tokens == COUNTED


def test_models(client):
    """The listing names the endpoint, and one can be looked up."""
    assert CLAUDE in {model.id for model in client.models.list(limit=100)}
    assert client.models.retrieve(CLAUDE).id == CLAUDE


def test_x_api_key(lab, play):
    """The token is taken from `x-api-key` as well."""
    play(say("hello"))
    with anthropic.Anthropic(base_url=f"{lab.url}/anthropic", api_key=lab.token, max_retries=0) as client:
        assert client.messages.create(**ASK).content[0].text == "hello"


def test_unknown_token(lab):
    """An unknown token is an authentication error that says not to retry."""
    client = anthropic.Anthropic(base_url=f"{lab.url}/anthropic", auth_token="hg-nobody", api_key=None)
    with client, pytest.raises(anthropic.AuthenticationError) as caught:
        client.messages.create(**ASK)
    assert caught.value.response.headers["x-should-retry"] == "false"


def test_unknown_model(client):
    """An unknown model is told with its name."""
    with pytest.raises(anthropic.BadRequestError, match="no-such-model"):
        client.messages.create(**{**ASK, "model": "no-such-model"})


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, anthropic.BadRequestError),
        (403, anthropic.PermissionDeniedError),
        (404, anthropic.NotFoundError),
        (413, anthropic.APIStatusError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.APIStatusError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_of_the_provider(play, client, status, error, stream):
    """The provider's refusals pass: status, body, `retry-after`."""
    ledger = play(refuse(status, "the scripted reason", retry_after="7"))
    with pytest.raises(error, match="the scripted reason") as caught:
        client.messages.create(**ASK, stream=stream)
    assert caught.value.status_code == status
    assert caught.value.response.headers["retry-after"] == "7"
    assert caught.value.response.content == bytes(ledger.entries[-1].sent)
    assert KEY not in str(caught.value.response.headers)


def test_error_in_the_stream(play, client):
    """An error inside a stream is raised with the provider's words."""
    play(Turn((Text("Half."),), fault=ErrorInStream(after_frames=4, message="overloaded just now")))
    with pytest.raises(anthropic.APIStatusError, match="overloaded just now"), client.messages.stream(**ASK) as stream:
        stream.get_final_message()
