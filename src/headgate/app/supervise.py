"""The supervisor of `headgate up`: owns the listening socket, keeps one serving process and one flusher alive, and ends them in order.

It imports no server, no database and no table library: it must start at once and survive whatever its children do.
"""

import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType

import msgspec

from headgate.app.child_process import ChildProcess
from headgate.app.environment import forget_all_but
from headgate.app.options import Ready, ServingOptions, UpOptions
from headgate.app.process_setup import raise_open_files
from headgate.app.silence import Silence
from headgate.app.supervisor_link import Restarts, Start, SupervisorEnd
from headgate.config.schema import Log
from headgate.storage.flusher.memory import ENVIRONMENT

_BIND_PATIENCE_S = 2.0  # a predecessor that was killed may still be letting the address go
_READY_TIMEOUT_S = 30.0
_FLUSHER_END_S = 60.0
_DRAIN_TOLD_S = 1.0  # after this time the supervisor logs why the end takes so long
_POLL_S = 0.05
_FLUSHER_PAUSE_S = 30.0
_STILL_S = 1.0  # silence of the serving process that is logged
_log = logging.getLogger("headgate.supervisor")


class StartFailed(Exception):
    """The gateway cannot start; the message says why, for people."""


class Signals:
    """Counts the signals that ask to end, and notes the one that asks to reload."""

    def __init__(self) -> None:
        self.stops = 0
        self.reload = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGHUP, self._reload)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        self.reload = True


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
        self._options = gateway.options
        self._socket = _listen(gateway.host, gateway.port)
        self._url = _url(gateway.host, self._socket.getsockname()[1])
        self._link = SupervisorEnd()
        self._watch = Silence(0.0)
        self._still_told = False
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
        try:
            return self._run(announce)
        finally:
            self._link.close()
            self._socket.close()

    def _run(self, announce: Callable[[Ready], None]) -> int:
        self._serving.keep()
        ready = self._wait_ready()
        if ready is None:
            self._serving.end(signal.SIGTERM)
            if not self._serving.wait(_READY_TIMEOUT_S):
                self._serving.end(signal.SIGKILL)
            return 0 if self._signals.stops else 1
        announce(ready)
        while not self._signals.stops:
            if self._signals.reload:
                self._signals.reload = False
                self._serving.end(signal.SIGHUP)
            self._watch_serving()
            if not self._serving.keep():
                _log.error("the serving process fails again and again; its messages stand above")
                break
            self._keep_flusher()
            self._tell_restarts()
            time.sleep(_POLL_S)
        return self._end()

    def _watch_serving(self) -> None:
        """Hear the serving process. One that is silent for long is killed: what it has acknowledged is on disk, and its successor goes on from there."""
        silent_s = self._watch.look(time.monotonic(), heard=self._link.look())
        if silent_s and self._still_told:
            _log.warning("the serving process %d answers again, after %.1f s", self._serving.pid, silent_s)
            self._still_told = False
        if self._link.ready is None:
            limit_s = _READY_TIMEOUT_S
        else:
            limit_s = self._gateway.watchdog_s
            if self._watch.silent_s >= _STILL_S and not self._still_told and self._serving.running:
                self._still_told = True
                _log.warning("the serving process %d has stood still for %.1f s; nothing is answered", self._serving.pid, self._watch.silent_s)
        if limit_s and self._watch.silent_s >= limit_s and self._serving.running:
            _log.error("the serving process %d has stood still for %.1f s and is killed", self._serving.pid, self._watch.silent_s)
            self._serving.end(signal.SIGKILL)
            self._serving.wait(_FLUSHER_END_S)

    def _tell_restarts(self) -> None:
        found = (self._serving.restarts, self._flusher.restarts)
        if found != (self._restarts.serving, self._restarts.flusher):
            self._restarts = Restarts(serving=found[0], flusher=found[1], at_s=time.monotonic())
            self._link.send(self._restarts)

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
        self._serving.end(signal.SIGTERM)
        told_at_s = time.monotonic() + _DRAIN_TOLD_S
        while not self._serving.wait(_POLL_S):
            self._watch_serving()
            if self._signals.stops > asked:
                self._serving.end(signal.SIGKILL)
            elif time.monotonic() >= told_at_s:
                told_at_s = float("inf")
                _log.info("answers that are under way are being finished; Ctrl-C once more ends them now")
        if self._serving.ending and self._link.ready is not None:  # one that was still starting does not hear the signal yet
            _log.warning("serving process %d ended with %s", self._serving.pid, self._serving.ending)
        self._flusher.keep()
        self._flusher.end(signal.SIGTERM)
        if not self._flusher.wait(_FLUSHER_END_S):
            self._flusher.end(signal.SIGKILL)
            return 1
        return 0 if asked else 1

    def _wait_ready(self) -> Ready | None:
        deadline_s = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline_s and not self._signals.stops:
            if not self._link.look():
                if not self._serving.running:
                    return None
                time.sleep(0.005)
            if self._link.ready is not None:
                return self._link.ready
        return None

    def _spawn_serving(self) -> subprocess.Popen[bytes]:
        self._link.look()  # what the process before it said last
        accepted = self._link.accepted
        self._link.close()
        self._link, self._watch, self._still_told = SupervisorEnd(), Silence(time.monotonic()), False
        theirs = self._link.theirs
        options = ServingOptions(
            up=self._options, listen_fd=self._socket.fileno(), link_fd=theirs.fileno(), parent_pid=os.getpid(), url=self._url, log=self._gateway.log
        )
        command = [sys.executable, "-m", "headgate.cli.serving", msgspec.json.encode(options).decode()]
        process = subprocess.Popen(command, pass_fds=(options.listen_fd, options.link_fd), stdin=subprocess.DEVNULL, process_group=0)
        theirs.close()
        self._link.accepted = accepted  # until this one reports its own
        self._link.send(Start(dict(self._gateway.environ), accepted))
        self._link.send(self._restarts)
        return process

    def _spawn_flusher(self) -> subprocess.Popen[bytes]:
        log = self._gateway.log
        command = [sys.executable, "-m", "headgate.storage.flusher", "--data", self._options.data_dir, "--parent", str(os.getpid())]
        command += ["--log-format", log.format, "--log-level", log.level]
        # The flusher is born with SIGTERM blocked and takes it once it hears: one that comes while it still loads must not end it before its last round.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0, env={**ENVIRONMENT, **os.environ})
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline_s = time.monotonic() + _BIND_PATIENCE_S
    while True:
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            listening.close()
            if error.errno != errno.EADDRINUSE or time.monotonic() >= deadline_s:
                raise StartFailed(f"{_url(host, port)} cannot be bound: {error.strerror}. {_advice(error)}") from error
            time.sleep(0.2)
            continue
        listening.listen(2048)
        return listening


def _advice(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "Choose another with --port, or end what holds it."
    if error.errno == errno.EACCES:
        return "Choose another with --port: the low ones are the administrator's."
    return "Choose another with --host."


def _url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"
