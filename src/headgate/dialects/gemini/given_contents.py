"""The contents of a client's request, typed as almost all are written."""

import msgspec


class WrittenContent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A content as almost all are written. What it does not list, or another spelling, is read member by member: so with the next ones."""

    role: str | None = None
    parts: list[msgspec.Raw] | None = None


class _GivenCall(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    name: str | None = None
    id: str | None = None
    args: msgspec.Raw = msgspec.Raw()


class _GivenAnswer(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    output: str


class _GivenResult(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    response: _GivenAnswer
    name: str | None = None
    id: str | None = None


class GivenPart(msgspec.Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    """A part as almost all are written."""

    text: str | None = None
    function_call: _GivenCall | None = None
    function_response: _GivenResult | None = None
    thought_signature: str | None = None
    thought: bool | None = None


class GivenContent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A content whose parts are written so too."""

    role: str | None = None
    parts: list[GivenPart] | None = None


_CONTENTS = msgspec.json.Decoder(list[GivenContent])
_CONTENT = msgspec.json.Decoder(WrittenContent)
_GIVEN = msgspec.json.Decoder(GivenPart)
_ONE_OF_THREE = 2  # the others are missing


def read_content(raw: msgspec.Raw) -> WrittenContent | None:
    """A content with its parts as they are written."""
    try:
        return _CONTENT.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def read_part(raw: msgspec.Raw) -> GivenPart | None:
    """A part that is written as almost all are: one text, call or result, and nothing else but what proves it."""
    try:
        given = _GIVEN.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return given if _is_one(given) else None


def _is_one(given: GivenPart) -> bool:
    return (given.text is None) + (given.function_call is None) + (given.function_response is None) == _ONE_OF_THREE


def usual_contents(raw: msgspec.Raw | None) -> list[GivenContent] | None:
    """Contents that are all written as almost all are."""
    try:
        contents = None if raw is None else _CONTENTS.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    for content in contents or ():
        for part in content.parts or ():
            if (part.text is None) + (part.function_call is None) + (part.function_response is None) != _ONE_OF_THREE:
                return None
    return contents
