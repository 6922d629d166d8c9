"""The contents of messages and results in Responses requests."""

import json

import msgspec
import pytest

from headgate.core.conversation import Foreign, Media, RefusalText, Text
from headgate.core.errors import BadRequest
from headgate.dialects.openai_responses.decode_content import read_content, read_output, split_data_url


def raw(value):
    """A value as it comes in a body."""
    return msgspec.Raw(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"type": "input_text", "text": "a"}, Text("a")),
        ({"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}}, Text("a", cached=True)),
        ({"type": "output_text", "text": "b", "annotations": [{"type": "url_citation"}]}, Text("b")),
        ({"type": "refusal", "refusal": "no"}, RefusalText("no")),
        ({"type": "input_image", "image_url": "https://x/y.png", "detail": "low"}, Media("image", url="https://x/y.png", detail="low")),
        ({"type": "input_image", "image_url": "data:image/PNG;base64,AAAA"}, Media("image", "image/png", base64="AAAA")),
        ({"type": "input_image", "file_id": "file_1", "detail": "auto"}, Media("image", file_id="file_1", detail="auto")),
        (
            {"type": "input_file", "file_data": "data:application/pdf;base64,BBBB", "filename": "a.pdf"},
            Media("document", "application/pdf", base64="BBBB", name="a.pdf"),
        ),
        ({"type": "input_file", "file_data": "BBBB"}, Media("document", "application/pdf", base64="BBBB")),
        ({"type": "input_file", "file_url": "https://x/a.pdf"}, Media("document", url="https://x/a.pdf")),
        ({"type": "input_file", "file_id": "file_2"}, Media("document", file_id="file_2")),
        ({"type": "input_audio", "input_audio": {"data": "CCCC", "format": "mp3"}}, Media("audio", "audio/mpeg", base64="CCCC")),
    ],
)
def test_parts_are_read(part, expected):
    """Each kind of part that OpenAI documents."""
    assert read_content(raw([part]), "content", {}) == (expected,)


def test_a_text_alone_is_one_part():
    """Easy messages have a text in place of a list."""
    assert read_content(raw("hello"), "content", {}) == (Text("hello"),)
    assert read_content(raw(""), "content", {}) == ()
    assert read_content(msgspec.Raw(b"null"), "content", {}) == ()


def test_an_unknown_part_is_kept_as_it_is():
    """A later version's part is passed on to its own dialect."""
    part = msgspec.Raw(b'{"type":"input_video","n":1.50}')
    assert read_content(msgspec.Raw(b"[" + bytes(part) + b"]"), "content", {}) == (Foreign("openai_responses", "input_video part", part),)


def test_a_result_is_texts_and_media():
    """A part of another kind becomes its JSON as text, and so does an output that is an object."""
    parts = raw([{"type": "input_text", "text": "a"}, {"type": "refusal", "refusal": "no"}, {"type": "input_image", "image_url": "https://x/y"}])
    assert read_output(parts, "output", {}) == (Text("a"), Text("no"), Media("image", url="https://x/y"))
    assert read_output(raw("done"), "output", {}) == (Text("done"),)
    assert read_output(msgspec.Raw(b'{"ok":1.0}'), "output", {}) == (Text('{"ok":1.0}'),)
    assert read_output(msgspec.Raw(b'[{"type":"x","n":1.0}]'), "output", {}) == (Text('{"type":"x","n":1.0}'),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (7, "`input[0].content` must be a text or a list of parts."),
        ([1], "`input[0].content[0]` must be an object with a `type`."),
        ([{"type": "input_text"}], "`input[0].content[0].text` must be a text."),
        ([{"type": "input_image"}], "`input[0].content[0]` needs an `image_url` or a `file_id`."),
        ([{"type": "input_file"}], "`input[0].content[0]` needs a `file_data`, a `file_url` or a `file_id`."),
        ([{"type": "input_audio"}], "`input[0].content[0].input_audio` needs `data` and `format`."),
    ],
)
def test_what_the_specification_does_not_allow_is_refused(content, message):
    """In words that say where it is."""
    with pytest.raises(BadRequest) as refused:
        read_content(raw(content), "input[0].content", {})
    assert refused.value.message == message


def test_data_urls():
    """Only those in base64 are taken apart."""
    assert split_data_url("data:text/plain;charset=utf-8;base64,QQ==") == ("text/plain", "QQ==")
    assert split_data_url("data:text/plain,hello") == ("", "")
    assert split_data_url("https://x/y,z") == ("", "")


def test_texts_are_the_same_beside_a_part_of_another_kind():
    """Texts alone are read at once, others one by one."""
    texts = [{"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}}, {"type": "output_text", "text": "b"}]

    assert read_content(raw(texts), "content", {}) == (Text("a", cached=True), Text("b"))
    assert read_content(raw([*texts, {"type": "refusal", "refusal": "no"}]), "content", {}) == (Text("a", cached=True), Text("b"), RefusalText("no"))
