"""Requests of Gemini."""

import json

import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.faces import Operation
from headgate.dialects.gemini.request import body as body_of
from headgate.dialects.gemini.request import path, read

GENERATE = Operation("generateContent", "gemini/v1/generateContent", "never")
STREAM = Operation("streamGenerateContent", "gemini/v1/generateContent", "always")
COUNT = Operation("countTokens", "gemini/v1/countTokens", "never", generates=False)


def test_the_model_is_the_path_s():
    """The body passes untouched; the verb says whether the answer streams."""
    body = b'{ "contents": [ {"role":"user","parts":[{"text":"caf\\u00e9"}]} ],"stream":"yes" }'

    asked = read(body, STREAM, "databricks-gemini-2-5-flash")

    assert (asked.model, asked.stream, asked.model_span) == ("databricks-gemini-2-5-flash", True, None)
    assert body_of(asked, "gemini-2.5-flash") is body
    assert not read(body, GENERATE, "m").stream


@pytest.mark.parametrize("model", ["", ".", "..", "a//b", "/a", "a/", "a/../b", "a%2fb", "a b", "é", "a?b", "a#b", "a\\b", "x" * 129, "a\n"])
def test_a_path_that_could_be_another_one_is_refused(model):
    """Nothing that some decoder on the way could take for another path."""
    with pytest.raises(BadRequest, match="path"):
        read(b"{}", GENERATE, model)


@pytest.mark.parametrize("model", ["vendor/flash", "flash:8b", "gemini-2.5-flash[1m]", "a@b"])
def test_every_name_that_an_endpoint_may_have_can_be_asked(model):
    """A slash and a colon belong to names; in the provider's path they are escaped."""
    assert read(b"{}", GENERATE, model).model == model
    assert path(GENERATE, "vendor/flash:8b", "") == "/v1beta/models/vendor%2Fflash%3A8b:generateContent"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"contents":[],"contents":[]}', b'{"a":NaN}'])
def test_bodies_are_checked(body):
    """As strictly as every dialect's."""
    with pytest.raises(BadRequest):
        read(body, GENERATE, "m")


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (b'{"model": "models/alias","contents":[]}', b'{"model": "models/gemini-2.5-flash","contents":[]}'),
        (b'{"model":"alias"}', b'{"model":"gemini-2.5-flash"}'),
        (
            b'{"generateContentRequest":{"contents":[], "model" : "models/alias"} }',
            b'{"generateContentRequest":{"contents":[], "model" : "models/gemini-2.5-flash"} }',
        ),
        (b'{"generateContentRequest":{"contents":[]}}', b'{"generateContentRequest":{"contents":[]}}'),
        (b'{"generateContentRequest":null}', b'{"generateContentRequest":null}'),
        (b'{"model":null}', b'{"model":null}'),
        (b'{"generateContentRequest":{"model":null}}', b'{"generateContentRequest":{"model":null}}'),
        (b'{"generate_content_request":{"model":"models/alias"}}', b'{"generate_content_request":{"model":"models/gemini-2.5-flash"}}'),
    ],
)
def test_a_model_in_the_body_is_renamed_with_the_path_s(body, sent):
    """Where the body repeats the model, it must not go on under the client's name."""
    assert body_of(read(body, COUNT, "alias"), "gemini-2.5-flash") == sent
    assert body_of(read(body, COUNT, "alias"), "models/gemini-2.5-flash") == sent


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"models/expensive"}',
        b'{"model":7}',
        b'{"generateContentRequest":{"model":"models/expensive"}}',
        b'{"generate_content_request":{"model":"models/expensive"}}',
        b'{"model":null,"generateContentRequest":{"model":"models/expensive"}}',
        b'{"model":"models/alias","generateContentRequest":{"model":"models/expensive"}}',
        b'{"model":"models/alias","generateContentRequest":{"model":"models/alias"}}',
        b'{"generate_content_request":{"model":"alias"},"generateContentRequest":{"model":"alias"}}',
        b'{"generateContentRequest":{"model":"models/alias","model":"models/alias"}}',
    ],
)
def test_a_body_that_contradicts_the_path_is_refused(body):
    """One source for the model; the model that is served is the one that was checked."""
    with pytest.raises(BadRequest):
        read(body, COUNT, "alias")


@pytest.mark.parametrize(
    ("operation", "model", "query", "target"),
    [
        (GENERATE, "gemini-2.5-flash", "alt=sse&model=x", "/v1beta/models/gemini-2.5-flash:generateContent"),
        (STREAM, "gemini-2.5-flash", "alt=sse", "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
        (STREAM, "gemini-2.5-flash", "x=1&alt=sse&$alt=proto", "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
        (STREAM, "gemini-2.5-flash", "", "/v1beta/models/gemini-2.5-flash:streamGenerateContent"),
        (COUNT, "models/m", "", "/v1beta/models/m:countTokens"),
        (COUNT, "../x?y", "", "/v1beta/models/..%2Fx%3Fy:countTokens"),
    ],
)
def test_the_target_is_ours(operation, model, query, target):
    """A configured model, a verb of ours, and of the query only the form of the stream."""
    assert path(operation, model, query) == target


def test_a_long_body_passes():
    """What Gemini CLI sends on every turn."""
    body = json.dumps({"contents": [{"role": "user", "parts": [{"text": "x{[" * 99}]}] * 300, "tools": []}).encode()

    assert read(body, STREAM, "m").body is body
