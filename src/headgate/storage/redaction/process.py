"""Redaction by an administrator's own patterns, in a process of its own that is killed where a pattern takes too long: in this one it would stop everything.

Used from the thread of the content log alone; `close` may be called from any.
"""

import contextlib
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from headgate.core.errors import Unavailable
from headgate.storage.redaction.frames import LENGTH, RedactionResult, RedactionTask, Rules, frame

_CHUNK_BYTES = 1 << 20
_START_TIMEOUT_S = 60.0


class RedactProcess:
    """Implements `exchange.payload.Redacts`. The process is started with the first content, and again after it was killed."""

    def __init__(self, patterns: Sequence[str], *, secrets: bool, timeout_s: float = 10.0, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._rules = Rules(tuple(patterns), secrets, timeout_s)
        self._clock_s = clock_s
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def text(self, text: str) -> str:
        """The text without what the rules match; the very same text if there is nothing."""
        clean = self._ask(RedactionTask(text.encode("utf-8", "replace").decode()))
        return text if clean is None else clean

    def value(self, value: object) -> object:
        """A JSON value without what the rules match in any of its texts."""
        try:
            written = msgspec.json.encode(value).decode()
        except (UnicodeEncodeError, RecursionError, OverflowError):  # half a surrogate pair, written as an escape
            return self.text(repr(value))
        clean = self._ask(RedactionTask(written, is_json=True))
        return value if clean is None else msgspec.json.decode(clean)

    def close(self) -> None:
        """End the process."""
        self._closed = True
        self._kill()

    def _ask(self, work: RedactionTask) -> str | None:
        try:
            process = self._process or self._start()
            _send(process, frame(work))
            return self._answer(process, self._rules.timeout_s).content
        except TimeoutError as error:
            self._kill()
            message = f"an expression of payloads.redact took longer than {self._rules.timeout_s:g} s on one body"
            raise Unavailable(message) from error
        except (OSError, EOFError) as error:
            self._kill()
            raise Unavailable("the process that redacts by payloads.redact ended; it is started again with the next body") from error

    def _start(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise Unavailable("the rules of payloads.redact were changed")
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-m", "headgate.storage.redaction.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8", "TZ": "UTC"}, cwd="/", start_new_session=True,
        )  # fmt: skip
        self._process = process
        _send(process, frame(self._rules))
        self._answer(process, _START_TIMEOUT_S)
        return process

    def _answer(self, process: subprocess.Popen[bytes], timeout_s: float) -> RedactionResult:
        deadline_s = self._clock_s() + timeout_s
        (size,) = LENGTH.unpack(self._receive(process, LENGTH.size, deadline_s))
        return msgspec.msgpack.decode(self._receive(process, size, deadline_s), type=RedactionResult)

    def _receive(self, process: subprocess.Popen[bytes], size: int, deadline_s: float) -> bytes:
        """So many bytes, waited for until the deadline."""
        if process.stdout is None:
            raise EOFError
        out = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while len(out) < size:
                left_s = deadline_s - self._clock_s()
                if left_s <= 0 or not selector.select(left_s):
                    raise TimeoutError
                piece = os.read(process.stdout.fileno(), min(size - len(out), _CHUNK_BYTES))
                if not piece:
                    raise EOFError
                out += piece
        return bytes(out)

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()


def _send(process: subprocess.Popen[bytes], data: bytes) -> None:
    """All of it. The process reads a whole piece of work before it begins, so that this never waits for a pattern."""
    if process.stdin is None:
        raise EOFError
    process.stdin.write(data)
    process.stdin.flush()
