"""Clients that notice every fault of a restart: on connections that stay open, on new ones, and with streams. Any answer that is not whole is a failure."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import Counter
from urllib.parse import urlsplit

from tests.e2e.asking import CASES, CLOSING, Case
from tests.e2e.lab import Gateway
from tests.fakes.ledger import Entry
from tests.fakes.turns import Text, Tokens, Turn

MARK = "mark-"
SLOW = "slow-"
TOKENS = Tokens(fresh=50, output=7)


def answer(entry: Entry) -> Turn:
    """A quick answer; one that takes some seconds where the mark says so."""
    slow = f"{MARK}{SLOW}".encode() in entry.body
    return Turn((Text("word " * 40, pieces=20 if slow else 2),), TOKENS, pace_s=0.1 if slow else 0.0)


class Client:
    """One connection of HTTP/1.1. It opens another one only where an answer said that this one ends."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._address = urlsplit(gateway.url)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.connected = 0

    async def ask(self, case: Case, mark: str, *, stream: bool) -> tuple[int, bytes, dict[str, str]]:
        """One exchange. Raises where it is refused, reset or cut off."""
        body = case.body(f"{MARK}{mark}", stream=stream)
        head = f"POST {case.path(stream=stream)} HTTP/1.1\r\nhost: {self._address.netloc}\r\nauthorization: Bearer {self._gateway.token}\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        head += f"databricks-ai-gateway-request-tags: {json.dumps({'mark': mark})}\r\n\r\n"
        reader, writer = await self._open()
        writer.write(head.encode() + body)
        status = int((await reader.readuntil(b"\r\n")).split()[1])
        headers = {}
        while line := (await reader.readuntil(b"\r\n")).strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        received = await _body(reader, headers)
        if headers.get("connection") == "close":
            await self.close()
        return status, received, headers

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self.connected += 1
            self._streams = await asyncio.open_connection(self._address.hostname, self._address.port)
        return self._streams

    async def close(self) -> None:
        """End the connection."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    received = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        received += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return received


class Load:
    """Clients that ask until they are stopped: `steady` on connections that stay open, `fresh` on a new one each time, `streams` for streams of seconds."""

    def __init__(self, gateway: Gateway, *, steady: int, fresh: int, streams: int, pause_s: float) -> None:
        self._gateway = gateway
        self._pause_s = pause_s
        self._going = True
        self.failures: list[str] = []
        self.done: Counter[str] = Counter()
        self.connected = 0
        loops = [("steady", steady, False), ("fresh", fresh, False), ("streams", streams, True)]
        self._tasks = [asyncio.create_task(self._loop(kind, number, stream=stream)) for kind, count, stream in loops for number in range(count)]

    async def stop(self) -> None:
        """Let every answer end."""
        self._going = False
        await asyncio.gather(*self._tasks)

    async def _loop(self, kind: str, number: int, *, stream: bool) -> None:
        client, asked = Client(self._gateway), 0
        case = CASES[number % len(CASES)]
        while self._going:
            asked += 1
            mark = f"{SLOW if stream else ''}{kind}-{number}-{asked}"
            try:
                status, received, _ = await asyncio.wait_for(client.ask(case, mark, stream=stream), 60)
                if status != 200 or (stream and CLOSING[case.dialect] not in received):
                    self.failures.append(f"{mark}: status {status}, {received[-300:]!r}")
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                self.failures.append(f"{mark}: {error!r}")
                await client.close()
            self.done[kind] += 1
            if kind == "fresh":
                await client.close()
            await asyncio.sleep(self._pause_s)
        await client.close()
        self.connected += client.connected


def taken_over(gateway: Gateway) -> int:
    """How many restarts the log tells of."""
    return gateway.log.count("has taken over from")


async def restart(gateway: Gateway, timeout_s: float = 60.0) -> None:
    """Replace the serving process by the signal, and wait until the new one serves."""
    assert gateway.process is not None
    before, deadline = taken_over(gateway), time.monotonic() + timeout_s
    os.kill(gateway.process.pid, signal.SIGUSR2)
    while taken_over(gateway) == before:
        assert time.monotonic() < deadline, gateway.log[-2000:]
        await asyncio.sleep(0.1)
