"""One serving process as the supervisor sees it: its process, the link to it, and how long it has been silent."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import time

import msgspec

from headgate.app.adopted_process import AdoptedProcess, Process
from headgate.app.early_process import SERVING, EarlyProcess
from headgate.app.options import LateOptions, ServingOptions
from headgate.app.silence import Silence
from headgate.app.supervisor_link import SavedLink, Start, SupervisorEnd

READY_TIMEOUT_S = 180.0  # a second on a machine of its own; a hundred where others take nearly all of its time
_STILL_S = 1.0  # silence that is logged
_END_S = 60.0
_log = logging.getLogger("headgate.supervisor")


class SavedChild(msgspec.Struct, frozen=True):
    """What the supervisor's successor goes on with: the process, its link, and the end of its channel, -1 where another process has that."""

    pid: int
    link: SavedLink
    heir_fd: int


class ServingChild:
    """Owns the process, its link, and the end of the channel that the process after it inherits."""

    def __init__(self, process: Process, link: SupervisorEnd, heir: socket.socket) -> None:
        self.process = process
        self.link = link
        self.heir = heir
        self._watch = Silence(time.monotonic())
        self._still_told = False

    @classmethod
    def spawned(cls, options: ServingOptions, start: Start, predecessor: "ServingChild | None" = None) -> "ServingChild":
        """Start one. The idle connections of its predecessor will come to it."""
        link = SupervisorEnd.pair()
        heir, successor = socket.socketpair()
        predecessor_fd = predecessor.heir.fileno() if predecessor is not None else -1
        theirs = link.theirs
        options = msgspec.structs.replace(options, link_fd=theirs.fileno(), predecessor_fd=predecessor_fd, successor_fd=successor.fileno())
        command = [*SERVING, msgspec.json.encode(options).decode()]
        inherited = [options.listen_fd, options.link_fd, options.successor_fd, *([predecessor_fd] if predecessor is not None else [])]
        process = subprocess.Popen(command, pass_fds=inherited, stdin=subprocess.DEVNULL, process_group=0)
        theirs.close()
        successor.close()
        link.accepted = start.accepted  # until this one reports its own
        link.send(start)
        return cls(process, link, heir)

    @classmethod
    def begun_early(cls, early: EarlyProcess, options: ServingOptions, start: Start) -> "ServingChild | None":
        """The process that was started early, as the first one; `None` if it cannot be used."""
        link = SupervisorEnd.pair()
        heir, successor = socket.socketpair()
        umask = os.umask(0)
        os.umask(umask)
        late = LateOptions(serving=options, environ=dict(os.environb), umask=umask)
        with successor, link.theirs:
            given = early.hand_over(msgspec.msgpack.encode(late), (options.listen_fd, link.theirs.fileno(), successor.fileno()))
        if not given:
            link.close()
            heir.close()
            return None
        link.accepted = start.accepted
        link.send(start)
        return cls(early.process, link, heir)

    @classmethod
    def resumed(cls, saved: SavedChild) -> "ServingChild":
        """Go on with one that the supervisor before this one had started."""
        heir = socket.socket(fileno=saved.heir_fd) if saved.heir_fd >= 0 else socket.socket(socket.AF_UNIX)
        return cls(AdoptedProcess(saved.pid), SupervisorEnd.resumed(saved.link), heir)

    def saved(self) -> SavedChild:
        """What a successor needs."""
        return SavedChild(self.process.pid, self.link.saved(), self.heir.fileno())

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.process.poll() is None

    def watch(self, watchdog_s: float) -> None:
        """Hear the process. One that is silent for long is killed: what it has acknowledged is on disk, and its successor goes on from there."""
        pid, silent_s = self.process.pid, self._watch.look(time.monotonic(), heard=self.link.look())
        if silent_s and self._still_told:
            _log.warning("the serving process %d answers again, after %.1f s", pid, silent_s)
            self._still_told = False
        if self.link.ready is None:
            watchdog_s = READY_TIMEOUT_S
        elif self._watch.silent_s >= _STILL_S and not self._still_told and self.running:
            self._still_told = True
            _log.warning("the serving process %d has been blocked for %.1f s and answers nothing", pid, self._watch.silent_s)
        if watchdog_s and self._watch.silent_s >= watchdog_s and self.running:
            _log.error("the serving process %d has been blocked for %.1f s and is killed", pid, self._watch.silent_s)
            self.kill()

    def end(self, sign: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.running:
            self.process.send_signal(sign)

    def kill(self) -> None:
        """End it now, and wait for that."""
        self.end(signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_S)

    def let_go_of_heir(self) -> None:
        """No further process inherits from this one: if its successor is gone, it sees that."""
        self.heir.close()

    def close(self) -> None:
        """Let go of what is open to it."""
        self.link.close()
        self.heir.close()
