"""How a supervisor becomes a newer one, after an upgrade of Headgate: the same process runs the program that is on the disk now.

Its id, its children, its sockets and its lock stay as they are. It tries first whether the new program can be loaded at all: if not, the old one goes on.
"""

import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable

import msgspec

from headgate.app.gateway_options import GatewayOptions
from headgate.app.serving_processes import SavedProcesses
from headgate.app.signals import HEARD, HeardSignals

_MODULE = "headgate.cli.supervisor"
_log = logging.getLogger("headgate.supervisor")


class SavedSupervisor(msgspec.Struct, frozen=True, kw_only=True):
    """All that the newer supervisor goes on with. It may be of another version: fields are only added, with defaults."""

    gateway: GatewayOptions
    listen_fd: int
    lock_fd: int
    requests_fd: int
    serving: SavedProcesses
    flusher_pid: int
    flusher_restarts: int
    flusher_ends: bool = False  # to be started again
    signals: HeardSignals = msgspec.field(default_factory=HeardSignals)

    def __repr__(self) -> str:
        return "SavedSupervisor(…)"  # the environment holds keys


class NextSupervisor:
    """The trial of the new program, and the step to it."""

    def __init__(self) -> None:
        self._trial: subprocess.Popen[bytes] | None = None

    @property
    def begun(self) -> bool:
        """Whether it is being tried out, or was."""
        return self._trial is not None

    def try_out(self) -> None:
        """Begin to load the new program in a process of its own."""
        self._trial = subprocess.Popen([sys.executable, "-c", f"import {_MODULE}"], stdin=subprocess.DEVNULL)

    @property
    def is_good(self) -> bool | None:
        """Whether it can be loaded; `None` as long as that is not known."""
        code = self._trial.poll() if self._trial is not None else None
        return None if code is None else code == 0

    def become(self, save: Callable[[], SavedSupervisor | None]) -> None:
        """Run it in place of this one. Returns only if that fails, or if there is nothing that could be saved at the moment."""
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)  # until it hears them; by default each would end it
        saved = save()
        if saved is not None:
            self._run(saved)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)

    def _run(self, saved: SavedSupervisor) -> None:
        try:
            state = _memory()
            os.write(state, msgspec.json.encode(saved))
            os.lseek(state, 0, os.SEEK_SET)
            for descriptor in (state, *descriptors_of(saved)):
                os.set_inheritable(descriptor, True)  # ruff: ignore[boolean-positional-value-in-call] the system's own call
            os.execv(sys.executable, [sys.executable, "-m", _MODULE, str(state)])  # ruff: ignore[start-process-with-no-shell] our own program
        except OSError:
            _log.exception("the supervisor cannot be replaced; it goes on as it is")
            for descriptor in descriptors_of(saved):
                os.set_inheritable(descriptor, False)  # ruff: ignore[boolean-positional-value-in-call] see above


def resume_from(descriptor: int) -> SavedSupervisor:
    """Read what the supervisor before this one has left, and keep its descriptors from the children."""
    with open(descriptor, "rb") as file:
        saved = msgspec.json.decode(file.read(), type=SavedSupervisor)
    for inherited in descriptors_of(saved):
        os.set_inheritable(inherited, False)  # ruff: ignore[boolean-positional-value-in-call] see above
    return saved


def descriptors_of(saved: SavedSupervisor) -> Iterable[int]:
    """All that the newer supervisor needs open."""
    children = (saved.serving.current, *saved.serving.leaving)
    found = (
        saved.listen_fd,
        saved.lock_fd,
        saved.requests_fd,
        *(child.link.descriptor for child in children),
        *(child.heir_fd for child in children),
    )
    return [descriptor for descriptor in found if descriptor >= 0]


def _memory() -> int:
    """A file that is nowhere on a disk where the system has such, else one without a name."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("headgate")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
