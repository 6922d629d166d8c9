"""What the dialects share to limit a request: edits of its body, in which all other bytes stay as they came, and the elements of its lists."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.lenient import count, decoded
from headgate.dialects.scan import scan
from headgate.dialects.scanned import Scanned

_ANY = msgspec.json.Decoder()

_CLOSING = re.compile(rb"[ \t\r\n]*\}")
_NULL = msgspec.Raw(b"null")

Edit = tuple[int, int, bytes]
"""A range of a body, and the bytes to put in its place. An empty range is an insertion."""


def edited(asked: Asked, edits: Sequence[Edit], fields: Mapping[str, bytes]) -> Asked:
    """The request with these edits of its body. `fields` are the top-level fields whose values are others then."""
    view = memoryview(asked.body)
    pieces: list[bytes | memoryview] = []
    at = 0
    span = asked.model_span
    for start, end, text in sorted(edits):
        pieces += (view[at:start], text)
        at = end
        if span is not None and asked.model_span is not None and end <= asked.model_span[0]:
            moved = len(text) - (end - start)
            span = (span[0] + moved, span[1] + moved)
    pieces.append(view[at:])
    changed = {name: msgspec.Raw(value) for name, value in fields.items()}
    # Its spans are those of the body as it came: a request is edited once.
    return asked.with_body(b"".join(pieces), span, {**asked.fields, **changed}, {})


def insertion(body: bytes, member: bytes) -> Edit:
    """Puts a member at the beginning of an object."""
    opening = body.index(b"{") + 1
    return opening, opening, member if _CLOSING.match(body, opening) else member + b","


def exceeds(raw: msgspec.Raw, maximum: int, least: int = 1) -> bool:
    """Whether a bound is anything but a whole number from `least` to the maximum: what one reader takes for nothing, another may take for a number."""
    value = count(decoded(_ANY, raw))
    return value is None or not least <= value <= maximum


def nested(raw: msgspec.Raw) -> Scanned | None:
    """The members of an object within a body. Raises BadRequest for a key that comes twice; `None` for what is no object."""
    value = bytes(raw)
    return scan(value) if value.startswith(b"{") else None


def listed(asked: Asked, name: str) -> list[object]:
    """The elements of a top-level list; none where it is missing or null. What is no list is one element, so that it does not pass unseen."""
    value = decoded(_ANY, asked.fields.get(name, _NULL))
    return value if isinstance(value, list) else [] if bytes(asked.fields.get(name, _NULL)) == b"null" else [value]
