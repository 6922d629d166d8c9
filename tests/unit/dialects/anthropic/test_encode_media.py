"""Images and documents for Anthropic."""

import pytest

from headgate.core.conversation import Media
from headgate.core.errors import Untranslatable
from headgate.dialects.anthropic.encode_media import media

PDF = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0x"}


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (Media("image", "image/png", base64="aGk="), {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}),
        (Media("image", "image/jpg", base64="aGk="), {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "aGk="}}),
        (Media("image", url="https://x"), {"type": "image", "source": {"type": "url", "url": "https://x"}}),
        (
            Media("image", url="data:image/webp;base64,aGk="),
            {"type": "image", "source": {"type": "base64", "media_type": "image/webp", "data": "aGk="}},
        ),
        (Media("document", "application/pdf", base64="JVBERi0x", name="a.pdf"), {"type": "document", "source": PDF, "title": "a.pdf"}),
        (Media("document", base64="JVBERi0x"), {"type": "document", "source": PDF}),
        (Media("document", url="https://x.pdf"), {"type": "document", "source": {"type": "url", "url": "https://x.pdf"}}),
        (
            Media("document", "text/plain", text="hi"),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}},
        ),
        (
            Media("document", "text/csv", base64="YSxi"),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a,b"}},
        ),
        (
            Media("document", url="data:text/plain,hi"),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}},
        ),
    ],
)  # fmt: skip
def test_what_anthropic_takes(part, block):
    """Nothing is lost."""
    losses = []

    assert media(part, losses) == block
    assert losses == []


@pytest.mark.parametrize(
    ("part", "note"),
    [
        (Media("audio", "audio/wav", base64="aGk="), "[A file that cannot be shown here: audio (audio/wav)]"),
        (Media("document", "application/zip", base64="aGk=", name="a.zip"), "[A file that cannot be shown here: a.zip (application/zip)]"),
        (Media("document", "text/plain", base64="\xff"), "[A file that cannot be shown here: document (text/plain)]"),
        (Media("image"), "[A file that cannot be shown here: image (unknown type)]"),
    ],
)
def test_what_it_does_not_take_is_noted(part, note):
    """The model knows that there was something, and so does the client."""
    losses = []

    assert media(part, losses) == {"type": "text", "text": note}
    assert [loss.what for loss in losses] == [part.kind]


def test_a_file_at_another_provider_is_refused():
    """Without it the request would be another one."""
    with pytest.raises(Untranslatable, match="file-1"):
        media(Media("document", file_id="file-1"), [])
