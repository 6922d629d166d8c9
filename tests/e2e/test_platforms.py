"""The makers' own SDKs through a gateway whose providers are on platforms: what the platform receives, and what the client gets."""

import json
import time
from collections.abc import Iterator

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

from tests.e2e.lab import ALONE, Gateway, free_port, headgate
from tests.fakes.aws_frames import authorization_of, chunk, exception
from tests.fakes.clouds import Clouds, serving
from tests.fakes.google_account import write_service_account

BEDROCK = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
AWS = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session-canary-0123456789")
ENTRA_TOKEN = "entra-canary-0123456789"
GOOGLE_TOKEN = "ya29.canary-0123456789"
VERTEX = "/v1/projects/acme/locations"
CONFIG = """
[[providers]]
name = "bedrock"
platform = "bedrock"
dialect = "anthropic"
region = "eu-central-1"
base_url = "{url}"
models = ["eu.anthropic.*"]

[[providers]]
name = "azure"
platform = "azure"
dialect = "openai"
base_url = "{url}/openai/v1"
client_id = "app"
client_secret = "env:ENTRA_SECRET"
token_url = "{url}/tenant/oauth2/v2.0/token"
models = ["gpt-5-2"]

[[providers]]
name = "vertex-claude"
platform = "vertex"
dialect = "anthropic"
project = "acme"
region = "europe-west1"
base_url = "{url}"
credentials = "file:sa.json"
models = ["claude-*"]

[[providers]]
name = "vertex-gemini"
platform = "vertex"
dialect = "gemini"
project = "acme"
region = "global"
base_url = "{url}"
credentials = "file:sa.json"
models = ["gemini-*"]

[[endpoints]]
name = "sonnet"
targets = [{{ provider = "bedrock", model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0" }}]
"""
ASK = {"model": "sonnet", "max_tokens": 100, "messages": [{"role": "user", "content": "Say hello."}]}
MESSAGE = {
    "id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929", "stop_reason": "end_turn", "stop_sequence": None,
    "content": [{"type": "text", "text": "Hello."}], "usage": {"input_tokens": 7, "output_tokens": 3},
}  # fmt: skip
EVENTS = [
    {"type": "message_start", "message": MESSAGE | {"content": [], "stop_reason": None, "usage": {"input_tokens": 7, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": f"Hello {AWS[2]}."}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 3}},
    {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 7, "outputTokenCount": 3}},
]
AWS_STREAM = "application/vnd.amazon.eventstream"
CHAT = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5.2-2026-01-01",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
}  # fmt: skip


@pytest.fixture(scope="module")
def clouds() -> Iterator[Clouds]:
    """The platforms, which give a token from the start on."""
    with serving() as ready:
        ready.answer("/tenant/oauth2", {"access_token": ENTRA_TOKEN, "expires_in": 3600, "token_type": "Bearer"})
        ready.answer("/google-token", {"access_token": GOOGLE_TOKEN, "expires_in": 3600, "token_type": "Bearer"})
        yield ready


@pytest.fixture(scope="module")
def gateway(clouds, tmp_path_factory) -> Iterator[Gateway]:
    """A gateway before them, with AWS's keys in its environment."""
    variables = dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), AWS, strict=True)) | {"ENTRA_SECRET": "s3"}
    port = free_port()
    config = f"[server]\nport = {port}\n{ALONE}{CONFIG.format(url=clouds.url)}"
    ready = Gateway(tmp_path_factory.mktemp("platforms"), config, port=port, variables=variables)
    ready.folder.mkdir(parents=True, exist_ok=True)
    write_service_account(ready.folder / "sa.json", f"{clouds.url}/google-token")
    ready.start()
    deadline = time.monotonic() + 90
    while len([each for each in clouds.received if "token" in each.path]) < 3 and time.monotonic() < deadline:  # one of each provider
        time.sleep(0.05)
    time.sleep(0.3)
    yield ready
    ready.stop()


@pytest.fixture
def claude(gateway) -> Iterator[anthropic.Anthropic]:
    """Anthropic's SDK, as a user sets it up."""
    with anthropic.Anthropic(base_url=f"{gateway.url}/anthropic", auth_token=gateway.token, api_key=None, max_retries=0) as made:
        yield made


def check_signature(clouds: Clouds, request) -> None:
    """The signature is the one that AWS's own library makes of the request that arrived."""
    expected = authorization_of(request.method, clouds.url + request.path, request.headers, request.body, AWS, "eu-central-1")
    assert request.headers["authorization"] == expected
    assert request.headers["x-amz-security-token"] == AWS[2]


