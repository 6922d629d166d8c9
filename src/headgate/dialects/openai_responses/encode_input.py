"""The turns of a conversation as the items of a Responses request, in their order: the items of one turn never depend on a later one.

System turns stay where they are, as developer messages. Thoughts go back only with OpenAI's own proof of them.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from headgate.core.conversation import (
    ASSISTANT,
    CUSTOM,
    FUNCTION,
    LOCAL_SHELL,
    SYSTEM,
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
from headgate.dialects.openai_responses.decode_content import DIALECT, PART
from headgate.dialects.openai_responses.encode_tools import Json, encode_tools
from headgate.dialects.openai_responses.own_calls import PREFIXES, own_call
from headgate.dialects.openai_responses.shell_output import shell_chunks

FAMILY = "openai"
_PLACES_MAX = 2_048
_ID_PREFIXES = {**PREFIXES, FUNCTION: "fc", CUSTOM: "ctc"}
_RESULTS = {FUNCTION: "function_call_output", CUSTOM: "custom_tool_call_output", LOCAL_SHELL: "local_shell_call_output"}


class InputWriter:
    """Writes items for one model; `losses` has what could not be said in them."""

    def __init__(self, profile: ModelProfile) -> None:
        self._profile = profile
        self._items: list[object] = []
        self.losses: list[Loss] = []

    def written(self, turns: Sequence[Turn]) -> list[object]:
        """The items of all turns."""
        for turn in turns:
            self._write(turn)
        return self._items

    def _write(self, turn: Turn) -> None:
        """The items of a turn: what follows each other and can be in one message is in one."""
        content: list[object] = []
        role = turn.role
        for part in turn.parts:
            if type(part) is Text:  # it, a call and a result are almost all
                if part.text or role != ASSISTANT:
                    content.append(_said(part.text, role))
                continue
            if type(part) is Media or type(part) is RefusalText or (type(part) is Foreign and part.kind.endswith(PART)):
                content += self._content(part, role)
                continue
            if content:
                self._say(role, content)
                content = []
            if type(part) is ToolResult:
                self._items += self.write_result(part)
            elif type(part) is ToolCall:
                self._items += self.write_call(part)
            else:
                self._items += _ITEMS[type(part)](self, part)
        self._say(role, content)

    def _say(self, role: str, content: list[object]) -> None:
        """A message; none without content."""
        if not content:
            return
        if role != ASSISTANT:
            self._items.append({"type": "message", "role": "developer" if role == SYSTEM else "user", "content": content})
            return
        item_id = _message_id(len(self._items))
        self._items.append({"type": "message", "id": item_id, "role": "assistant", "status": "completed", "content": content})

    def _content(self, part: Part, role: str) -> list[object]:
        """A part within a message; none where it cannot be one."""
        match part:
            case Text():
                return [_said(part.text, role)] if part.text or role != ASSISTANT else []
            case RefusalText() if role == ASSISTANT:
                return [{"type": "refusal", "refusal": part.text}]
            case RefusalText():
                return [{"type": "input_text", "text": part.text}]
            case Media():
                return self._media(part, role)
            case Foreign() if part.dialect == DIALECT:
                return [part.raw]
        return []

    def _media(self, media: Media, role: str = "") -> list[object]:
        if role == ASSISTANT:
            return self._lost(media.kind, "an answer in the history can have text alone")
        match media.kind:
            case "image" if self._profile.images:
                if media.name:
                    self._lost("image.name", "the Responses API takes images without a name")
                return [_image(media)]
            case "document" if media.text:
                return [{"type": "input_text", "text": f"{media.name}\n\n{media.text}" if media.name else media.text}]
            case "document" if self._profile.documents:
                return [_file(media)]
        self._lost(media.kind, "the model does not take it: it gets a note in its place")
        shown = f"[A file that cannot be shown here: {media.name or media.kind} ({media.mime or 'unknown type'})]"
        return [{"type": "input_text", "text": shown}]

    def _lost(self, what: str, why: str) -> list[object]:
        loss = Loss(what, why)
        if loss not in self.losses:
            self.losses.append(loss)
        return []

    def write_call(self, call: ToolCall) -> list[object]:
        """A call of any kind."""
        kind, call_id, item_id, namespace = call.kind, call.call_id, call.item_id, call.namespace
        if kind == FUNCTION and not item_id and not namespace:  # as almost all
            return [{"type": "function_call", "call_id": call_id, "name": call.name, "arguments": call.arguments or "{}"}]
        prefix = _ID_PREFIXES.get(kind, "fc")
        known: Json = {"id": item_id} if item_id.startswith(prefix + "_") else {}
        if kind in PREFIXES:
            known = known or {"id": _hashed(prefix, call_id)}
            return [known | own_call(kind, call_id, call.arguments, "completed")]
        named: Json = {"namespace": namespace} if namespace else {}
        if kind == CUSTOM:
            return [{"type": "custom_tool_call", **known, "call_id": call_id, **named, "name": call.name, "input": call.arguments}]
        return [{"type": "function_call", **known, "call_id": call_id, **named, "name": call.name, "arguments": call.arguments or "{}"}]

    def write_result(self, result: ToolResult) -> list[object]:
        """What a tool answered."""
        kind = result.kind
        if kind == FUNCTION:  # as almost all
            return [{"type": "function_call_output", "call_id": result.call_id, "output": self._output(result)}]
        match kind:
            case "tool_search":
                tools, losses = encode_tools(result.tools, self._profile)
                self.losses += losses
                found: Json = {"type": "tool_search_output", "call_id": result.call_id, "execution": "client", "status": "completed"}
                return [{**found, "tools": tools}]
            case "shell":
                chunks = shell_chunks(_plain(result), int(result.failed))
                return [{"type": "shell_call_output", "call_id": result.call_id, "output": chunks}]
            case "apply_patch":
                status = "failed" if result.failed else "completed"
                return [{"type": "apply_patch_call_output", "call_id": result.call_id, "status": status, "output": _plain(result)}]
            case "local_shell":
                return [{"type": "local_shell_call_output", "id": result.call_id, "output": _plain(result)}]
        return [{"type": _RESULTS.get(kind, "function_call_output"), "call_id": result.call_id, "output": self._output(result)}]

    def _output(self, result: ToolResult) -> object:
        """A text, or a list where there is more than one part or a medium."""
        parts = result.parts
        if len(parts) == 1 and type(first := parts[0]) is Text:
            return first.text
        return [each for part in parts for each in self._content(part, "")] or ""

    def write_thought(self, thought: Thinking) -> list[object]:
        """A reasoning item, where there is a proof of OpenAI's."""
        state = thought.state
        if state is None or state.family != FAMILY:
            return self._lost("thinking", "a thought goes back only with OpenAI's own proof of it")
        item_id = state.item_id if state.item_id.startswith("rs_") else _hashed("rs", state.data)
        summary = [{"type": "summary_text", "text": thought.text}] if thought.summary and thought.text else []
        return [{"type": "reasoning", "id": item_id, "summary": summary, "encrypted_content": state.data}]

    def write_foreign(self, foreign: Foreign) -> list[object]:
        """An item of this dialect as it came; those of other dialects were reported when the conversation was prepared."""
        return [foreign.raw] if foreign.dialect == DIALECT else []


