"""The supervisor of `headgate up`: owns the listening socket, keeps one serving process and one flusher alive, replaces them when it is asked to, and ends them in
order.

It imports no server, no database and no table library: it must start at once and survive whatever its children do.
"""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import msgspec

from headgate.app.adopted_process import AdoptedProcess
from headgate.app.child_process import ChildProcess, ending_of
from headgate.app.early_process import EarlyProcess
from headgate.app.environment import forget_all_but
from headgate.app.gateway_options import GatewayOptions
from headgate.app.listening import StartFailed, given_socket, listen, url_of
from headgate.app.next_supervisor import NextSupervisor, SavedSupervisor
from headgate.app.options import Ready, ServingOptions
from headgate.app.process_setup import raise_open_files
from headgate.app.restart_requests import RestartRequests, listen_for_restarts
from headgate.app.serving_child import READY_TIMEOUT_S
from headgate.app.serving_processes import ServingProcesses
from headgate.app.signals import Signals
from headgate.app.supervisor_link import Restarts
from headgate.storage.flusher.memory import ENVIRONMENT
from headgate.storage.journal import journal_dir

_FLUSHER_END_S = 60.0
_DRAIN_TOLD_S = 1.0  # after this time the supervisor logs why the end takes so long
_POLL_S = 0.05
_QUIET_S = 0.4  # between looks while nothing moves: signals, ends of children and what they say are seen at once
_SLOW_START_S = 15.0  # after this time, and after each further such time, the supervisor logs that it waits
_FLUSHER_PAUSE_S = 30.0
_LOCK_WAIT_S = 5.0  # a predecessor that was killed may still be letting the data directory go
_LOCK_FILE = "gateway.lock"
_log = logging.getLogger("headgate.supervisor")


