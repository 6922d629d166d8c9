"""Moves idle connections of clients from a serving process to the one that replaces it, as open sockets over a Unix socket (SCM_RIGHTS, unix(7)).

A client notices nothing: its connection is never closed, and what it sends meanwhile waits in the kernel. No byte of a request is moved.
"""

import asyncio
import contextlib
import fcntl
import socket
from collections.abc import Callable

from headgate.web.connection import ClientConnection

_MARK = b"c"  # descriptors travel with at least one byte
_AT_ONCE = 64


class SuccessorGone(Exception):
    """No process takes the connections."""


def give(channel: socket.socket, connection: ClientConnection) -> bool:
    """Give a resting connection away. False if the channel is full at the moment. Raises SuccessorGone."""
    held = connection.transport.get_extra_info("socket")
    if held is None:
        return False
    try:
        socket.send_fds(channel, [_MARK], [held.fileno()])
    except BlockingIOError:
        return False
    except OSError as error:
        raise SuccessorGone from error
    connection.transport.close()  # of this process' descriptor alone
    return True


class MovedConnections:
    """Takes the connections that another process gives, until that ends. `made` makes the protocol of one."""

    def __init__(self, channel: socket.socket, made: Callable[[], ClientConnection]) -> None:
        self._channel = channel
        self._made = made
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def over(self) -> bool:
        """Whether none comes any more: the other process has ended."""
        return self._channel.fileno() < 0 and not self._tasks

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._channel.settimeout(0)
        asyncio.get_running_loop().add_reader(self._channel, self._take)

    def close(self) -> None:
        """Take no more."""
        if self._channel.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()

    def _take(self) -> None:
        try:
            received, descriptors, _, _ = socket.recv_fds(self._channel, _AT_ONCE, _AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            received, descriptors = b"", []
        for descriptor in descriptors:
            fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
            task = asyncio.ensure_future(self._adopt(socket.socket(fileno=descriptor)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not received:
            self.close()

    async def _adopt(self, arrived: socket.socket) -> None:
        arrived.settimeout(0)
        with contextlib.suppress(OSError):  # its client has left on the way
            _, protocol = await asyncio.get_running_loop().connect_accepted_socket(self._made, arrived)
            protocol.adopted()
