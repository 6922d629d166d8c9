"""What an exchange waits for because of a gateway: time to the first byte of a stream, with the gateway and without, at half of its load."""

import asyncio
import json
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import uvloop

from bench.peers import Peer


async def _first_byte_s(host: str, port: int, head: bytes, body: bytes) -> float:
    reader, writer = await asyncio.open_connection(host, port)
    began_s = time.perf_counter()
    writer.write(head + body)
    received = b""
    while b"\r\n\r\n" not in received or received.endswith(b"\r\n\r\n"):
        piece = await reader.read(65536)
        if not piece:
            raise ConnectionError(received[:200])
        received += piece
    took_s = time.perf_counter() - began_s
    while not received.endswith(b"0\r\n\r\n"):
        piece = await reader.read(65536)
        if not piece:
            break
        received = received[-4:] + piece
    writer.close()
    return took_s


async def _paced(url: str, token: str, body: bytes, rate: float, seconds: float) -> list[float]:
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer {token}\r\nanthropic-version: 2023-06-01\r\n"
        f"content-type: application/json\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode()
    tasks, found = set(), []
    for _ in range(int(rate * seconds)):
        task = asyncio.ensure_future(_first_byte_s(parts.hostname or "", parts.port or 80, head, body))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda done: found.append(done.result()))
        await asyncio.sleep(1 / rate)
    await asyncio.gather(*tasks)
    return found


async def stream_first_bytes_s(url: str, token: str, rate: float, seconds: float) -> list[float]:
    """Seconds until the first byte of each stream, at `rate` streams a second."""
    return await _paced(url, token, _body(), rate, seconds)


def _body() -> bytes:
    message = {"role": "user", "content": "x" * 2000}
    return json.dumps({"model": "claude-opus-4-6", "max_tokens": 100, "stream": True, "messages": [message]}).encode()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def added_first_byte_ms(peer: Peer, direct_url: str, rate: float, seconds: float = 15.0) -> tuple[float, float]:
    """Milliseconds added to the first byte at the median and at the 99th percentile, at `rate` streams a second."""
    body = _body()
    direct = uvloop.run(_paced(direct_url, peer.token, body, rate, seconds))
    through = uvloop.run(_paced(peer.url, peer.token, body, rate, seconds))
    return tuple((percentile(through, share) - percentile(direct, share)) * 1e3 for share in (0.5, 0.99))  # type: ignore[return-value]


async def _hold(url: str, token: str, body: bytes, streams: int) -> int:
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer {token}\r\nanthropic-version: 2023-06-01\r\n"
        f"content-type: application/json\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode()

    async def one() -> bool:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(head + body)
        answer = await reader.read()
        writer.close()
        return answer.startswith(b"HTTP/1.1 200") and b"message_stop" in answer

    results = await asyncio.gather(*(one() for _ in range(streams)), return_exceptions=True)
    return sum(result is not True for result in results)


def streams_at_once(peer: Peer, streams: int) -> int:
    """How many of so many simultaneous streams did not come through whole."""
    message = {"role": "user", "content": "x" * 2000}
    body = json.dumps({"model": "claude-opus-4-6", "max_tokens": 100, "stream": True, "messages": [message]}).encode()
    return uvloop.run(_hold(peer.url, peer.token, body, streams))
