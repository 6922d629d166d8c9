"""The patience of a connection: how long its client is waited for in each phase, and what happens then. It reads and parses nothing.

A client that has closed its sending side may still listen, or have left: both send the same FIN. An interim answer tells them apart. A client that
listens skips it (RFC 9110 section 15.2; every client knows 100, if only to ignore it); the machine of one that has closed answers with a reset, which
shows on the socket though nothing is read from it any more.
"""

import asyncio
import contextlib
import logging
import select
from abc import abstractmethod
from typing import Any, ClassVar, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from headgate.web import refusal
from headgate.web.boundaries import HeadBytes
from headgate.web.connection_limits import BodyAllowance, Front, Wait
from headgate.web.direct_stream import DirectStream
from headgate.web.refusal import Refusal

HEAD: Final = 0  # between requests, or in the head of one
COUNTED: Final = 1  # in a body with content-length
CHUNKED: Final = 2
ANSWERING: Final = 3  # the request is whole, its answer is not
REFUSED: Final = 4  # nothing more is taken; the client may still read its answer

_INTERIM_ANSWER: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_FIRST_LOOK_S: Final = 0.05  # the reset of a client nearby is here by then; later ones are seen when the front sweeps


class PatientProtocol(HttpToolsProtocol):
    """A connection that the front's sweeper visits once a tick. What reads from it moves its phase."""

    front: ClassVar[Front]

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._phase: int = HEAD
        self._requests = 0
        self._stream: DirectStream | None = None
        self._half_closed = False
        self._sought = False  # a half-closed client was sent an interim answer
        self._address = ""  # of the client whose request is being read
        self._head = HeadBytes()  # the one that is being read
        self._arrived_bytes = 0
        self._write_pauses = 0
        self._wait = Wait()
        self._allowance: BodyAllowance | None = None  # of the body that is being read, from the first look on

    @abstractmethod
    def _refuse(self, reason: Refusal) -> None:
        """Answer for ourselves where nothing was answered yet, and close."""

    def sweep(self, elapsed_s: float) -> None:
        """Close if the client has been waited for too long; called once a tick."""
        limits, phase = self.front.limits, self._phase
        if self.transport.is_closing():
            if self._wait.lasted_s(("closing", self.transport.get_write_buffer_size()), elapsed_s) >= limits.write_idle_timeout_s:
                self.transport.abort()
        elif phase == REFUSED:
            if self._wait.lasted_s("linger", elapsed_s) >= limits.linger_timeout_s:
                self.transport.close()
        elif self.flow.write_paused:
            if self._wait.lasted_s(("write", self._write_pauses), elapsed_s) >= limits.write_idle_timeout_s:
                self._cut("it reads nothing")
        elif phase == HEAD:
            self._sweep_head(elapsed_s)
        elif phase != ANSWERING:
            self._sweep_body(elapsed_s)
        elif self._half_closed:
            self._seek_client()

    def _sweep_head(self, elapsed_s: float) -> None:
        limits = self.front.limits
        if self._requests and not self._head.size_bytes:
            if self._wait.lasted_s(("idle", self._requests), elapsed_s) >= limits.keep_alive_timeout_s:
                self.transport.close()
        elif self._wait.lasted_s(("head", self._requests), elapsed_s) >= limits.head_timeout_s:
            if self._head.size_bytes:
                self._refuse(refusal.TOO_SLOW)
            else:
                self._cut("it sends nothing")

    def _sweep_body(self, elapsed_s: float) -> None:
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            return  # it is we who are not ready
        if self._allowance is None:
            self._allowance = BodyAllowance(self.front.limits)
        arrived_bytes, self._arrived_bytes = self._arrived_bytes, 0
        if not self._allowance.spend(arrived_bytes, elapsed_s):
            self._refuse(refusal.TOO_SLOW)

    def _seek_client(self) -> None:
        """A client that has said all, and is being answered: cut the connection if it has left. The first time it is written to, so that its machine tells."""
        stream = self._stream
        if not self._sought and stream is not None and stream.unanswered:
            self._sought = True
            self.transport.write(_INTERIM_ANSWER)
            self.loop.call_later(_FIRST_LOOK_S, self._look_for_client)
        self._look_for_client()

    def _look_for_client(self) -> None:
        if not self.transport.is_closing() and _has_left(self.transport):
            self._cut("it has left")

    def _cut(self, why: str) -> None:
        self.front.rare_log.warn((self._address, why), "closed the connection of %s: %s", self._peer(), why, level=logging.INFO)
        self.transport.abort()

    def _peer(self) -> str:
        return self._address or "a local client"


def _has_left(transport: asyncio.Transport) -> bool:
    """Whether the peer has reset the connection. False where the system cannot tell."""
    sock = transport.get_extra_info("socket")
    if sock is None or not hasattr(select, "poll"):
        return False
    poll = select.poll()
    with contextlib.suppress(OSError, ValueError):  # closed meanwhile
        poll.register(sock.fileno(), 0)  # nothing is asked for: errors and hang-ups are always told
        return any(seen & (select.POLLERR | select.POLLHUP) for _, seen in poll.poll(0))
    return False