def test_bedrock_message(clouds, claude):
    """The request is Bedrock's and signed; the message and its usage are as Bedrock wrote them."""
    clouds.answer("/invoke", MESSAGE)
    message = claude.messages.create(**ASK, extra_headers={"anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14"})
    request = clouds.last("/invoke")
    assert (message.content[0].text, message.usage.output_tokens, message.model) == ("Hello.", 3, "claude-sonnet-4-5-20250929")
    assert request.path == "/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke"
    assert request.json == {
        "anthropic_version": "bedrock-2023-05-31", "anthropic_beta": ["interleaved-thinking-2025-05-14"],
        "max_tokens": 100, "messages": ASK["messages"],
    }  # fmt: skip
    assert "anthropic-version" not in request.headers
    check_signature(clouds, request)


def test_bedrock_stream(clouds, claude):
    """AWS's frames, cut anywhere, are a stream of Anthropic's, without the credential that one of them repeats."""
    data = b"".join(map(chunk, EVENTS))
    clouds.answer("/invoke-with-response-stream", [data[:100], data[100:101], data[101:700], data[700:]], AWS_STREAM)
    with claude.messages.stream(**ASK) as stream:
        kinds = [event.type for event in stream]
        message = stream.get_final_message()
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
    assert message.content[0].text == f"Hello {'*' * len(AWS[2])}."
    assert message.usage.output_tokens == 3
    request = clouds.last("/invoke-with-response-stream")
    assert "stream" not in request.json
    check_signature(clouds, request)


def test_bedrock_usage(clouds, claude, gateway):
    """A stream is counted and priced as any other."""
    clouds.answer("/invoke-with-response-stream", [b"".join(map(chunk, EVENTS))], AWS_STREAM)
    before = len(gateway.rows(1))
    with claude.messages.stream(**ASK) as stream:
        stream.until_done()
    row = gateway.rows(before + 1)[-1]
    assert (row["input_tokens"], row["output_tokens"], row["status_code"]) == (7, 3, 200)
    assert row["charge_status"] == "priced"


def test_bedrock_exception(clouds, claude):
    """What fails within a stream reaches the SDK as an error of Anthropic's."""
    clouds.answer("/invoke-with-response-stream", [chunk(EVENTS[0]), exception("throttlingException", "Too many tokens.")], AWS_STREAM)
    with pytest.raises(anthropic.APIStatusError, match="Too many tokens"), claude.messages.stream(**ASK) as stream:
        stream.until_done()


def test_bedrock_cut(clouds, claude):
    """A stream that ends within a frame never ends as a clean one."""
    clouds.answer("/invoke-with-response-stream", [chunk(EVENTS[0]), chunk(EVENTS[1])[:-2]], AWS_STREAM)
    with pytest.raises((anthropic.APIError, anthropic.APIConnectionError)), claude.messages.stream(**ASK) as stream:
        stream.until_done()


def test_bedrock_errors(clouds, claude):
    """A refusal of the request is the client's to know; a refusal of the credential is not the client's fault."""
    clouds.answer("/invoke", {"message": "max_tokens is too large"}, status=400, headers={"x-amzn-errortype": "ValidationException"})
    with pytest.raises(anthropic.BadRequestError) as refused:
        claude.messages.create(**ASK)
    assert refused.value.body["error"] == {"type": "invalid_request_error", "message": "max_tokens is too large"}
    clouds.answer("/invoke", {"message": "expired"}, status=403, headers={"x-amzn-errortype": "ExpiredTokenException"})
    with pytest.raises(anthropic.InternalServerError, match="Headgate's key for provider bedrock was refused"):
        claude.messages.create(**ASK)


def test_bedrock_count(clouds, claude):
    """Tokens are counted by Bedrock."""
    clouds.answer("/count-tokens", {"inputTokens": 42})
    assert claude.messages.count_tokens(model="sonnet", messages=ASK["messages"]).input_tokens == 42
    check_signature(clouds, clouds.last("/count-tokens"))


def test_azure_with_entra_id(clouds, gateway):
    """The request has the token, which never comes back, and the token was asked for once."""
    clouds.answer("/openai/v1/chat/completions", CHAT | {"id": f"chatcmpl-{ENTRA_TOKEN}"})
    with openai.OpenAI(base_url=f"{gateway.url}/openai/v1", api_key=gateway.token, max_retries=0) as client:
        made = client.chat.completions.create(model="gpt-5-2", messages=[{"role": "user", "content": "Say hello."}])
    request = clouds.last("/openai/v1/chat/completions")
    assert (made.choices[0].message.content, made.usage.completion_tokens) == ("Hello.", 3)
    assert ENTRA_TOKEN not in made.id
    assert request.headers["authorization"] == f"Bearer {ENTRA_TOKEN}"
    assert "api-key" not in request.headers
    assert json.loads(request.body)["model"] == "gpt-5-2"
    assert len([each for each in clouds.received if "oauth2" in each.path]) == 1


