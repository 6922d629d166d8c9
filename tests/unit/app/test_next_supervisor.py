"""A supervisor that becomes a newer one."""

import os
import signal

import pytest

from headgate.app import next_supervisor
from headgate.app.gateway_options import GatewayOptions
from headgate.app.next_supervisor import NextSupervisor, SavedSupervisor, resume_from
from headgate.app.options import UpOptions
from headgate.app.serving_child import SavedChild
from headgate.app.serving_processes import SavedProcesses
from headgate.app.signals import HEARD
from headgate.app.supervisor_link import SavedLink


@pytest.fixture
def saved():
    """What is left for the newer one, with a descriptor that is open."""
    descriptor = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    gateway = GatewayOptions(options=UpOptions(data_dir="/d"), host="h", port=1, environ={"KEY": "sk-secret"}, inherited=frozenset({"PATH"}))
    child = SavedChild(7, SavedLink(descriptor, b"half a li", b"ne"), -1)
    yield SavedSupervisor(
        gateway=gateway,
        listen_fd=descriptor,
        lock_fd=descriptor,
        requests_fd=-1,
        serving=SavedProcesses(child, [child], {"KEY": "sk-new"}, 2),
        flusher_pid=8,
        flusher_restarts=1,
    )
    os.close(descriptor)


def test_the_newer_one_is_given_all(saved, monkeypatch):
    """Its signals wait until it hears them, its descriptors are open in it, and not in its children. No key is printed."""
    seen = []

    def execv(_program, words):
        inherited = os.get_inheritable(saved.listen_fd)
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        seen.append((inherited, blocked >= HEARD, resume_from(int(words[-1])), os.get_inheritable(saved.listen_fd)))
        raise OSError

    monkeypatch.setattr(next_supervisor.os, "execv", execv)
    NextSupervisor().become(lambda: saved)

    assert seen == [(True, True, saved, False)]
    assert "sk-" not in repr(saved)


def test_without_one_the_older_goes_on(saved, monkeypatch, caplog):
    """As it was: it hears signals, and its children get no descriptors of its own."""
    monkeypatch.setattr(next_supervisor.sys, "executable", "/nowhere")
    NextSupervisor().become(lambda: saved)

    assert "it goes on as it is" in caplog.text
    assert not os.get_inheritable(saved.listen_fd)
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, []) & HEARD


def test_it_does_not_happen_in_the_middle_of_a_restart(monkeypatch):
    """There is nothing then that could be left to the newer one."""
    monkeypatch.setattr(next_supervisor.os, "execv", lambda *_: 1 / 0)
    NextSupervisor().become(lambda: None)

    assert not signal.pthread_sigmask(signal.SIG_BLOCK, []) & HEARD


@pytest.mark.parametrize(("module", "good"), [("headgate.cli.supervisor", True), ("headgate.no_such_module", False)])
def test_it_is_tried_out_first(monkeypatch, module, good):
    """A package that is broken must not take the gateway with it."""
    monkeypatch.setattr(next_supervisor, "_MODULE", module)
    tried = NextSupervisor()
    before = (tried.begun, tried.is_good)
    tried.try_out()
    tried._trial.wait(60)

    assert before == (False, None)
    assert (tried.begun, tried.is_good) == (True, good)
