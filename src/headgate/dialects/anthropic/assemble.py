"""An Anthropic stream assembled into one message, as the same answer would read unstreamed. Of a cut stream what arrived. Never raises."""

import msgspec

from headgate.dialects.lenient import decoded, items, mapping, text
from headgate.dialects.sse import whole_frames

_ANY = msgspec.json.Decoder()
_BLOCKS_MAX = 100_000
# What a delta adds to its block: kind of delta -> field of the delta and of the block.
_GROWING = {"text_delta": ("text", "text"), "thinking_delta": ("thinking", "thinking"), "signature_delta": ("signature", "signature")}


def assemble(data: bytes) -> dict[str, object] | None:
    """The message, or `None` if the bytes hold none."""
    message = _Message()
    for _, frame in whole_frames(data):
        event = mapping(decoded(_ANY, frame))
        match event.get("type"):
            case "message_start":
                message.start(mapping(event.get("message")))
            case "content_block_start":
                message.block(event.get("index"), mapping(event.get("content_block")))
            case "content_block_delta":
                message.grow(event.get("index"), mapping(event.get("delta")))
            case "message_delta":
                message.finish(mapping(event.get("delta")), mapping(event.get("usage")))
            case "error":
                message.fields["error"] = event.get("error")
    return message.whole()


class _Message:
    def __init__(self) -> None:
        self.fields: dict[str, object] = {}
        self._blocks: dict[int, dict[str, object]] = {}
        self._pieces: dict[tuple[int, str], list[str]] = {}
        self._usage: dict[str, object] = {}

    def start(self, message: object) -> None:
        fields = mapping(message)
        self.fields.update(fields)
        self._usage.update(mapping(fields.get("usage")))
        for index, block in enumerate(items(fields.get("content"))[:_BLOCKS_MAX]):
            self.block(index, mapping(block))

    def block(self, index: object, block: object) -> None:
        if type(index) is int and 0 <= index < _BLOCKS_MAX:
            self._blocks[index] = dict(mapping(block))

    def grow(self, index: object, delta: object) -> None:
        fields = mapping(delta)
        if type(index) is not int or index not in self._blocks:
            return
        kind = text(fields.get("type"))
        if kind in _GROWING:
            source, target = _GROWING[kind]
            self._pieces.setdefault((index, target), []).append(text(fields.get(source)))
        elif kind == "input_json_delta":
            self._pieces.setdefault((index, "input"), []).append(text(fields.get("partial_json")))
        elif kind == "citations_delta":
            known = items(self._blocks[index].get("citations"))
            self._blocks[index]["citations"] = [*known, fields.get("citation")]

    def finish(self, delta: object, usage: object) -> None:
        self.fields.update(mapping(delta))
        self._usage.update({name: count for name, count in mapping(usage).items() if count is not None})

    def whole(self) -> dict[str, object] | None:
        """Blocks in their order, with all that was added to them."""
        if not self.fields and not self._blocks:
            return None
        for (index, field), pieces in self._pieces.items():
            added = "".join(pieces)
            block = self._blocks[index]
            block[field] = _input(block, added) if field == "input" else text(block.get(field)) + added
        content = [self._blocks[index] for index in sorted(self._blocks)]
        usage = {"usage": self._usage} if self._usage else {}
        return {**self.fields, "content": content, **usage}


def _input(block: dict[str, object], written: str) -> object:
    """A tool's input; unfinished JSON stays a text."""
    if not written:
        return block.get("input")
    value = decoded(_ANY, written.encode(errors="replace"))
    return written if value is None else value
