"""Media in a request to Gemini."""

import pytest

from headgate.core.conversation import Media
from headgate.core.errors import Untranslatable
from headgate.dialects.gemini.encode_media import media_part


@pytest.mark.parametrize(
    ("media", "part"),
    [
        (Media("image", "image/png", "AAAA"), {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}),
        (Media("image", "image/jpg", "AAAA"), {"inlineData": {"mimeType": "image/jpeg", "data": "AAAA"}}),
        (Media("document", "", "AAAA"), {"inlineData": {"mimeType": "application/pdf", "data": "AAAA"}}),
        (Media("document", text="Hi"), {"inlineData": {"mimeType": "text/plain", "data": "SGk="}}),
        (Media("document", "text/csv", text="Hi"), {"inlineData": {"mimeType": "text/csv", "data": "SGk="}}),
        (Media("audio", "audio/mp3", "AAAA"), {"inlineData": {"mimeType": "audio/mpeg", "data": "AAAA"}}),
        (Media("image", "image/png", url="gs://b/a"), {"fileData": {"mimeType": "image/png", "fileUri": "gs://b/a"}}),
        (Media("video", url="https://youtu.be/x"), {"fileData": {"fileUri": "https://youtu.be/x"}}),
        (
            Media("document", file_id="https://generativelanguage.googleapis.com/v1beta/files/a"),
            {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a"}},
        ),
    ],
)
def test_media_by_data_or_by_a_uri_that_google_reads(media, part):
    """With its type, or the usual one of its kind."""
    assert media_part(media) == part


def test_other_urls_and_files_are_refused():
    """Headgate fetches no URL of a client."""
    with pytest.raises(Untranslatable, match="takes an image as data and not from a URL"):
        media_part(Media("image", url="https://example.com/a.png"))
    with pytest.raises(Untranslatable, match="The file file-1 is at another provider"):
        media_part(Media("document", file_id="file-1"))
