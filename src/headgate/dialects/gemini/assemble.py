"""A Gemini stream assembled into one answer, as the same answer would read unstreamed: texts that follow each other are joined. Never raises."""

from collections.abc import Iterable

import msgspec

from headgate.dialects.lenient import decoded, items, mapping, text
from headgate.dialects.sse import whole_frames

_ANY = msgspec.json.Decoder()
_CANDIDATES_MAX = 1000


def assemble(data: bytes) -> dict[str, object] | None:
    """The answer, or `None` if the bytes hold none. A stream without `alt=sse` is one array, or one whole answer."""
    whole: dict[str, object] = {}
    candidates: dict[int, dict[str, object]] = {}
    parts: dict[int, list[dict[str, object]]] = {}
    for chunk in _chunks(data):
        whole.update({name: value for name, value in chunk.items() if name != "candidates"})
        for place, candidate in enumerate(items(chunk.get("candidates"))):
            fields = mapping(candidate)
            index = fields.get("index", place)
            if type(index) is not int or not 0 <= index < _CANDIDATES_MAX:
                continue
            content = mapping(fields.get("content"))
            known = candidates.get(index, {})
            candidates[index] = {**known, **fields, "content": {**mapping(known.get("content")), **content}}
            parts.setdefault(index, []).extend(dict(mapping(part)) for part in items(content.get("parts")))
    if not whole and not candidates:
        return None
    told = [
        {**candidates[index], "content": {**mapping(candidates[index]["content"]), "parts": _joined(parts[index])}} for index in sorted(candidates)
    ]
    return {**({"candidates": told} if told else {}), **whole}


def _chunks(data: bytes) -> Iterable[dict[str, object]]:
    if data.lstrip().startswith((b"[", b"{")):
        document = decoded(_ANY, data)
        found: Iterable[object] = document if isinstance(document, list) else [document]
    else:
        found = (decoded(_ANY, frame) for _, frame in whole_frames(data))
    return [dict(mapping(chunk)) for chunk in found]


def _joined(parts: list[dict[str, object]]) -> list[dict[str, object]]:
    """The parts, with adjacent texts of one kind joined and empty ones left out."""
    joined: list[dict[str, object]] = []
    texts: list[str] = []
    for part in parts:
        before = joined[-1] if joined else {}
        if "text" in part and "text" in before and _kind(part) == _kind(before):
            texts.append(text(part["text"]))
            before.update({name: value for name, value in part.items() if name != "text"})
            continue
        _close(joined, texts)
        texts = [text(part["text"])] if "text" in part else []
        joined.append(part)
    _close(joined, texts)
    return [part for part in joined if part != {"text": ""}]


def _close(joined: list[dict[str, object]], texts: list[str]) -> None:
    if joined and len(texts) > 1:
        joined[-1]["text"] = "".join(texts)


def _kind(part: dict[str, object]) -> bool:
    return bool(part.get("thought"))
