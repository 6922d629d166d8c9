"""What a supervisor hears."""

import signal

import pytest

from headgate.app.signals import HEARD, HeardSignals, Signals


@pytest.fixture
def heard():
    """The signals of the tests' process, put back afterwards."""
    before = {sign: signal.getsignal(sign) for sign in HEARD}
    yield Signals()
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
