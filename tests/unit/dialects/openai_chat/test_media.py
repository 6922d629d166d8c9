"""Media of Chat Completions, both ways."""

import base64

import pytest

from headgate.core.conversation import Media
from headgate.dialects.openai_chat.media import decode_media, encode_media

PNG = "data:image/png;base64,iVBORw0="

CASES = [
    ("image_url", {"image_url": {"url": PNG, "detail": "high"}}, Media("image", mime="image/png", base64="iVBORw0=", detail="high")),
    ("image_url", {"image_url": {"url": "https://example.com/a.png"}}, Media("image", url="https://example.com/a.png")),
    ("video_url", {"video_url": {"url": "https://example.com/a.mp4"}}, Media("video", url="https://example.com/a.mp4")),
    ("input_audio", {"input_audio": {"data": "AAAA", "format": "mp3"}}, Media("audio", mime="audio/mpeg", base64="AAAA")),
    ("input_audio", {"input_audio": {"data": "AAAA", "format": "ogg"}}, Media("audio", mime="audio/ogg", base64="AAAA")),
    (
        "file",
        {"file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}},
        Media("document", mime="application/pdf", base64="JVBE", name="a.pdf"),
    ),
    ("file", {"file": {"file_id": "file-1"}}, Media("document", file_id="file-1")),
]


@pytest.mark.parametrize(("kind", "part", "media"), CASES)
def test_media_are_decoded_and_encoded(kind, part, media):
    """What is decoded is written as it was."""
    assert decode_media(kind, {"type": kind, **part}) == media
    assert encode_media(media) == {"type": kind, **part}


@pytest.mark.parametrize(
    ("part", "media"),
    [
        ({"image_url": PNG}, Media("image", mime="image/png", base64="iVBORw0=")),
        ({"image_url": {"url": "DATA:image/JPG;charset=x;base64,AAAA"}}, Media("image", mime="image/jpeg", base64="AAAA")),
        ({"image_url": {"url": "data:,plain"}}, Media("image", url="data:,plain")),
        ({"image_url": {"url": PNG}, "cache_control": {"type": "ephemeral"}}, Media("image", mime="image/png", base64="iVBORw0=", cached=True)),
        ({"image_url": {}}, None),
        ({"image_url": 7}, None),
    ],
)
def test_images_are_read_in_every_spelling(part, media):
    """A bare URL, other cases, parameters, a mark of the cache; nothing where there is no URL."""
    assert decode_media("image_url", part) == media


def test_a_file_of_text_is_text():
    """So that a dialect without files can show it; bytes that are no text stay bytes."""
    data = "data:text/plain;base64," + base64.b64encode(b"hello").decode()
    assert decode_media("file", {"file": {"filename": "a.txt", "file_data": data}}) == Media(
        "document", mime="text/plain", text="hello", name="a.txt"
    )
    odd = "data:text/plain;base64,/w=="
    assert decode_media("file", {"file": {"file_data": odd}}) == Media("document", mime="text/plain", base64="/w==")


def test_a_file_without_a_type_is_known_by_its_name():
    """Bare base64 is a PDF unless the name says otherwise; a URL is a URL."""
    assert decode_media("file", {"file": {"filename": "A.CSV", "file_data": "YQ=="}}) == Media("document", mime="text/csv", text="a", name="A.CSV")
    assert decode_media("file", {"file": {"file_data": "JVBE"}}) == Media("document", mime="application/pdf", base64="JVBE")
    assert decode_media("file", {"file": {"file_data": "https://example.com/a.pdf"}}) == Media("document", url="https://example.com/a.pdf")


@pytest.mark.parametrize(
    ("kind", "part"), [("file", {"file": {}}), ("input_audio", {"input_audio": {}}), ("video_url", {}), ("hologram", {"hologram": {}})]
)
def test_what_shows_nothing_is_no_media(kind, part):
    """The caller keeps it as it is."""
    assert decode_media(kind, part) is None


def test_documents_without_bytes():
    """A text is shown as one, with its name; a URL has no part in Chat Completions."""
    assert encode_media(Media("document", text="hello", name="a.txt")) == {"type": "text", "text": "a.txt\n\nhello"}
    assert encode_media(Media("document", text="hello")) == {"type": "text", "text": "hello"}
    assert encode_media(Media("document", url="https://example.com/a.pdf")) is None
    assert encode_media(Media("document", mime="application/pdf", base64="JVBE"))["file"]["filename"] == "file"
    assert encode_media(Media("audio", url="https://example.com/a.mp3")) is None
