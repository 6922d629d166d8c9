"""A connection and a service that does not accept a request at once, or not all of it."""

import asyncio

import pytest

from tests.fakes.services import CHUNKED, GET, POST, Deciding, Holding, answer, feed
from tests.fakes.transport import connect


async def test_a_service_that_accepts_less_is_handed_a_longer_body_at_once() -> None:
    """It refuses it; what else comes of it is dropped, and the next request is served."""
    service = Holding()
    service.body_bytes_max = 10
    protocol, transport = connect(service)
    begun = POST.replace(b"Content-Length: 3\r\n\r\nabc", b"Content-Length: 5000\r\n\r\n")
    await feed(protocol, transport, [begun + b"x" * 9, b"x", b"x" * 90])
    assert [len(body) for body in service.bodies] == [100]
    answer(service.streams[0])
    await feed(protocol, transport, [b"x" * 4900 + GET])

    assert [len(body) for body in service.bodies] == [100, 0]
    assert protocol.front.held_body_bytes == 0
    assert transport.ended == "open"


@pytest.mark.parametrize("request_bytes", [GET, POST, CHUNKED, POST[:-1]])
async def test_nothing_is_read_while_a_service_decides(request_bytes: bytes) -> None:
    """What it then accepts is handed over, whole; reading goes on."""
    service = Deciding()
    protocol, transport = connect(service)
    await feed(protocol, transport, [request_bytes])
    assert (transport.reading, service.bodies) == (False, [])
    for _ in range(100):
        protocol.sweep(1.0)  # it is not the client who is waited for
    assert transport.ended == "open"
    service.decision.set_result(True)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert transport.reading
    if request_bytes == POST[:-1]:
        await feed(protocol, transport, [b"c"])

    assert service.bodies == [b"" if request_bytes == GET else b"abc"]


async def test_what_a_service_refuses_late_is_dropped() -> None:
    """The connection goes on to the next request."""
    service = Deciding()
    protocol, transport = connect(service)
    await feed(protocol, transport, [POST[:-1]])
    service.decision.set_result(False)
    await feed(protocol, transport, [b""])
    assert (transport.reading, transport.written.count(b"HTTP/1.1 401 ")) == (True, 1)
    await feed(protocol, transport, [b"c" + POST])

    assert service.bodies == []
    assert transport.written.count(b"HTTP/1.1 401 ") == 2
    assert protocol.front.held_body_bytes == 0


async def test_a_client_that_leaves_while_a_service_decides_is_forgotten() -> None:
    """Whatever the service says then."""
    service = Deciding()
    protocol, transport = connect(service)
    await feed(protocol, transport, [POST])
    protocol.connection_lost(None)
    service.decision.set_result(True)
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert service.bodies == []
    assert protocol.front.held_body_bytes == 0


@pytest.mark.parametrize("sent", [b"", b"a"])
async def test_a_body_is_asked_for_when_it_is_wanted(sent: bytes) -> None:
    """`Expect: 100-continue` is answered once the service accepts the request."""
    head = POST.removesuffix(b"\r\nabc") + b"Expect: 100-continue\r\n\r\n"
    service = Deciding()
    protocol, transport = connect(service)
    await feed(protocol, transport, [head + sent])
    assert transport.written == b""
    service.decision.set_result(True)
    await feed(protocol, transport, [])
    assert transport.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    await feed(protocol, transport, [b"abc"[len(sent) :]])

    assert service.bodies == [b"abc"]
