"""The format of log lines, the same in every process: text for people, or JSON for machines. Lines go to standard error."""

import contextlib
import datetime as dt
import json
import logging
import queue
import sys
import threading
import time
from typing import TextIO

from headgate.config.schema import Log
from headgate.core.escaping import escaped

_TEXT = "%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s"
_WAITING_MAX = 1000  # lines
_FLUSH_S = 2.0
_OF_A_REQUEST = ("request_id", "path")
_TIME = "%Y-%m-%d %H:%M:%S"


def start_logging(settings: Log, *, aside: bool = False) -> None:
    """Write the log of this process to standard error from now on. With `aside`, a thread writes it, so that logging never waits for a terminal."""
    lines = _Aside(sys.stderr) if aside else logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLines() if settings.format == "json" else LogLines(_TEXT, _TIME))
    logging.basicConfig(level=settings.level.upper(), handlers=[lines], force=True)


class _Aside(logging.Handler):
    """Passes lines to a thread that writes them. While a terminal is stopped or a pipe is not read, lines wait up to a limit; further ones are dropped."""

    def __init__(self, out: TextIO) -> None:
        super().__init__()
        self._out = out
        self._lines: queue.Queue[str] = queue.Queue(_WAITING_MAX)
        threading.Thread(target=self._write, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a line to the thread."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(f"{self.format(record)}\n")

    def flush(self) -> None:
        """Wait a moment until the thread has written its lines. Called when the process ends."""
        deadline_s = time.monotonic() + _FLUSH_S
        while self._lines.unfinished_tasks and time.monotonic() < deadline_s:
            time.sleep(0.005)

    def _write(self) -> None:
        while True:
            text = self._lines.get()
            with contextlib.suppress(OSError, ValueError):
                self._out.write(text)
                self._out.flush()
            self._lines.task_done()


class LogLines(logging.Formatter):
    """Indents all lines of a record but the first, so that text from outside cannot look like another record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's lines."""
        return escaped(super().format(record)).replace("\n", "\n  ")


class JsonLines(logging.Formatter):
    """One JSON object for each record: `time` (UTC), `level`, `logger`, `pid`, `message`; for a record about one request its `request_id` and `path`; and
    `traceback` where there is one.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": at, "level": record.levelname, "logger": record.name, "pid": record.process, "message": record.getMessage()}
        line |= {name: value for name in _OF_A_REQUEST if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)
