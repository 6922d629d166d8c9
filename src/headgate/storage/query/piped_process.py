"""A child process that works for this one over pipes: `python -m MODULE SETTINGS`, with an environment of its own. It greets once it has closed its sandbox."""

import asyncio
import sys

import msgspec

from headgate.storage.child_end import end_child
from headgate.storage.query.frames import LENGTH, Hello

_START_TIMEOUT_S = 30.0


class PipedProcess:
    """One process and the pipes to it. The caller that starts it must kill it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a child is spoken to over pipes")
        self._process = process
        self._write, self._read = process.stdin, process.stdout
        self.protections: tuple[str, ...] = ()
        self._greeted = False
        self.jobs = 0

    @classmethod
    async def start(cls, module: str, settings: msgspec.Struct) -> "PipedProcess":
        """Start it. It gets ready by itself."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-B", "-m", module, msgspec.json.encode(settings).decode(),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={"LANG": "C.UTF-8", "TZ": "UTC"}, cwd="/", start_new_session=True,
        )  # fmt: skip
        return cls(process)

    async def ready(self) -> None:
        """Wait until it has closed its sandbox. Raises `ConnectionError` if it does not."""
        if not self._greeted:
            try:
                hello = await asyncio.wait_for(self.receive(1 << 16), _START_TIMEOUT_S)
            except TimeoutError as error:
                raise ConnectionError(f"a child is not ready after {_START_TIMEOUT_S:g} s") from error
            self.protections = msgspec.msgpack.decode(hello, type=Hello).protections
            self._greeted = True

    async def send(self, body: bytes) -> None:
        """Send one value."""
        self._write.write(LENGTH.pack(len(body)) + body)
        await self._write.drain()

    async def receive(self, bytes_max: int) -> bytes:
        """The next value's bytes."""
        (length,) = LENGTH.unpack(await self._read.readexactly(LENGTH.size))
        if length > bytes_max:
            raise ConnectionError("a child's frame is larger than any answer")
        return await self._read.readexactly(length)

    async def kill(self) -> None:
        """End it at once and wait for that."""
        self._write.close()
        await end_child(self._process)
