"""Puts the parts of an answer one after the other: a provider may let them overlap, no client can read that."""

from collections import deque

from headgate.core.event import Cited, Event, Failed, Finished, PartClosed, PartGrew, PartOpened

_Piece = PartOpened | PartGrew | Cited | PartClosed


class InOrder:
    """Orders one answer. The first part that is open is passed on as it grows; those that open meanwhile wait until it closes.

    In what comes out parts are numbered from 0 in the order in which they opened, and an end of the answer closes what is still open.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}  # of open parts: those that come out, by those that came in
        self._waiting: deque[list[_Piece]] = deque()  # the open part that is passed on (its list is empty), then those that wait
        self._of: dict[int, list[_Piece]] = {}  # the same lists by the numbers that came in
        self._next = 0
        self._ended = False

    def feed(self, event: Event) -> list[Event]:
        """The events that can be passed on now."""
        if type(event) is PartGrew:  # almost all
            return self._grow(event)
        match event:
            case PartOpened():
                return self._open(event)
            case Cited():
                return self._grow(event)
            case PartClosed():
                return self._close(event)
            case Finished() | Failed():
                return self._end(event)
            case _:
                return [event]

    def _open(self, event: PartOpened) -> list[Event]:
        closed: list[Event] = self._close(PartClosed(event.index)) if event.index in self._of else []
        pieces: list[_Piece] = []
        number = self._numbers[event.index] = self._next
        self._next += 1
        opened = PartOpened(number, event.kind, event.call_id, event.name, event.namespace, event.call_kind)
        self._of[event.index] = pieces
        self._waiting.append(pieces)
        if self._waiting[0] is pieces:
            return [*closed, opened]
        pieces.append(opened)
        return closed

    def _grow(self, event: PartGrew | Cited) -> list[Event]:
        index = event.index
        pieces = self._of.get(index)
        if pieces is None:
            return []
        number = self._numbers[index]
        piece: _Piece = event
        if number != index:
            piece = PartGrew(number, event.text) if isinstance(event, PartGrew) else Cited(number, event.url, event.title, event.quote)
        if self._waiting[0] is pieces:
            return [piece]
        pieces.append(piece)
        return []

    def _close(self, event: PartClosed) -> list[Event]:
        pieces = self._of.pop(event.index, None)
        if pieces is None:
            return []
        closed = PartClosed(self._numbers.pop(event.index), event.state, event.redacted)
        if self._waiting[0] is not pieces:
            pieces.append(closed)
            return []
        self._waiting.popleft()
        return [closed, *self._released()]

    def _released(self) -> list[Event]:
        """What waited for the part that closed: whole parts, then the beginning of one that is still open, which is passed on from now on."""
        released: list[Event] = []
        while self._waiting:
            pieces = self._waiting[0]
            released += pieces
            if not isinstance(pieces[-1], PartClosed):
                pieces.clear()
                break
            self._waiting.popleft()
        return released

    def _end(self, event: Finished | Failed) -> list[Event]:
        if self._ended:
            return []
        self._ended = True
        closed = [each for index in tuple(self._of) for each in self._close(PartClosed(index))]
        return [*closed, event]
