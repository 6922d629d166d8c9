"""JSON that a client sent: read as a value, or refused with a text for people. Reading it raises nothing else, whatever the bytes are."""

from typing import Any

import msgspec

from headgate.core.errors import BadRequest


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
