"""A Responses stream assembled into one response. The closing event holds all of it; a cut stream holds the items that were done. Never raises."""

import msgspec

from headgate.dialects.lenient import decoded, mapping, text
from headgate.dialects.sse import whole_frames

_ANY = msgspec.json.Decoder()
_ITEMS_MAX = 10_000


def assemble(data: bytes) -> dict[str, object] | None:
    """The response, or `None` if the bytes hold none."""
    response: dict[str, object] = {}
    done: dict[int, object] = {}
    written: dict[int, list[str]] = {}
    for name, frame in whole_frames(data):
        event = mapping(decoded(_ANY, frame))
        kind = text(event.get("type")) or name.decode("latin-1")
        index = event.get("output_index")
        if isinstance(event.get("response"), dict):
            response.update(mapping(event["response"]))
        elif kind == "error":
            response["error"] = event.get("error") or {"code": event.get("code"), "message": event.get("message")}
        elif type(index) is int and 0 <= index < _ITEMS_MAX:
            if kind in {"response.output_item.added", "response.output_item.done"}:
                done[index] = event.get("item")
            elif kind == "response.output_text.delta":
                written.setdefault(index, []).append(text(event.get("delta")))
    return _whole(response, done, written)


def _whole(response: dict[str, object], done: dict[int, object], written: dict[int, list[str]]) -> dict[str, object] | None:
    if not response and not done:
        return None
    if not response.get("output") and done:
        response["output"] = [_item(done[index], "".join(written.get(index, ()))) for index in sorted(done)]
    return response


def _item(item: object, written: str) -> object:
    """An item. One that was announced and never done gets the text that arrived."""
    fields = mapping(item)
    if written and fields.get("type") == "message" and not fields.get("content"):
        return {**fields, "content": [{"type": "output_text", "text": written}]}
    return item
