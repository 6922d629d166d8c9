"""The supervisor of `headgate up`: owns the listening socket, keeps one serving process and one flusher alive, replaces the first when it is asked to, and ends
them in order.

It imports no server, no database and no table library: it must start at once and survive whatever its children do.
"""

import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType

import msgspec

from headgate.app.child_process import ChildProcess
from headgate.app.environment import forget_all_but
from headgate.app.listening import StartFailed, listen, url_of
from headgate.app.options import Ready, ServingOptions, UpOptions
from headgate.app.process_setup import raise_open_files
from headgate.app.replacement import Replacement
from headgate.app.serving_child import READY_TIMEOUT_S, ServingChild
from headgate.app.supervisor_link import Restarts, Start
from headgate.config.load import WrittenFile
from headgate.config.schema import Log
from headgate.storage.flusher.memory import ENVIRONMENT
from headgate.storage.journal import journal_dir

_FLUSHER_END_S = 60.0
_DRAIN_TOLD_S = 1.0  # after this time the supervisor logs why the end takes so long
_POLL_S = 0.05
_FLUSHER_PAUSE_S = 30.0
_LOCK_WAIT_S = 5.0  # a predecessor that was killed may still be letting the data directory go
_LEAVING_MAX = 8  # replaced serving processes that still finish their answers
_LOCK_FILE = "gateway.lock"
_log = logging.getLogger("headgate.supervisor")


class Signals:
    """Counts the signals that ask to end, and notes those that ask to read the configuration again and to replace the serving process."""

    def __init__(self) -> None:
        self.stops = 0
        self.reload = False
        self.restart = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGHUP, self._reload)
        signal.signal(signal.SIGUSR2, self._restart)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        self.reload = True

    def _restart(self, _number: int, _frame: FrameType | None) -> None:
        self.restart = True


class GatewayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The supervisor's settings: the options for its children, where to listen, how to log, and how long a serving process may hang.

    `environ` is what the serving process reads its configuration from. It gets that over the link; its own environment has the `inherited` names alone.
    """

    options: UpOptions
    host: str
    port: int
    environ: Mapping[str, str]
    inherited: frozenset[str]
    log: Log = Log()
    watchdog_s: float = 10.0  # 0: for ever


class Supervisor:
    """Runs one gateway to its end."""

    def __init__(self, gateway: GatewayOptions) -> None:
        self._gateway = gateway
        self._socket = listen(gateway.host, gateway.port)
        self._current: ServingChild | None = None
        self._replacement: Replacement | None = None
        self._leaving: list[ServingChild] = []  # replaced, and finishing their answers
        self._signals = Signals()
        self._serving = ChildProcess("serving", self._spawn_serving, float("inf"))
        self._flusher = ChildProcess("flusher", self._spawn_flusher, _FLUSHER_PAUSE_S)
        self._flusher_told = False
        self._restarts = Restarts()

    def run(self, announce: Callable[[Ready], None]) -> int:
        """Serve until told to end; `announce` hears once what a serving process found. Returns the exit code."""
        os.umask(
            0o077
        )  # tables are made by libraries that ask for no mode; files here belong to their owner alone, even if another user made the directory
        raise_open_files()  # inherited by every process below
        forget_all_but(self._gateway.inherited)
        lock_fd = _lock(self._gateway.options.data_dir)
        try:
            return self._run(announce)
        finally:
            for child in self._children():
                child.close()
            self._socket.close()
            os.close(lock_fd)

    def _run(self, announce: Callable[[Ready], None]) -> int:
        self._serving.keep()
        ready = self._wait_ready()
        if ready is None:
            self._serving.end(signal.SIGTERM)
            if not self._serving.wait(READY_TIMEOUT_S):
                self._serving.end(signal.SIGKILL)
            return 0 if self._signals.stops else 1
        announce(ready)
        while not self._signals.stops:
            if self._signals.reload:
                self._signals.reload = False
                self._serving.end(signal.SIGHUP)
            self._watch()
            self._replace()
            if not self._serving.keep():
                _log.error("the serving process fails again and again; its messages stand above")
                break
            self._keep_flusher()
            self._tell_restarts()
            select.select([child.link for child in self._children()], [], [], _POLL_S)
        return self._end()

    def _children(self) -> list[ServingChild]:
        """All serving processes."""
        found = [self._current, self._replacement.new if self._replacement is not None else None, *self._leaving]
        return [child for child in found if child is not None]

    def _watch(self) -> None:
        for child in self._children():
            child.watch(self._gateway.watchdog_s)
        for child in [child for child in self._leaving if not child.running]:
            self._leaving.remove(child)
            child.close()
            _log.info("the serving process %d has finished its answers", child.process.pid)

    def _replace(self) -> None:
        """Begin to replace the serving process if that is asked for, or go on with it."""
        if self._signals.restart and self._replacement is None and self._current is not None and len(self._leaving) < _LEAVING_MAX:
            self._signals.restart = False
            new = self._new_serving(predecessor=self._current)
            self._replacement = Replacement(self._current, new)
            _log.info("a new serving process %d is started, to replace %d", new.process.pid, self._current.process.pid)
        replacement = self._replacement
        if replacement is None:
            return
        replacement.look()
        if not replacement.done:
            return
        self._replacement = None
        if replacement.failure:
            _log.error("the serving process %d goes on: %s", replacement.old.process.pid, replacement.failure)
            return
        self._current = replacement.new
        self._leaving.append(replacement.old)
        self._serving.replace(replacement.new.process)
        _log.info("the serving process %d has taken over from %d", replacement.new.process.pid, replacement.old.process.pid)

    def _tell_restarts(self) -> None:
        found = (self._serving.restarts, self._flusher.restarts)
        if found != (self._restarts.serving, self._restarts.flusher):
            self._restarts = Restarts(serving=found[0], flusher=found[1], at_s=time.monotonic())
            if self._current is not None:
                self._current.link.send(self._restarts)

    def _keep_flusher(self) -> None:
        """Traffic does not depend on the flusher: records wait in the journal, and it is tried again and again."""
        kept = self._flusher.keep()
        if not kept and not self._flusher_told:
            _log.error("the flusher fails again and again; records stay in the journal, its messages stand above")
        self._flusher_told = not kept

    def _end(self) -> int:
        """Let streams finish (the serving process bounds that itself), then carry the last records; a second signal cuts the first part short."""
        asked = self._signals.stops
        self._socket.close()
        if self._replacement is not None:
            self._replacement.abandon()
            self._replacement = None
        for child in self._children():
            child.let_go_of_heir()
            child.end(signal.SIGTERM)
        told_at_s = time.monotonic() + _DRAIN_TOLD_S
        while any(child.running for child in self._children()):
            for child in self._children():
                child.watch(self._gateway.watchdog_s)
                if self._signals.stops > asked:
                    child.end(signal.SIGKILL)
            if time.monotonic() >= told_at_s:
                told_at_s = float("inf")
                _log.info("answers that are under way are being finished; Ctrl-C once more ends them now")
            time.sleep(_POLL_S)
        if (
            self._serving.ending and self._current is not None and self._current.link.ready is not None
        ):  # one that starts does not hear the signal yet
            _log.warning("serving process %d ended with %s", self._serving.pid, self._serving.ending)
        self._flusher.keep()
        self._flusher.end(signal.SIGTERM)
        if not self._flusher.wait(_FLUSHER_END_S):
            self._flusher.end(signal.SIGKILL)
            return 1
        return 0 if asked else 1

    def _wait_ready(self) -> Ready | None:
        deadline_s = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline_s and not self._signals.stops and self._current is not None:
            link = self._current.link
            if not link.look():
                if not self._serving.running:
                    return None
                time.sleep(0.005)
            if link.ready is not None:
                return link.ready
        return None

    def _spawn_serving(self) -> subprocess.Popen[bytes]:
        """Start the first serving process, or another one in place of one that has ended."""
        accepted = None
        if self._replacement is not None:
            self._replacement.look()  # it sees that the process which it was to replace has ended
            self._replacement = None
        if self._current is not None:
            self._current.link.look()  # what it said last
            accepted = self._current.link.accepted
            self._current.close()
        self._current = self._new_serving(accepted)
        return self._current.process

    def _new_serving(self, accepted: WrittenFile | None = None, predecessor: ServingChild | None = None) -> ServingChild:
        """A serving process. One that has a predecessor waits until the supervisor lets it take over."""
        gateway = self._gateway
        if predecessor is not None:
            accepted = predecessor.link.accepted
        options = ServingOptions(
            up=gateway.options,
            listen_fd=self._socket.fileno(),
            link_fd=-1,
            parent_pid=os.getpid(),
            url=url_of(self._socket, gateway.host),
            log=gateway.log,
        )
        child = ServingChild(options, Start(dict(gateway.environ), accepted, waits=predecessor is not None), predecessor)
        child.link.send(self._restarts)
        return child

    def _spawn_flusher(self) -> subprocess.Popen[bytes]:
        log = self._gateway.log
        command = [sys.executable, "-m", "headgate.storage.flusher", "--data", self._gateway.options.data_dir, "--parent", str(os.getpid())]
        command += ["--log-format", log.format, "--log-level", log.level]
        # The flusher is born with SIGTERM blocked and takes it once it hears: one that comes while it still loads must not end it before its last round.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0, env={**ENVIRONMENT, **os.environ})
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _lock(data_dir: str) -> int:
    """Take the data directory: one gateway uses it at a time."""
    os.makedirs(data_dir, mode=0o700, exist_ok=True)
    found = journal_dir.lock_within(os.path.join(data_dir, _LOCK_FILE), _LOCK_WAIT_S)
    if found is None:
        raise StartFailed(f"Another Headgate uses {data_dir}; stop it first, or give this one a --data directory of its own")
    return found
