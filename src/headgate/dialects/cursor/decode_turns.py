"""Decodes the messages and items of one of Cursor's requests into turns, each by the dialect that it is written in.

Messages in a row of one dialect are decoded together, because calls and results may go on from one to the next. A message with parts of several is taken apart
for that, and is one turn again.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from headgate.core.conversation import CUSTOM, FUNCTION, USER, Conversation, Part, Tool, ToolCall, ToolResult, Turn
from headgate.core.errors import BadRequest
from headgate.dialects.cursor.one_dialect import decode_spoken, listed, runs
from headgate.dialects.cursor.shapes import CHAT, of_entry, of_part
from headgate.dialects.lenient import decoded, items, mapping

_ANY: Final = msgspec.json.Decoder()
_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def decode_entries(raw: msgspec.Raw, usual: str, name: str) -> Conversation:
    """The conversation of a list of messages or items, in which most are of the `usual` dialect: its turns, and the tools that are in it.

    Raises BadRequest; `name` is that of the list.
    """
    if bytes(raw).startswith(b'"'):
        return decode_spoken(usual, [b'{"role":"user","content":' + bytes(raw) + b"}"])
    entries = decoded(_RAWS, raw)
    if entries is None:
        raise BadRequest(f"`{name}` must be a list.", code="invalid_request")
    pieces: list[tuple[str, bytes]] = []
    continued: set[int] = set()  # pieces that are of the same message as the one before
    for entry in entries:
        found = [*_pieces(entry, usual)]
        continued |= set(range(len(pieces) + 1, len(pieces) + len(found)))
        pieces += found
    return _joined(pieces, continued)


def _joined(pieces: Sequence[tuple[str, bytes]], continued: set[int]) -> Conversation:
    turns: list[Turn] = []
    grown: list[Part] = []  # of the last turn, where it goes on
    tools: list[Tool] = []
    beyond: dict[str, msgspec.Raw] = {}
    at = 0
    for dialect, run in runs(pieces):
        part = decode_spoken(dialect, run)
        given = part.turns
        if at in continued and turns and given and turns[-1].role == given[0].role:
            grown = grown or [*turns[-1].parts]
            grown += given[0].parts
            given = given[1:]
        if given:
            _grow(turns, grown)
            turns += given
            grown = []
        tools += part.tools
        beyond |= part.beyond
        at += len(run)
    _grow(turns, grown)
    return Conversation(turns=tuple(turns), tools=tuple(tools), beyond=beyond)


def _grow(turns: list[Turn], parts: Sequence[Part]) -> None:
    """Give the last turn these parts, if there are any."""
    if parts:
        turns[-1] = Turn(turns[-1].role, tuple(parts))


def _pieces(raw: msgspec.Raw, usual: str) -> Iterator[tuple[str, bytes]]:
    """A message with its dialect; one with parts of several dialects as several messages."""
    entry = mapping(decoded(_ANY, raw))
    dialect = of_entry(entry, usual)
    found = [of_part(part) for part in items(entry.get("content"))]
    known = [shape for shape in found if shape]
    if not known or (set(known) == {dialect}) or entry.get("role") == "tool":
        yield dialect, bytes(raw)
        return
    members = _MEMBERS.decode(raw)
    role, content = members.pop("role", msgspec.Raw(b'"user"')), _RAWS.decode(members.pop("content"))
    shape, shaped = known[0], []
    for part, own in zip(content, found, strict=True):
        shape = own or shape
        shaped.append((shape, bytes(part)))
    for each, parts in runs(shaped):
        yield each, msgspec.json.encode({"role": role, "content": listed(parts)})
    if dialect == CHAT and any(bytes(value) != b"null" for name, value in members.items() if name != "type"):
        yield CHAT, msgspec.json.encode({"role": role, **members})


def merged(given: Sequence[Turn], said: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns of a body with `input` and `messages`, which say the same: the fuller of both, with the results that only the other has."""
    base, other = (said, given) if _length(said) >= _length(given) else (given, said)
    answered = {part.call_id for turn in base for part in turn.parts if isinstance(part, ToolResult)}
    missing = {part.call_id: part for turn in other for part in turn.parts if isinstance(part, ToolResult) and part.call_id not in answered}
    turns: list[Turn] = []
    for turn in base:
        turns.append(turn)
        found = tuple(missing.pop(part.call_id) for part in turn.parts if isinstance(part, ToolCall) and part.call_id in missing)
        if found:
            turns.append(Turn(USER, found))
    return (*turns, Turn(USER, tuple(missing.values()))) if missing else tuple(turns)


def _length(turns: Sequence[Turn]) -> int:
    return sum(not isinstance(part, ToolResult) for turn in turns for part in turn.parts)


def with_custom_calls(turns: Sequence[Turn], names: frozenset[str]) -> tuple[Turn, ...]:
    """The turns with the calls of custom tools as such: Cursor knows them as functions, with the text itself as their arguments."""
    if not names:
        return tuple(turns)
    custom: set[str] = set()

    def known(part: Part) -> Part:
        if isinstance(part, ToolCall) and part.kind == FUNCTION and part.name in names:
            custom.add(part.call_id)
            return msgspec.structs.replace(part, kind=CUSTOM)
        if isinstance(part, ToolResult) and part.call_id in custom:
            return msgspec.structs.replace(part, kind=CUSTOM)
        return part

    return tuple(Turn(turn.role, tuple(map(known, turn.parts))) for turn in turns)
