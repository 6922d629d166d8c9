"""Requests of Codex and of OpenAI's Responses SDKs: sent byte for byte but for the model."""

import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.faces import Operation
from headgate.dialects.openai_responses.request import path, read, session_id

RESPONSES = Operation("responses", "codex/v1/responses")
COUNTING = Operation("input_tokens", "codex/v1/responses/input_tokens", "never", generates=False)

# The shape of a Codex turn: tools and items of types that no schema of ours knows, ids although nothing is stored.
CODEX = (
    b'{"model":"databricks-gpt-5-2","stream":true,"store":false,"input":[{"type":"message","id":"m1","role":"developer","content":[{"type":"input_text",'
    b'"text":"\xc3\xa4 \\u00e4"}]},{"type":"reasoning","id":"rs_1","summary":[],"content":null,"encrypted_content":"gAAA"},{"type":"additional_tools",'
    b'"role":"developer","tools":[]}],"tools":[{"type":"namespace","name":"multi_agent_v1","tools":[]},{"type":"custom","name":"apply_patch","format":{}},'
    b'{"type":"web_search","external_web_access":false}],"reasoning":{"effort":"medium","summary":"auto"},"prompt_cache_key":"key-1",'
    b'"client_metadata":{"session_id":"session-1","turn_id":"t"},"a_field_of_next_year":[1.0e5,{}]}'
)


def test_a_turn_of_codex_passes_byte_for_byte():
    """Only the model is another; unknown fields, items and tools are no business of ours."""
    asked = read(CODEX, RESPONSES, "")
    assert (asked.model, asked.stream, asked.usage_hidden) == ("databricks-gpt-5-2", True, False)
    assert asked.with_model("gpt-5.2") == CODEX.replace(b'"databricks-gpt-5-2"', b'"gpt-5.2"')


@pytest.mark.parametrize("body", [b"", b"{}", b'{"model":1}', b'{"model":"m","stream":"yes"}', b'{"model":"a","model":"b"}', b"\xff"])
def test_an_ambiguous_body_is_refused(body):
    """BadRequest, and no other error."""
    with pytest.raises(BadRequest):
        read(body, RESPONSES, "")


def test_the_target_is_fixed():
    """A query of the client's does not go upstream."""
    assert path(RESPONSES, "gpt-5.2", "model=other") == "/responses"
    assert path(COUNTING, "gpt-5.2", "model=other") == "/responses/input_tokens"


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
    assert session_id(read(body, RESPONSES, "")) == session


def test_counting_never_streams():
    """Whatever the body says."""
    assert not read(b'{"model":"m","stream":true}', COUNTING, "").stream
