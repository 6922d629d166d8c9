"""The serving processes of a gateway: the one that takes new requests, those that were replaced and finish their answers, and at times a new one.

Knows when each is started, replaced and let go. What happens between them in a restart is in `replacement`.
"""

import logging
import signal
from collections.abc import Mapping, Sequence

import msgspec

from headgate.app.adopted_process import Process
from headgate.app.child_process import ChildProcess
from headgate.app.early_process import EarlyProcess
from headgate.app.options import Ready, ServingOptions
from headgate.app.replacement import Replacement
from headgate.app.restart_requests import RestartAsked, RestartDone, RestartRequests
from headgate.app.serving_child import SavedChild, ServingChild
from headgate.app.supervisor_link import Restarts, Start
from headgate.config.load import WrittenFile

LEAVING_MAX = 8  # replaced processes that still finish their answers
_STOP_S = 30.0  # for a process that never served
_log = logging.getLogger("headgate.supervisor")


class SavedProcesses(msgspec.Struct, frozen=True):
    """What the supervisor's successor goes on with."""

    current: SavedChild
    leaving: list[SavedChild]
    environ: dict[str, str]
    restarts: int

    def __repr__(self) -> str:
        return "SavedProcesses(…)"  # the environment holds keys


class ServingProcesses:
    """Owns them. `look` and `keep` are called again and again; `end` once."""

    def __init__(self, options: ServingOptions, environ: Mapping[str, str], watchdog_s: float, requests: RestartRequests | None) -> None:
        self._options = options
        self._environ = environ
        self._watchdog_s = watchdog_s
        self._requests = requests
        self._child = ChildProcess("serving", self._spawn, float("inf"))
        self._replacement: Replacement | None = None
        self._leaving: list[ServingChild] = []
        self._wanted = False  # a signal asks for a restart
        self._asked: list[RestartAsked] = []  # what the present replacement answers
        self.current: ServingChild | None = None
        self.restarts = Restarts()
        self.replaced = False  # a new process has taken over; as long as this is not set back, no other one does

    def resume(self, saved: SavedProcesses) -> None:
        """Go on with the processes of the supervisor before this one."""
        self._environ = saved.environ
        self.current = ServingChild.resumed(saved.current)
        self._leaving = [ServingChild.resumed(each) for each in saved.leaving]
        self._child.replace(self.current.process)
        self._child.restarts = saved.restarts

    def saved(self) -> SavedProcesses | None:
        """What a successor needs; `None` while one process replaces another."""
        if self.current is None or self._replacement is not None:
            return None
        leaving = [child.saved() for child in self._leaving]
        return SavedProcesses(self.current.saved(), leaving, dict(self._environ), self._child.restarts)

    @property
    def all(self) -> list[ServingChild]:
        """Every one that may run."""
        found = [self.current, self._replacement.new if self._replacement is not None else None, *self._leaving]
        return [child for child in found if child is not None]

    @property
    def ended(self) -> int:
        """How often one has ended by itself and was started again."""
        return self._child.restarts

    @property
    def prepared(self) -> bool:
        """Whether a new process could serve and is about to."""
        return self._replacement is not None and self._replacement.prepared

    @property
    def settled(self) -> bool:
        """Whether one process serves, and none begins or ends."""
        return (
            self.current is not None and self.current.link.ready is not None and self._replacement is None and not self._leaving and not self._wanted
        )

    @property
    def descriptors(self) -> list[int]:
        """What can be read once there is something to `look` at."""
        asked = self._requests.descriptors if self._requests is not None else []
        return [*(child.link.descriptor for child in self.all), *asked]

    @property
    def another_wanted(self) -> bool:
        """Whether a restart is asked for that has not begun."""
        return self._wanted or (self._requests is not None and bool(self._requests.look()))

    def begin(self, early: EarlyProcess) -> None:
        """Make a process that was started early the first one. If it cannot be used, `keep` starts one."""
        child = ServingChild.begun_early(early, self._options, Start(dict(self._environ)))
        if child is not None:
            child.link.send(self.restarts)
            self.current = child
            self._child.replace(child.process)

    def keep(self) -> bool:
        """Start one if none runs. False when it fails again and again right after its start."""
        return self._child.keep()

    def wait_ready(self) -> Ready | None:
        """Look whether the first process serves. What it found, once it does; raises ChildProcessError, with how it ended, if it has."""
        if self.current is None:
            return None
        if not self.current.link.look() and not self.current.running:
            raise ChildProcessError(self._child.ending or "exit code 0")
        return self.current.link.ready

    def look(self, *, restart: bool) -> None:
        """Hear all of them, and go on with a restart; begin one if that is asked for."""
        for child in self.all:
            child.watch(self._watchdog_s)
        for child in [child for child in self._leaving if not child.running]:
            self._leaving.remove(child)
            child.close()
            _log.info("the serving process %d has finished its answers", child.process.pid)
        asked = self._requests.look() if self._requests is not None else []
        self._wanted |= restart
        if (self._wanted or asked) and self._replacement is None and self.current is not None and not self.replaced:
            self._wanted = False
            self._begin(self.current, asked)
        if self._replacement is not None:
            self._go_on(self._replacement)

    def tell_restarts(self, restarts: Restarts) -> None:
        """Pass on how often a process was started again."""
        self.restarts = restarts
        if self.current is not None:
            self.current.link.send(restarts)

    def send(self, sign: signal.Signals) -> None:
        """Send a signal to the one that takes new requests."""
        self._child.end(sign)

    def end(self, sign: signal.Signals) -> None:
        """End all of them: with SIGTERM after their answers, with SIGKILL now."""
        if self._replacement is not None:
            self._replacement.abandon()
            self._conclude(self._replacement)
        for child in self.all:
            child.let_go_of_heir()
            child.end(sign)

    def stop_first(self) -> None:
        """End a process that never served."""
        self._child.end(signal.SIGTERM)
        if not self._child.wait(_STOP_S):
            self._child.end(signal.SIGKILL)

    def report_end(self) -> None:
        """Log an end that was not as it should be."""
        # One that was still starting does not hear the signal to end.
        if self._child.ending and self.current is not None and self.current.link.ready is not None:
            _log.warning("serving process %d ended with %s", self._child.pid, self._child.ending)

    def close(self) -> None:
        """Let go of all links, and of those who wait for an answer."""
        for child in self.all:
            child.close()
        if self._requests is not None:
            self._requests.close()

    def _begin(self, old: ServingChild, asked: Sequence[RestartAsked]) -> None:
        if len(self._leaving) >= LEAVING_MAX:
            why = f"{LEAVING_MAX} replaced serving processes still finish their answers. Try again when one of them has ended."
            _log.error("no restart: %s", why)
            self._answer(asked, RestartDone(failure=why))
            return
        self._asked = list(asked)
        environ = next((one.environ for one in reversed(asked) if one.environ is not None), self._environ)
        new = self._new(
            Start(dict(environ), waits=True), old
        )  # without a configuration that was accepted before: a file that is wrong stops the restart
        self._replacement = Replacement(old, new, environ)
        _log.info("a new serving process %d is started, to replace %d", new.process.pid, old.process.pid)

    def _go_on(self, replacement: Replacement) -> None:
        replacement.look()
        if replacement.done:
            self._conclude(replacement)

    def _conclude(self, replacement: Replacement) -> None:
        self._replacement = None
        old, new = replacement.old.process.pid, replacement.new.process.pid
        if replacement.failure:
            _log.error("the serving process %d goes on: %s", old, replacement.failure)
            self._answer(self._asked, RestartDone(failure=replacement.failure))
            return
        self._environ = replacement.environ
        self._leaving.append(replacement.old)
        self.current = replacement.new
        self._child.replace(replacement.new.process)
        self.replaced = True
        _log.info("the serving process %d has taken over from %d", new, old)
        self._answer(self._asked, RestartDone(pid=new, replaced=old))

    def _answer(self, asked: Sequence[RestartAsked], done: RestartDone) -> None:
        if self._requests is not None:
            self._requests.answer(list(asked), done)
        self._asked = []

    def _spawn(self) -> Process:
        """Start the first process, or another one in place of one that has ended."""
        accepted: WrittenFile | None = None
        if self._replacement is not None:
            self._go_on(self._replacement)  # it sees that the process which it was to replace has ended
        if self.current is not None:
            self.current.link.look()  # what it said last
            accepted = self.current.link.accepted
            self.current.close()
        self.current = self._new(Start(dict(self._environ), accepted))
        return self.current.process

    def _new(self, start: Start, predecessor: ServingChild | None = None) -> ServingChild:
        child = ServingChild.spawned(self._options, start, predecessor)
        child.link.send(self.restarts)
        return child
