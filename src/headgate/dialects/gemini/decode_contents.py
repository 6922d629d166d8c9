"""The contents of a client's request as turns of a conversation.

Gemini knows a call by its name and order where it has no id: a call without one gets an id made of its place, and a result without one belongs to
the first call of its name that has none yet. States of thoughts that travel on the part after them become thoughts again, before that part.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

import msgspec

from headgate.core.conversation import ASSISTANT, SYSTEM, USER, Foreign, Media, Part, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.errors import BadRequest
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.gemini.given_contents import GivenPart, read_content, read_part, usual_contents
from headgate.dialects.gemini.members import Members, compact, elements, flag, members, note_others, plain, string
from headgate.dialects.gemini.seals import FAMILY, Unsealed, unsealed
from headgate.dialects.unread import Unread, note

_ROLES: Final = {"": USER, "user": USER, "function": USER, "tool": USER, "model": ASSISTANT}
_DETAILS: Final = {
    "MEDIA_RESOLUTION_LOW": "low",
    "MEDIA_RESOLUTION_MEDIUM": "auto",
    "MEDIA_RESOLUTION_HIGH": "high",
    "MEDIA_RESOLUTION_ULTRA_HIGH": "high",
}
_RESULTS: Final = ("output", "result", "content")
_FILES: Final = ("gs://", "https://generativelanguage.googleapis.com/")
_VIDEOS: Final = ("https://www.youtube.com/", "https://youtube.com/", "https://youtu.be/")


# The members that are read of what is not written as almost all are.
_CONTENT_READ: Final = frozenset({"role", "parts"})
_PART_READ: Final = frozenset({
    "text", "functionCall", "functionResponse", "inlineData", "fileData", "thought", "thoughtSignature", "videoMetadata", "mediaResolution",
})  # fmt: skip
_CALL_READ: Final = frozenset({"name", "id", "args"})
_RESULT_READ: Final = frozenset({"name", "id", "response", "parts"})
_LEVEL_READ: Final = frozenset({"level"})
_IDS_MAX: Final = 2_048
_UNSIGNED: Final = Unsealed()
_NOTHING: Final = msgspec.Raw()
_NO_ARGUMENTS: Final = frozenset({b"", b"null"})


def system_turn(raw: msgspec.Raw, unread: Unread) -> Turn:
    """The system instruction, whatever role it names."""
    if bytes(raw).startswith(b'"'):
        return Turn(SYSTEM, (Text(string({"text": raw}, "text", "systemInstruction")),))
    fields = members(raw, "systemInstruction")
    note_others(unread, "systemInstruction", fields, _CONTENT_READ)
    decoder = ContentsDecoder(unread)
    return Turn(SYSTEM, decoder.parts(elements(fields.get("parts"), "systemInstruction.parts"), "systemInstruction"))


def turns(raw: msgspec.Raw | None, unread: Unread) -> tuple[Turn, ...]:
    """The turns of a request's contents, each content with parts one turn."""
    decoder = ContentsDecoder(unread)
    usual = usual_contents(raw)
    if usual is not None:
        found = [decoder.given_turn(content.role or "", content.parts or (), f"contents[{place}]") for place, content in enumerate(usual)]
        return tuple(turn for turn in found if turn.parts)
    decoded = [decoder.turn(content, f"contents[{place}]") for place, content in enumerate(elements(raw, "contents"))]
    return tuple(turn for turn in decoded if turn.parts)


