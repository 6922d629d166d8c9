"""The first serving process of `headgate up`, started before all else: it loads its program while the supervisor reads options and configuration.

It is handed its options, environment and open files once they are known. If that does not happen it ends by itself, and says nothing. The environment that it
is started with is the one that all children have, without the providers' keys.
"""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from typing import Final

from headgate.app.environment import child_environment

_HAND_OVER_S: Final = 10.0
_FILES_MAX: Final = 8
_READ_BYTES: Final = 1 << 16
_END: Final = b"\n"  # of what is passed, which ends with nothing else where the supervisor dies meanwhile
SERVING: Final = (sys.executable, "-X", "faulthandler", "-m", "headgate.cli.serving")


class EarlyProcess:
    """A serving process that has no options yet. Owns the channel to it."""

    def __init__(self, process: subprocess.Popen[bytes], channel: socket.socket, names: frozenset[str]) -> None:
        self.process = process
        self._channel = channel
        self._names = names

    @classmethod
    def started(cls, environ: Mapping[str, str]) -> "EarlyProcess":
        """Start one. Raises `OSError`."""
        ours, theirs = socket.socketpair()
        given = child_environment(environ, ())
        with theirs:
            command = [*SERVING, str(theirs.fileno())]
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, process_group=0, env=given)
        return cls(process, ours, frozenset(given))

    def hand_over(self, options: bytes, files: Sequence[int]) -> bool:
        """Let it serve with these options, these files and the environment of this process. False if it cannot: it has ended, or had a variable more."""
        if not self._names <= set(os.environ):  # one that turned out to hold a key
            self.let_go()
            return False
        with contextlib.closing(self._channel):
            self._channel.settimeout(_HAND_OVER_S)
            try:
                socket.send_fds(self._channel, [b"f"], files)
                self._channel.sendall(options + _END)
            except OSError:
                self.let_go()
                return False
        return True

    def let_go(self) -> None:
        """End it: it is not needed."""
        self._channel.close()
        self.process.kill()
        self.process.wait()


_started: list[EarlyProcess] = []


@contextlib.contextmanager
def started_early(environ: Mapping[str, str]) -> Generator[None]:
    """Start one, and end it if it was not taken. Where it cannot be started there is none, and the supervisor starts its process as usual."""
    with contextlib.suppress(OSError):
        _started.append(EarlyProcess.started(environ))
    try:
        yield
    finally:
        left = take_early()
        if left is not None:
            left.let_go()


def take_early() -> EarlyProcess | None:
    """The one that was started, once."""
    return _started.pop() if _started else None


def handed_over(descriptor: int) -> tuple[bytes, list[int]] | None:
    """In the process itself: wait for the options, and return them with the files. `None` if the supervisor has ended without it."""
    with socket.socket(fileno=descriptor) as channel:
        _, files, _, _ = socket.recv_fds(channel, 1, _FILES_MAX)
        found = b""
        while piece := channel.recv(_READ_BYTES):
            found += piece
    for file in files:
        os.set_inheritable(file, False)  # ruff: ignore[boolean-positional-value-in-call] the system's own call
    return (found.removesuffix(_END), list(files)) if found.endswith(_END) else None
