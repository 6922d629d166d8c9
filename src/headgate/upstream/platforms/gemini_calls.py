"""Takes the ids out of function calls and their results: the Gemini API has them, Vertex AI refuses a request with one.

Vertex AI's `FunctionCall` and `FunctionResponse` have no such field (https://cloud.google.com/vertex-ai/docs/reference/rest/v1/Content); it matches a
result with its call by name and order.
"""

import msgspec

_ID = b'"id"'
_CALLS = ("functionCall", "function_call", "functionResponse", "function_response")
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def without_ids(contents: bytes) -> bytes:
    """The `contents` of a request without the ids of its calls. What has none keeps its bytes; so does what is no list of turns."""
    if _ID not in contents:
        return contents
    try:
        return msgspec.json.encode([_turn(turn) for turn in _LIST.decode(contents)])
    except msgspec.MsgspecError:
        return contents


def _turn(turn: msgspec.Raw) -> object:
    if _ID not in bytes(turn):
        return turn
    fields: dict[str, object] = {**_OBJECT.decode(turn)}
    parts = fields.get("parts")
    if isinstance(parts, msgspec.Raw):
        fields["parts"] = [_part(part) for part in _LIST.decode(parts)]
    return fields


def _part(part: msgspec.Raw) -> object:
    if _ID not in bytes(part):
        return part
    fields: dict[str, object] = {**_OBJECT.decode(part)}
    for name in _CALLS:
        call = fields.get(name)
        if isinstance(call, msgspec.Raw):
            fields[name] = {key: value for key, value in _OBJECT.decode(call).items() if key != "id"}
    return fields
