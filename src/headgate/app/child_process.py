"""One process of the supervisor's, started again when it ends by itself. What its end means for the rest is the supervisor's to decide."""

import logging
import signal
import subprocess
import time
from collections.abc import Callable

from headgate.app.adopted_process import Process

_RESTARTS_MAX = 5  # in a row, each within a few seconds of its start
_SOON_S = 5.0
_log = logging.getLogger("headgate.supervisor")


def ending_of(code: int) -> str:
    """How a process ended, in words, by the code that it left."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


class ChildProcess:
    """Owns the process. After several failures right at its start it is tried again only after `pause_s`."""

    def __init__(self, name: str, spawn: Callable[[], Process], pause_s: float) -> None:
        self.name = name
        self.restarts = 0
        self._spawn = spawn
        self._pause_s = pause_s
        self._process: Process | None = None
        self._started_s = 0.0
        self._failures = 0
        self._counted = False  # whether its last end has been counted
        self.renewing = False  # its next end is wanted

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process' id; 0 before the first start."""
        return self._process.pid if self._process is not None else 0

    @property
    def ending(self) -> str:
        """How it ended, in words; empty while it runs, and after an end that is as it should be."""
        code = self._process.poll() if self._process is not None else None
        return ending_of(code) if code else ""

    def keep(self) -> bool:
        """Start it if it does not run. False when it fails again and again right after its start."""
        if self.running:
            return True
        if self._process is None:
            self._start()
            return True
        if self.renewing:
            self.renewing = False
            self._start()
            return True
        if not self._counted:
            self._counted = True
            self._failures = self._failures + 1 if time.monotonic() - self._started_s < _SOON_S else 0
        if self._failures >= _RESTARTS_MAX and time.monotonic() - self._started_s < self._pause_s:
            return False
        ended, ending = self._process.pid, self.ending or "exit code 0"
        self._start()
        self.restarts += 1
        _log.warning("%s process %d ended with %s, started again as %d", self.name, ended, ending, self.pid)
        return True

    def renew(self) -> None:
        """End it in order, and have `keep` start it again, with the program as it is on the disk then."""
        self.renewing = True
        self.end(signal.SIGTERM)

    def replace(self, process: Process) -> None:
        """Another process, which runs already, has taken over from this one. Who ends this one is the caller."""
        self._begun(process)

    def end(self, sign: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self._process is not None and self.running:
            self._process.send_signal(sign)

    def wait(self, timeout_s: float) -> bool:
        """Whether it has ended within the time."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _start(self) -> None:
        started_s = time.monotonic()
        self._begun(self._spawn())
        self._started_s = started_s

    def _begun(self, process: Process) -> None:
        self._started_s = time.monotonic()
        self._counted = False
        self._process = process
