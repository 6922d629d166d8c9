"""The parts of a prepared conversation written as content blocks of Anthropic Messages."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from headgate.core.conversation import ASSISTANT, Foreign, Media, Part, RefusalText, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.loss import Loss
from headgate.dialects.anthropic.cache_marks import CacheMarks, JsonObject
from headgate.dialects.anthropic.encode_media import media
from headgate.dialects.anthropic.state_slots import FAMILY, REDACTED

_ARGUMENTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class ContentEncoder:
    """Writes the turns of one request. It notes what is marked for caching, and what is lost."""

    def __init__(self, marks: CacheMarks) -> None:
        self._marks = marks
        self.losses: list[Loss] = []
        self._writers: Mapping[type, Callable[..., JsonObject | None]] = {
            Text: self._text,
            Media: self._media,
            ToolCall: self._call,
            ToolResult: self._result,
            Thinking: self._thought,
            RefusalText: self._refusal,
            Foreign: self._foreign,
        }

    def blocks(self, parts: Sequence[Part]) -> list[JsonObject]:
        """The blocks of some parts. Empty texts are left out: Anthropic refuses them."""
        written = (self._writers[type(part)](part) for part in parts)
        return [block for block in written if block is not None]

    def messages(self, turns: Sequence[Turn]) -> list[JsonObject]:
        """The messages. One without content is left out."""
        messages: list[JsonObject] = []
        for index, turn in enumerate(turns):
            parts = turn.parts
            if turn.role == ASSISTANT and index == len(turns) - 1:
                parts = _ends_in_text(parts)
            content = self.blocks(parts)
            if content:
                messages.append({"role": turn.role, "content": content})
        return messages

    def _text(self, part: Text) -> JsonObject | None:
        return self._marks.note({"type": "text", "text": part.text}, part.cached) if part.text.strip() else None

    def _media(self, part: Media) -> JsonObject:
        return self._marks.note(media(part, self.losses), part.cached)

    def _call(self, part: ToolCall) -> JsonObject:
        block: JsonObject = {"type": "tool_use", "id": part.call_id, "name": part.name, "input": arguments(part.arguments)}
        return self._marks.note(block, part.cached)

    def _result(self, part: ToolResult) -> JsonObject:
        block: JsonObject = {"type": "tool_result", "tool_use_id": part.call_id}
        content = self.blocks(part.parts)
        if content:
            block["content"] = content
        if part.failed:
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


def arguments(written: str) -> msgspec.Raw | JsonObject:
    """The input of a call: the text that the model wrote, which must be a JSON object. Anything else is kept as a text in one."""
    if not written.strip():
        return {}
    try:
        _ARGUMENTS.decode(written)
    except (msgspec.MsgspecError, RecursionError):
        return {"__raw__": written}
    return msgspec.Raw(written.encode())


def _ends_in_text(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of a last turn that the model is to go on from: Anthropic refuses white space at its end."""
    last = parts[-1] if parts else None
    if not isinstance(last, Text):
        return parts
    return (*parts[:-1], msgspec.structs.replace(last, text=last.text.rstrip()))
