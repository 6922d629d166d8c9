"""A request without the states of other providers in it, for Gemini itself: a session that changed its model has them.

Signatures are taken out of texts. A call gets the text that replaces a signature: Gemini 3 refuses the first call of a step without one. All other
bytes stay as they came.
"""

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.gemini.members import camel
from headgate.dialects.gemini.seals import SKIPPED, is_sealed, unsealed
from headgate.dialects.lenient import decoded
from headgate.dialects.parameters import Edit, edited
from headgate.dialects.scan import scan, splice
from headgate.dialects.scanned import Scanned

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_STRING = msgspec.json.Decoder(str)
_EMPTY_TEXT = {"text": msgspec.Raw(b'""')}


def without_envelopes(asked: Asked) -> Asked:
    """The request as Gemini takes it; the same object where there is nothing to take out."""
    edits: list[Edit] = []
    fields: dict[str, bytes] = {}
    scanned = scan(asked.body)
    for name, (start, end) in scanned.spans.items():
        value = asked.body[start:end]
        if camel(name) == "contents":
            changed = _contents_edit(value, start)
        elif camel(name) == "generateContentRequest" and value.startswith(b"{"):
            changed = _nested_edit(scan(value), start)
        else:
            continue
        if changed is not None:
            edits.append(changed)
            fields[name] = splice(value, (changed[0] - start, changed[1] - start), changed[2])
    return edited(asked, edits, fields) if edits else asked


def _nested_edit(request: Scanned, offset: int) -> Edit | None:
    for name, (start, end) in request.spans.items():
        if camel(name) == "contents":
            return _contents_edit(request.body[start:end], offset + start)
    return None


def _contents_edit(value: bytes, start: int) -> Edit | None:
    """Puts other contents in the place of these; `None` where they have no envelope."""
    one = value.startswith(b"{")
    contents = [msgspec.Raw(value)] if one else decoded(_LIST, value)
    if contents is None:
        return None
    changed = [_content(content) for content in contents]
    if changed == contents:
        return None
    return start, start + len(value), msgspec.json.encode(changed[0] if one else changed)


def _content(raw: msgspec.Raw) -> msgspec.Raw:
    content = decoded(_OBJECT, raw)
    parts = decoded(_LIST, content["parts"]) if content is not None and "parts" in content else None
    if content is None or parts is None:
        return raw
    changed = [_part(part) for part in parts]
    if changed == parts:
        return raw
    kept = [part for part, before in zip(changed, parts, strict=True) if part == before or decoded(_OBJECT, part) != _EMPTY_TEXT]
    return msgspec.Raw(msgspec.json.encode({**content, "parts": kept or changed}))


def _part(raw: msgspec.Raw) -> msgspec.Raw:
    part = decoded(_OBJECT, raw)
    if part is None:
        return raw
    name = next((name for name in part if camel(name) == "thoughtSignature"), "")
    signature = decoded(_STRING, part[name]) if name else None
    if not signature or not is_sealed(signature):
        return raw
    own = unsealed(signature).own
    if own is not None:
        part[name] = msgspec.Raw(msgspec.json.encode(own.data))
    elif any(camel(each) == "functionCall" for each in part):
        part[name] = msgspec.Raw(msgspec.json.encode(SKIPPED))
    else:
        del part[name]
    return msgspec.Raw(msgspec.json.encode(part))