class Supervisor:
    """Runs one gateway to its end."""

    def __init__(self, gateway: GatewayOptions, listening: socket.socket, lock_fd: int, requests: RestartRequests | None) -> None:
        self._gateway = gateway
        self._socket = listening
        self._lock_fd = lock_fd
        self._requests = requests
        self._signals = Signals()
        options = ServingOptions(
            up=gateway.options,
            listen_fd=listening.fileno(),
            link_fd=-1,
            parent_pid=os.getpid(),
            url=url_of(listening, gateway.host),
            log=gateway.log,
            socket_outlives=gateway.socket_given,
        )
        self._serving = ServingProcesses(options, gateway.environ, gateway.watchdog_s, requests)
        self._flusher = ChildProcess("flusher", self._spawn_flusher, _FLUSHER_PAUSE_S)
        self._flusher_told = False
        self._next = NextSupervisor()

    @classmethod
    def started(cls, gateway: GatewayOptions) -> "Supervisor":
        """The supervisor of a gateway that begins. Raises StartFailed."""
        given = given_socket(gateway.environ)
        listening = given or listen(gateway.host, gateway.port)
        if given is not None:
            _log.info("systemd gives the port: %s", url_of(given, given.getsockname()[0]))
            gateway = msgspec.structs.replace(gateway, host=given.getsockname()[0], socket_given=True)
        # Tables are made by libraries that ask for no mode; files here belong to their owner alone, even if another user made the directory.
        os.umask(0o077)
        raise_open_files()  # inherited by every process below
        forget_all_but(gateway.inherited)
        with contextlib.ExitStack() as undone:
            undone.callback(listening.close)
            lock_fd = _lock(gateway.options.data_dir)
            undone.pop_all()
        try:
            requests = RestartRequests(listen_for_restarts(gateway.options.data_dir))
        except OSError as error:
            _log.warning("`headgate restart` cannot reach this gateway, only SIGUSR2 to process %d can: %s", os.getpid(), error)
            requests = None
        return cls(gateway, listening, lock_fd, requests)

    @classmethod
    def resumed(cls, saved: SavedSupervisor) -> "Supervisor":
        """The supervisor of a gateway that goes on, in place of an older one."""
        requests = RestartRequests(socket.socket(fileno=saved.requests_fd)) if saved.requests_fd >= 0 else None
        made = cls(saved.gateway, socket.socket(fileno=saved.listen_fd), saved.lock_fd, requests)
        made._signals.heard = saved.signals
        made._serving.resume(saved.serving)
        made._flusher.replace(AdoptedProcess(saved.flusher_pid))
        made._flusher.restarts, made._flusher.renewing = saved.flusher_restarts, saved.flusher_ends
        made._serving.restarts = Restarts(serving=made._serving.ended, flusher=saved.flusher_restarts)
        return made

    def run(self, announce: Callable[[Ready], None], early: EarlyProcess | None = None) -> int:
        """Serve until told to end; `announce` hears once what a serving process found. `early` becomes the first serving process. Returns the exit code."""
        try:
            if early is not None:
                self._serving.begin(early)
            self._serving.keep()
            ready = self._wait_ready()
            if ready is None:
                self._serving.stop_first()
                return 0 if self._signals.stops else 1
            announce(ready)
            return self._supervise()
        finally:
            self._close()

    def run_on(self) -> int:
        """Go on with processes that serve already. Returns the exit code."""
        self._signals.unblock()
        _log.info("the supervisor goes on with the program that is installed now")
        try:
            return self._supervise()
        finally:
            self._close()

    def _supervise(self) -> int:
        while not self._signals.stops:
            if self._signals.take_reload():
                self._serving.send(signal.SIGHUP)
            self._serving.look(restart=self._signals.take_restart())
            self._renew()
            if not self._serving.keep():
                _log.error("the serving process fails again and again; its messages stand above")
                break
            self._keep_flusher()
            self._tell_restarts()
            quiet = self._serving.settled and self._flusher.running and not self._next.begun
            self._signals.wait(self._serving.descriptors, _QUIET_S if quiet else _POLL_S)
        return self._end()

    def _renew(self) -> None:
        """At a restart, replace the flusher and this program too, once the new serving process has shown that what is installed works."""
        if self._serving.prepared and not self._next.begun:
            self._next.try_out()
            self._flusher.renew()
        if not self._serving.replaced or self._next.is_good is None:
            return
        if not self._next.is_good:
            _log.error("the supervisor goes on as it is: the program that is installed now cannot be loaded")
        elif not self._serving.another_wanted:  # else that restart comes first
            self._next.become(self._saved)
        self._next = NextSupervisor()
        self._serving.replaced = False

    def _saved(self) -> SavedSupervisor | None:
        serving = self._serving.saved()
        if serving is None:
            return None
        return SavedSupervisor(
            gateway=self._gateway,
            listen_fd=self._socket.fileno(),
            lock_fd=self._lock_fd,
            requests_fd=self._requests.listening.fileno() if self._requests is not None else -1,
            serving=serving,
            flusher_pid=self._flusher.pid,
            flusher_restarts=self._flusher.restarts,
            flusher_ends=self._flusher.renewing,
            signals=self._signals.heard,
        )

    def _tell_restarts(self) -> None:
        told, found = self._serving.restarts, (self._serving.ended, self._flusher.restarts)
        if found != (told.serving, told.flusher):
            self._serving.tell_restarts(Restarts(serving=found[0], flusher=found[1], at_s=time.monotonic()))

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
        while any(child.running for child in self._serving.all):
            for child in self._serving.all:
                child.watch(self._gateway.watchdog_s)
            if self._signals.stops > asked:
                self._serving.end(signal.SIGKILL)
            elif time.monotonic() >= told_at_s:
                told_at_s = float("inf")
                _log.info("answers that are under way are being finished; Ctrl-C once more ends them now")
            time.sleep(_POLL_S)
        self._serving.report_end()
        self._flusher.keep()
        self._flusher.end(signal.SIGTERM)
        if not self._flusher.wait(_FLUSHER_END_S):
            self._flusher.end(signal.SIGKILL)
            return 1
        return 0 if asked else 1

    def _wait_ready(self) -> Ready | None:
        """What the first serving process found; `None` if it cannot serve: the log says why, by this process or by that one."""
        begun_s = time.monotonic()
        told_at_s = begun_s + _SLOW_START_S
        while not self._signals.stops:
            try:
                ready = self._serving.wait_ready()
            except ChildProcessError as error:
                if str(error) != ending_of(1):  # else it has said why
                    _log.error("the serving process ended with %s before it was ready", error)
                return None
            if ready is not None:
                return ready
            now_s = time.monotonic()
            if now_s - begun_s >= READY_TIMEOUT_S:
                _log.error("the serving process is not ready after %.0f s, and Headgate ends", now_s - begun_s)
                return None
            if now_s >= told_at_s:
                told_at_s = now_s + _SLOW_START_S
                _log.warning(
                    "the serving process is not ready after %.0f s; on a machine that is busy with other work a start takes longer", now_s - begun_s
                )
            self._signals.wait(self._serving.descriptors, _POLL_S)
        return None

    def _close(self) -> None:
        self._serving.close()
        self._signals.close()
        self._socket.close()
        os.close(self._lock_fd)

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
        raise StartFailed(f"headgate: another Headgate uses {data_dir}; stop it first, or give this one a --data directory of its own")
    return found
