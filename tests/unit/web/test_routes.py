"""The one table of routes: exact, complete, and each row says who may call it."""

import pytest

from headgate.web.routes import ALIAS, GATEWAY_ROUTES, Route, RouteTable, dialect_of_path

TABLE = RouteTable(GATEWAY_ROUTES)


@pytest.mark.parametrize(
    ("method", "path", "action", "model"),
    [
        ("POST", "/anthropic/v1/messages", "exchange", ""),
        ("POST", "/anthropic/v1/messages/count_tokens", "exchange", ""),
        ("GET", "/anthropic/v1/models", "models", ""),
        ("GET", "/anthropic/v1/models/claude-opus-4-6", "model", "claude-opus-4-6"),
        ("HEAD", "/anthropic/api/hello", "probe", ""),
        ("POST", "/openai/v1/responses", "exchange", ""),
        ("POST", "/openai/v1/responses/input_tokens", "exchange", ""),
        ("GET", "/openai/v1/responses", "upgrade", ""),
        ("POST", "/openai/v1/responses/compact", "exchange", ""),
        ("GET", "/openai/v1/responses/resp_1", "response", ""),
        ("DELETE", "/codex/v1/responses/resp_1", "response", ""),
        ("GET", "/v1/responses/resp_1/input_items", "response", ""),
        ("POST", "/openai/v1/chat/completions", "exchange", ""),
        ("POST", "/codex/v1/responses", "exchange", ""),
        ("POST", "/mlflow/v1/chat/completions", "exchange", ""),
        ("POST", "/cursor/v1/chat/completions", "exchange", ""),
        ("GET", "/cursor/v1/models", "models", ""),
        ("POST", "/gemini/v1beta/models/gemini-2.5-flash:generateContent", "exchange", "gemini-2.5-flash"),
        ("POST", "/gemini/v1beta/models/gemini-2.5-flash:streamGenerateContent", "exchange", "gemini-2.5-flash"),
        ("POST", "/gemini/v1beta/models/gemini-2.5-flash:countTokens", "exchange", "gemini-2.5-flash"),
        ("GET", "/gemini/v1beta/models", "models", ""),
        ("GET", "/openai/v1/models/vendor/model-7b", "model", "vendor/model-7b"),
        ("GET", "/openai/v1/models/qwen2.5:7b", "model", "qwen2.5:7b"),
        ("GET", "/anthropic/v1/models/claude-opus-4-6[1m]", "model", "claude-opus-4-6[1m]"),
        ("POST", "/gemini/v1beta/models/vendor/flash:8b:generateContent", "exchange", "vendor/flash:8b"),
        ("HEAD", "/api/hello", "probe", ""),
        ("POST", "/v1/messages", "exchange", ""),
        ("POST", "/v1/messages/count_tokens", "exchange", ""),
        ("POST", "/v1/responses", "exchange", ""),
        ("GET", "/v1/responses", "upgrade", ""),
        ("POST", "/v1/analytics/codex/turn-costs", "ignore", ""),
        ("POST", "/v1/chat/completions", "exchange", ""),
        ("GET", "/v1/models", "models", ""),
        ("GET", "/v1/models/claude-opus-4-6", "model", "claude-opus-4-6"),
        ("GET", "/v1beta/models", "models", ""),
        ("POST", "/v1beta/models/gemini-2.5-flash:generateContent", "exchange", "gemini-2.5-flash"),
        ("POST", "/v1/models/gemini-2.5-flash:streamGenerateContent", "exchange", "gemini-2.5-flash"),
    ],
)
@pytest.mark.parametrize("mount", ["", ALIAS])
def test_every_route_answers_under_both_mounts(mount: str, method: str, path: str, action: str, model: str) -> None:
    """Each path is found as it is and under `/ai-gateway`."""
    match = TABLE.find(method, mount + path)

    assert match is not None
    assert (match.route.action, match.model) == (action, model)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/anthropic/v1/messages/"),
        ("POST", "/ANTHROPIC/v1/messages"),
        ("POST", "//anthropic/v1/messages"),
        ("POST", "/anthropic/v1/messages/batches"),
        ("POST", "/anthropic/v1/complete"),
        ("POST", "/openai/v1/files"),
        ("DELETE", "/anthropic/v1/messages"),
        ("POST", "/gemini/v1beta/models/x:deleteModel"),
        ("POST", "/gemini/v1beta/models/../x:generateContent"),
        ("POST", "/gemini/v1beta/models/a//b:generateContent"),
        ("POST", "/gemini/v1beta/models/a/../b:generateContent"),
        ("POST", "/gemini/v1beta/models/a/:generateContent"),
        ("GET", "/openai/v1/models/"),
        ("GET", "/openai/v1/models/vendor/./model"),
        ("GET", "/openai/v1/models//model"),
        ("GET", "/other/models/model"),
        ("POST", "/gemini/v1beta/models/x:generateContent:generateContent"),
        ("POST", "/gemini/v1beta/models/:generateContent"),
        ("POST", "/gemini/v1beta/models/x%2f:generateContent"),
        ("POST", "/ai-gateway/ai-gateway/anthropic/v1/messages"),
        ("GET", "/admin"),
    ],
)
def test_nothing_else_is_a_route(method: str, path: str) -> None:
    """What is not in the table is not served: no prefix, no spelling, no other verb."""
    assert TABLE.find(method, path) is None


def test_a_route_without_an_access_rule_does_not_start() -> None:
    """A row that does not say who may call it stops the start."""
    with pytest.raises(ValueError, match="who may call it"):
        RouteTable([Route("GET", "/x", "", "models", "anthropic")])  # type: ignore[arg-type]


def test_two_rows_for_one_path_do_not_start() -> None:
    """An ambiguous table stops the start."""
    row = Route("GET", "/x", "inference", "models", "anthropic")

    with pytest.raises(ValueError, match="two routes"):
        RouteTable([row, row])


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/anthropic/v1/nothing", "anthropic"),
        ("/ai-gateway/gemini/v1/nothing", "gemini"),
        ("/cursor/v1/nothing", "cursor"),
        ("/codex/v1/nothing", "openai_responses"),
        ("/nothing", "openai_chat"),
        ("/v1/messages/batches", "anthropic"),
        ("/v1/responses/resp_1", "openai_responses"),
        ("/v1beta/files", "gemini"),
        ("/v1/files", "openai_chat"),
    ],
)
def test_an_unknown_path_is_told_in_its_mounts_dialect(path: str, dialect: str) -> None:
    """A 404 has the shape that the agent of that mount reads."""
    assert dialect_of_path(path) == dialect


@pytest.mark.parametrize(
    ("header", "dialect"),
    [(b"anthropic-version", "anthropic"), (b"x-api-key", "anthropic"), (b"x-goog-api-key", "gemini"), (b"authorization", "openai_chat")],
)
def test_headers_tell_whose_list_of_models_is_asked_for(header: bytes, dialect: str) -> None:
    """Three APIs have the same path for it."""
    match = TABLE.find("GET", "/v1/models")

    assert match is not None
    assert match.route.dialect_of([(header, b"x")]) == dialect


def test_a_route_finds_the_response_that_its_path_names() -> None:
    """An id is letters and digits: nothing in it reaches another path of a provider."""
    match = TABLE.find("GET", "/openai/v1/responses/resp_a-1/input_items")

    assert match is not None
    assert match.response_id == "resp_a-1"
    assert all(
        TABLE.find("GET", f"/openai/v1/responses/{response_id}") is None
        for response_id in ("", "..", "a/b", "a.b", "a%2e", "resp_1/cancel", "x" * 129)
    )
