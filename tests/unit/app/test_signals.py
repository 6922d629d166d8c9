"""What a supervisor hears."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from headgate.app.signals import HEARD, HeardSignals, Signals

_LONG_S = 60.0


@pytest.fixture
def heard():
    """The signals of the tests' process, put back afterwards."""
    before = {sign: signal.getsignal(sign) for sign in {*HEARD, signal.SIGCHLD}}
    made = Signals()
    yield made
    made.close()
    for sign, handler in before.items():
        signal.signal(sign, handler)


def test_each_signal_has_its_meaning(heard):
    """Two of them ask to end, and are counted."""
    for sign in HEARD:
        signal.raise_signal(sign)

    assert heard.heard == HeardSignals(2, reload=True, restart=True)
    assert [(heard.take_reload(), heard.take_restart()) for _ in range(2)] == [(True, True), (False, False)]


def test_one_that_came_too_early_is_heard_late(heard):
    """It was blocked while one supervisor became the next."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    signal.raise_signal(signal.SIGUSR2)

    again = Signals()
    again.unblock()

    assert again.take_restart()
    again.close()


def test_a_signal_ends_a_wait(heard):
    """Python would go on waiting for the rest of the time."""
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGHUP)).start()

    waited_s = _waited_s(heard, [])

    assert heard.take_reload()
    assert waited_s < _LONG_S


def test_so_does_the_end_of_a_child(heard):
    """A process that was killed is started again at once."""
    child = subprocess.Popen([sys.executable, "-c", ""])

    waited_s = _waited_s(heard, [])

    assert child.wait() == 0
    assert waited_s < _LONG_S


def test_so_does_what_can_be_read(heard):
    """A serving process speaks, or somebody asks for a restart."""
    readable, writable = os.pipe()
    try:
        os.write(writable, b"x")
        assert _waited_s(heard, [readable]) < _LONG_S
    finally:
        os.close(readable)
        os.close(writable)


def test_a_signal_ends_one_wait(heard):
    """The next one lasts its time."""
    signal.raise_signal(signal.SIGHUP)
    heard.wait([], _LONG_S)

    begun_s = time.monotonic()
    heard.wait([], 0.05)

    assert time.monotonic() - begun_s >= 0.05


def _waited_s(heard, descriptors):
    begun_s = time.monotonic()
    heard.wait(descriptors, _LONG_S)
    return time.monotonic() - begun_s
