"""What the supervisor and one serving process tell each other, over a pair of sockets that ends with that process.

The supervisor sends what a serving process starts with, then what was started again, and at a restart what the process has to do next. The serving process
sends what it found once it serves, each configuration that it accepts, how far it is in a restart, and a heartbeat. Each is a line; a heartbeat is an empty
one. Neither side ever waits for the other while it has other work.

The two may be of different versions, after an upgrade: fields are only added, with defaults.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable

import msgspec

from headgate.app.options import Ready
from headgate.config.load import WrittenFile

BEAT_S = 0.25
_READ_BYTES = 1 << 16
_START_S = 180.0  # as long as the supervisor waits for this process


class Start(msgspec.Struct, frozen=True):
    """What a serving process starts with: the environment that Headgate was started with, and the configuration that its predecessor accepted last.

    With `waits` it prepares itself, and serves only from a `Take` on.
    """

    environ: dict[str, str]
    accepted: WrittenFile | None = None
    waits: bool = False

    def __repr__(self) -> str:
        return "Start(…)"  # the environment holds keys


class Restarts(msgspec.Struct, frozen=True, tag="restarts"):
    """How often each process has ended by itself and was started again. `at_s`: when that was last, by the
    machine's monotonic clock, which both processes share: the wall clock may be set meanwhile.
    """

    serving: int = 0
    flusher: int = 0
    at_s: float = 0.0


class Pause(msgspec.Struct, frozen=True, tag="pause"):
    """Accept nothing more, begin no exchange, and say `Paused`: another process is about to take over."""


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """The other process failed: go on as before the `Pause`."""


class Take(msgspec.Struct, frozen=True, tag="take"):
    """Begin to serve, once the records of that writer up to that number are counted. Answered by `Ready`."""

    writer: str
    seq: int


class PreparedToTake(msgspec.Struct, frozen=True, tag="prepared"):
    """The process could serve, and waits."""


class Paused(msgspec.Struct, frozen=True, tag="paused"):
    """The process has begun its last exchange: the record of that number in the journal of that writer contains it. What it still reads may follow."""

    writer: str
    seq: int


class FailedStart(msgspec.Struct, frozen=True, tag="failed"):
    """Why this process ends without having served, for people."""

    why: str


ToServing = Restarts | Pause | Resume | Take
ToSupervisor = Ready | WrittenFile | PreparedToTake | Paused | FailedStart


class SavedLink(msgspec.Struct, frozen=True):
    """A link that a newer supervisor goes on with: the descriptor, parts of lines, and what was heard."""

    descriptor: int
    received: bytes = b""
    unsent: bytes = b""
    ready: Ready | None = None
    accepted: WrittenFile | None = None

    def __repr__(self) -> str:
        return "SavedLink(…)"  # what is unsent may hold keys


class SupervisorEnd:
    """The supervisor's end. `theirs` is inherited by the serving process, and closed here once that has been started."""

    def __init__(self, ours: socket.socket, theirs: socket.socket) -> None:
        self._ours = ours
        self.theirs = theirs
        self._ours.settimeout(0)
        self._out = bytearray()
        self._in = b""
        self.ready: Ready | None = None
        self.accepted: WrittenFile | None = None
        self.prepared = False
        self.paused: Paused | None = None
        self.failure = ""  # why the process ends without having served

    @classmethod
    def pair(cls) -> "SupervisorEnd":
        """The end of a new link."""
        return cls(*socket.socketpair())

    @classmethod
    def resumed(cls, saved: SavedLink) -> "SupervisorEnd":
        """The end of a link that an older supervisor of this process made."""
        made = cls(socket.socket(fileno=saved.descriptor), socket.socket(socket.AF_UNIX))
        made._in, made._out, made.ready, made.accepted = saved.received, bytearray(saved.unsent), saved.ready, saved.accepted
        return made

    def saved(self) -> SavedLink:
        """What a newer supervisor of this process needs."""
        return SavedLink(self._ours.fileno(), self._in, bytes(self._out), self.ready, self.accepted)

    @property
    def descriptor(self) -> int:
        """What can be read once something has come."""
        return self._ours.fileno()

    def send(self, value: Start | ToServing) -> None:
        """Tell the serving process, now or with the next `look`."""
        self._out += msgspec.json.encode(value) + b"\n"
        self._write()

    def look(self) -> bool:
        """Send what waits and read what has come. Whether anything has."""
        self._write()
        received = self._read()
        *lines, self._in = (self._in + received).split(b"\n")
        for line in lines:
            if line:
                self._note(msgspec.json.decode(line, type=ToSupervisor))
        return bool(received)

    def _note(self, found: ToSupervisor) -> None:
        if isinstance(found, Ready):
            self.ready = found
        elif isinstance(found, WrittenFile):
            self.accepted = found
        elif isinstance(found, PreparedToTake):
            self.prepared = True
        elif isinstance(found, Paused):
            self.paused = found
        else:
            self.failure = found.why

    def close(self) -> None:
        """Let go of it."""
        self._ours.close()
        self.theirs.close()

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # its end is seen by its exit; a full socket is tried again
            while self._out:
                del self._out[: self._ours.send(self._out)]

    def _read(self) -> bytes:
        received = b""
        with contextlib.suppress(OSError):
            while piece := self._ours.recv(_READ_BYTES):
                received += piece
        return received


class ServingEnd:
    """The serving process' end, made of the descriptor that it inherited."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._in = b""
        self._out = bytearray()
        self.restarts = Restarts()
        self.on_asked: Callable[[Pause | Resume | Take], None] = _ignored

    def begin(self) -> Start:
        """What this process starts with: the first thing that is sent, and waited for."""
        self._socket.settimeout(_START_S)
        while b"\n" not in self._in:
            piece = self._socket.recv(_READ_BYTES)
            if not piece:
                raise ConnectionError("the supervisor has gone")
            self._in += piece
        line, _, self._in = self._in.partition(b"\n")
        return msgspec.json.decode(line, type=Start)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen from now on."""
        self._socket.settimeout(0)
        self._take(b"")
        loop.add_reader(self._socket, self._hear, loop)

    def report(self, found: ToSupervisor) -> None:
        """Say what this process found, or how far it is. What the socket does not take now goes with later heartbeats."""
        self._out += msgspec.json.encode(found) + b"\n"
        self._write()

    def beat(self) -> None:
        """Say that the event loop runs."""
        if not self._out:
            self._out += b"\n"
        self._write()

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # full: the supervisor hangs; gone: this process ends by other means
            while self._out:
                del self._out[: self._socket.send(self._out)]

    def _hear(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            piece = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            loop.remove_reader(self._socket)
            return
        self._take(piece)

    def _take(self, piece: bytes) -> None:
        *lines, self._in = (self._in + piece).split(b"\n")
        for line in filter(None, lines):
            found = msgspec.json.decode(line, type=ToServing)
            if isinstance(found, Restarts):
                self.restarts = found
            else:
                self.on_asked(found)


def _ignored(_asked: Pause | Resume | Take) -> None:
    """Nothing is done before anyone listens."""
