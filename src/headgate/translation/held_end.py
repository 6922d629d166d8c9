"""Holds back the end of a part until the answer goes on. A failure ends parts too, and an agent makes a call as soon as it has its end."""

from collections.abc import Sequence

from headgate.core.event import Event, Failed, PartClosed


class HeldEnd:
    """The step before the encoder of one stream: the part that is open when the answer fails never ends for the client."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: tuple[PartClosed, ...] = ()

    def feed(self, events: Sequence[Event]) -> Sequence[Event]:
        """The events that can be encoded now. The end of a part comes with what follows it, and not before a failure."""
        if len(events) == 1 and not self._held and type(events[0]) is not PartClosed:  # as almost always
            return events
        out: list[Event] = []
        for event in events:
            if not isinstance(event, Failed):
                out += self._held
            self._held = ()
            if isinstance(event, PartClosed):
                self._held = (event,)
            else:
                out.append(event)
        return out