class ContentsDecoder:
    """Decodes the contents of one request in order, and knows the calls that have no result yet. What has no place in a conversation it notes."""

    def __init__(self, unread: Unread) -> None:
        self._unread = unread
        self._open: dict[str, list[str]] = {}  # ids of calls by name
        self._role = ""

    def turn(self, raw: msgspec.Raw, where: str) -> Turn:
        """One content."""
        role, raws = _content(raw, where, self._unread)
        self._begin(role, where)
        return Turn(self._role, self.parts(raws, where))

    def given_turn(self, role: str, given: Sequence[GivenPart], where: str) -> Turn:
        """One content whose parts are as almost all are."""
        self._begin(role, where)
        for part in given:
            if part.thought_signature:
                return Turn(self._role, self._parts([(each, _NOTHING) for each in given], where))
        found: list[Part] = []
        for place, part in enumerate(given):
            text = part.text
            if text is not None and not part.thought:  # of any other part the place matters
                found.append(Text(text))
            else:
                found += self._usual(part, f"{where}.parts[{place}]", None)
        return Turn(self._role, tuple(found))

    def parts(self, raws: Sequence[msgspec.Raw], where: str) -> tuple[Part, ...]:
        """The parts of one content."""
        return self._parts([(read_part(raw), raw) for raw in raws], where)

    def _begin(self, role: str, where: str) -> None:
        if role not in _ROLES:
            raise BadRequest(f"`{where}.role` must be `user` or `model`.", code="invalid_request")
        if _ROLES[role] == ASSISTANT and self._role == USER:
            self._open.clear()  # a call that was never answered keeps no result of a later one
        self._role = _ROLES[role]

    def _parts(self, written: Sequence[tuple[GivenPart | None, msgspec.Raw]], where: str) -> tuple[Part, ...]:
        """The same of parts that are as almost all are, or else of their text."""
        found: list[Part] = []
        joins = False  # whether a text goes on that was cut after its beginning, for the states of thoughts to travel on that
        for place, (given, raw) in enumerate(written):
            at = f"{where}.parts[{place}]"
            fields = {} if given is not None else members(raw, at)
            signed = (
                given.thought_signature if given is not None else string(fields, "thoughtSignature", at) if "thoughtSignature" in fields else None
            )
            signature = unsealed(signed) if signed else _UNSIGNED
            thought = given.thought if given is not None else flag(fields, "thought", at)
            if thought and signature.thoughts:  # its own place
                signature = Unsealed(own=signature.thoughts[0])
            decoded = self._usual(given, at, signature.own) if given is not None else self._part(fields, raw, at, signature.own)
            if joins and signed is None and isinstance(decoded[0], Text) and isinstance(found[-1], Text):
                found[-1] = Text(found[-1].text + decoded[0].text)
                continue
            if signature.thoughts:
                _bring_back(found, signature.thoughts)
                decoded = [part for part in decoded if part != Text("")]  # there was nothing for them to travel on
            joins = bool(signature.thoughts) and signature.own is None and bool(decoded) and isinstance(decoded[0], Text)
            found += decoded
        return tuple(found)

    def _usual(self, given: GivenPart, where: str, state: OpaqueState | None) -> list[Part]:
        if given.text is not None:
            return [Thinking(given.text, summary=True, state=state) if given.thought else Text(given.text, state=state)]
        call, result = given.function_call, given.function_response
        if call is not None:
            return [self._called(call.name or "", call.id or "", call.args, where, state)]
        if result is None:
            return []
        said = (Text(result.response.output),) if result.response.output else ()
        return [ToolResult(self._answered(result.id or "", result.name or "") or _made_id(where, result.name or ""), said, result.name or "")]

    def _part(self, fields: Members, raw: msgspec.Raw, where: str, state: OpaqueState | None) -> list[Part]:
        decode = next((decode for name, decode in _DECODERS.items() if name in fields), None)
        if decode is None:
            kind = next((name for name in fields if name not in {"thought", "thoughtSignature"}), "part")
            return [Foreign(FAMILY, kind, raw)]
        note_others(self._unread, "parts", fields, _PART_READ)
        if bytes(level := fields.get("mediaResolution", _NOTHING)).startswith(b"{"):
            note_others(self._unread, "mediaResolution", members(level, f"{where}.mediaResolution"), _LEVEL_READ)
        return decode(self, fields, where, state)

    @staticmethod
    def decoders() -> "Mapping[str, Callable[[ContentsDecoder, Members, str, OpaqueState | None], list[Part]]]":
        """What decodes a part, by the field that says its kind."""
        return {
            "text": ContentsDecoder._text,
            "functionCall": ContentsDecoder._call,
            "functionResponse": ContentsDecoder._result,
            "inlineData": ContentsDecoder._inline,
            "fileData": ContentsDecoder._file,
        }

    def _text(self, fields: Members, where: str, state: OpaqueState | None) -> list[Part]:
        text = string(fields, "text", where)
        if flag(fields, "thought", where):
            return [Thinking(text, summary=True, state=state)]
        return [Text(text, state=state)]

    def _call(self, fields: Members, where: str, state: OpaqueState | None) -> list[Part]:
        call = members(fields["functionCall"], f"{where}.functionCall")
        at = f"{where}.functionCall"
        note_others(self._unread, "functionCall", call, _CALL_READ)
        return [self._called(string(call, "name", at), string(call, "id", at), call.get("args", _NOTHING), where, state)]

    def _called(self, name: str, call_id: str, arguments: msgspec.Raw, where: str, state: OpaqueState | None) -> ToolCall:
        call_id = call_id or _made_id(where, name)
        written = "{}" if bytes(arguments) in _NO_ARGUMENTS else compact(arguments)
        if not written.startswith("{"):
            raise BadRequest(f"`{where}.functionCall.args` must be an object.", code="invalid_request")
        self._open.setdefault(name, []).append(call_id)
        return ToolCall(call_id, name, written, state=state)

    def _result(self, fields: Members, where: str, _state: OpaqueState | None) -> list[Part]:
        at = f"{where}.functionResponse"
        result = members(fields["functionResponse"], at)
        note_others(self._unread, "functionResponse", result, _RESULT_READ)
        name = string(result, "name", at)
        call_id = self._answered(string(result, "id", at), name) or _made_id(where, name)
        content, failed = _response(result.get("response"), at)
        given = [part for place, raw in enumerate(elements(result.get("parts"), f"{at}.parts")) for part in self.parts([raw], f"{at}.parts[{place}]")]
        media = [part for part in given if isinstance(part, Text | Media)]
        note(self._unread, "functionResponse", ((part.kind, part.raw) for part in given if isinstance(part, Foreign)))
        return [ToolResult(call_id, (*content, *media), name, failed)]

    def _answered(self, call_id: str, name: str) -> str:
        """The id of the call that a result belongs to; empty where there is none."""
        waiting = self._open.get(name, [])
        if call_id:
            if call_id in waiting:
                waiting.remove(call_id)
            return call_id
        return waiting.pop(0) if waiting else ""

    def _inline(self, fields: Members, where: str, _state: OpaqueState | None) -> list[Part]:
        at = f"{where}.inlineData"
        data = members(fields["inlineData"], at)
        mime = string(data, "mimeType", at)
        coded = _standard_base64(string(data, "data", at))
        name = string(data, "displayName", at)
        text = _plain_text(coded) if mime.startswith("text/") else ""
        media = Media(_kind(mime), mime, "" if text else coded, text=text, name=name, detail=_detail(fields))
        return [media, *_beside(fields)]

    def _file(self, fields: Members, where: str, _state: OpaqueState | None) -> list[Part]:
        at = f"{where}.fileData"
        file = members(fields["fileData"], at)
        uri, mime = string(file, "fileUri", at), string(file, "mimeType", at)
        kind = "video" if not mime and uri.startswith(_VIDEOS) else _kind(mime)
        known = uri.startswith(_FILES)
        media = Media(
            kind, mime, url="" if known else uri, file_id=uri if known else "", name=string(file, "displayName", at), detail=_detail(fields)
        )
        return [media, *_beside(fields)]


