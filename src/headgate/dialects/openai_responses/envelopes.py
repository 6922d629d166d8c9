"""Takes the states of other providers out of a request that goes to a provider of Responses as it is: to OpenAI they are no reasoning of its own."""

import msgspec

from headgate.core.opaque_state import MARKS, opened
from headgate.dialects.asked import Asked
from headgate.dialects.lenient import decoded, mapping, text
from headgate.dialects.parameters import edited
from headgate.dialects.scan import scan

_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_ANY = msgspec.json.Decoder()


def without_envelopes(asked: Asked) -> Asked:
    """The request without the reasoning items that hold an envelope; all other bytes stay as they came."""
    given = asked.fields.get("input")
    elements = decoded(_RAWS, given) if given is not None and bytes(given).startswith(b"[") else None
    kept = [element for element in elements or () if not _holds_envelope(element)]
    if elements is None or len(kept) == len(elements):
        return asked
    rest = b"[" + b",".join(map(bytes, kept)) + b"]"
    span = asked.spans.get("input") or scan(asked.body).spans["input"]
    changed = edited(asked, [(*span, rest)], {"input": rest})
    return changed.with_spans(scan(changed.body).spans)


def _holds_envelope(element: msgspec.Raw) -> bool:
    if not any(mark in bytes(element) for mark in MARKS):
        return False
    item = mapping(decoded(_ANY, element))
    return item.get("type") == "reasoning" and opened(text(item.get("encrypted_content"))) is not None
