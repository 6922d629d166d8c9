"""How long a client is waited for, counted in sweeps, and whether one that has stopped sending is still there. It closes nothing.

A client that has closed its sending side may still listen, or have left: both send the same FIN. An interim answer tells them apart. A client that
listens skips it (RFC 9110 section 15.2; every client knows 100, if only to ignore it); the machine of one that has closed answers with a reset, which
shows on the socket though nothing is read from it any more.
"""

import asyncio
import contextlib
import select
from typing import Final

from headgate.web.front import FrontLimits

INTERIM_ANSWER: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
FIRST_LOOK_S: Final = 0.05  # the reset of a client nearby is here by then; later ones are seen when the front sweeps


class Patience:
    """How long one connection has been waiting for its client, and the time that the body of a request may still take.

    Measured in sweeps, rounded up: a timeout may come up to one sweep early, never late.
    """

    __slots__ = ("_body_left_s", "_for", "_lasted_s", "_limits", "requests", "sought", "write_pauses")

    def __init__(self, limits: FrontLimits) -> None:
        self._limits = limits
        self._for: object = None
        self._lasted_s = 0.0
        self._body_left_s = limits.body_grace_s
        self.requests = 0
        self.write_pauses = 0
        self.sought = False  # a client that has stopped sending was sent an interim answer

    def begin_request(self) -> None:
        """A request begins, and with it the time of its body."""
        self.requests += 1
        self._body_left_s = self._limits.body_grace_s

    def lasted_s(self, what: object, elapsed_s: float) -> float:
        """How many seconds the connection has been waiting for `what`, this tick included. Anything else begins a new wait."""
        if what != self._for:
            self._for = what
            self._lasted_s = 0.0
        self._lasted_s += elapsed_s
        return self._lasted_s

    def allows_body(self, arrived_bytes: int, elapsed_s: float) -> bool:
        """Whether the body may go on, after `arrived_bytes` came in `elapsed_s` in which we were ready to read.

        A body has a grace at first, then a second for each second's worth of the minimum rate, saved up to the idle timeout. One number thus cuts
        silence, a trickle from the start, and a trickle after a fast start.
        """
        limits = self._limits
        earned_s = arrived_bytes / limits.body_rate_min_bytes_per_s
        self._body_left_s = min(self._body_left_s + earned_s, max(limits.body_idle_timeout_s, limits.body_grace_s)) - elapsed_s
        return self._body_left_s > 0


def has_left(transport: asyncio.Transport) -> bool:
    """Whether the peer has reset the connection. False where the system cannot tell."""
    sock = transport.get_extra_info("socket")
    if sock is None or not hasattr(select, "poll"):
        return False
    poll = select.poll()
    with contextlib.suppress(OSError, ValueError):  # closed meanwhile
        poll.register(sock.fileno(), 0)  # nothing is asked for: errors and hang-ups are always told
        return any(seen & (select.POLLERR | select.POLLHUP) for _, seen in poll.poll(0))
    return False
