"""A client that has closed its sending side: does it still listen, or has it left?

Both send the same FIN. An interim answer tells: a client that listens skips it (RFC 9110 section 15.2; every client knows 100, if only to ignore it), and
the machine of one that has closed answers it with a reset, which shows on the socket though nothing is read from it any more.
"""

import asyncio
import contextlib
import select

INTERIM_ANSWER = b"HTTP/1.1 100 Continue\r\n\r\n"
FIRST_LOOK_S = 0.05  # the reset of a client nearby is here by then; later ones are seen when the front sweeps


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
