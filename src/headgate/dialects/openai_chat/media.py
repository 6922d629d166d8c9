"""Media in Chat Completions: images, sounds and files as parts of a message, both ways.

https://platform.openai.com/docs/api-reference/chat/create: `image_url`, `input_audio` and `file`. `video_url` is an addition of vLLM and OpenRouter.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from headgate.core.conversation import Media
from headgate.dialects.lenient import mapping, text

_DATA_URL: Final = re.compile(r"data:([^;,]*)(?:;[^;,]+=[^;,]*)*;base64,", re.IGNORECASE)
_MIMES: Final = {"image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav"}
_SOUNDS: Final = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_FORMATS: Final = {mime: name for name, mime in _SOUNDS.items()}
_SUFFIXES: Final = {".pdf": "application/pdf", ".txt": "text/plain", ".md": "text/markdown", ".csv": "text/csv", ".json": "application/json"}

MARKS: Final = ("cache_control", "prompt_cache_breakpoint")
"""Members that mark the end of a prefix to cache: OpenRouter's (https://openrouter.ai/docs/features/prompt-caching) and OpenAI's."""


def decode_media(kind: str, part: Mapping[str, object]) -> Media | None:
    """The media in a part of this type; `None` where it is none, or has nothing that could be shown."""
    decode = _DECODERS.get(kind)
    media = None if decode is None else decode(part)
    return msgspec.structs.replace(media, cached=True) if media is not None and is_marked(part) else media


def is_marked(part: Mapping[str, object]) -> bool:
    """Whether a part marks the end of a prefix to cache."""
    return any(part.get(name) is not None for name in MARKS)


def encode_media(media: Media) -> dict[str, object] | None:
    """The part of a user's message that shows it; `None` where Chat Completions has none for it."""
    url = media.url or (f"data:{media.mime};base64,{media.base64}" if media.base64 else "")
    if media.kind == "image" and url:
        return {"type": "image_url", "image_url": {"url": url} | ({"detail": media.detail} if media.detail else {})}
    if media.kind == "audio" and media.base64:
        return {"type": "input_audio", "input_audio": {"data": media.base64, "format": _FORMATS.get(media.mime) or media.mime.removeprefix("audio/")}}
    if media.kind == "video" and url:
        return {"type": "video_url", "video_url": {"url": url}}
    if media.text:
        return {"type": "text", "text": f"{media.name}\n\n{media.text}" if media.name else media.text}
    if media.file_id:
        return {"type": "file", "file": {"file_id": media.file_id}}
    if not media.base64:
        return None
    return {"type": "file", "file": {"filename": media.name or "file", "file_data": url}}


def _image(part: Mapping[str, object]) -> Media | None:
    image = part.get("image_url")
    return _of_url("image", image if isinstance(image, str) else text(mapping(image).get("url")), text(mapping(image).get("detail")))


def _video(part: Mapping[str, object]) -> Media | None:
    return _of_url("video", text(mapping(part.get("video_url")).get("url")), "")


def _sound(part: Mapping[str, object]) -> Media | None:
    sound = mapping(part.get("input_audio"))
    data, form = text(sound.get("data")), text(sound.get("format"))
    return Media("audio", mime=_SOUNDS.get(form, f"audio/{form}"), base64=data) if data else None


def _file(part: Mapping[str, object]) -> Media | None:
    file = mapping(part.get("file"))
    name, file_id, data = text(file.get("filename")), text(file.get("file_id")), text(file.get("file_data"))
    if file_id:
        return Media("document", file_id=file_id, name=name)
    if data.startswith(("https://", "http://")):
        return Media("document", url=data, name=name)
    if not data:
        return None
    mime, coded = _split(data)
    if not coded:
        mime, coded = next((kind for suffix, kind in _SUFFIXES.items() if name.lower().endswith(suffix)), "application/pdf"), data
    if mime.startswith("text/") and (plain := _plain(coded)) is not None:
        return Media("document", mime=mime, text=plain, name=name)
    return Media("document", mime=mime, base64=coded, name=name)


_DECODERS: Final[Mapping[str, Callable[[Mapping[str, object]], Media | None]]] = {
    "image_url": _image,
    "video_url": _video,
    "input_audio": _sound,
    "file": _file,
}


def _of_url(kind: str, url: str, detail: str) -> Media | None:
    if not url:
        return None
    mime, data = _split(url)
    return Media(kind, mime=mime, base64=data, detail=detail) if data else Media(kind, url=url, detail=detail)


def _split(url: str) -> tuple[str, str]:
    """The type and the base64 of a data URL; empty for any other URL."""
    found = _DATA_URL.match(url)
    if found is None:
        return "", ""
    mime = found[1].lower()
    return _MIMES.get(mime, mime), url[found.end() :]


def _plain(coded: str) -> str | None:
    try:
        return base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
