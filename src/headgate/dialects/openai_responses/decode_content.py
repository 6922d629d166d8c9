"""The contents of messages and of results in a Responses request: texts, refusals, images, files and sounds."""

import msgspec

from headgate.core.conversation import Foreign, Media, Part, RefusalText, Text
from headgate.core.errors import BadRequest
from headgate.dialects.lenient import decoded, mapping, text
from headgate.dialects.unread import Unread, pruned

DIALECT = "openai_responses"
PART = " part"  # ends the kind of a foreign part within a message: others are items of their own

_ABSENT = frozenset({b"", b"null"})
_ABSENT_BYTES_MAX = 4
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_NULL = msgspec.Raw(b"null")
_TEXTS = frozenset({"input_text", "output_text", "text", "summary_text", "reasoning_text"})
_READ = _TEXTS | {"refusal", "input_image", "image_url", "input_file", "input_audio"}
_USUAL_TTLS = frozenset({None, "30m"})
_SOUNDS = {"mp3": "audio/mpeg", "wav": "audio/wav"}


class _Content(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The members of a part that are read."""

    type: object = None
    text: object = None
    refusal: object = None
    image_url: object = None
    detail: object = None
    file_id: object = None
    file_data: object = None
    file_url: object = None
    filename: object = None
    input_audio: object = None
    prompt_cache_breakpoint: object = None
    annotations: object = None
    logprobs: object = None


class SaidText(msgspec.Struct, tag_field="type", tag="input_text", gc=False, forbid_unknown_fields=True):
    """A text in a message of the client's, or in a result."""

    text: str
    prompt_cache_breakpoint: object = None
    annotations: object = None


class AnsweredText(SaidText, tag="output_text"):
    """A text in a message of the model's."""


UsualContent = str | list[SaidText | AnsweredText] | None
"""What almost all contents are."""

_CONTENT = msgspec.json.Decoder(_Content)
_TEXTS_ALONE = msgspec.json.Decoder(list[SaidText | AnsweredText])
_ANY = msgspec.json.Decoder()


def read_content(raw: msgspec.Raw | UsualContent, where: str, unread: Unread) -> tuple[Part, ...]:
    """The parts of a message: one text, or a list of parts. Raises BadRequest; `where` is its place in the request."""
    if not isinstance(raw, msgspec.Raw):
        return usual_parts(raw, unread)
    if is_absent(raw):
        return ()
    value = bytes(raw)
    if value.startswith(b'"'):
        return _plain(raw)
    try:  # almost all are
        said = _TEXTS_ALONE.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _parts(raw, where, unread)
    return usual_parts(said, unread)


def usual_parts(content: UsualContent, unread: Unread) -> tuple[Text, ...]:
    """The parts of a content that is decoded."""
    if not content:
        return ()
    if isinstance(content, str):
        return (Text(content),)
    for each in content:
        if each.annotations or each.prompt_cache_breakpoint:
            _note(each, unread)
    return tuple([Text(each.text, bool(mapping(each.prompt_cache_breakpoint))) for each in content])


def _note(said: SaidText | _Content, unread: Unread) -> None:
    """Note the sources of a text, and how long a mark wants its prefix kept."""
    if said.annotations:
        unread.setdefault("output_text.annotations", msgspec.Raw(msgspec.json.encode(said.annotations)))
    ttl = mapping(said.prompt_cache_breakpoint).get("ttl")
    if ttl not in _USUAL_TTLS:
        unread.setdefault("prompt_cache_breakpoint.ttl", msgspec.Raw(msgspec.json.encode(ttl)))


def _parts(raw: msgspec.Raw, where: str, unread: Unread) -> tuple[Part, ...]:
    """The parts of a list, one by one."""
    elements = decoded(_RAWS, raw) if bytes(raw).startswith(b"[") else None
    if elements is None:
        raise BadRequest(f"`{where}` must be a text or a list of parts.")
    return tuple(_part(element, f"{where}[{at}]", unread) for at, element in enumerate(elements))


def read_output(raw: msgspec.Raw | UsualContent, where: str, unread: Unread) -> tuple[Text | Media, ...]:
    """The parts of a result. What is neither text nor media is given as the text that it is."""
    if not isinstance(raw, msgspec.Raw):
        return usual_parts(raw, unread)
    if not is_absent(raw) and not bytes(raw).startswith((b'"', b"[")):
        return (Text(bytes(raw).decode(errors="replace")),)
    return tuple(_plainly(part) for part in read_content(raw, where, unread))


def is_absent(raw: msgspec.Raw) -> bool:
    """Whether a member is missing or null."""
    return len(raw) <= _ABSENT_BYTES_MAX and bytes(raw) in _ABSENT


def split_data_url(url: str) -> tuple[str, str]:
    """The type and the base64 of a data URL; two empty texts for any other text."""
    head, comma, data = url.partition(",")
    if not comma or not head.lower().startswith("data:") or not head.lower().endswith(";base64"):
        return "", ""
    return head[5:-7].partition(";")[0].lower(), data


def _plain(raw: msgspec.Raw) -> tuple[Part, ...]:
    said = text(decoded(_ANY, raw))
    return (Text(said),) if said else ()


def _plainly(part: Part) -> Text | Media:
    match part:
        case Text() | Media():
            return part
        case RefusalText():
            return Text(part.text)
        case Foreign():
            return Text(bytes(part.raw).decode(errors="replace"))
    return Text("")


def _decoded(raw: msgspec.Raw, unread: Unread) -> _Content | None:
    """A part, without the members that have no place; `None` for what is no object."""
    try:
        return _CONTENT.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        if not bytes(raw).startswith(b"{"):
            return None
    kind = text(mapping(decoded(_ANY, raw)).get("type"))
    more = unread if kind in _READ else {}  # any other part stays as it is
    return decoded(_CONTENT, pruned(raw, _Content, kind, more))


def _part(raw: msgspec.Raw, where: str, unread: Unread) -> Part:
    content = _decoded(raw, unread)
    if content is None:
        raise BadRequest(f"`{where}` must be an object with a `type`.")
    kind = text(content.type)
    if kind in _READ:
        _note(content, unread)
        if content.logprobs:
            unread.setdefault("output_text.logprobs", msgspec.Raw(msgspec.json.encode(content.logprobs)))
    cached = bool(mapping(content.prompt_cache_breakpoint))
    if kind in _TEXTS:
        if not isinstance(content.text, str):
            raise BadRequest(f"`{where}.text` must be a text.")
        return Text(content.text, cached)
    if kind == "refusal":
        return RefusalText(text(content.refusal))
    media = _media(kind, content, where)
    if media is None:
        return Foreign(DIALECT, (kind or "unknown") + PART, raw)
    return msgspec.structs.replace(media, cached=True) if cached else media


def _media(kind: str, content: _Content, where: str) -> Media | None:
    match kind:
        case "input_image" | "image_url":
            return _image(content, where)
        case "input_file":
            return _file(content, where)
        case "input_audio":
            return _sound(content, where)
    return None


def _image(content: _Content, where: str) -> Media:
    named = content.image_url if isinstance(content.image_url, str) else mapping(content.image_url).get("url")
    url, detail = text(named), text(content.detail)
    mime, data = split_data_url(url)
    if data:
        return Media("image", mime, base64=data, detail=detail)
    if url:
        return Media("image", url=url, detail=detail)
    if file_id := text(content.file_id):
        return Media("image", file_id=file_id, detail=detail)
    raise BadRequest(f"`{where}` needs an `image_url` or a `file_id`.")


def _file(content: _Content, where: str) -> Media:
    name, detail = text(content.filename), text(content.detail)
    if given := text(content.file_data):
        mime, data = split_data_url(given)
        return Media("document", mime or "application/pdf", base64=data or given, name=name, detail=detail)
    if url := text(content.file_url):
        return Media("document", url=url, name=name, detail=detail)
    if file_id := text(content.file_id):
        return Media("document", file_id=file_id, name=name, detail=detail)
    raise BadRequest(f"`{where}` needs a `file_data`, a `file_url` or a `file_id`.")


def _sound(content: _Content, where: str) -> Media:
    sound = mapping(content.input_audio)
    data, form = text(sound.get("data")), text(sound.get("format"))
    if not data:
        raise BadRequest(f"`{where}.input_audio` needs `data` and `format`.")
    return Media("audio", _SOUNDS.get(form, f"audio/{form}" if form else ""), base64=data)
