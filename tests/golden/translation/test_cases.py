"""The cases themselves: what a client or a provider is made to say here is what the official SDKs would send and read."""

import json

import pytest
from pydantic import ValidationError

from tests.fakes import sdk_requests
from tests.golden.translation import sdk_answers
from tests.golden.translation.cases import ANSWERS, REQUESTS, WHOLE, body_bytes, operation_of, request_bytes, stream_bytes

# Requests that real clients send and their SDK's types do not have.
UNTYPED_REQUESTS = {
    "anthropic/beta_fields": "fields of APIs under a beta header",
    "openai_chat/thinking": "servers that speak the dialect take `reasoning_content`",
    "openai_responses/envelope_anthropic": "Codex sends a reasoning item back with `content: null`",
    "openai_responses/envelope_gemini": "Codex sends a reasoning item back with `content: null`",
    "openai_responses/thinking": "Codex sends a reasoning item back with `content: null`",
    "openai_responses/thinking_unsigned": "Codex sends a reasoning item back with `content: null`",
    "openai_responses/unknown_item": "an item and a field of a later API",
}
# Answers of servers that do not keep to the dialect.
UNTYPED_ANSWERS = {
    "anthropic/overlap": "llama.cpp overlaps blocks and leaves `input` out",
    "openai_responses/bare": "llama.cpp numbers no events and begins again between two deltas",
    "openai_responses/citations": "a search begins without its action",
}


@pytest.mark.parametrize("case", [case for case in REQUESTS if not case.startswith("cursor/")])
def test_a_request_is_one_of_its_dialect(case):
    """The SDK of the client's dialect would send it, except for those that are listed with a reason."""
    try:
        sdk_requests.check(operation_of(case), json.loads(request_bytes(case)))
    except ValidationError:
        assert case in UNTYPED_REQUESTS
    else:
        assert case not in UNTYPED_REQUESTS


@pytest.mark.parametrize("case", [case for case in WHOLE if case not in UNTYPED_ANSWERS])
def test_an_answer_is_one_of_its_dialect(case):
    """The SDK of the provider's dialect reads it, and has the same of the stream as of the unstreamed body."""
    dialect = case.partition("/")[0]

    assert sdk_answers.read_stream(dialect, stream_bytes(case)) == sdk_answers.read_body(dialect, body_bytes(case))


def test_only_broken_streams_have_no_body():
    """An answer that does not come to its end is known as a stream alone."""
    assert {case.partition("/")[2] for case in ANSWERS if case not in WHOLE} == {"cut", "error"}
