"""Replaces a serving process that works by a new one, without a moment in which neither accepts: step by step, as both report how far they are.

The new process prepares itself first. Then the old one pauses, for the tens of milliseconds in which the new one counts what was recorded last; clients that
connect meanwhile wait in the socket, which stays open. If the new process fails before it serves, the old one goes on.
"""

import signal
import time
from collections.abc import Mapping

from headgate.app.serving_child import READY_TIMEOUT_S, ServingChild
from headgate.app.supervisor_link import Pause, Resume, Take

_STEP_S = 10.0  # for each process to do its part of the hand-over


class Replacement:
    """One attempt. `look` is called until `done`. It ends the new process if that fails, and the old one if that is replaced."""

    def __init__(self, old: ServingChild, new: ServingChild, environ: Mapping[str, str]) -> None:
        self.old = old
        self.new = new
        self.environ = environ  # what the new process reads its configuration from
        self.done = False
        self.failure = ""  # why the old process goes on
        self.prepared = False  # the new process could serve
        self._taking = False
        self._until_s = time.monotonic() + READY_TIMEOUT_S

    def look(self) -> None:
        """Go on as far as possible."""
        old, new = self.old.link, self.new.link
        if not self.new.running:
            new.look()
            self._fail(new.failure or f"The new serving process ended with exit code {self.new.process.returncode}; the log says why.")
        elif not self.old.running:
            self._fail("The serving process ended meanwhile; the supervisor starts another one.")
        elif new.ready is not None:
            self._succeed()
        elif time.monotonic() >= self._until_s:
            self._fail(self._late())
        elif new.prepared and not self.prepared:
            self.prepared = True
            old.paused = None
            old.send(Pause())
            self._next_step()
        elif old.paused is not None and self.prepared and not self._taking:
            self._taking = True
            new.send(Take(old.paused.writer, old.paused.seq))
            self._next_step()

    def abandon(self) -> None:
        """Headgate ends: the old process ends by itself."""
        if not self.done:
            self._fail("Headgate is shutting down.")

    def _next_step(self) -> None:
        self._until_s = time.monotonic() + _STEP_S

    def _late(self) -> str:
        if not self.prepared:
            return f"The new serving process is not ready after {READY_TIMEOUT_S:g} s."
        return f"The {'new' if self._taking else 'old'} serving process does not answer within {_STEP_S:g} s."

    def _succeed(self) -> None:
        self.done = True
        self.old.let_go_of_heir()
        self.old.end(signal.SIGTERM)

    def _fail(self, why: str) -> None:
        self.done, self.failure = True, why
        self.new.kill()
        self.new.close()
        if self.prepared:
            self.old.link.send(Resume())