_DECODERS: Final = ContentsDecoder.decoders()


def _content(raw: msgspec.Raw, where: str, unread: Unread) -> tuple[str, Sequence[msgspec.Raw]]:
    """The role and the parts of a content."""
    content = read_content(raw)
    if content is None:
        fields = members(raw, where)
        note_others(unread, "contents", fields, _CONTENT_READ)
        return string(fields, "role", where), elements(fields.get("parts"), f"{where}.parts")
    return content.role or "", content.parts or ()


def _bring_back(found: list[Part], states: Sequence[OpaqueState]) -> None:
    """Put thoughts back before the part that their states travelled on. Thoughts without a state that the client brought back are the same ones."""
    while found and isinstance(found[-1], Thinking) and found[-1].state is None:
        found.pop()
    found += [Thinking(state.text, state=state, redacted=not state.text and state.kind == "redacted") for state in states]


def _response(raw: msgspec.Raw | None, where: str) -> tuple[list[Text], bool]:
    """What a function answered, as text, and whether it failed: one member of a known name is the answer itself, else the whole object is."""
    if raw is None:
        return [], False
    fields = members(raw, f"{where}.response")
    failed = "error" in fields
    if len(fields) == 1:
        (name, value), *_ = fields.items()
        if failed or name in _RESULTS:
            return _answer(plain(fields, name), value), failed
    return ([Text(compact(raw))] if fields else []), failed


def _answer(value: object, raw: msgspec.Raw) -> list[Text]:
    if isinstance(value, str):
        return [Text(value)] if value else []
    return [Text(compact(raw))]


def _kind(mime: str) -> str:
    kind = mime.partition("/")[0]
    return kind if kind in {"image", "audio", "video"} else "document"


def _detail(fields: Members) -> str:
    level = plain(fields, "mediaResolution")
    if isinstance(level, dict):
        level = level.get("level")
    return _DETAILS.get(level, "") if isinstance(level, str) else ""


def _beside(fields: Members) -> list[Part]:
    """What only Gemini says of media: the cut of a video."""
    return [Foreign(FAMILY, "videoMetadata", fields["videoMetadata"])] if "videoMetadata" in fields else []


def _standard_base64(data: str) -> str:
    """Base64 of the standard alphabet: Google's JSON takes that for URLs too."""
    data = data.replace("-", "+").replace("_", "/")
    return data + "=" * (-len(data) % 4)


def _plain_text(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


@lru_cache(_IDS_MAX)  # the calls before come again with each request
def _made_id(where: str, name: str) -> str:
    """An id made of a call's place: a longer history has the same one."""
    return f"call_{sha256(f'{where} {name}'.encode()).hexdigest()[:24]}"
