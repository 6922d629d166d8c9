"""Two ways to read JSON that came from outside: `read_json` words an error for the client, `decode_in_steps` lets other threads run in between.

It knows no schema of its own.
"""

from typing import Any

import msgspec

from headgate.core.errors import BadRequest

PIECE_BYTES = 64 << 10
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])


class TooDeep(ValueError):
    """A large value is nested deeper than the caller allows."""


def decode_in_steps(raw: bytes | msgspec.Raw, depth_max: int) -> object:
    """The value: a small one at once, a large one level by level. Raises what the decoder raises, and `TooDeep`."""
    view = memoryview(raw)
    first = bytes(view[:1])
    if view.nbytes <= PIECE_BYTES or first not in {b"{", b"["}:
        return msgspec.json.decode(raw)
    if depth_max <= 0:
        raise TooDeep
    if first == b"{":
        return {name: decode_in_steps(value, depth_max - 1) for name, value in _FIELDS.decode(raw).items()}
    return [decode_in_steps(value, depth_max - 1) for value in _ENTRIES.decode(raw)]


def read_json(data: bytes | str, shape: Any = Any) -> Any:  # ruff: ignore[any-type] - an instance of `shape`
    """The value, as an instance of `shape`. Raises `BadRequest` for what is no JSON, is not UTF-8, is nested too deeply or does not fit the shape."""
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The body does not fit: {error}", code="INVALID_PARAMETER_VALUE") from error
    except UnicodeError as error:
        raise BadRequest("The body is not JSON: it is not valid UTF-8.", code="MALFORMED_REQUEST") from error
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply.", code="MALFORMED_REQUEST") from error
    except msgspec.DecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}", code="MALFORMED_REQUEST") from error
