"""JSON decoded in steps of bounded length: the decoder holds the interpreter until it is done, and every other thread waits. It knows no schema."""

import msgspec

PIECE_BYTES = 64 << 10
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])


class TooDeep(ValueError):
    """A large value is nested deeper than the caller allows."""


def decode(raw: bytes | msgspec.Raw, depth_max: int) -> object:
    """The value: a small one at once, a large one level by level. Raises what the decoder raises, and `TooDeep`."""
    view = memoryview(raw)
    first = bytes(view[:1])
    if view.nbytes <= PIECE_BYTES or first not in {b"{", b"["}:
        return msgspec.json.decode(raw)
    if depth_max <= 0:
        raise TooDeep
    if first == b"{":
        return {name: decode(value, depth_max - 1) for name, value in _FIELDS.decode(raw).items()}
    return [decode(value, depth_max - 1) for value in _ENTRIES.decode(raw)]
