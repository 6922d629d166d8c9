"""The end of the HTTP server."""

import signal

import pytest

from headgate.app.http_server import Descriptors, Drain, HttpServer
from headgate.web.front import Front, FrontLimits
from tests.fakes.front import Echo


@pytest.fixture
def handlers():
    """The signal handlers of the tests' process, put back."""
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    yield
    for sign, handler in before.items():
        signal.signal(sign, handler)


def test_a_signal_to_end_is_not_raised_again(handlers):
    """That would kill the process before the journal and all else is closed; here it would kill the tests."""
    server = HttpServer(Front(Echo(), FrontLimits()), Descriptors(-1), None, Drain(0.0, 0.0))
    with server.capture_signals():
        signal.raise_signal(signal.SIGTERM)

    assert server.should_exit
