"""Schemas in the words of OpenAPI as Gemini takes them in `parameters` and `responseSchema`, said as JSON Schema.

Types are in capitals, `nullable` adds null, whole numbers may be written as strings, and names may be in snake case
(type `Schema` of the `google-genai` SDK 3.4, which follows https://spec.openapis.org/oas/v3.0.3#schema-object).
"""

import msgspec

from headgate.dialects.gemini.members import camel
from headgate.dialects.lenient import decoded
from headgate.dialects.unread import Unread

_ANY = msgspec.json.Decoder()
_COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"})
_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
_NAMES = {"defs": "$defs", "ref": "$ref"}
_DEPTH_MAX = 64


def json_schema(raw: msgspec.Raw, unread: Unread) -> msgspec.Raw:
    """The JSON Schema of a schema in OpenAPI's words; what is no object stays as it is. An example, of which JSON Schema has lists, is noted as not read."""
    schema = decoded(_ANY, raw)
    return msgspec.Raw(msgspec.json.encode(_schema(schema, 0, unread))) if isinstance(schema, dict) else raw


def _schema(value: object, depth: int, unread: Unread) -> object:
    if not isinstance(value, dict) or depth > _DEPTH_MAX:
        return value
    told: dict[str, object] = {}
    fields = {camel(name): each for name, each in value.items() if each is not None}
    for name, each in fields.items():
        said = _keyword(name, each, depth, unread)
        if said is not None:
            told[_NAMES.get(name, name)] = said
    if fields.get("nullable") is True:
        _allow_null(told)
    return told


def _keyword(name: str, value: object, depth: int, unread: Unread) -> object:
    match name:
        case "type":
            return _type(value)
        case "properties" | "defs" | "$defs" if isinstance(value, dict):
            return {key: _schema(each, depth + 1, unread) for key, each in value.items()}
        case "items" | "additionalProperties":
            return _schema(value, depth + 1, unread)
        case "anyOf" | "oneOf" | "allOf" | "prefixItems" if isinstance(value, list):
            return [_schema(each, depth + 1, unread) for each in value]
        case "nullable" | "propertyOrdering":
            return None  # the first is said by the type; the order is that of the properties
        case "example":
            unread.setdefault("schema.example", msgspec.Raw(msgspec.json.encode(value)))
            return None
    return int(value) if name in _COUNTS and isinstance(value, str) and value.isascii() and value.isdigit() else value


def _type(value: object) -> object:
    if isinstance(value, list):
        return [kind for each in value if (kind := _type(each)) is not None]
    if not isinstance(value, str):
        return value
    kind = value.lower()
    return None if kind == "type_unspecified" else kind if kind in _TYPES else value


def _allow_null(schema: dict[str, object]) -> None:
    kind = schema.get("type")
    if isinstance(kind, str) and kind != "null":
        schema["type"] = [kind, "null"]
        if isinstance(values := schema.get("enum"), list) and None not in values:
            schema["enum"] = [*values, None]
    elif isinstance(any_of := schema.get("anyOf"), list) and {"type": "null"} not in any_of:
        schema["anyOf"] = [*any_of, {"type": "null"}]
