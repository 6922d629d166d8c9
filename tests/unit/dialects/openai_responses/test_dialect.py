"""The dialect of Codex and of OpenAI's Responses SDKs, as the gateway uses it."""

import json

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import BadRequest, Unauthenticated, UpstreamFailed
from headgate.core.event import Finished, Started
from headgate.dialects.faces import Dialect, Operation
from headgate.dialects.openai_responses.dialect import OpenAIResponses

RESPONSES = Operation("responses", "codex/v1/responses")
DIALECT: Dialect = OpenAIResponses()
GPT = Endpoint("databricks-gpt-5-2", (target_of(Provider("lab", "openai", "http://127.0.0.1/v1"), "gpt-5.2"),))

# The shape of a Codex turn: tools and items of types that no schema of ours knows, ids although nothing is stored.
CODEX = (
    b'{"model":"databricks-gpt-5-2","stream":true,"store":false,"input":[{"type":"message","id":"m1","role":"developer","content":[{"type":"input_text",'
    b'"text":"\xc3\xa4 \\u00e4"}]},{"type":"reasoning","id":"rs_1","summary":[],"content":null,"encrypted_content":"gAAA"},{"type":"additional_tools",'
    b'"role":"developer","tools":[]}],"tools":[{"type":"namespace","name":"multi_agent_v1","tools":[]},{"type":"custom","name":"apply_patch","format":{}},'
    b'{"type":"web_search","external_web_access":false}],"reasoning":{"effort":"medium","summary":"auto"},"prompt_cache_key":"key-1",'
    b'"client_metadata":{"session_id":"session-1","turn_id":"t"},"a_field_of_next_year":[1.0e5,{}]}'
)


def read(body):
    """A body as it is checked."""
    return DIALECT.read(body, RESPONSES, "")


def test_a_turn_of_codex_passes_byte_for_byte():
    """Only the model is another; unknown fields, items and tools are no business of ours."""
    asked = read(CODEX)
    assert (asked.model, asked.stream, asked.usage_hidden) == ("databricks-gpt-5-2", True, False)
    assert DIALECT.upstream_body(asked, "gpt-5.2") == CODEX.replace(b'"databricks-gpt-5-2"', b'"gpt-5.2"')
    assert DIALECT.answer_filter(asked) is None


@pytest.mark.parametrize("body", [b"", b"{}", b'{"model":1}', b'{"model":"m","stream":"yes"}', b'{"model":"a","model":"b"}', b"\xff"])
def test_an_ambiguous_body_is_refused(body):
    """BadRequest, and no other error."""
    with pytest.raises(BadRequest):
        read(body)


def test_the_target_is_fixed():
    """A query of the client's does not go upstream."""
    assert DIALECT.upstream_target(RESPONSES, "gpt-5.2", "model=other") == "/responses"


@pytest.mark.parametrize(
    ("body", "session"),
    [
        (CODEX, "session-1"),
        (b'{"model":"m","prompt_cache_key":"key-1"}', "key-1"),
        (b'{"model":"m","prompt_cache_key":"key-1","client_metadata":{"session_id":""}}', "key-1"),
        (b'{"model":"m","prompt_cache_key":7,"client_metadata":"x"}', ""),
        (b'{"model":"m"}', ""),
    ],
)
def test_the_session_is_found(body, session):
    """Where Codex says it, in newer and in older versions."""
    assert DIALECT.session_of(read(body)) == session


def test_the_parts_are_put_together():
    """Reader, whole answers, lengths, errors and listings are those of this dialect."""
    reader = DIALECT.reader()
    assert reader.feed(b'data: {"type":"response.created","response":{"id":"r","model":"m"}}\n\n') == [Started("r", "m")]
    assert list(DIALECT.read_answer(b'{"id":"r","model":"m","status":"completed"}')) == [Started("r", "m"), Finished("completed")]
    assert DIALECT.request_text_length(read(b'{"model":"m","input":"hello"}')) == 5
    assert DIALECT.answer_text_length(b'{"output":[{"content":[{"text":"hello"}]}]}') == 5
    assert DIALECT.stream_text_length(b'data: {"type":"response.output_text.delta","delta":"hello"}\n\n') == 5
    assert json.loads(DIALECT.model(GPT))["id"] == "databricks-gpt-5-2"
    assert [entry["slug"] for entry in json.loads(DIALECT.models([GPT], {"client_version": "0.169.0"}))["models"]] == ["databricks-gpt-5-2"]


def test_errors_have_this_dialects_shapes():
    """As an answer, and inside a stream; the word in silence is an event, for Codex does not hear comments."""
    status, headers, body = DIALECT.error(Unauthenticated("No such token."), "req_1")
    assert (status, json.loads(body)["error"]["code"]) == (401, "invalid_api_key")
    assert (b"x-should-retry", b"false") in headers
    assert b"event: response.failed\n" in DIALECT.stream_error(UpstreamFailed("It broke."), "req_1")
    assert DIALECT.keep_alive.startswith(b"event: ")
