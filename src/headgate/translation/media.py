"""Checks images, documents, sounds and videos: what the target's model cannot see is refused in words, not left out."""

from headgate.core.conversation import Media
from headgate.core.errors import BadRequest, Untranslatable
from headgate.core.model_profile import ModelProfile

_SWITCHES = {"image": "images", "document": "documents", "audio": "audio"}
_NAMES = {"image": "images", "document": "documents", "audio": "sounds"}
_JPEG = {"image/jpg": "image/jpeg"}


def check_media(part: Media, model: str, profile: ModelProfile) -> Media:
    """The part as the target takes it. Raises BadRequest for a kind that the model does not see, Untranslatable for a file at another provider."""
    switch = _SWITCHES.get(part.kind)
    plain = part.kind == "document" and bool(part.text)
    if switch is not None and not plain and not getattr(profile, switch):
        raise BadRequest(f"The model {model} does not take {_NAMES[part.kind]}. Take them out of the conversation, or ask for a model that does.")
    if part.file_id and not (part.base64 or part.url or part.text):
        raise Untranslatable(
            f"The request names a file by its id at a provider ({part.file_id}). The provider that would answer does not have it: send the file itself."
        )
    if part.mime in _JPEG:
        return Media(part.kind, _JPEG[part.mime], part.base64, part.url, part.file_id, part.text, part.name, part.detail, part.cached)
    return part
