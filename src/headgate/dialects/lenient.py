"""Reads whatever providers write: a member of the wrong type counts as missing. Never raises."""

from typing import Final, TypeVar

import msgspec

from headgate.dialects.pick import pick
from headgate.dialects.wanted import EVERYTHING, Wanted

T = TypeVar("T")

_ANY: Final = msgspec.json.Decoder()

_DEEP_BYTES_MAX: Final = 64 << 10
_DONE: Final = b"[DONE]"  # closes streams of Chat Completions, and of servers that end all their streams alike

COUNT_MAX: Final = 1 << 53  # the largest number that JSON holds exactly; a larger count was not reported


def decoded(decoder: msgspec.json.Decoder[T], data: bytes | msgspec.Raw, wanted: Wanted = EVERYTHING) -> T | None:
    """The decoded value, or `None` for what is not JSON of the decoder's shape.

    If a value is not allowed in JSON or too large for the decoder, only that value is lost: what is `wanted` is then picked and decoded.
    """
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        picked = pick(bytes(data), wanted)
    except RecursionError:  # no answer is so deep; a large one would hold up everything else
        picked = pick(bytes(data), wanted) if len(bytes(data)) <= _DEEP_BYTES_MAX else b""
    if not picked:
        return None
    try:
        return decoder.decode(picked)
    except (msgspec.MsgspecError, RecursionError):
        return None


def is_unreadable(data: bytes) -> bool:
    """Whether the data of a frame that could not be decoded is no JSON at all: then something of the answer is missing. Blank data says nothing."""
    try:
        _ANY.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return not (data.isspace() or data.startswith(_DONE) or not data)
    return False


def mapping(value: object) -> dict[str, object]:
    """An object as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """A list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """A string as it is, anything else as an empty one."""
    return value if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """The strings in a list; none for anything else."""
    return tuple(each for each in items(value) if isinstance(each, str))


def word(value: object) -> str:
    """A short string or a number as text (error codes come as either), anything else as nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) <= COUNT_MAX else ""
    return text(value)


def count(value: object) -> int | None:
    """A count of tokens: a whole number from 0 to 2^53, also written `30.0`. Negative numbers, strings, fractions and absurd sizes were not reported."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= COUNT_MAX else None


def counted(data: msgspec.Raw | None) -> int:
    """A whole number of a body's field; 0 for anything else."""
    if data is None:
        return 0
    value = decoded(_ANY, data)
    return value if type(value) is int and 0 <= value <= COUNT_MAX else count(value) or 0


def characters(raw: msgspec.Raw | None) -> int:
    """Length of a JSON text in characters, as a model would be shown it; null is nothing."""
    return 0 if raw is None or bytes(raw) == b"null" else len(bytes(raw).decode(errors="replace"))
