"""Which turn answers which request: a list played in order, or a function. Also holds each request against the turn before it."""

import threading
from collections.abc import Callable, Iterable

from tests.fakes.ledger import Entry, Ledger
from tests.fakes.turns import Turn, say
from tests.fakes.wire import Wire

Answerer = Callable[[Entry], Turn]


class Script:
    """Turns played in order of arrival. If `connected`, each request has to answer the turn before it.

    A turn with a fault is followed by the same request once more, so nothing is held against that one.
    """

    def __init__(self, turns: Iterable[Turn], wires: dict[str, Wire], ledger: Ledger, *, connected: bool = False) -> None:
        self._turns = list(turns)
        self._wires = wires
        self._ledger = ledger
        self._connected = connected
        self._previous: Turn | None = None
        self._lock = threading.Lock()

    def __call__(self, entry: Entry) -> Turn:
        """The turn that answers this request."""
        with self._lock:
            if self._connected and self._previous:
                self._hold_against(entry, self._previous)
            if not self._turns:
                self._ledger.note(entry, "the script is over")
                return say("The script is over.")
            turn = self._turns.pop(0)
            for problem in turn.expect(entry) if turn.expect else ():
                self._ledger.note(entry, problem)
            if turn.fault is None:
                self._previous = turn
            return turn

    @property
    def left(self) -> int:
        """Turns that nobody asked for yet."""
        return len(self._turns)

    def _hold_against(self, entry: Entry, previous: Turn) -> None:
        wire = self._wires[entry.dialect]
        results = wire.results(entry.json)
        for call in previous.calls:
            if call.id not in results:
                self._ledger.note(entry, f"no result of the tool call {call.id} ({call.name}); there are {sorted(results)}")
        if entry.dialect == "openai_chat":
            return
        for signature in set(previous.signatures) - wire.signatures(entry.json):
            self._ledger.note(entry, f"the reasoning proof {signature!r} did not come back")
