"""Prepares the arguments of calls in the history: JSON where the target reads JSON, whatever a model once wrote."""

from typing import Final

import msgspec

_NONE: Final = "{}"
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER: Final = msgspec.json.Encoder()


def prepared_arguments(arguments: str, *, objects: bool) -> str:
    """The arguments of a function's call: `{}` for none. Where the target takes objects alone, what is no JSON object is one member of one."""
    if not arguments or arguments.isspace():
        return _NONE
    if not objects:
        return arguments
    try:
        _MEMBERS.decode(arguments.encode(errors="replace"))
    except (msgspec.MsgspecError, RecursionError):
        return _ENCODER.encode({"__raw__": arguments}).decode()
    return arguments
