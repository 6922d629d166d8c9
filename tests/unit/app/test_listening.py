"""The socket of a gateway, and its address for people."""

import socket

import pytest

from headgate.app.listening import StartFailed, listen, url_of


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
