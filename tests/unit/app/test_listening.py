"""The socket of a gateway, and its address for people."""

import os
import socket

import pytest

from headgate.app import listening as module
from headgate.app.listening import StartFailed, given_socket, listen, url_of


@pytest.mark.parametrize(
    ("host", "family", "shown"),
    [("127.0.0.1", socket.AF_INET, "127.0.0.1"), ("0.0.0.0", socket.AF_INET, "127.0.0.1"), ("::1", socket.AF_INET6, "[::1]")],
)
def test_it_accepts_at_the_address_that_is_shown(host, family, shown):
    """Every address of the machine is shown as one that can be connected to."""
    with listen(host, 0) as listening:
        port = listening.getsockname()[1]
        socket.create_connection(("::1" if family == socket.AF_INET6 else "127.0.0.1", port), 5).close()

        assert (listening.family, url_of(listening, host)) == (family, f"http://{shown}:{port}")


def test_an_address_in_use_is_reported_with_the_way_out(monkeypatch):
    """After a while, in which a gateway that was killed may let it go."""
    monkeypatch.setattr("headgate.app.listening._BIND_PATIENCE_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(StartFailed, match="Choose another with --port"):
        listen("127.0.0.1", other.getsockname()[1])


@pytest.fixture
def given(monkeypatch):
    """Gives a socket as systemd does, to this process."""

    def give(held):
        descriptor = os.dup(held.fileno())
        monkeypatch.setattr(module, "_FIRST_GIVEN", descriptor)
        return {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}

    return give


def test_a_socket_that_systemd_gives_is_used(given):
    """It is not inherited by children that do not ask for it."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        found = given_socket(given(held))
        assert found is not None
        with found:
            assert found.getsockname() == held.getsockname()
            assert not found.get_inheritable()


@pytest.mark.parametrize("environ", [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}])
def test_one_that_is_given_to_another_process_is_not(environ):
    """A child of a service has its variables."""
    assert given_socket(environ) is None


def test_a_socket_that_is_no_port_is_refused(given):
    """Nor more than one."""
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(StartFailed, match="no TCP port"):
        given_socket(given(ours))
    with pytest.raises(StartFailed, match="more than one socket"):
        given_socket({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "2"})
