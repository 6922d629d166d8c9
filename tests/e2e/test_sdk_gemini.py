"""Google's own SDK through the gateway: every route, streamed and not, and its errors."""

import pytest
from google import genai
from google.genai import errors, types

from tests.e2e.lab import GEMINI
from tests.fakes.play import COUNTED
from tests.fakes.turns import Call, ErrorInStream, Text, Thinking, Tokens, Turn, refuse, say

TOOL = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(name="weather", parameters_json_schema={"type": "object", "properties": {"city": {"type": "string"}}})
    ]
)
CONFIG = types.GenerateContentConfig(tools=[TOOL], automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True))
RICH = Turn(
    (Thinking("Hm.", "dGg="), Text("Hello, “world” \N{WAVING HAND SIGN}."), Call("weather", {"city": "Nîmes"}, "weather-1")),
    Tokens(fresh=7, read=300, output=21, reasoning=9),
)


def connect(lab, mount="/gemini", version="v1beta", **headers):
    """The SDK as a user sets it up, on a mount; without a version it takes its own default."""
    retry = types.HttpRetryOptions(attempts=1)
    options = types.HttpOptions(base_url=f"{lab.url}{mount}", api_version=version, retry_options=retry, headers=headers or None)
    return genai.Client(api_key=lab.token, http_options=options, vertexai=False)


@pytest.fixture(
    params=[("/gemini", "v1beta"), ("/ai-gateway/gemini", "v1beta"), ("/gemini", None), ("", "v1beta"), ("", None)],
    ids=["v1beta", "ai-gateway", "default", "bare", "bare default"],
)
def client(lab, request):
    """The SDK on both mounts and at the bare address, and in the version of the API that it chooses itself."""
    made = connect(lab, *request.param)
    yield made
    made.close()


def test_answer(play, client):
    """A whole answer arrives as the provider wrote it."""
    play(RICH)
    answer = client.models.generate_content(model=GEMINI, contents="Say hello.", config=CONFIG)
    parts = answer.candidates[0].content.parts
    assert "".join(part.text for part in parts if part.text and not part.thought) == RICH.parts[1].text
    assert answer.function_calls[0].args == {"city": "Nîmes"}
    assert answer.model_version == "gemini-2.5-flash"
    assert answer.usage_metadata.thoughts_token_count == 9


def test_stream(play, client):
    """A streamed answer is whole."""
    play(RICH)
    chunks = list(client.models.generate_content_stream(model=GEMINI, contents="Say hello.", config=CONFIG))
    parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts]
    assert "".join(part.text for part in parts if part.text and not part.thought) == RICH.parts[1].text
    assert any(part.thought_signature for part in parts)
    assert chunks[-1].usage_metadata.cached_content_token_count == 300


def test_count_tokens(client):
    """Tokens are counted by the provider."""
    assert client.models.count_tokens(model=GEMINI, contents="Say hello.").total_tokens == COUNTED


def test_models(client):
    """The listing names the endpoint, and one can be looked up."""
    assert f"models/{GEMINI}" in {model.name for model in client.models.list()}
    assert client.models.get(model=GEMINI).name == f"models/{GEMINI}"


def test_key_in_the_query(lab, play):
    """The token is taken from `?key=`, and goes no further."""
    import json
    import urllib.request

    ledger = play(say("hello"))
    body = json.dumps({"contents": [{"role": "user", "parts": [{"text": "Say hello."}]}]}).encode()
    address = f"{lab.url}/gemini/v1beta/models/{GEMINI}:generateContent?key={lab.token}"
    asked = urllib.request.Request(address, body, {"content-type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        assert answer.status == 200
    assert lab.token not in ledger.entries[-1].everything


def test_two_credentials(lab, play):
    """The same token twice is fine, two different ones are refused."""
    play(say("hello"))
    with connect(lab, authorization=f"Bearer {lab.token}") as client:
        assert client.models.generate_content(model=GEMINI, contents="Say hello.").text == "hello"
    with connect(lab, authorization="Bearer hg-somebody-else") as client, pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model=GEMINI, contents="Say hello.")
    assert caught.value.code in {400, 401}


def test_unknown_model(client):
    """An unknown model is told with its name."""
    with pytest.raises(errors.ClientError, match="no-such-model") as caught:
        client.models.generate_content(model="no-such-model", contents="Say hello.")
    assert caught.value.code == 404


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("stream", [False, True])
def test_errors_of_the_provider(play, client, status, stream):
    """The provider's refusals pass."""
    play(refuse(status, "the scripted reason", retry_after="7"))
    with pytest.raises(errors.APIError, match="the scripted reason") as caught:
        if stream:
            list(client.models.generate_content_stream(model=GEMINI, contents="Say hello."))
        else:
            client.models.generate_content(model=GEMINI, contents="Say hello.")
    assert caught.value.code == status


def test_error_in_the_stream(play, client):
    """An error inside a stream is raised with the provider's words."""
    play(Turn((Text("Half of it.", pieces=4),), fault=ErrorInStream(after_frames=1, message="overloaded just now")))
    with pytest.raises(errors.APIError, match="overloaded just now"):
        list(client.models.generate_content_stream(model=GEMINI, contents="Say hello."))
