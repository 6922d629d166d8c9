"""Connections beyond the limit, over real sockets."""

import pytest

from headgate.dialects.registry import CLIENTS
from headgate.web.front import FrontLimits
from headgate.web.refusal import in_dialects
from tests.fakes.front import FrontServer, wait_until
from tests.fakes.services import GET

ASKED = b"POST /anthropic/v1/messages?beta=true HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + b"a" * 300_000


@pytest.fixture
def full():
    """A server with room for one connection, which is taken, and for two that are turned away."""
    limits = FrontLimits(connections_max=1, turned_away_max=2, linger_timeout_s=0.5)
    with FrontServer(limits) as server, server.connect():
        server.front.worded = in_dialects(CLIENTS, lambda: "req_1")
        wait_until(lambda: len(server.front.connections) == 1)
        yield server


def test_one_too_many_is_answered_in_its_dialect(full) -> None:
    """With when to come back, and closed; also while its body is still being sent. No request of it reaches a service."""
    with full.connect() as client:
        client.send(ASKED)
        answer = client.answer()
        assert answer is not None
        assert (answer.status, answer.headers["retry-after"], answer.headers["connection"]) == (503, "5", "close")
        told = answer.json()
        assert (told["type"], told["request_id"], told["error"]["type"]) == ("error", "req_1", "overloaded_error")
        assert told["error"]["message"] == "The gateway has as many connections as it may; try again shortly."
        assert client.ended()
    wait_until(lambda: full.front.turned_away == 0)
    assert full.seen == []


@pytest.mark.parametrize("asked", [b"GET /", b"\r\n", b"\x16\x03\x01\n", b"GET /" + b"a" * 5000, b"GET /openai/v1/models HTTP/1.1\n"], ids=range(5))
def test_whatever_comes_the_connection_ends(full, asked) -> None:
    """Half a line, none, TLS, one that never ends, and one with a bare line feed."""
    with full.connect() as client:
        client.send(asked)
        answer = client.answer()
        assert (answer is None) == (asked == b"GET /")
        assert answer is None or answer.status == 503
        assert client.ended()
    wait_until(lambda: full.front.turned_away == 0)


def test_beyond_its_own_bound_a_connection_is_reset(full) -> None:
    """Two that say nothing are waited for; a third one is closed at once. When they have gone, the next is answered again."""
    with full.connect(), full.connect():
        wait_until(lambda: full.front.turned_away == 2)
        with full.connect() as third:
            third.send(GET)
            assert third.answer() is None
        wait_until(lambda: full.front.turned_away == 0)
        with full.connect() as client:
            client.send(GET)
            answer = client.answer()
            assert answer is not None
            assert answer.status == 503
