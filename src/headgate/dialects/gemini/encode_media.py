"""Images, documents, sounds and videos in a request to Gemini: their data, or a URI that Google itself can read.

That is a file in Cloud Storage, of the Files API, or a video of YouTube (https://ai.google.dev/gemini-api/docs/file-input-methods). Headgate fetches
no URL that a client wrote.
"""

import base64
from typing import Final

from headgate.core.conversation import Media
from headgate.core.errors import Untranslatable
from headgate.core.loss import Loss

URIS: Final = (
    "gs://",
    "https://generativelanguage.googleapis.com/",
    "https://www.youtube.com/",
    "https://youtube.com/",
    "https://youtu.be/",
)
"""How URIs begin that Google reads."""

_MIMES: Final = {"image": "image/jpeg", "document": "application/pdf", "audio": "audio/wav", "video": "video/mp4"}
_ALIKE: Final = {"image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg", "audio/x-wav": "audio/wav"}


def media_parts(media: Media, losses: list[Loss]) -> list[dict[str, object]]:
    """The parts for media: after a text with its name, for which the Gemini API has no place. Raises Untranslatable."""
    if media.detail not in {"", "auto"}:
        losses.append(Loss(f"{media.kind}.detail", "Gemini has one resolution for all media of a request."))
    part = media_part(media)
    return [{"text": f"{media.name}:"}, part] if media.name else [part]


def media_part(media: Media) -> dict[str, object]:
    """The part of a content for media. Raises Untranslatable for a URL that Google does not read, and for another provider's file."""
    mime = _ALIKE.get(media.mime, media.mime)
    if media.base64:
        return {"inlineData": {"mimeType": mime or _MIMES.get(media.kind, "application/octet-stream"), "data": media.base64}}
    uri = media.url or media.file_id
    if not uri:
        data = base64.b64encode(media.text.encode(errors="replace")).decode()
        return {"inlineData": {"mimeType": mime if mime.startswith("text/") else "text/plain", "data": data}}
    if uri.startswith(URIS):
        return {"fileData": {**({"mimeType": mime} if mime else {}), "fileUri": uri}}
    if media.file_id and not media.url:
        raise Untranslatable(f"The file {media.file_id} is at another provider. Send its data.")
    raise Untranslatable(f"Gemini takes an {_article(media.kind)} as data and not from a URL on the web, and Headgate fetches none. Send its data.")


def _article(kind: str) -> str:
    return kind if kind in {"image", "audio"} else "attachment"
