"""What the supervisor says when it cannot listen."""

import logging
import os
import signal
import sys

import pytest

from headgate.app.gateway_options import GatewayOptions
from headgate.app.listening import StartFailed
from headgate.app.options import UpOptions
from headgate.app.signals import HEARD
from headgate.app.supervise import Supervisor


def test_an_address_of_another_machine_is_told_at_once(tmp_path) -> None:
    """Waiting would not help, nor would another port."""
    with pytest.raises(StartFailed, match="Choose another with --host"):
        Supervisor.started(GatewayOptions(options=UpOptions(data_dir=str(tmp_path)), host="203.0.113.1", port=0, environ={}, inherited=frozenset()))


@pytest.mark.parametrize(
    ("program", "messages"),
    [
        ("import time; time.sleep(60)", ["is not ready after 0 s; on a machine", "is not ready after 1 s, and Headgate ends"]),
        ("import os; os.kill(os.getpid(), 9)", ["ended with signal 9 before it was ready"]),
        ("raise SystemExit(1)", []),
    ],
    ids=["slow", "killed", "refused"],
)
def test_a_start_that_fails_says_why(tmp_path, monkeypatch, caplog, program, messages) -> None:
    """The exit code alone helps nobody. A process that ends with 1 has said why itself."""
    monkeypatch.setattr("headgate.app.serving_child.SERVING", (sys.executable, "-c", program))
    monkeypatch.setattr("headgate.app.supervise.READY_TIMEOUT_S", 0.8)
    monkeypatch.setattr("headgate.app.supervise._SLOW_START_S", 0.3 if len(messages) == 2 else 60.0)
    options = GatewayOptions(options=UpOptions(data_dir=str(tmp_path)), host="127.0.0.1", port=0, environ={}, inherited=frozenset(os.environ))
    heard = {sign: signal.getsignal(sign) for sign in {*HEARD, signal.SIGCHLD}}
    try:
        with caplog.at_level(logging.WARNING, "headgate.supervisor"):
            assert Supervisor.started(options).run(lambda _ready: None) == 1
    finally:
        for sign, before in heard.items():
            signal.signal(sign, before)
    told = [message for message in caplog.messages if "serving process" in message]
    assert [any(part in message for message in told) for part in messages] == [True] * len(messages)
    assert bool(told) == bool(messages)
