"""OpenAI's own SDK through the gateway: chat and responses on every mount, streamed and not, and its errors."""

import openai
import pytest

from tests.e2e.lab import GPT
from tests.fakes.play import COUNTED
from tests.fakes.turns import Call, Cut, ErrorInStream, Text, Thinking, Tokens, Turn, refuse, say

FUNCTION = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
CHAT_TOOL = {"type": "function", "function": FUNCTION}
RESPONSES_TOOL = {"type": "function", **FUNCTION, "strict": False}
ASK_CHAT = {"model": GPT, "messages": [{"role": "user", "content": "Say hello."}]}
ASK_RESPONSES = {"model": GPT, "input": "Say hello."}
RICH = Turn(
    (Text("Hello, “world” \N{WAVING HAND SIGN}."), Call("weather", {"city": "Nîmes"}, "call_1")),
    Tokens(fresh=7, read=300, output=21, reasoning=9),
)
CHAT_MOUNTS = ["/openai/v1", "/v1", "/mlflow/v1", "/cursor/v1", "/ai-gateway/openai/v1", "/ai-gateway/cursor/v1", "/ai-gateway/mlflow/v1"]
RESPONSES_MOUNTS = ["/openai/v1", "/v1", "/codex/v1", "/ai-gateway/openai/v1", "/ai-gateway/codex/v1"]


@pytest.fixture
def connect(lab):
    """The SDK as a user sets it up, on a mount."""
    made = []

    def start(mount="/openai/v1", token=lab.token, **options):
        made.append(openai.OpenAI(base_url=f"{lab.url}{mount}", api_key=token, max_retries=0, **options))
        return made[-1]

    yield start
    for client in made:
        client.close()


@pytest.mark.parametrize("mount", CHAT_MOUNTS)
def test_chat(play, connect, mount):
    """A whole completion arrives as the provider wrote it."""
    play(RICH)
    completion = connect(mount).chat.completions.create(**ASK_CHAT, tools=[CHAT_TOOL])
    message = completion.choices[0].message
    assert message.content == RICH.parts[0].text
    assert message.tool_calls[0].function.arguments == '{"city": "N\\u00eemes"}'
    assert completion.model == "gpt-5.2"
    assert completion.usage.prompt_tokens_details.cached_tokens == 300


@pytest.mark.parametrize("mount", CHAT_MOUNTS)
@pytest.mark.parametrize("asked", [False, True])
def test_chat_stream(play, connect, mount, asked):
    """A streamed completion is whole; the usage chunk is seen by those who asked for it, and asked upstream in any case."""
    ledger = play(RICH)
    options = {"stream_options": {"include_usage": True}} if asked else {}
    chunks = list(connect(mount).chat.completions.create(**ASK_CHAT, tools=[CHAT_TOOL], stream=True, **options))
    assert ledger.entries[-1].json["stream_options"]["include_usage"] is True
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == RICH.parts[0].text
    assert [chunk.usage.completion_tokens for chunk in chunks if chunk.usage] == ([21] if asked else [])
    assert all(chunk.choices for chunk in chunks if not chunk.usage)


@pytest.mark.parametrize("mount", RESPONSES_MOUNTS)
def test_input_tokens(connect, mount):
    """Tokens are counted by the provider."""
    assert connect(mount).responses.input_tokens.count(**ASK_RESPONSES).input_tokens == COUNTED


@pytest.mark.parametrize("mount", RESPONSES_MOUNTS)
def test_response(play, connect, mount):
    """A whole response arrives as the provider wrote it."""
    play(Turn((Thinking("Hm.", "ZW5j"), *RICH.parts), RICH.tokens))
    response = connect(mount).responses.create(**ASK_RESPONSES, tools=[RESPONSES_TOOL])
    assert response.output_text == RICH.parts[0].text
    assert [item.type for item in response.output] == ["reasoning", "message", "function_call"]
    assert response.output[0].encrypted_content == "ZW5j"
    assert response.usage.output_tokens_details.reasoning_tokens == 9


@pytest.mark.parametrize("mount", RESPONSES_MOUNTS)
def test_response_stream(play, connect, mount):
    """A streamed response is whole."""
    play(RICH)
    with connect(mount).responses.stream(**ASK_RESPONSES, tools=[RESPONSES_TOOL]) as stream:
        kinds = [event.type for event in stream]
        response = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert response.output_text == RICH.parts[0].text
    assert response.usage.total_tokens == 328


@pytest.mark.parametrize("mount", ["/openai/v1", "/cursor/v1", "/mlflow/v1", "/ai-gateway/openai/v1", "/ai-gateway/cursor/v1"])
def test_models(connect, mount):
    """The listing names the endpoint, and one can be looked up."""
    client = connect(mount)
    assert GPT in {model.id for model in client.models.list()}
    assert client.models.retrieve(GPT).id == GPT


def test_unknown_token(connect):
    """An unknown token is an authentication error."""
    with pytest.raises(openai.AuthenticationError):
        connect(token="hg-nobody").chat.completions.create(**ASK_CHAT)


def test_unknown_model(connect):
    """An unknown model has the code on which Codex stops at once."""
    for ask in (
        lambda client: client.chat.completions.create(**{**ASK_CHAT, "model": "no-such-model"}),
        lambda client: client.responses.create(**{**ASK_RESPONSES, "model": "no-such-model"}),
    ):
        with pytest.raises(openai.NotFoundError, match="no-such-model") as caught:
            ask(connect())
        assert caught.value.code == "model_not_found"


def test_websocket_is_declined(lab):
    """An upgrade is answered 426, on which Codex falls back at once."""
    import http.client  # one raw request

    for mount in RESPONSES_MOUNTS:
        connection = http.client.HTTPConnection("127.0.0.1", lab.gateway.port, timeout=5)
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "eA=="}
        connection.request("GET", f"{mount}/responses", headers={**upgrade, "Authorization": f"Bearer {lab.token}"})
        assert connection.getresponse().status == 426
        connection.close()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("stream", [False, True])
def test_errors_of_the_provider(play, connect, status, error, api, stream):
    """The provider's refusals pass: status, body, `retry-after`."""
    ledger = play(refuse(status, "the scripted reason", retry_after="7"))
    client = connect()
    with pytest.raises(error, match="the scripted reason") as caught:
        if api == "chat":
            client.chat.completions.create(**ASK_CHAT, stream=stream)
        else:
            client.responses.create(**ASK_RESPONSES, stream=stream)
    assert caught.value.response.headers["retry-after"] == "7"
    assert caught.value.response.content == bytes(ledger.entries[-1].sent)


@pytest.mark.parametrize("fault", [ErrorInStream(after_frames=2, message="a scripted end"), Cut(after_frames=2), Cut(after_frames=2, reset=False)])
def test_a_broken_chat_stream_is_an_error(play, connect, fault):
    """The SDK takes a clean early end for a whole answer, so a broken stream has to say so inside."""
    play(Turn((Text("Half of an answer."),), fault=fault))
    with pytest.raises(openai.APIError):
        list(connect().chat.completions.create(**ASK_CHAT, stream=True))


def test_a_cut_answer_is_a_bad_gateway(play, connect):
    """An unstreamed answer that the provider breaks off is a 502."""
    play(Turn((Text("Half."),), fault=Cut()))
    with pytest.raises(openai.InternalServerError) as caught:
        connect().chat.completions.create(**ASK_CHAT)
    assert caught.value.status_code == 502


def test_says_hello_again(play, connect):
    """After all that, the next exchange is served."""
    play(say("hello"))
    assert connect().chat.completions.create(**ASK_CHAT).choices[0].message.content == "hello"
