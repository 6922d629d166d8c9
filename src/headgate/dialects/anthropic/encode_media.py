"""Images and documents written for Anthropic: https://docs.claude.com/en/docs/build-with-claude/vision and …/pdf-support."""

import base64
import binascii

from headgate.core.conversation import Media
from headgate.core.errors import Untranslatable
from headgate.core.loss import Loss

_JPEG = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}
_TITLE_MAX = 500
_PDF = "application/pdf"
_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/yaml", "application/x-yaml", "application/javascript")

JsonObject = dict[str, object]


def media(part: Media, losses: list[Loss]) -> JsonObject:
    """The block of an image or a document. What Anthropic does not take becomes a note, so that the model knows of it. Raises Untranslatable."""
    if part.file_id:
        raise Untranslatable(f"The file {part.file_id} is at another provider. Send its content in place of its id.")
    part = _from_data_url(part)
    source = _source(part)
    if part.kind not in {"image", "document"} or source is None:
        return {"type": "text", "text": noted(part, losses)}
    if part.detail not in {"", "auto"}:
        losses.append(Loss(f"{part.kind}.detail", "Anthropic has no such setting."))
    block: JsonObject = {"type": part.kind, "source": source}
    if part.kind == "image" and part.name:
        losses.append(Loss("image.name", "Anthropic takes images without a name."))
    if part.kind == "document" and part.name:
        block["title"] = part.name[:_TITLE_MAX]
    return block


def noted(part: Media, losses: list[Loss]) -> str:
    """The note in place of a file that Anthropic does not take."""
    losses.append(Loss(part.kind, f"Anthropic takes no {part.mime or part.kind} here: the model gets a note in its place."))
    return f"[A file that cannot be shown here: {part.name or part.kind} ({part.mime or 'unknown type'})]"


def _from_data_url(part: Media) -> Media:
    """The same part with the bytes of a `data:` URL in its own members."""
    if not part.url.startswith("data:"):
        return part
    head, _, data = part.url.removeprefix("data:").partition(",")
    mime, *parameters = head.split(";")
    coded = data if "base64" in parameters else base64.b64encode(data.encode(errors="replace")).decode()
    return Media(part.kind, mime or part.mime, base64=coded, name=part.name, detail=part.detail, cached=part.cached)


def _source(part: Media) -> JsonObject | None:
    if part.kind == "image":
        return _image(part)
    if part.url:
        return {"type": "url", "url": part.url}
    if part.mime == _PDF or (part.base64.startswith("JVBERi0") and not part.text):  # %PDF-
        return {"type": "base64", "media_type": _PDF, "data": part.base64}
    written = part.text or _written(part)
    return None if written is None else {"type": "text", "media_type": "text/plain", "data": written}


def _image(part: Media) -> JsonObject | None:
    if part.url:
        return {"type": "url", "url": part.url}
    if not part.base64:
        return None
    return {"type": "base64", "media_type": _JPEG.get(part.mime, part.mime or "image/png"), "data": part.base64}


def _written(part: Media) -> str | None:
    """The text of a document that is one; Anthropic takes text as text alone."""
    if not part.mime.startswith(_TEXT_TYPES):
        return None
    try:
        return base64.b64decode(part.base64).decode() or None
    except (binascii.Error, ValueError):
        return None
