"""One strict look at a request's JSON body: is it a single, unambiguous object, and where in the bytes is each top-level value?

Nothing is rebuilt: what was checked here is what is sent. Two readers of one body must never see two different requests, so anything that a
lenient reader could understand in its own way (a repeated key, a byte-order mark, `NaN`, a second document) is refused. An escape that is half of a surrogate pair is
valid JSON (RFC 8259 section 8.2) and passes.
"""

import re
from array import array
from functools import lru_cache
from itertools import accumulate
from types import GenericAlias
from typing import Any, Final, NoReturn

import msgspec

from headgate.core.errors import BadRequest
from headgate.dialects.scanned import Scanned

DEPTH_MAX: Final = 64  # the body itself is level 1
FIELDS_MAX: Final = 1_000
FIELD_NAME_LENGTH_MAX: Final = 256
ELEMENTS_MAX: Final = 1_000_000  # 12 MB of `{},` would become 256 MB of objects; no request of an agent comes near
ELEMENT_MARKS = (b"{", b"[", b",")
_BRACE: Final = 0x7B
_COUNT_ABOVE_BYTES: Final = ELEMENTS_MAX  # smaller bodies cannot hold so many
_WINDOW_BYTES: Final = 1 << 20
_MODELS_MAX: Final = 1024
_SMALL_BYTES: Final = 1 << 16
_PEELED_LEVELS = 8
_UTF8_CHUNK_BYTES = 4_096  # a whole body decoded at once is a large string of four bytes a character, and its page faults cost most of the time

_OPEN: Final = re.compile(rb"[ \t\n\r]*\{")
_KEY = re.compile(rb'[ \t\n\r]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t\n\r]*:[ \t\n\r]*', re.DOTALL)
_NEXT = re.compile(rb"[ \t\n\r]*([,}])")
_MODEL: Final = re.compile(r"[A-Za-z0-9._:/@\-\[\]]{1,128}")  # Claude Code appends `[1m]`

_ONE_BRACKET = bytes.maketrans(b"{}", b"[]")
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = bytes.maketrans(b"[]", b"\x01\xff")  # as signed bytes: one level down, one level up


def _shallow_decoder(levels: int) -> msgspec.json.Decoder[Any]:
    """A type for JSON of at most so many levels, without lists directly in lists: the number of types then grows slowly with the levels."""
    scalar: Any = str | int | float | bool | None
    value, item = scalar, scalar
    for _ in range(levels):
        nested = GenericAlias(dict, (str, value))
        value, item = scalar | GenericAlias(list, (item,)) | nested, scalar | nested
    return msgspec.json.Decoder(value)


_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT: Final = msgspec.json.Decoder(str)
_SHALLOW = _shallow_decoder(12)


# Escapes that are half of a surrogate pair, in a body whose escaped backslashes are taken out.
_HIGH = rb"\\u[dD][89abAB][0-9a-fA-F]{2}"
_LOW = rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_LONE_LOW = re.compile(rb"(?<!" + _HIGH + rb")\\u[dD](?=[c-fC-F][0-9a-fA-F]{2})")
_LONE_HIGH = re.compile(rb"\\u[dD](?=[89abAB][0-9a-fA-F]{2}(?!" + _LOW + rb"))")


def scan(body: bytes | Scanned) -> Scanned:
    """Check a body and find its top-level fields. Raises BadRequest for anything but one plain JSON object. A `Scanned` body is returned as it is."""
    if isinstance(body, Scanned):
        return body
    check_start(body)
    if len(body) > _COUNT_ABOVE_BYTES and _OPEN.match(body):
        _check_elements(body)
    checked, fields = fields_of(body)
    spans = spans_of(checked, fields)
    ascii_only = checked.isascii()
    if ascii_only and len(checked) <= _SMALL_BYTES and _few_brackets(checked, (0, len(checked)), DEPTH_MAX):
        return Scanned(body, fields, spans)
    for name, span in spans.items():
        decoded = _check_depth(checked, span, fields[name])
        if not (ascii_only or decoded):
            check_utf8(checked, span)
    return Scanned(body, fields, spans)


def has_more_objects(body: bytes, most: int) -> bool:
    """Whether there are more than so many objects in a body: work with its parts, once they are decoded, grows with them."""
    return _has_more_braces(body, most) and _without_strings(body).count(b"{") > most


def _has_more_braces(body: bytes, most: int) -> bool:
    """Whether more than so many braces open, also inside of strings. Replacing as many passes over text ten times as fast as `count`, and copies the body."""
    return b"{" in body.replace(b"{", b"}", most) if 0 < most < len(body) <= _WINDOW_BYTES else body.count(b"{") > most


def fields_of(body: bytes) -> tuple[bytes, dict[str, msgspec.Raw]]:
    """The top-level fields, and the bytes that they are taken from: usually the body."""
    try:
        return body, _OBJECT.decode(body)
    except RecursionError:
        refuse_depth()
    except msgspec.ValidationError:
        raise BadRequest("The request body must be a JSON object.", code="invalid_json") from None
    except UnicodeDecodeError:
        _refuse_encoding()
    except msgspec.DecodeError as error:
        whole = _without_halves(body)
        if whole != body:
            return fields_of(whole)
        raise BadRequest(f"The request body is not valid JSON: {error}.", code="invalid_json") from None


