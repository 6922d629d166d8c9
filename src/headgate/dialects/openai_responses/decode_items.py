"""The input of a Responses request as turns, and the tools that are within it.

Items of the assistant that follow each other are one turn, and so are results; a message of another role is a turn of its own. An item of a type that
Headgate does not know, or that only OpenAI's servers understand, is kept as it is. `additional_tools` is no turn: its tools are offered like the others.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from headgate.core.conversation import (
    APPLY_PATCH,
    ASSISTANT,
    CUSTOM,
    FUNCTION,
    LOCAL_SHELL,
    SHELL,
    SYSTEM,
    TOOL_SEARCH,
    USER,
    Foreign,
    Media,
    Part,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)
from headgate.core.errors import BadRequest
from headgate.core.opaque_state import OpaqueState, opened
from headgate.dialects.lenient import decoded, items, mapping, text
from headgate.dialects.openai_responses import part_state
from headgate.dialects.openai_responses.decode_content import DIALECT, is_absent, read_content, read_output
from headgate.dialects.openai_responses.decode_tools import read_tools
from headgate.dialects.openai_responses.input_items import AnyItem, GivenInput, InputItem, all_items, read_item
from headgate.dialects.openai_responses.shell_output import shell_text
from headgate.dialects.unread import Unread, note

_NULL: Final = msgspec.Raw(b"null")
_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()
_ROLES: Final = {"user": USER, "system": SYSTEM, "developer": SYSTEM, "assistant": ASSISTANT}
_FAMILY: Final = "openai"


def read_input(raw: msgspec.Raw, unread: Unread, where: str = "input") -> GivenInput:
    """An input: one text, or a list of items. Raises BadRequest; `where` is its place in the request. What has no place in turns is noted as not read."""
    if is_absent(raw):
        return GivenInput((), ())
    reader = _Reader(unread)
    if reader.take_all(raw, where):
        return GivenInput(reader.turns, tuple(reader.tools))
    value = bytes(raw)
    if value.startswith(b'"'):
        said = text(decoded(_ANY, raw))
        return GivenInput((Turn(USER, (Text(said),)),) if said else (), ())
    elements = decoded(_RAWS, raw) if value.startswith(b"[") else None
    if elements is None:
        raise BadRequest(f"`{where}` must be a text or a list of items.")
    for at, element in enumerate(elements):
        reader.take(element, f"{where}[{at}]")
    return GivenInput(reader.turns, tuple(reader.tools))


class _Reader:
    """Reads items in order."""

    def __init__(self, unread: Unread) -> None:
        self.unread = unread
        self.tools: list[Tool] = []
        self._turns: list[tuple[str, list[Part]]] = []
        self._grows = ""  # the role whose last turn the next item may be added to
        self._spoke = False  # whether that turn has a message of the assistant's
        self._calls: dict[str, int] = {}  # where calls are in their turns, by their ids
        self._states: dict[str, OpaqueState] = {}  # of calls that come later, by their ids

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns so far."""
        return tuple(Turn(role, tuple(parts)) for role, parts in self._turns)

    def take_all(self, raw: msgspec.Raw, where: str) -> bool:
        """Read all items at once, where each is of a known type and has known members, as almost all are; else nothing is read."""
        given = all_items(raw)
        if given is None:
            return False
        readers = [_reader_of(_kind_of(item), item) for item in given]
        if None in readers:
            return False
        for at, (read, item) in enumerate(zip(readers, given, strict=True)):
            if read is not None:
                read(self, item, f"{where}[{at}]")
        return True

    def take(self, raw: msgspec.Raw, where: str) -> None:
        """Read one item."""
        more: Unread = {}
        item = read_item(raw, more)
        if item is None:
            raise BadRequest(f"`{where}` must be an object.")
        kind = _kind_of(item)
        read = _reader_of(kind, item)
        if read is None:
            self._keep(kind, item, raw, where)
            return
        read(self, item, where)
        if more:
            note(self.unread, kind, ((name, value) for name, value in more.items() if not _says_nothing(name, value)))

    def read_message(self, item: AnyItem, where: str) -> None:
        """A message of any role."""
        role = _ROLES.get(text(item.role))
        if role is None:
            raise BadRequest(f"`{where}.role` must be one of user, assistant, system and developer.")
        parts = read_content(item.content, f"{where}.content", self.unread)
        if role == ASSISTANT:
            self._say(parts)
        elif parts:
            self._turns.append((role, list(parts)))
            self._grows = ""

    def read_reasoning(self, item: AnyItem, where: str) -> None:
        """A thought, or the state of a text or a call."""
        summary = "\n\n".join(text(mapping(part).get("text")) for part in items(item.summary))
        raw = (
            ""
            if item.content is None or (isinstance(item.content, msgspec.Raw) and is_absent(item.content))
            else "".join(part.text for part in read_output(item.content, f"{where}.content", self.unread) if isinstance(part, Text))
        )
        sealed = text(item.encrypted_content)
        state = opened(sealed)
        if state is None:
            native = OpaqueState(_FAMILY, "encrypted", sealed, item_id=text(item.id)) if sealed else None
            self._add(ASSISTANT, *_thoughts(summary, raw, native))
            return
        state, mark, call_id = part_state.unmarked(state)
        if mark:
            self._attach(state, mark, call_id)
        else:
            self._add(ASSISTANT, _proven(summary, raw, state))

    def read_call(self, item: AnyItem, where: str) -> None:
        """A call of any kind."""
        kind, member = CALLS[text(item.type)]
        given: msgspec.Raw | str | None = getattr(item, member)
        name = text(item.name) if kind in {FUNCTION, CUSTOM} else kind
        call_id = text(item.call_id) or text(item.id)
        if not name or not call_id:
            raise BadRequest(f"`{where}` must have a `name` and a `call_id`.")
        state = self._states.pop(call_id, None)
        self._add(ASSISTANT, ToolCall(call_id, name, written(given), kind, text(item.namespace), text(item.id), state))
        self._calls[call_id] = len(self._turns[-1][1]) - 1

    def read_result(self, item: AnyItem, where: str) -> None:
        """What a tool answered."""
        kind = _RESULTS[text(item.type)]
        call_id = text(item.call_id) or text(item.id)
        parts: tuple[Text | Media, ...]
        if kind == SHELL and isinstance(item, InputItem):
            parts = (Text(shell_text(item.output)),)
        else:
            parts = read_output(item.output, f"{where}.output", self.unread)
        tools = read_tools(item.tools, self.unread, f"{where}.tools") if kind == TOOL_SEARCH and isinstance(item, InputItem) else ()
        self._add(USER, ToolResult(call_id, parts, text(item.name), item.status == "failed", kind, tools))

    def read_tools(self, item: InputItem, where: str) -> None:
        """Tools that are offered in the input."""
        self.tools += read_tools(item.tools, self.unread, f"{where}.tools")

    def _keep(self, kind: str, item: InputItem, raw: msgspec.Raw, where: str) -> None:
        """An item that is passed on to its own dialect only."""
        if kind == "tool_search_output":  # the provider searched: what it found can be called
            self.read_tools(item, where)
        role = USER if kind.endswith(("_output", "_response")) else ASSISTANT
        self._add(role, Foreign(DIALECT, kind or "unknown", raw))

    def _say(self, parts: tuple[Part, ...]) -> None:
        """A message of the assistant's. Its text is apart from that of a message before it in the same turn."""
        spoke = self._spoke and self._grows == ASSISTANT
        if spoke and parts and isinstance(parts[0], Text):
            parts = (msgspec.structs.replace(parts[0], apart=True), *parts[1:])
        self._add(ASSISTANT, *parts)
        self._spoke = spoke or bool(parts)

    def _add(self, role: str, *parts: Part) -> None:
        if not parts:
            return
        if self._grows != role:
            self._turns.append((role, []))
            self._grows, self._spoke = role, False
        self._turns[-1][1].extend(parts)

    def _attach(self, state: OpaqueState, mark: str, call_id: str) -> None:
        """Give a state to the part that it belongs to. The state of a part that is gone is left out."""
        if mark == part_state.EMPTY:
            self._add(ASSISTANT, Text("", state=state))
            return
        parts = self._turns[-1][1] if self._grows == ASSISTANT else []
        at = len(parts) - 1 if mark == part_state.TEXT else self._calls.get(call_id, -1)
        part = parts[at] if 0 <= at < len(parts) else None
        if (isinstance(part, Text) and mark == part_state.TEXT) or (isinstance(part, ToolCall) and part.call_id == call_id):
            parts[at] = msgspec.structs.replace(part, state=state)
        elif mark == part_state.CALL:
            self._states[call_id] = state


