"""The supervisor of `headgate up`: owns the listening socket, keeps one serving process and one flusher alive, and ends them in order.

It imports no server, no database and no table library: it must start at once and survive whatever its children do.
"""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

import msgspec

from headgate.app.options import Ready, ServingOptions, UpOptions
from headgate.storage.flusher_memory import ENVIRONMENT

_BIND_PATIENCE_S = 2.0  # a predecessor that was killed may still be letting the address go
_READY_TIMEOUT_S = 30.0
_FLUSHER_END_S = 60.0
_DRAIN_TOLD_S = 1.0  # whoever waits longer than this for the end is told why
_POLL_S = 0.05
_FLUSHER_PAUSE_S = 30.0
_RESTARTS_MAX = 5  # in a row, each within a few seconds of its start
_SOON_S = 5.0


class StartFailed(Exception):
    """The gateway cannot start; the message says why, for people."""


class Child:
    """One process that is restarted when it ends by itself. After several failures right at its start it is tried again only after `pause_s`."""

    def __init__(self, spawn: Callable[[], subprocess.Popen[bytes]], pause_s: float) -> None:
        self._spawn = spawn
        self._pause_s = pause_s
        self._process: subprocess.Popen[bytes] | None = None
        self._started_s = 0.0
        self._failures = 0
        self._counted = False  # whether its last end has been counted

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def keep(self) -> bool:
        """Start it if it does not run. False when it fails again and again right after its start."""
        if self.running:
            return True
        if self._process is not None:
            if not self._counted:
                self._counted = True
                self._failures = self._failures + 1 if time.monotonic() - self._started_s < _SOON_S else 0
            if self._failures >= _RESTARTS_MAX and time.monotonic() - self._started_s < self._pause_s:
                return False
        self._started_s = time.monotonic()
        self._counted = False
        self._process = self._spawn()
        return True

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


class Supervisor:
    """Runs one gateway to its end."""

    def __init__(self, options: UpOptions, host: str, port: int) -> None:
        self._options = options
        self._socket = _listen(host, port)
        self._url = _url(host, self._socket.getsockname()[1])
        self._ready_read, self._ready_write = os.pipe()
        os.set_blocking(self._ready_read, False)
        self._signals = Signals()
        self._serving = Child(self._spawn_serving, float("inf"))
        self._flusher = Child(self._spawn_flusher, _FLUSHER_PAUSE_S)
        self._flusher_told = False

    def run(self, announce: Callable[[Ready], None]) -> int:
        """Serve until told to end; `announce` hears once what a serving process found. Returns the exit code."""
        os.umask(0o077)  # tables are made by libraries that ask for no mode; what is kept here is its owner's alone, whoever made the directory
        self._serving.keep()
        ready = self._wait_ready()
        if ready is None:
            self._serving.end(signal.SIGTERM)
            self._serving.wait(_READY_TIMEOUT_S)
            return 0 if self._signals.stops else 1
        announce(ready)
        while not self._signals.stops:
            if self._signals.reload:
                self._signals.reload = False
                self._serving.end(signal.SIGHUP)
            if not self._serving.keep():
                sys.stderr.write("headgate: the serving process fails again and again; its messages stand above\n")
                break
            self._keep_flusher()
            time.sleep(_POLL_S)
        return self._end()

    def _keep_flusher(self) -> None:
        """Traffic does not depend on the flusher: records wait in the journal, and it is tried again and again."""
        kept = self._flusher.keep()
        if not kept and not self._flusher_told:
            sys.stderr.write("headgate: the flusher fails again and again; records stay in the journal, its messages stand above\n")
        self._flusher_told = not kept

    def _end(self) -> int:
        """Let streams finish (the serving process bounds that itself), then carry the last records; a second signal cuts the first part short."""
        asked = self._signals.stops
        self._socket.close()
        self._serving.end(signal.SIGTERM)
        told_at_s = time.monotonic() + _DRAIN_TOLD_S
        while not self._serving.wait(_POLL_S):
            if self._signals.stops > asked:
                self._serving.end(signal.SIGKILL)
            elif time.monotonic() >= told_at_s:
                told_at_s = float("inf")
                sys.stderr.write("headgate: answers that are under way are being finished; Ctrl-C once more ends them now\n")
        self._flusher.keep()
        self._flusher.end(signal.SIGTERM)
        if not self._flusher.wait(_FLUSHER_END_S):
            self._flusher.end(signal.SIGKILL)
            return 1
        return 0 if asked else 1

    def _wait_ready(self) -> Ready | None:
        deadline_s = time.monotonic() + _READY_TIMEOUT_S
        received = b""
        while time.monotonic() < deadline_s and not self._signals.stops:
            try:
                received += os.read(self._ready_read, 65536)
            except BlockingIOError:
                if not self._serving.running:
                    return None
                time.sleep(0.005)
            if received.endswith(b"\n"):
                return msgspec.json.decode(received.splitlines()[-1], type=Ready)
        return None

    def _spawn_serving(self) -> subprocess.Popen[bytes]:
        options = ServingOptions(up=self._options, listen_fd=self._socket.fileno(), ready_fd=self._ready_write, parent_pid=os.getpid(), url=self._url)
        command = [sys.executable, "-m", "headgate.cli.serving", msgspec.json.encode(options).decode()]
        return subprocess.Popen(command, pass_fds=(options.listen_fd, options.ready_fd), stdin=subprocess.DEVNULL, process_group=0)

    def _spawn_flusher(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "headgate.storage.flusher", "--data", self._options.data_dir, "--parent", str(os.getpid())]
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
