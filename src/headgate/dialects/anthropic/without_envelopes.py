"""Takes the states of other providers out of a request that goes to Anthropic as it is: a session that changed its model still has them.

Anthropic refuses a thought whose signature it did not make. Only such blocks are cut out; every other byte stays as it came.
"""

import msgspec

from headgate.core.errors import BadRequest
from headgate.core.opaque_state import MARKS
from headgate.dialects.anthropic.state_slots import REDACTED, SIGNATURE, slot
from headgate.dialects.asked import Asked
from headgate.dialects.parameters import Edit
from headgate.dialects.scan import scan

_BETWEEN = b" \t\r\n,"


class _Thought(msgspec.Struct):
    type: str = ""
    signature: str = ""
    data: str = ""


_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_THOUGHT = msgspec.json.Decoder(_Thought)


def without_envelopes(asked: Asked) -> Asked:
    """The request without thinking blocks that hold an envelope. A message with nothing else in it goes too, because an empty one is refused."""
    scanned = scan(asked.body)
    if "messages" not in scanned.fields:
        return asked
    edits = _edits(bytes(scanned.fields["messages"]), scanned.spans["messages"][0])
    if not edits:
        return asked
    body = asked.body
    pieces, at = [], 0
    for start, end, _ in edits:
        pieces.append(body[at:start])
        at = end
    rescanned = scan(b"".join((*pieces, body[at:])))
    span = rescanned.spans.get("model") if asked.model_span is not None else None
    return asked.with_body(rescanned.body, span, rescanned.fields, rescanned.spans)


def _edits(messages: bytes, offset: int) -> list[Edit]:
    spans = _elements(messages)
    cuts: list[Edit] = []
    emptied: list[bool] = []
    for start, end in spans:
        found = _cuts(messages[start:end])
        emptied.append(found is None)
        cuts += [(offset + start + first, offset + start + last, b"") for first, last in found or ()]
    cuts += [(offset + first, offset + last, b"") for first, last in _removals(spans, emptied, len(messages))]
    return sorted(cuts)


def _cuts(message: bytes) -> list[tuple[int, int]] | None:
    """The ranges to cut out of a message; `None` where nothing is left of it."""
    if not any(mark in message for mark in MARKS):
        return []
    try:
        found = scan(message)
    except BadRequest:  # the provider says so
        return []
    if "content" not in found.spans:
        return []
    offset, end = found.spans["content"]
    inside = message[offset:end]
    spans = _elements(inside)
    sealed = [_is_sealed(inside[start:end]) for start, end in spans]
    if not any(sealed):
        return []
    if all(sealed):
        return None
    return [(offset + first, offset + last) for first, last in _removals(spans, sealed, len(inside))]


def _is_sealed(block: bytes) -> bool:
    try:
        thought = _THOUGHT.decode(block)
    except msgspec.MsgspecError:
        return False
    if thought.type == "thinking":
        return slot(thought.signature, SIGNATURE).sealed
    return thought.type == "redacted_thinking" and slot(thought.data, REDACTED).sealed


def _elements(listed: bytes) -> list[tuple[int, int]]:
    """The range of each element in a JSON list; none in what is no list."""
    try:
        elements = _LIST.decode(listed)
    except msgspec.MsgspecError:
        return []
    spans: list[tuple[int, int]] = []
    at = listed.index(b"[") + 1
    for element in elements:
        while listed[at] in _BETWEEN:
            at += 1
        length = len(bytes(element))
        spans.append((at, at + length))
        at += length
    return spans


def _removals(spans: list[tuple[int, int]], gone: list[bool], length: int) -> list[tuple[int, int]]:
    """The ranges that take elements out of a list of so many bytes, each with one comma: the one before it, or the one after where it has none before."""
    ranges: list[tuple[int, int]] = []
    kept_before = False
    for index, (start, end) in enumerate(spans):
        if not gone[index]:
            kept_before = True
        elif kept_before:
            ranges.append((spans[index - 1][1], end))
        else:
            ranges.append((start, spans[index + 1][0] if index + 1 < len(spans) else min(end, length)))
    return ranges
