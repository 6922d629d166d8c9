"""How `headgate restart` asks the supervisor, over a Unix socket in the data directory, which its owner alone can open. A line each way; the answer comes at the end.

The socket's file is replaced at each start: the gateway that holds the directory's lock is the only one that makes it.
"""

import contextlib
import os
import socket
from collections.abc import Generator, Mapping

import msgspec

SOCKET_FILE = "supervisor.sock"
_PATH_BYTES_MAX = 100  # of `sun_path`: 108 on Linux, 104 elsewhere (unix(7))
_READ_BYTES = 1 << 16
_ASKED_BYTES_MAX = 4 << 20
_ASKING_MAX = 16


class RestartAsked(msgspec.Struct, frozen=True):
    """A restart is asked for. `environ`, where there is one, replaces the environment from which providers' keys and other settings are read."""

    environ: dict[str, str] | None = None

    def __repr__(self) -> str:
        return "RestartAsked(…)"  # the environment holds keys


class RestartDone(msgspec.Struct, frozen=True):
    """What came of it. `failure`: why the old process goes on."""

    pid: int = 0
    replaced: int = 0
    failure: str = ""


class _Asker:
    """A command that waits for its answer."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.received = b""
        self.asked: RestartAsked | None = None

    def read(self) -> bool:
        """Read on. Whether it is still there, and makes sense."""
        try:
            piece = self.connection.recv(_READ_BYTES)
            self.received += piece
            if self.received.endswith(b"\n"):
                self.asked = msgspec.json.decode(self.received, type=RestartAsked)
        except BlockingIOError:
            return True
        except (OSError, msgspec.DecodeError):
            return False
        return bool(piece) and len(self.received) < _ASKED_BYTES_MAX


class RestartRequests:
    """The supervisor's side. Never waits."""

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening
        self._askers: list[_Asker] = []

    @property
    def descriptors(self) -> list[int]:
        """What can be read once there is something to `look` at."""
        found = [asker.connection.fileno() for asker in self._askers if asker.asked is None]
        return [*found, self.listening.fileno()] if len(self._askers) < _ASKING_MAX else found

    def look(self) -> list[RestartAsked]:
        """Read what is asked. The requests that no restart answers yet."""
        with contextlib.suppress(BlockingIOError):
            while len(self._askers) < _ASKING_MAX:
                connection, _ = self.listening.accept()
                connection.settimeout(0)
                self._askers.append(_Asker(connection))
        for asker in [asker for asker in self._askers if asker.asked is None]:
            if not asker.read():
                self._drop(asker)
        return [asker.asked for asker in self._askers if asker.asked is not None]

    def answer(self, asked: list[RestartAsked], done: RestartDone) -> None:
        """Say what came of these requests."""
        for asker in [asker for asker in self._askers if any(asker.asked is one for one in asked)]:
            with contextlib.suppress(OSError):
                asker.connection.send(msgspec.json.encode(done) + b"\n")
            self._drop(asker)

    def close(self) -> None:
        """Answer no more."""
        for asker in list(self._askers):
            self._drop(asker)
        self.listening.close()

    def _drop(self, asker: _Asker) -> None:
        asker.connection.close()
        self._askers.remove(asker)


def listen_for_restarts(data_dir: str) -> socket.socket:
    """The socket of a gateway that holds its data directory. Raises `OSError`."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(data_dir, SOCKET_FILE))
    with address_in(data_dir) as address:
        listening.bind(address)
    listening.listen(_ASKING_MAX)
    listening.settimeout(0)
    return listening


def ask_restart(data_dir: str, environ: Mapping[str, str] | None, timeout_s: float) -> RestartDone:
    """Ask the supervisor of a data directory, and wait for what comes of it. Raises `OSError` where none answers, `TimeoutError` where that takes too long."""
    asked = RestartAsked(None if environ is None else dict(environ))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        with address_in(data_dir) as address:
            connection.connect(address)
        connection.sendall(msgspec.json.encode(asked) + b"\n")
        received = b""
        while not received.endswith(b"\n"):
            piece = connection.recv(_READ_BYTES)
            if not piece:
                return RestartDone(failure="The gateway ended meanwhile.")
            received += piece
    return msgspec.json.decode(received, type=RestartDone)


@contextlib.contextmanager
def address_in(data_dir: str) -> Generator[str]:
    """The socket's address: its path, or where that is too long for one, a shorter one to the same file, which Linux has."""
    path = os.path.join(data_dir, SOCKET_FILE)
    if len(os.fsencode(path)) <= _PATH_BYTES_MAX:
        yield path
        return
    directory = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{SOCKET_FILE}"
    finally:
        os.close(directory)