_ITEMS: Final[Mapping[type, Callable[..., list[object]]]] = MappingProxyType({
    Thinking: InputWriter.write_thought,
    Foreign: InputWriter.write_foreign,
})


def _said(text: str, role: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": []} if role == ASSISTANT else {"type": "input_text", "text": text}


def _image(media: Media) -> Json:
    detail = media.detail if media.detail in {"low", "high", "auto", "original"} else "auto"
    if media.file_id:
        return {"type": "input_image", "file_id": media.file_id, "detail": detail}
    return {"type": "input_image", "image_url": media.url or f"data:{media.mime or 'image/png'};base64,{media.base64}", "detail": detail}


def _file(media: Media) -> Json:
    if media.file_id:
        return {"type": "input_file", "file_id": media.file_id}
    if media.url:
        return {"type": "input_file", "file_url": media.url, **({"filename": media.name} if media.name else {})}
    data = f"data:{media.mime or 'application/pdf'};base64,{media.base64}"
    return {"type": "input_file", "filename": media.name or "document.pdf", "file_data": data}


def _plain(result: ToolResult) -> str:
    return "\n".join(part.text for part in result.parts if isinstance(part, Text))


@lru_cache(_PLACES_MAX)
def _message_id(place: int) -> str:
    """The id of the assistant's message at this place of an input: every request has the same ones."""
    return _hashed("msg", f"{place}")


def _hashed(prefix: str, text: str) -> str:
    return f"{prefix}_{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:32]}"
