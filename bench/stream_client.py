"""The client that opens streams at a fixed rate, or many at once: `bench/streamclient`, in Go, so that it costs less than what it measures."""

import json
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.peers import ROOT, TOOLS, Missing


class Found(msgspec.Struct, frozen=True):
    """What became of the streams. Milliseconds until the first byte, from before the connection; `late_p99_ms` is what the client itself was late by."""

    streams: int
    open: int
    whole: int
    refused: dict[str, int]
    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    most_ms: float
    late_p99_ms: float


def _binary() -> Path:
    if shutil.which("go") is None:
        raise Missing("the client of the streams needs Go, which is not installed")
    TOOLS.mkdir(parents=True, exist_ok=True)
    binary = TOOLS / "streamclient"
    subprocess.run(["go", "build", "-o", str(binary), "."], cwd=ROOT / "bench" / "streamclient", check=True)
    return binary


def _command(url: str, token: str, folder: Path, body: bytes) -> list[str]:
    file = folder / "stream-body.json"
    file.write_bytes(body)
    return [str(_binary()), "-url", url, "-token", token, "-body", str(file)]


def body_of(characters: int) -> bytes:
    """A request for a stream with a prompt of so many characters."""
    message = {"role": "user", "content": "x" * characters}
    return json.dumps({"model": "claude-opus-4-6", "max_tokens": 100, "stream": True, "messages": [message]}).encode()


def paced(url: str, token: str, folder: Path, rate: float, seconds: float) -> Found:
    """Streams at a fixed rate, whether earlier ones have been answered or not."""
    command = [*_command(url, token, folder, body_of(2000)), "-rate", str(rate), "-seconds", str(seconds)]
    return msgspec.json.decode(subprocess.run(command, capture_output=True, check=True).stdout, type=Found)


class Held:
    """Streams that are open at once."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.began = self._read()

    def _read(self) -> Found:
        assert self._process.stdout is not None
        return msgspec.json.decode(self._process.stdout.readline(), type=Found)

    def end(self) -> Found:
        """Wait until all have ended."""
        return self._read()


@contextmanager
def held(url: str, token: str, folder: Path, streams: int, rate: float = 400.0, body: bytes = b"") -> Generator[Held]:
    """Open so many, at this rate; inside, each has begun or failed. The client is ended at the end, if it has not ended by then."""
    command = [*_command(url, token, folder, body or body_of(2000)), "-rate", str(rate), "-streams", str(streams)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        yield Held(process)
    finally:
        process.kill()
        process.wait()
