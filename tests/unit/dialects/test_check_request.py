"""The request that tests a provider, and what its answers say."""

import json

import pytest

from headgate.core.endpoint import Provider
from headgate.dialects.check_request import answer_text, check_request
from headgate.dialects.registry import PROVIDERS


def provider(dialect: str, base_url: str = "http://127.0.0.1:9") -> Provider:
    """A provider that speaks this dialect."""
    return Provider(name="lab", dialect=dialect, base_url=base_url)


@pytest.mark.parametrize(
    ("dialect", "target", "bound"),
    [
        ("anthropic", "/v1/messages", ("max_tokens",)),
        ("openai_chat", "/chat/completions", ("max_tokens",)),
        ("openai_responses", "/responses", ("max_output_tokens",)),
        ("gemini", "/v1beta/models/m:generateContent", ("generationConfig", "maxOutputTokens")),
    ],
)
def test_the_smallest_request_of_each_dialect(dialect, target, bound):
    """It asks the model for a few tokens, on the path on which exchanges go."""
    asked = check_request(provider(dialect), dialect, "m")
    assert (asked.method, asked.target) == ("POST", target)
    value = json.loads(asked.body)
    for name in bound:
        value = value[name]
    assert value == 16


def test_openai_itself_is_asked_with_the_newer_name():
    """Its reasoning models refuse `max_tokens`."""
    asked = check_request(provider("openai_chat", "https://api.openai.com/v1"), "openai_chat", "gpt-5.2")
    assert "max_completion_tokens" in json.loads(asked.body)


@pytest.mark.parametrize("dialect", list(PROVIDERS))
def test_without_a_model_the_list_is_asked_for(dialect):
    """Which costs nothing; its length is counted in each vendor's shape."""
    asked = check_request(provider(dialect), dialect, "")
    assert (asked.method, asked.target.endswith("/models"), asked.body) == ("GET", True, b"")
    for key in ("data", "models", "modelSummaries", "publisherModels"):
        assert answer_text(dialect, "", 200, json.dumps({key: [{}, {}]}).encode()) == "It lists 2 models."


@pytest.mark.parametrize(
    ("dialect", "body", "said"),
    [
        ("anthropic", {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}, "invalid x-api-key"),
        ("openai_chat", {"error": {"message": "Incorrect API key\nprovided", "code": "invalid_api_key"}}, "Incorrect API key provided"),
        ("gemini", {"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}, "API key not valid."),
        ("openai_chat", {"detail": "Not Found"}, "Not Found"),
    ],
)
def test_a_refusal_is_told_in_the_providers_words(dialect, body, said):
    """Its message, on one line."""
    assert answer_text(dialect, "m", 401, json.dumps(body).encode()) == said


def test_any_body_is_read():
    """What is no JSON is shown as it is, shortened; an empty one says so."""
    assert answer_text("anthropic", "m", 502, b"<html>Bad\x00 Gateway</html>") == "<html>Bad Gateway</html>"
    assert len(answer_text("anthropic", "m", 502, b"x" * 5000)) == 601
    assert answer_text("anthropic", "m", 502, b"") == "It said nothing more."
    assert answer_text("anthropic", "m", 200, b"\xff") == "It answered, without naming a model."


def test_a_good_answer_names_its_model():
    """As the provider says it."""
    body = {"id": "msg_1", "type": "message", "model": "claude-opus-4-6-20260101", "content": [], "usage": {"input_tokens": 3, "output_tokens": 1}}
    assert answer_text("anthropic", "claude-opus-4-6", 200, json.dumps(body).encode()) == "It answered with the model claude-opus-4-6-20260101."
