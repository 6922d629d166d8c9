"""The socket that a gateway listens on: made once by the supervisor, or given to it by systemd. What is accepted from it is the serving processes' matter."""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Mapping

_FIRST_GIVEN = 3  # SD_LISTEN_FDS_START
_BIND_PATIENCE_S = 2.0  # a predecessor that was killed may still be letting the address go


class StartFailed(Exception):
    """The gateway cannot start; the message says why, for people."""


def listen(host: str, port: int) -> socket.socket:
    """The socket. Raises StartFailed where the address cannot be had."""
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


def given_socket(environ: Mapping[str, str]) -> socket.socket | None:
    """The socket that systemd gives (sd_listen_fds(3)); `None` where it gives none. Raises StartFailed for one that Headgate cannot serve."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    if environ.get("LISTEN_FDS") != "1":
        raise StartFailed("systemd gives more than one socket. Headgate serves one port: leave one ListenStream= in headgate.socket.")
    given = socket.socket(fileno=_FIRST_GIVEN)
    fcntl.fcntl(given, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    listens = given.type == socket.SOCK_STREAM and given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if given.family not in {socket.AF_INET, socket.AF_INET6} or not listens:
        given.close()
        raise StartFailed("The socket that systemd gives is no TCP port. Write an address and a port into ListenStream= of headgate.socket.")
    return given


def url_of(listening: socket.socket, host: str) -> str:
    """How clients on this machine reach it."""
    return _url(host, listening.getsockname()[1])


def _advice(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "Choose another with --port, or end what holds it."
    if error.errno == errno.EACCES:
        return "Choose another with --port: the low ones are the administrator's."
    return "Choose another with --host."


def _url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"
