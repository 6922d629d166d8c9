"""A line of the log is one line, and steers no terminal."""

import io
import json
import logging
import re
import sys
import threading

import pytest

from headgate.config.log_format import JsonLines, LogLines, start_logging
from headgate.config.schema import Log


def record(message, *parts, error=None):
    """A record of the log."""
    exc_info = (type(error), error, error.__traceback__) if error is not None else None
    return logging.LogRecord("headgate.web", logging.WARNING, "", 0, message, parts, exc_info)


def raised(text):
    """An error with a traceback."""
    with pytest.raises(ValueError, match=re.escape(text)) as caught:
        _raise(text)
    return caught.value


def _raise(text):
    raise ValueError(text)


def test_text_says_when_what_where_and_who(monkeypatch):
    """The same in every process."""
    line = logged(monkeypatch, Log(), logging.WARNING, "refused: no token").rstrip()
    when, rest = line[:19], line[20:]

    assert when[4] == when[7] == "-"
    assert rest.startswith("WARNING headgate.web[")
    assert rest.endswith("] refused: no token")


def test_json_holds_any_text_in_plain_characters():
    """Whatever steers a terminal is an escape in it, and the text is as it was."""
    line = JsonLines().format(record("table %s", "a\x9b31m\u2028b"))

    assert line.isascii()
    assert json.loads(line)["message"] == "table a\x9b31m\u2028b"


def test_json_is_one_object_a_line():
    """With the time in UTC, and the traceback in it."""
    line = JsonLines().format(record("bad: %s", "é", error=raised("odd")))
    found = json.loads(line)

    assert "\n" not in line
    assert (found["level"], found["logger"], found["message"]) == ("WARNING", "headgate.web", "bad: é")
    assert found["time"].endswith("Z")
    assert "ValueError: odd" in found["traceback"]


def test_a_record_about_a_request_says_which():
    """Its id and its path have names of their own, for a search."""
    record = logging.LogRecord("headgate.web", logging.WARNING, "", 0, "refused", (), None)
    assert "path" not in json.loads(JsonLines().format(record))
    record.request_id, record.path = "req_1", "/anthropic/v1/messages"
    found = json.loads(JsonLines().format(record))

    assert (found["request_id"], found["path"]) == ("req_1", "/anthropic/v1/messages")


def test_the_level_is_what_was_asked_for(monkeypatch):
    """And what is below it is not written."""
    written = [logged(monkeypatch, Log(format="json", level="error"), level, "text") for level in (logging.WARNING, logging.ERROR)]

    assert not written[0]
    assert json.loads(written[1])["message"] == "text"


def logged(monkeypatch, settings, level, text):
    """What one record makes on standard error."""
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    monkeypatch.setattr(sys, "stderr", out := io.StringIO())
    try:
        start_logging(settings)
        logging.getLogger("headgate.web").log(level, text)
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
    return out.getvalue()


class Stopped(io.StringIO):
    """A terminal that is stopped until it is released."""

    def __init__(self):
        super().__init__()
        self.released = threading.Event()

    def write(self, text):
        self.released.wait(30)
        return super().write(text)


def test_whoever_logs_never_waits_for_a_terminal(monkeypatch):
    """Ctrl-S must not stop the gateway: lines wait, those beyond a bound are dropped, and what waits is written when the terminal goes on."""
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    monkeypatch.setattr(sys, "stderr", out := Stopped())
    try:
        start_logging(Log(), aside=True)
        for number in range(3000):
            logging.getLogger("headgate.web").warning("line %d", number)
        out.released.set()
        root.handlers[0].flush()
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
    lines = out.getvalue().splitlines()

    assert 1000 <= len(lines) <= 1001
    assert lines[999].endswith("line 999")


def test_no_text_passes_for_another_record() -> None:
    """Only the first line of a record begins at the margin, and a traceback keeps its lines."""
    lines = LogLines("%(levelname)s %(message)s")
    record = logging.LogRecord("x", logging.WARNING, "f", 1, "table %s", ("a\n00:00:00 INFO headgate: admin signed in\x85x",), None)
    assert lines.format(record) == "WARNING table a\n  00:00:00 INFO headgate: admin signed in\\x85x"
    error = ValueError("a\x9bb\nc")
    record.exc_info = (ValueError, error, None)
    shown = lines.format(record).splitlines()
    assert shown[-2:] == ["  ValueError: a\\x9bb", "  c"]
    assert all(line.startswith("  ") for line in shown[1:])
