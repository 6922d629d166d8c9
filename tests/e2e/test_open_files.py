"""A gateway that may open few files, and a stranger who connects without end and says nothing."""

import contextlib
import socket

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.lab import ALONE, Gateway, until

FILES = 256


def test_idle_connections_do_not_stop_the_gateway(tmp_path) -> None:
    """Connections beyond half of the files are closed at once; requests are answered, recorded and journalled all the while."""
    gateway = Gateway(tmp_path, ALONE + '[server]\ntrusted_proxies = ["127.0.0.1"]\n', arguments=("--demo",), files_max=FILES)
    gateway.start()
    try:
        with contextlib.ExitStack() as held:
            asking = held.enter_context(Asking(gateway.url, gateway.token, ANTHROPIC.path(stream=False), ANTHROPIC.body(stream=False)))
            assert asking.status == 200
            idle = [held.enter_context(socket.create_connection(("127.0.0.1", gateway.port), 10)) for _ in range(FILES)]
            closed = [each for each in idle if _is_closed(each)]
            assert FILES - 130 <= len(closed) < FILES
            for each in idle[:8]:
                each.close()
            with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as another:
                assert another.status == 200
                another.rest()
            asking.rest()
        assert len(gateway.rows(2)) == 2
        assert gateway.is_ready()
        until(lambda: "clients    at most 128 connections, half of the 256 files" in gateway.log)
    finally:
        gateway.kill_all()
    assert "Too many open files" not in gateway.log


def _is_closed(connection: socket.socket) -> bool:
    """Whether the other side ended it; an open one has nothing to say."""
    connection.settimeout(0.02)
    try:
        return not connection.recv(1)
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
