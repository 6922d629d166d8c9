"""Encodes turns as messages of Chat Completions, as every server of that dialect takes them: texts are strings, results of tools are text.

The messages of a turn depend on that turn alone, so the history of one request is the beginning of the next one's; only the first system turns are joined,
because the chat templates of many models take one system message.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Final

import msgspec

from headgate.core.conversation import (
    ASSISTANT,
    CUSTOM,
    SYSTEM,
    USER,
    Foreign,
    Media,
    Part,
    RefusalText,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.openai_chat.decode_messages import DIALECT
from headgate.dialects.openai_chat.media import encode_media

_BETWEEN: Final = "\n\n"
_FAILED: Final = "Error: "
_FAILED_ALREADY: Final = ("error", "<tool_use_error>")
_NAME: Final = "name"
_SAID_AND_CALLED: Final = frozenset({Text, RefusalText, ToolCall})
_WORDS: Final[Mapping[type, str]] = {ToolCall: "tool call", ToolResult: "tool result"}
_NOT_SHOWN: Final = "The provider's API has no place for it."

Message = dict[str, object]
Piece = dict[str, object] | msgspec.Raw  # of a user's content


class MessageEncoder:
    """Encodes the turns of one conversation. `losses` are what could not be said."""

    def __init__(self, profile: ModelProfile) -> None:
        self._thoughts_back = profile.thoughts_back
        self.losses: dict[Loss, None] = {}

    def encode(self, turns: Sequence[Turn]) -> list[Message]:
        """The messages."""
        leading = [*takewhile(lambda turn: turn.role == SYSTEM, turns)]
        system = [part for turn in leading for part in turn.parts]
        messages = list(self._system(system)) if system else []
        for turn in turns[len(leading) :]:
            parts = turn.parts
            if len(parts) == 1 and type(result := parts[0]) is ToolResult and turn.role == USER:  # as almost all of the user's are
                messages.append(self._result(result))
                shown = self._media_of(result)
                if shown:
                    messages.append({"role": "user", "content": _plain(shown)})
                continue
            messages += self._encode_turn(turn)
        return messages

    def _encode_turn(self, turn: Turn) -> Iterator[Message]:
        if turn.role == ASSISTANT:
            return self._assistant(turn.parts)
        return self._system(turn.parts) if turn.role == SYSTEM else self._user(turn.parts)

    def _system(self, parts: Sequence[Part]) -> Iterator[Message]:
        said = _BETWEEN.join(part.text for part in parts if isinstance(part, Text) and part.text)
        for part in parts:
            if not isinstance(part, Text) and not _is_name(part):
                self._lose(part)
        if said:
            yield {"role": "system", "content": said} | _named(parts)

    def _user(self, parts: Sequence[Part]) -> Iterator[Message]:
        """The results first, each a message of its own, then what the user said, with the media of the results before it."""
        shown: list[Piece] = []
        for part in parts:
            if isinstance(part, ToolResult):
                yield self._result(part)
                shown += self._media_of(part)
        content = [piece for part in parts if not isinstance(part, ToolResult) and (piece := self._piece(part)) is not None]
        if shown or content:
            yield {"role": "user", "content": _plain([*shown, *content])} | _named(parts)

    def _result(self, result: ToolResult) -> Message:
        parts = result.parts
        if len(parts) == 1 and type(only := parts[0]) is Text:
            said = only.text
        else:
            said = _BETWEEN.join([part.text for part in parts if type(part) is Text])
        if result.failed and not said.lower().startswith(_FAILED_ALREADY):
            said = _FAILED + said
        return {"role": "tool", "tool_call_id": result.call_id, "content": said}

    def _media_of(self, result: ToolResult) -> list[Piece]:
        """The media of a result as parts of a user's message, after a text that names the call."""
        if Media not in map(type, result.parts):
            return []
        media = [piece for part in result.parts if isinstance(part, Media) and (piece := self._piece(part)) is not None]
        return [{"type": "text", "text": f"From the result of tool call {result.call_id}:"}, *media] if media else []

    def _assistant(self, parts: Sequence[Part]) -> Iterator[Message]:
        said = _joined(parts)
        calls = [_call(part) for part in parts if type(part) is ToolCall]
        thought, own = "", dict[str, msgspec.Raw]()
        if not _SAID_AND_CALLED.issuperset(map(type, parts)):
            thought = _BETWEEN.join(part.text for part in parts if isinstance(part, Thinking) and part.text)
            own = {part.kind: part.raw for part in parts if isinstance(part, Foreign) and part.dialect == DIALECT}
            for part in parts:
                if isinstance(part, Media | ToolResult) or (isinstance(part, Foreign) and part.dialect != DIALECT):
                    self._lose(part)
        message: Message = {"role": ASSISTANT, "content": said if said or not calls else None}
        if own:
            message |= {kind: own[kind] for kind in (_NAME, "audio") if kind in own}
        if thought and self._thoughts_back:
            message[self._thoughts_back] = thought
        elif thought:
            self.losses[Loss("thinking", "The provider does not take the model's earlier thoughts back.")] = None
        if calls:
            message["tool_calls"] = calls
        if said or calls or own or self._thoughts_back in message:
            yield message

    def _piece(self, part: Part) -> Piece | None:
        """A part of a user's message."""
        if isinstance(part, Text):
            return {"type": "text", "text": part.text} if part.text else None
        if _is_name(part):
            return None
        if isinstance(part, Foreign) and part.dialect == DIALECT:
            return part.raw
        piece = encode_media(part) if isinstance(part, Media) else None
        if piece is None:
            self._lose(part)
        elif isinstance(part, Media) and part.name and part.kind != "document":
            self.losses[Loss(f"{part.kind}.name", _NOT_SHOWN)] = None
        return piece

    def _lose(self, part: Part) -> None:
        what = part.kind if isinstance(part, Media | Foreign) else _WORDS.get(type(part), type(part).__name__.lower())
        self.losses[Loss(what, _NOT_SHOWN)] = None


def _joined(parts: Sequence[Part]) -> str:
    """What an assistant said in one text. Parts of one message go on from each other, those of several are apart."""
    said: list[str] = []
    for part in parts:
        text = part.text if type(part) is Text or type(part) is RefusalText else ""
        if text:
            if said and type(part) is Text and part.apart:
                said.append(_BETWEEN)
            said.append(text)
    return "".join(said)


def _plain(content: Sequence[Piece]) -> str | list[Piece]:
    """A content as a string where all of it is text."""
    texts = [str(piece["text"]) for piece in content if isinstance(piece, Mapping) and piece["type"] == "text"]
    return _BETWEEN.join(texts) if len(texts) == len(content) else list(content)


def _call(call: ToolCall) -> Message:
    if call.kind == CUSTOM:
        return {"id": call.call_id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}


def _is_name(part: Part) -> bool:
    return isinstance(part, Foreign) and part.dialect == DIALECT and part.kind == _NAME


def _named(parts: Sequence[Part]) -> Message:
    """The `name` that a client gave to a speaker."""
    names = [part.raw for part in parts if isinstance(part, Foreign) and _is_name(part)]
    return {_NAME: names[0]} if names else {}
