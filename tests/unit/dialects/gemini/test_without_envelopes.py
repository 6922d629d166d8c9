"""Requests without the states of other providers."""

import json

import pytest

from headgate.core.opaque_state import OpaqueState, enveloped_as_base64
from headgate.dialects.faces import Operation
from headgate.dialects.gemini.request import body, read
from headgate.dialects.gemini.seals import sealed
from headgate.dialects.gemini.without_envelopes import without_envelopes

GENERATE = Operation("generateContent", "gemini/v1/generateContent", "never")
COUNT = Operation("countTokens", "gemini/v1/countTokens", "never", generates=False)
THEIRS = enveloped_as_base64(OpaqueState("anthropic", "signature", "c2ln"))


def cleaned(request, operation=GENERATE):
    """The body without envelopes."""
    asked = read(json.dumps(request).encode(), operation, "gemini-x")
    return json.loads(body(without_envelopes(asked), "gemini-y"))


def content(*parts):
    """A content of the model."""
    return {"role": "model", "parts": list(parts)}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([{"text": "a", "thoughtSignature": THEIRS}], [{"text": "a"}]),
        ([{"text": "a"}, {"text": "", "thought_signature": THEIRS}], [{"text": "a"}]),
        ([{"text": "", "thoughtSignature": THEIRS}], [{"text": ""}]),
        (
            [{"functionCall": {"name": "ls", "args": {"thoughtSignature": THEIRS}}, "thoughtSignature": THEIRS}],
            [{"functionCall": {"name": "ls", "args": {"thoughtSignature": THEIRS}}, "thoughtSignature": "skip_thought_signature_validator"}],
        ),
        ([{"text": "a", "thoughtSignature": sealed([THEIRS], "RWc9PQ==")}], [{"text": "a", "thoughtSignature": "RWc9PQ=="}]),
        ([{"text": "a", "thoughtSignature": "RWc9PQ=="}, {"text": THEIRS}], [{"text": "a", "thoughtSignature": "RWc9PQ=="}, {"text": THEIRS}]),
    ],
)
def test_envelopes_are_taken_out(parts, expected):
    """Of a part's own place alone: a native signature stays, and so do arguments and texts."""
    request = {"contents": [content(*parts)], "generationConfig": {"topK": 1}}
    assert cleaned(request) == {"contents": [content(*expected)], "generationConfig": {"topK": 1}}


def test_the_model_in_a_body_is_still_found():
    """Before and after the contents, and in a nested request."""
    signed, clean = content({"text": "a", "thoughtSignature": THEIRS}), content({"text": "a"})
    assert cleaned({"contents": [signed], "model": "gemini-x"}) == {"contents": [clean], "model": "gemini-y"}
    assert cleaned({"model": "models/gemini-x", "contents": signed}) == {"model": "models/gemini-y", "contents": clean}
    nested = {"contents": [signed], "model": "models/gemini-x"}
    assert cleaned({"generateContentRequest": nested}, COUNT) == {"generateContentRequest": {"contents": [clean], "model": "models/gemini-y"}}


def test_a_request_without_any_stays_as_it_is():
    """The same object."""
    asked = read(b'{"contents":[{"parts":[{"text":"a"}]}, 1]}', GENERATE, "gemini-x")
    assert without_envelopes(asked) is asked