def test_claude_on_vertex(clouds, claude):
    """A stream is Anthropic's own, at Google's path, with Google's token."""
    lines = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in EVENTS]
    clouds.answer(":streamRawPredict", lines, "text/event-stream")
    with claude.messages.stream(**ASK | {"model": "claude-sonnet-4-5@20250929"}) as stream:
        message = stream.get_final_message()
    request = clouds.last(":streamRawPredict")
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 3)
    assert request.path == f"{VERTEX}/europe-west1/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict"
    assert request.json == {"anthropic_version": "vertex-2023-10-16", "max_tokens": 100, "messages": ASK["messages"], "stream": True}
    assert request.headers["authorization"] == f"Bearer {GOOGLE_TOKEN}"
    assert "x-api-key" not in request.headers


def test_vertex_refuses(clouds, claude):
    """Google's own error reaches Anthropic's SDK in Anthropic's words, without the token."""
    error = {"error": {"code": 404, "message": f"No model for {GOOGLE_TOKEN}.", "status": "NOT_FOUND"}}
    clouds.answer(":rawPredict", error, status=404)
    with pytest.raises(anthropic.NotFoundError) as refused:
        claude.messages.create(**ASK | {"model": "claude-sonnet-4-5@20250929"})
    assert refused.value.body["error"] == {"type": "not_found_error", "message": f"No model for {'*' * len(GOOGLE_TOKEN)}."}


def test_gemini_on_vertex(clouds, gateway):
    """Google's SDK gets Gemini's own answer; ids of calls are not sent, because Vertex AI refuses them."""
    options = types.HttpOptions(base_url=f"{gateway.url}/gemini")
    parts = [{"functionCall": {"name": "f", "args": {"id": 1}}}]
    answer = {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}], "modelVersion": "gemini-2.5-flash",
        "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10},
    }  # fmt: skip
    clouds.answer(":generateContent", answer)
    clouds.answer(":streamGenerateContent", [f"data: {json.dumps(answer)}\r\n\r\n".encode()], "text/event-stream")
    clouds.answer(":countTokens", {"totalTokens": 5})
    history = [
        types.Content(role="user", parts=[types.Part(text="Say hello.")]),
        types.Content(role="model", parts=[types.Part(function_call=types.FunctionCall(id="call-1", name="f", args={"id": 1}))]),
        types.Content(role="user", parts=[types.Part(function_response=types.FunctionResponse(id="call-1", name="f", response={"ok": True}))]),
    ]
    with genai.Client(api_key=gateway.token, http_options=options, vertexai=False) as client:
        made = client.models.generate_content(model="gemini-2.5-flash", contents=history)
        streamed = list(client.models.generate_content_stream(model="gemini-2.5-flash", contents="Say hello."))
        counted = client.models.count_tokens(model="gemini-2.5-flash", contents="Say hello.")
    request = clouds.last(":generateContent")
    assert request.path == f"{VERTEX}/global/publishers/google/models/gemini-2.5-flash:generateContent"
    assert [each["parts"][0].get("functionCall") for each in request.json["contents"]] == [None, {"name": "f", "args": {"id": 1}}, None]
    assert request.json["contents"][2]["parts"][0]["functionResponse"] == {"name": "f", "response": {"ok": True}}
    assert request.headers["authorization"] == f"Bearer {GOOGLE_TOKEN}"
    assert (made.usage_metadata.candidates_token_count, streamed[-1].usage_metadata.total_token_count, counted.total_tokens) == (3, 10, 5)
    assert clouds.last(":streamGenerateContent").path.endswith("gemini-2.5-flash:streamGenerateContent?alt=sse")


def test_commands_try_them(clouds, gateway):
    """`headgate check` names how each is paid, and `headgate doctor` asks each for its models, signed in as the gateway is."""
    clouds.answer("/foundation-models", {"modelSummaries": [{}, {}]})
    clouds.answer("/openai/v1/models", {"data": [{}]})
    clouds.answer("/v1beta1/publishers/anthropic/models", {"publisherModels": [{}, {}, {}]})
    clouds.answer("/v1beta1/publishers/google/models", {"publisherModels": [{}]})
    places = ("--config", str(gateway.folder / "headgate.toml"), "--data", gateway.data)
    assert f"bedrock (headgate.toml): anthropic at {clouds.url}, with a sign-in" in headgate("check", *places, variables=gateway.variables)
    said = headgate("doctor", *places, variables=gateway.variables)
    for name, models in (("bedrock", 2), ("azure", 1), ("vertex-claude", 3), ("vertex-gemini", 1)):
        assert f"provider {name}" in said
        assert f"It lists {models} models." in next(line for line in said.splitlines() if f"provider {name}" in line)
    check_signature(clouds, clouds.last("/foundation-models"))
