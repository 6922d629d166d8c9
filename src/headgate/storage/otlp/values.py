"""One attribute value, as the text that a MAP<STRING, STRING> holds and as the Python value that a VARIANT is made of."""

import base64
import math

import msgspec
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

Value = None | bool | int | float | str | bytes | list["Value"] | dict[str, "Value"]


def value_of(value: AnyValue) -> Value:
    """The value itself; of a repeated key in a list of pairs the last one counts."""
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return value.string_value
    if kind == "array_value":
        return [value_of(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: value_of(item.value) for item in value.kvlist_value.values}
    if kind is None or kind == "string_value_strindex":  # an index into a dictionary that exists in profiles only
        return None
    plain: Value = getattr(value, kind)
    return plain


def text_of(value: Value) -> str | None:
    """The text: strings as they are, everything else as JSON; no value at all is null."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return msgspec.json.encode(_jsonable(value)).decode()


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _jsonable(value: Value) -> object:
    """JSON has no bytes and no infinity; both become text inside a list or object."""
    match value:
        case list():
            return [_jsonable(item) for item in value]
        case dict():
            return {key: _jsonable(item) for key, item in value.items()}
        case bytes():
            return text_of(value)
        case float() if not math.isfinite(value):
            return _number(value)
        case _:
            return value
