"""Redaction by patterns that may take for ever, in a process of its own."""

import json
import os
import signal
import time

import pytest

from headgate.core.errors import Unavailable
from headgate.policy.secrets import REDACTED, compile_redactor
from headgate.storage.redaction.process import RedactProcess

KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture(scope="module")
def redactor():
    """One for all."""
    made = RedactProcess(["ACME-[0-9]{6}", "(a+)+!"], secrets=True, timeout_s=60)
    yield made
    made.close()


@pytest.mark.parametrize("value", [{"a": [f"x ACME-123456 {KEY}", 1, None, {"b": "aa!"}]}, "ACME-123456", ["ü", 2**70, 0.5], {}, f"\ud83d {KEY}"])
def test_it_redacts_as_in_this_process(redactor, value):
    """Texts and values, of which those with nothing in them are the very same."""
    here = compile_redactor(["ACME-[0-9]{6}", "(a+)+!"], secrets=True)
    found = redactor.value(value)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        assert KEY not in found
        return
    assert found == here.value(value)
    assert (found is value) == (here.value(value) is value)
    text = json.dumps(value)
    assert redactor.text(text) == here.text(text)
    assert redactor.text("nothing") == "nothing"


def test_a_body_of_any_size_goes_through_the_pipe(redactor):
    """Both ways."""
    text = f"{KEY} " + "x" * 5_000_000
    assert redactor.text(text) == text.replace(KEY, REDACTED)


def test_a_pattern_that_takes_too_long_is_killed_and_costs_one_body():
    """The next one is worked on by a new process."""
    redactor = RedactProcess(["(a+)+!"], secrets=False, timeout_s=0.2)
    try:
        assert redactor.text("aa!") == REDACTED
        first = redactor._process
        with pytest.raises(Unavailable, match=r"payloads\.redact took longer than 0\.2 s"):
            redactor.text("a" * 200)
        assert first.returncode == -signal.SIGKILL
        assert redactor.text("b aa!") == f"b {REDACTED}"
    finally:
        redactor.close()


def test_a_process_that_died_is_replaced():
    """Whatever ended it."""
    redactor = RedactProcess(["x"], secrets=False)
    assert redactor.text("x") == REDACTED
    os.kill(redactor._process.pid, signal.SIGKILL)
    redactor._process.wait()
    with pytest.raises(Unavailable, match="started again"):
        redactor.text("x")
    assert redactor.text("x") == REDACTED
    redactor.close()
    with pytest.raises(Unavailable, match="changed"):
        redactor.text("x")


def test_it_ends_itself_where_nobody_is_left_to_kill_it(monkeypatch):
    """Its parent may have been killed while a pattern was under way."""
    redactor = RedactProcess(["(a+)+!"], secrets=False, timeout_s=0.01)
    monkeypatch.setattr(redactor, "_kill", lambda: None)
    with pytest.raises(Unavailable):
        redactor.text("a" * 200)
    process = redactor._process
    deadline_s = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert process.returncode == -signal.SIGALRM
    monkeypatch.undo()
    redactor.close()
