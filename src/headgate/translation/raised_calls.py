"""Says the calls of an answer as the client knows them: by the names, kinds and namespaces that it gave its tools, with arguments in their own form."""

from typing import Final

from headgate.core.conversation import CUSTOM, FUNCTION
from headgate.core.event import Event, PartClosed, PartGrew, PartOpened
from headgate.translation import custom_tools, openai_tools
from headgate.translation.call_names import CallNames

_NO_ARGUMENTS: Final = "{}"


class RaisedCalls:
    """The calls of one answer, whose parts come one after the other. The arguments of a tool that was sent as a function wait until the call is whole."""

    def __init__(self, calls: CallNames) -> None:
        self._calls = calls
        self._kind = ""  # of the open call; empty: another part, or none, is open
        self._lowered = False
        self._written: list[str] = []
        self._begun = False
        self.any = False  # whether the answer has called a tool

    def opened(self, event: PartOpened) -> PartOpened:
        """The beginning of a part."""
        self._kind = ""
        if event.kind != "call":
            return event
        called = self._calls.of(event.name, event.call_kind, event.namespace)
        self.any = True
        self._kind, self._begun = called.kind, False
        self._lowered = called.kind != FUNCTION and event.call_kind == FUNCTION
        self._written.clear()
        return PartOpened(event.index, event.kind, event.call_id, called.name, called.namespace, called.kind)

    def grew(self, event: PartGrew) -> list[Event]:
        """More of a part, or nothing for now."""
        if self._lowered and self._kind:
            self._written.append(event.text)
            return []
        if self._kind and not self._begun:
            self._begun = bool(event.text)
        return [event]

    def closed(self, event: PartClosed) -> list[Event]:
        """The end of a part, with the arguments that waited for it. A call without arguments has none of them: `{}`."""
        kind, self._kind = self._kind, ""
        if not kind:
            return [event]
        if self._lowered:
            arguments = "".join(self._written)
            own = custom_tools.unwrapped(arguments) if kind == CUSTOM else openai_tools.raised(kind, arguments or _NO_ARGUMENTS)
            return [PartGrew(event.index, own), event] if own else [event]
        if not self._begun and kind != CUSTOM:
            return [PartGrew(event.index, _NO_ARGUMENTS), event]
        return [event]