def spans_of(body: bytes, fields: dict[str, msgspec.Raw]) -> dict[str, tuple[int, int]]:
    """The byte ranges of the top-level values. Raises BadRequest for too many of them and for a name that comes twice."""
    longest = 0
    for name in fields:  # `max` and `map` cost twice as much where this is compiled
        longest = max(longest, len(name))
    if len(fields) > FIELDS_MAX or longest > FIELD_NAME_LENGTH_MAX:
        raise BadRequest(
            f"The request body may have {FIELDS_MAX} top-level fields with names of up to {FIELD_NAME_LENGTH_MAX} characters.", code="invalid_json"
        )
    return _compact_spans(body, fields) or _walk(body, fields)


def _without_halves(body: bytes) -> bytes:
    """The body with each half of a surrogate pair replaced by another character of the same written length, so that a decoder accepts it."""
    if rb"\u" not in body or b"\0" in body:
        return body
    unescaped = body.replace(rb"\\", b"\0\0")  # no JSON holds a NUL
    return _LONE_HIGH.sub(rb"\\ue", _LONE_LOW.sub(rb"\\ue", unescaped)).replace(b"\0\0", rb"\\")


def check_start(body: bytes) -> None:
    """Refuse an empty body and one that begins with a byte-order mark."""
    if body and body[0] == _BRACE:
        return
    if not body:
        raise BadRequest("The request body is empty; a JSON object is expected.", code="invalid_json")
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise BadRequest("The request body starts with a byte-order mark; send UTF-8 without one.", code="invalid_json")


def _check_elements(body: bytes) -> None:
    """Refuse absurdly many elements before anything is built from them."""
    if _elements(body) > ELEMENTS_MAX and _elements(_without_strings(body)) > ELEMENTS_MAX:
        refuse_elements()


def refuse_elements() -> NoReturn:
    """Refuse a body of too many elements."""
    raise BadRequest(f"The request body has more than {ELEMENTS_MAX} elements.", code="too_many_elements")


def _elements(json: bytes) -> int:
    return sum(json.count(mark) for mark in ELEMENT_MARKS)


def check_utf8(body: bytes, span: tuple[int, int]) -> None:
    """Check the encoding inside of strings, which the JSON parser does not. Each chunk ends between two characters."""
    at, stop = span
    while at < stop:
        end = min(at + _UTF8_CHUNK_BYTES, stop)
        while end < stop and body[end] & 0xC0 == 0x80:
            end += 1
        chunk = body[at:end]
        if not chunk.isascii():
            try:
                chunk.decode()
            except UnicodeDecodeError:
                _refuse_encoding()
        at = end


def _compact_spans(body: bytes, fields: dict[str, msgspec.Raw]) -> dict[str, tuple[int, int]]:
    """The byte ranges of the values in a body without white space between its members, as agents send it; empty if the body may be anything else.

    A member needs at least its name, two quotes, a colon, its value, and a comma or the closing brace. An escape or a character beyond ASCII in a
    name, white space, or a member that is in the body but not in `fields` (a repeated key) makes the body longer. So if the sum is the body's
    length, the body has none of these, and its members are in the order of `fields`.
    """
    spans: dict[str, tuple[int, int]] = {}
    at = 1
    for name, raw in fields.items():
        start = at + len(name) + 3
        at = start + len(raw)
        spans[name] = (start, at)
        at += 1
    return spans if at == len(body) else {}


def _walk(body: bytes, fields: dict[str, msgspec.Raw]) -> dict[str, tuple[int, int]]:
    """Step over the members of the body in order; refuses a body that names one of them twice.

    A repeated key makes the walk fail: msgspec keeps the *last* value for a key, so either the bytes of a member differ from `fields`, or the next
    key does, or a comma follows the last member of `fields`.
    """
    spans: dict[str, tuple[int, int]] = {}
    opened = _OPEN.match(body)
    view = memoryview(body)
    at, mark = opened.end() if opened else 0, b"}"
    for name, raw in fields.items():
        key = _KEY.match(body, at)
        if key is None or _key_name(key[1]) != name:
            _refuse_duplicate()
        start = key.end()
        end = start + len(raw)
        following = _NEXT.match(body, end)
        if following is None or msgspec.Raw(view[start:end]) != raw:
            _refuse_duplicate()
        spans[name] = (start, end)
        at, mark = following.end(), following[1]
    if mark != b"}":
        _refuse_duplicate()
    return spans


def _key_name(spelled: bytes) -> str:
    if b"\\" not in spelled:
        return spelled.decode()
    return msgspec.json.decode(b'"' + spelled + b'"', type=str)


def _refuse_duplicate() -> NoReturn:
    raise BadRequest("The request body names a top-level field twice.", code="duplicate_field")