def _kind_of(item: AnyItem) -> str:
    return text(item.type) or ("message" if item.role is not None else "item_reference" if text(item.id) else "")


def _reader_of(kind: str, item: AnyItem) -> "_Read | None":
    """What reads an item; `None` for one that is kept as it is."""
    return None if kind in _CLIENTS and item.execution == "server" else _READERS.get(kind)


def _says_nothing(name: str, raw: msgspec.Raw) -> bool:
    """Whether a member says what is usual: that the model itself called a tool, on the client's own machine."""
    return is_absent(raw) or (name in {"caller", "environment"} and decoded(_ANY, raw) in _USUAL)


def written(given: msgspec.Raw | str | None) -> str:
    """Arguments of a call as text: that of a JSON string, or the JSON itself."""
    if not isinstance(given, msgspec.Raw):
        return given or ""
    if is_absent(given):
        return ""
    return text(decoded(_ANY, given)) if bytes(given).startswith(b'"') else bytes(given).decode(errors="replace")


def _thoughts(summary: str, raw: str, state: OpaqueState | None) -> list[Thinking]:
    """A summary, a thought, or both, the state with the last."""
    if summary and raw:
        return [Thinking(summary, summary=True), Thinking(raw, state=state)]
    if not summary and not raw:
        return [Thinking(state=state, redacted=True)] if state is not None else []
    return [Thinking(summary or raw, bool(summary), state)]


