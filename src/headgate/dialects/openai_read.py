"""Reading what servers of OpenAI's formats write, whatever they write: a member of the wrong type is a member that is not there. Raises never."""

from typing import TypeVar

import msgspec

from headgate.core.event import Failed

T = TypeVar("T")


def decoded(decoder: msgspec.json.Decoder[T], data: bytes | msgspec.Raw) -> T | None:
    """The value, or `None` for what is not JSON of that shape."""
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def text(value: object) -> str:
    """A string as it is, a number as text, anything else as nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def failed(error: object, error_code: object = None, message: object = None) -> Failed | None:
    """The failure that a body tells of: OpenAI's `error` object, an `error` that is a text, or Databricks' `error_code` and `message`."""
    if isinstance(error, dict):
        return Failed(text(error.get("code")) or text(error.get("type")), text(error.get("message")))
    if isinstance(error, str) and error:
        return Failed(text(error_code), error)
    if error_code is not None:
        return Failed(text(error_code), text(message))
    return None