def _refuse_encoding() -> NoReturn:
    raise BadRequest("The request body is not valid UTF-8.", code="invalid_json")


def refuse_depth() -> NoReturn:
    """Refuse a body that is nested too deep."""
    raise BadRequest(f"The request body is nested deeper than {DEPTH_MAX} levels.", code="nested_too_deep")


def _check_depth(body: bytes, span: tuple[int, int], raw: msgspec.Raw) -> bool:
    """Refuse a value that is nested too deep. Three answers, from cheap to exact: too few brackets; decodes as a shallow type; counted.

    Returns whether the value was decoded, which checks its UTF-8 as well.
    """
    start, end = span
    if body[start] not in b"{[" or _few_brackets(body, span, DEPTH_MAX - 1):
        return False
    try:
        _SHALLOW.decode(raw)
        return True
    except UnicodeDecodeError:
        _refuse_encoding()
    except msgspec.MsgspecError:  # deeper than the shallow type, a list in a list, or a number out of range
        if _depth(body[start:end]) > DEPTH_MAX - 1:
            refuse_depth()
    return False


def has_few_brackets(body: bytes, span: tuple[int, int]) -> bool:
    """Whether a top-level value has too few brackets to be nested too deep."""
    return _few_brackets(body, span, DEPTH_MAX - 1)


def steps_of(structure: bytes) -> bytes:
    """JSON without its strings as signed bytes, for each bracket one: a level down or up."""
    return structure.translate(_ONE_BRACKET, _NO_BRACKET).translate(_STEPS)


def _few_brackets(body: bytes, span: tuple[int, int], room: int) -> bool:
    """Whether so few brackets open in this range, even counting those inside of strings, that it cannot have more than `room` levels."""
    start, end = span
    for bracket in (b"{", b"["):
        at = body.find(bracket, start, end)
        while at >= 0:
            if room == 0:
                return False
            room -= 1
            at = body.find(bracket, at + 1, end)
    return True


def _depth(json: bytes) -> int:
    """How deep valid JSON is nested: all brackets of one kind, the innermost pairs peeled off a few times, the rest stepped through."""
    brackets = _without_strings(json).translate(_ONE_BRACKET, _NO_BRACKET)
    depth = 0
    while brackets and depth < _PEELED_LEVELS:
        brackets = brackets.replace(b"[]", b"")
        depth += 1
    return depth + max(accumulate(array("b", brackets.translate(_STEPS))), default=0)


def _without_strings(json: bytes) -> bytes:
    """JSON without its strings, in windows: a list of all its pieces would be many times its size.

    A run of backslashes begins an escape, so pairs are taken out from its left end first; what is left before a quotation mark escapes that.
    """
    unescaped = json.replace(rb"\\", b"").replace(rb"\"", b"")
    kept: list[bytes] = []
    inside = 0
    for at in range(0, len(unescaped), _WINDOW_BYTES):
        pieces = unescaped[at : at + _WINDOW_BYTES].split(b'"')
        kept.append(b"".join(pieces[inside::2]))
        inside = (inside + len(pieces) - 1) % 2
    return b"".join(kept)


def is_model_name(name: str) -> bool:
    """Whether a name has only the characters of model names, and a sensible length."""
    return _MODEL.fullmatch(name) is not None


def read_model(scanned: Scanned) -> str:
    """The `model` that a body asks for."""
    raw = scanned.fields.get("model")
    if raw is None:
        raise BadRequest("The request body names no `model`.", code="invalid_model")
    return _model_of(bytes(raw))


@lru_cache(_MODELS_MAX)  # an agent asks for few, the same each time
def _model_of(raw: bytes) -> str:
    """The model of a JSON value. Raises BadRequest."""
    try:
        model = _TEXT.decode(raw)
    except msgspec.MsgspecError:
        raise BadRequest("`model` must be a string.", code="invalid_model") from None
    if not is_model_name(model):
        raise BadRequest("`model` must be 1 to 128 characters out of A-Z a-z 0-9 . _ : / @ - [ ].", code="invalid_model")
    return model


def read_stream(scanned: Scanned) -> bool:
    """Whether a body asks for a stream. Absent and null mean no; anything else is refused, because providers differ in how they read it.

    OpenAI's specification says boolean or null: https://github.com/openai/openai-openapi, `CreateChatCompletionRequest` and `CreateResponse`.
    """
    raw = scanned.fields.get("stream")
    if raw is None:
        return False
    match bytes(raw):
        case b"true":
            return True
        case b"false" | b"null":
            return False
    raise BadRequest("`stream` must be true, false or null.", code="invalid_stream")


def splice(body: bytes, span: tuple[int, int], replacement: bytes) -> bytes:
    """The body with the bytes of one range replaced and all others as they were."""
    start, end = span
    if body[start:end] == replacement:
        return body  # most clients use the provider's own name, and copying a long session's 300 KB costs more than checking it
    view = memoryview(body)  # slices of the body itself would be copies
    return b"".join((view[:start], replacement, view[end:]))


def spell(text: str) -> bytes:
    """A string as JSON, for `splice`."""
    return msgspec.json.encode(text)