def _proven(summary: str, raw: str, state: OpaqueState) -> Thinking:
    """A thought of another provider with its proof. The text that is proven is in the state where the client does not bring it back."""
    said = state.text or raw or summary
    return Thinking(said, not (state.text or raw) and bool(summary), state, redacted=state.kind == "redacted")


CALLS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "function_call": (FUNCTION, "arguments"),
    "custom_tool_call": (CUSTOM, "input"),
    "tool_search_call": (TOOL_SEARCH, "arguments"),
    "local_shell_call": (LOCAL_SHELL, "action"),
    "shell_call": (SHELL, "action"),
    "apply_patch_call": (APPLY_PATCH, "operation"),
})
"""The items that are calls of the client's tools: the kind of each, and the member with its arguments."""
_RESULTS: Mapping[str, str] = MappingProxyType({
    "function_call_output": FUNCTION,
    "custom_tool_call_output": CUSTOM,
    "tool_search_output": TOOL_SEARCH,
    "local_shell_call_output": LOCAL_SHELL,
    "shell_call_output": SHELL,
    "apply_patch_call_output": APPLY_PATCH,
})
_USUAL: Final = ({"type": "direct"}, {"type": "local"})
_CLIENTS: Final = frozenset({"tool_search_call", "tool_search_output"})  # the provider may run these too
_Read = Callable[[_Reader, Any, str], None]
_READERS: Mapping[str, _Read] = MappingProxyType({
    "message": _Reader.read_message,
    "reasoning": _Reader.read_reasoning,
    "additional_tools": _Reader.read_tools,
    **dict.fromkeys(CALLS, _Reader.read_call),
    **dict.fromkeys(_RESULTS, _Reader.read_result),
})
