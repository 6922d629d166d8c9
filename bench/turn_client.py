"""Asks a gateway for a fixed number of streamed turns over some connections, and checks every answer: what is divided by must be whole turns."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import uvloop

from bench.peers import Missing, Peer

_END = b"0\r\n\r\n"
_TIMEOUT_S = 120.0
SAID = b"Hello "  # what the scripted provider says in each event


def ask(peer: Peer, body: bytes, turns: int, connections: int, events: int) -> None:
    """Ask for the turns. Raises Missing where one is refused, breaks off, or lacks its text."""
    uvloop.run(_all(peer, body, turns, connections, events))


async def _all(peer: Peer, body: bytes, turns: int, connections: int, events: int) -> None:
    left = iter(range(turns))
    head = f"POST /{peer.url.split('/', 3)[3]} HTTP/1.1\r\nHost: {urlsplit(peer.url).netloc}\r\nAuthorization: Bearer {peer.token}\r\n"
    request = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    await asyncio.gather(*(_connection(peer, request, left, events) for _ in range(min(connections, turns))))


async def _connection(peer: Peer, request: bytes, left: Iterator[int], events: int) -> None:
    address = urlsplit(peer.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        for _ in left:
            writer.write(request)
            said = await asyncio.wait_for(_answer(reader), _TIMEOUT_S)
            if said.count(SAID) < events // 2:
                raise Missing("an answer lacks its text in this set-up")
    except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
        raise Missing(f"an answer broke off in this set-up: {error or type(error).__name__}") from None
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    status = (await reader.readuntil(b"\r\n\r\n")).split(maxsplit=2)[1].decode()
    if status != "200":
        raise Missing(f"it answers {status} in this set-up")
    said = b""
    while not said.endswith(_END):
        more = await reader.read(1 << 16)
        if not more:
            raise asyncio.IncompleteReadError(said[-100:], None)
        said += more
    return said
