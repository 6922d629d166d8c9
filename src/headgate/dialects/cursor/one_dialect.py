"""Decodes what is of one dialect in a mixed body, by that dialect's own codec: as a request that has nothing else."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

import msgspec

from headgate.core.conversation import Conversation
from headgate.dialects.anthropic import decode_request as anthropic
from headgate.dialects.asked import Asked
from headgate.dialects.cursor.shapes import ANTHROPIC, CHAT, RESPONSES
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat import decode_request as chat
from headgate.dialects.openai_chat.decode_messages import decode_messages
from headgate.dialects.openai_responses import decode_request as responses
from headgate.dialects.openai_responses.decode_items import read_input
from headgate.dialects.openai_responses.decode_tools import first_of_each
from headgate.dialects.unread import Unread

_DECODERS: Final[Mapping[str, tuple[Callable[[Asked, Operation], Conversation], Operation]]] = {
    CHAT: (chat.decode, Operation("chat", "openai/v1/chat/completions")),
    RESPONSES: (responses.decode, Operation("responses", "openai/v1/responses")),
    ANTHROPIC: (anthropic.decode, Operation("messages", "anthropic/v1/messages")),
}
_SPOKEN: Final = {CHAT: "messages", RESPONSES: "input", ANTHROPIC: "messages"}
_NOTHING: Final = Asked(b"{}", "", None, {}, {}, stream=False)


def decode_fields(dialect: str, fields: Mapping[str, msgspec.Raw]) -> Conversation:
    """The conversation of a request of this dialect that has these fields alone. Raises BadRequest."""
    decode, operation = _DECODERS[dialect]
    spoken = _SPOKEN[dialect]
    return decode(_NOTHING.with_fields({spoken: msgspec.Raw(b"[]"), **fields}), operation)


def decode_spoken(dialect: str, entries: Sequence[bytes]) -> Conversation:
    """The conversation of messages, or items, of this dialect. A body may have thousands of runs of them, so no more of a request is read than these."""
    spoken, beyond = listed(entries), Unread()
    if dialect == RESPONSES:
        given = read_input(spoken, beyond)
        return Conversation(turns=given.turns, tools=first_of_each(given.tools), beyond=beyond)
    if dialect == CHAT:
        messages = chat.read_request({"messages": spoken}, beyond).messages
        return Conversation(turns=decode_messages(messages, beyond), beyond=beyond)
    return decode_fields(dialect, {_SPOKEN[dialect]: spoken})


def runs(pieces: Sequence[tuple[str, bytes]]) -> list[tuple[str, list[bytes]]]:
    """Pieces of JSON with their dialects; those in a row that have the same one together."""
    return [(dialect, [piece for _, piece in run]) for dialect, run in groupby(pieces, key=itemgetter(0))]


def listed(entries: Sequence[bytes]) -> msgspec.Raw:
    """Pieces of JSON as a list."""
    return msgspec.Raw(b"[" + b",".join(entries) + b"]")
