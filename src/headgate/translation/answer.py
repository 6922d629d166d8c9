"""Brings an answer from the words of a target's dialect to what the client asked: parts one after the other, tools by their own names, states sealed."""

from collections.abc import Callable, Sequence

from headgate.core.event import Event, Finished, PartClosed, PartGrew, PartOpened, UsageSeen
from headgate.core.opaque_state import OpaqueState
from headgate.translation.call_names import CallNames
from headgate.translation.in_order import InOrder
from headgate.translation.raised_calls import RaisedCalls
from headgate.translation.stop_cut import StopCut

_TEXT = "text"


class AnswerStages:
    """The stages between a provider's decoder and the client's encoder, for one answer. `seal` makes a state one that the client's dialect takes back.

    `stop` are the sequences to cut the answer at. Once it is cut it is finished: the caller reads on for the usage alone.
    """

    def __init__(self, calls: CallNames, seal: Callable[[OpaqueState], OpaqueState], stop: tuple[str, ...] = ()) -> None:
        self._in_order = InOrder()
        self._calls = RaisedCalls(calls)
        self._seal = seal
        self._stop = StopCut(stop) if stop else None
        self._in_text = False
        self.cut = False

    def feed(self, events: Sequence[Event]) -> list[Event]:
        """The events for the client's encoder, by the laws of `core.event`, its parts never overlapping."""
        out: list[Event] = []
        for event in events:
            for ordered in self._in_order.feed(event):
                if not self.cut:
                    self._say(ordered, out)
                elif isinstance(ordered, UsageSeen):
                    out.append(ordered)
        return out

    def _say(self, event: Event, out: list[Event]) -> None:
        if type(event) is PartGrew:  # almost all
            if self._in_text and self._stop is not None:
                self._cut_text(event.index, self._stop, event.text, out)
            else:
                out += self._calls.grew(event)
            return
        match event:
            case PartOpened():
                self._in_text = event.kind == _TEXT
                out.append(self._calls.opened(event))
            case PartClosed():
                if self._in_text and self._stop is not None and (rest := self._stop.rest()):
                    out.append(PartGrew(event.index, rest))
                self._in_text = False
                out += self._calls.closed(self._sealed(event))
            case Finished():
                out.append(self._finished(event))
            case _:
                out.append(event)

    def _cut_text(self, index: int, stop: StopCut, text: str, out: list[Event]) -> None:
        passed = stop.feed(text)
        if passed:
            out.append(PartGrew(index, passed))
        if stop.match:
            self.cut = True
            out += (PartClosed(index), Finished("stop_sequence", "stop_sequence", stop.match))

    def _sealed(self, event: PartClosed) -> PartClosed:
        return event if event.state is None else PartClosed(event.index, self._seal(event.state), event.redacted)

    def _finished(self, event: Finished) -> Finished:
        """An answer that calls a tool ends for that, also where the provider does not say so."""
        if self._calls.any and event.cause == "stop":
            return Finished(event.reason, "tool_use", event.stop_sequence)
        return event
