"""What every door does with an ASGI request."""

import pytest

from headgate.core.errors import TooLarge
from headgate.web.asgi import ClientLeft, client_stream, read_body
from headgate.web.client_stream import AsgiClientStream


def receiving(*messages):
    """A server that has these messages."""
    left = list(messages)

    async def receive():
        return left.pop(0)

    return receive


def piece(body, *, more):
    """A piece of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_is_read_whole_whatever_its_pieces():
    """One piece, several, an empty last one."""
    assert await read_body(receiving(piece(b"abc", more=False)), 3) == b"abc"
    assert await read_body(receiving(piece(b"a", more=True), piece(b"bc", more=True), piece(b"", more=False)), 3) == b"abc"


async def test_a_body_is_refused_as_soon_as_it_is_too_large():
    """What is left of it is not read."""
    with pytest.raises(TooLarge, match="2 bytes"):
        await read_body(receiving(piece(b"abc", more=True)), 2)


async def test_a_client_that_leaves_is_not_answered():
    """Its request is not whole."""
    with pytest.raises(ClientLeft):
        await read_body(receiving(piece(b"a", more=True), {"type": "http.disconnect"}), 10)


async def test_the_direct_stream_is_used_where_the_server_has_one():
    """On another server the answer is driven over plain ASGI."""
    direct = object()
    assert client_stream({"extensions": {"headgate.stream": direct}}, receiving(), None) == (direct, None)
    stream, drive = client_stream({}, receiving(), None)
    assert isinstance(stream, AsgiClientStream)
    assert drive == stream.drive
