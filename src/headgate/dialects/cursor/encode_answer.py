"""Encodes answers for Cursor: chunks of Chat Completions, in which calls of custom tools are calls of functions with the text itself as their arguments.

Cursor reads no other kind of call (seen with 3.14.27, https://forum.cursor.com/t/159298).
"""

from collections.abc import Sequence

import msgspec

from headgate.core.conversation import CUSTOM, FUNCTION
from headgate.core.event import Event, PartOpened
from headgate.dialects.codec import AnswerContext
from headgate.dialects.openai_chat import encode_answer as chat


class CursorAnswerEncoder:
    """Writes one stream of chunks."""

    def __init__(self, context: AnswerContext) -> None:
        self._chat = chat.ChatAnswerEncoder(context)

    def encode(self, event: Event) -> bytes:
        """The chunk of an event, or nothing."""
        return self._chat.encode(_as_function(event))

    def finish(self) -> bytes:
        """The chunk of the counts, if the client asked for it, and the end."""
        return self._chat.finish()


def whole(context: AnswerContext, events: Sequence[Event]) -> bytes:
    """One completion."""
    return chat.whole(context, [*map(_as_function, events)])


def _as_function(event: Event) -> Event:
    if isinstance(event, PartOpened) and event.call_kind == CUSTOM:
        return msgspec.structs.replace(event, call_kind=FUNCTION)
    return event
