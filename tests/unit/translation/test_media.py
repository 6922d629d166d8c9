"""Media in a conversation."""

import pytest

from headgate.core.conversation import Media
from headgate.core.errors import BadRequest, Untranslatable
from headgate.core.model_profile import ModelProfile
from headgate.translation.media import check_media

BLIND = ModelProfile(images=False, documents=False, audio=False)


def test_media_that_the_model_takes_stay():
    """The same object; but the type of JPEG has one name."""
    image = Media("image", "image/png", "AAAA")

    assert check_media(image, "m", ModelProfile()) is image
    assert check_media(Media("image", "image/jpg", "AAAA"), "m", ModelProfile()) == Media("image", "image/jpeg", "AAAA")


@pytest.mark.parametrize(("kind", "word"), [("image", "images"), ("document", "documents"), ("audio", "sounds")])
def test_what_the_model_does_not_take_is_refused_in_words(kind, word):
    """Leaving it out would change what is asked."""
    with pytest.raises(BadRequest, match=f"The model m does not take {word}"):
        check_media(Media(kind, base64="AAAA"), "m", BLIND)


def test_a_document_of_plain_text_is_text():
    """Every model reads it."""
    plain = Media("document", "text/plain", text="Hello")

    assert check_media(plain, "m", BLIND) is plain


def test_a_file_at_another_provider_cannot_be_sent():
    """Only its provider has it."""
    with pytest.raises(Untranslatable, match="file-1"):
        check_media(Media("document", file_id="file-1"), "m", ModelProfile())
