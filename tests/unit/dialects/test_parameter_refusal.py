"""What a provider's 400 refuses of a request."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.dialects.parameter_refusal import RefusedParameters, parameter_refusal, without_fields

SENT = json.dumps({
    "model": "m",
    "messages": [],
    "tools": [],
    "temperature": 1,
    "verbosity": "low",
    "context_management": {},
    "max_tokens": 5,
}).encode()


def openai(message, code=None, param=None):
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        (openai("Unknown parameter: 'verbosity'.", "unknown_parameter", "verbosity"), {"verbosity"}),
        (openai("Unsupported value: 'temperature' does not support 0.2 with this model.", "unsupported_value", "temperature"), {"temperature"}),
        (openai("Unrecognized request argument supplied: verbosity"), {"verbosity"}),
        (openai("property 'verbosity' is unsupported"), {"verbosity"}),
        ({"type": "error", "error": {"type": "invalid_request_error", "message": "context_management: Extra inputs are not permitted"}}, {"context_management"}),
        ({"type": "error", "error": {"type": "invalid_request_error", "message": "`temperature` is deprecated for this model."}}, {"temperature"}),
        ({"error": {"code": 400, "message": 'Invalid JSON payload received. Unknown name "verbosity": Cannot find field.', "status": "INVALID_ARGUMENT"}}, {"verbosity"}),
        ({"message": "Malformed input request: #: extraneous key [context_management] is not permitted"}, {"context_management"}),
        ({"detail": [{"type": "extra_forbidden", "loc": ["body", "verbosity"], "msg": "Extra inputs are not permitted"}]}, {"verbosity"}),
        (openai("Unknown parameter: 'tools'.", "unknown_parameter", "tools"), set()),
        (openai("Unknown parameter: 'not_sent'.", "unknown_parameter", "not_sent"), set()),
        (openai("Invalid value for 'messages'.", "invalid_value", "messages"), set()),
        ({"detail": "nothing"}, set()),
        ([], set()),
    ],
)  # fmt: skip
def test_refused_fields(answer, fields):
    """Those that were sent and can be left out, in each server's words."""
    assert parameter_refusal(400, json.dumps(answer).encode(), SENT) == RefusedParameters(frozenset(fields))


def test_refused_betas():
    """The values of the header that Anthropic names."""
    message = "Unexpected value(s) `context-1m-2025-08-07`, `x-2` for the `anthropic-beta` header. Please consult our documentation"
    answer = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    assert parameter_refusal(400, json.dumps(answer).encode(), SENT).betas == {"context-1m-2025-08-07", "x-2"}


def test_other_statuses_refuse_no_parameter():
    """A 422 does, as the servers of pydantic's checks answer."""
    answer = json.dumps(openai("Unknown parameter: 'verbosity'.")).encode()
    assert [bool(parameter_refusal(status, answer, SENT)) for status in (400, 422, 403, 500, 200)] == [True, True, False, False, False]


@given(st.binary(max_size=200))
def test_any_answer_is_read(data):
    """Without an error."""
    assert parameter_refusal(400, data, SENT) == RefusedParameters()


def test_fields_are_left_out_alone():
    """Everything else keeps its bytes and its order."""
    body = b'{"a": 1.50, "b": {"x" : [1,2]}, "c": "\\u00fc"}'
    assert without_fields(body, frozenset({"b"})) == b'{"a":1.50,"c":"\\u00fc"}'
