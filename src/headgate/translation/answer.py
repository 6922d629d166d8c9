"""Brings an answer from the words of a target's dialect to what the client asked: parts one after the other, tools by their own names, states sealed."""

from collections.abc import Callable, Sequence

from headgate.core.event import Event, PartClosed, PartOpened
from headgate.core.opaque_state import OpaqueState
from headgate.translation.call_names import CallNames
from headgate.translation.in_order import InOrder


class AnswerStages:
    """The stages between a provider's decoder and the client's encoder, for one answer. `seal` makes a state one that the client's dialect takes back."""

    def __init__(self, calls: CallNames, seal: Callable[[OpaqueState], OpaqueState], stop: tuple[str, ...] = ()) -> None:
        self._calls = calls
        self._seal = seal
        self._stop = stop
        self._in_order = InOrder()

    def feed(self, events: Sequence[Event]) -> list[Event]:
        """The events for the client's encoder, by the laws of `core.event`, its parts never overlapping."""
        return [self._said(ordered) for event in events for ordered in self._in_order.feed(event)]

    def _said(self, event: Event) -> Event:
        if isinstance(event, PartOpened) and event.kind == "call":
            called = self._calls.of(event.name, event.call_kind, event.namespace)
            return PartOpened(event.index, event.kind, event.call_id, called.name, called.namespace, called.kind)
        if isinstance(event, PartClosed) and event.state is not None:
            return PartClosed(event.index, self._seal(event.state), event.redacted)
        return event
