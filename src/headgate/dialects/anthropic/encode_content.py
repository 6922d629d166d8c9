"""The parts of a prepared conversation written as content blocks of Anthropic Messages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from headgate.core.conversation import ASSISTANT, SYSTEM, Foreign, Media, Part, RefusalText, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.loss import Loss
from headgate.dialects.anthropic.cache_marks import CacheMarks, JsonObject
from headgate.dialects.anthropic.encode_media import media, noted
from headgate.dialects.anthropic.state_slots import FAMILY, REDACTED

_FAILED: Final = "The tool failed."  # Anthropic refuses a failed result without content
_ARGUMENTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class ContentEncoder:
    """Writes the turns of one request. It notes what is marked for caching, and what is lost."""

    def __init__(self, marks: CacheMarks) -> None:
        self._marks = marks
        self.losses: list[Loss] = []

    def blocks(self, parts: Sequence[Part]) -> list[JsonObject]:
        """The blocks of some parts. Empty texts are left out: Anthropic refuses them."""
        found: list[JsonObject] = []
        for part in parts:
            # Almost all are of these types, and a call that is not looked up takes a third of the time.
            if type(part) is Text:
                block = self._text(part)
            elif type(part) is ToolResult:
                block = self._result(part)
            elif type(part) is ToolCall:
                block = self._call(part)
            else:
                block = _BY_TYPE[type(part)](self, part)
            if block is not None:
                found.append(block)
        return found

    def system(self, parts: Sequence[Part]) -> list[JsonObject]:
        """The blocks of the instructions, which are texts alone."""
        texts = [part for part in parts if isinstance(part, Text | RefusalText)]
        if len(texts) < len(parts):
            self.losses.append(Loss("system", "Anthropic takes instructions as text alone."))
        return self.blocks(texts)

    def messages(self, turns: Sequence[Turn]) -> list[JsonObject]:
        """The messages. One without content is left out."""
        messages: list[JsonObject] = []
        for index, turn in enumerate(turns):
            if turn.role == SYSTEM:
                content = self.system(turn.parts)
            elif turn.role == ASSISTANT:
                content = self._assistant(turn.parts, last=index == len(turns) - 1)
            else:
                content = self.blocks(turn.parts)
            if content:
                messages.append({"role": turn.role, "content": content})
        return messages

    def _assistant(self, parts: tuple[Part, ...], *, last: bool) -> list[JsonObject]:
        """What the assistant said. Anthropic's makes no files, so those of another one are noted."""
        if not last and Media not in map(type, parts):
            return self.blocks(parts)
        said = [Text(noted(part, self.losses)) if isinstance(part, Media) else part for part in parts]
        if last and said and isinstance(said[-1], Text):
            said[-1] = msgspec.structs.replace(said[-1], text=said[-1].text.rstrip())  # white space at the end is refused
        return self.blocks(said)

    def _text(self, part: Text) -> JsonObject | None:
        text = part.text
        return self._marks.note({"type": "text", "text": text}, part.cached) if text and not text.isspace() else None

    def _media(self, part: Media) -> JsonObject:
        return self._marks.note(media(part, self.losses), part.cached)

    def _call(self, part: ToolCall) -> JsonObject:
        block: JsonObject = {"type": "tool_use", "id": part.call_id, "name": part.name, "input": arguments(part.arguments)}
        return self._marks.note(block, part.cached)

    def _result(self, part: ToolResult) -> JsonObject:
        block: JsonObject = {"type": "tool_result", "tool_use_id": part.call_id}
        content = self.blocks(part.parts)
        failed = part.failed
        if failed and not content:
            content = [{"type": "text", "text": _FAILED}]
        if content:
            block["content"] = content
        if failed:
            block["is_error"] = True
        return self._marks.note(block, part.cached)

    def _thought(self, part: Thinking) -> JsonObject | None:
        state = part.state
        if state is None or state.family != FAMILY:
            self.losses.append(Loss("thinking", "Anthropic takes back only thoughts that it has signed."))
            return None
        if state.kind == REDACTED:
            return {"type": "redacted_thinking", "data": state.data}
        # The signature is for exactly the text that was signed, which a client may have shortened.
        return {"type": "thinking", "thinking": state.text or part.text, "signature": state.data}

    def _refusal(self, part: RefusalText) -> JsonObject | None:
        return self._text(Text(part.text))

    def _foreign(self, part: Foreign) -> JsonObject | None:
        if part.dialect == FAMILY:
            try:
                return dict(_ARGUMENTS.decode(part.raw))
            except (msgspec.MsgspecError, RecursionError):
                pass
        self.losses.append(Loss(part.kind, "Anthropic has nothing like it."))
        return None

    @staticmethod
    def by_type() -> "Mapping[type, Callable[[ContentEncoder, Any], JsonObject | None]]":
        """What writes a part of each other type."""
        return {
            Media: ContentEncoder._media,
            Thinking: ContentEncoder._thought,
            RefusalText: ContentEncoder._refusal,
            Foreign: ContentEncoder._foreign,
        }


_BY_TYPE: Final = ContentEncoder.by_type()


def arguments(written: str) -> msgspec.Raw | JsonObject:
    """The input of a call: the text that the model wrote, which must be a JSON object. Anything else is kept as a text in one."""
    if not written or written.isspace():
        return {}
    try:
        _ARGUMENTS.decode(written)
    except (msgspec.MsgspecError, RecursionError):
        return {"__raw__": written}
    return msgspec.Raw(written.encode())
