"""The steps of a restart, as the supervisor takes them."""

import signal

import pytest

from headgate.app import replacement
from headgate.app.options import Ready
from headgate.app.replacement import Replacement
from headgate.app.supervisor_link import Pause, Paused, Resume, Take

READY = Ready(url="http://127.0.0.1:1", data_dir="/d", config_path="", providers=[], endpoints=0)


class Child:
    """A serving process by script: itself and its link."""

    def __init__(self):
        self.link = self.process = self
        self.running, self.returncode = True, 3
        self.ready = self.paused = None
        self.prepared = False
        self.failure = ""
        self.did = []

    def send(self, asked):
        """What the supervisor asks."""
        self.did.append(asked)

    def look(self):
        """Read what it said last."""

    def end(self, sign):
        """A signal."""
        self.did.append(sign)

    def kill(self):
        """Its end."""
        self.did.append("killed")

    def close(self):
        """The end of the link."""
        self.did.append("closed")

    def let_go_of_heir(self):
        """The end of the channel."""
        self.did.append("let go")


class Late:
    """A clock on which all time is over."""

    @staticmethod
    def monotonic():
        """The time."""
        return float("inf")


@pytest.fixture
def one():
    """A restart that has just begun."""
    return Replacement(Child(), Child(), {})


def paused(one):
    """Go on until the old process has paused."""
    one.new.prepared = True
    one.look()
    one.old.paused = Paused("0", 7)
    one.look()


def test_the_old_process_ends_when_the_new_one_serves(one):
    """It pauses only when the new one is prepared; the new one serves only when the old one has paused."""
    one.look()
    before = [*one.old.did]
    paused(one)
    during = [*one.old.did]
    one.new.ready = READY
    one.look()

    assert (before, during) == ([], [Pause()])
    assert one.new.did == [Take("0", 7)]
    assert one.old.did == [Pause(), "let go", signal.SIGTERM]
    assert (one.done, one.failure) == (True, "")


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("failure", "told"), [("a line is wrong", "a line is wrong"), ("", "ended with exit code 3")])
def test_the_old_process_goes_on_when_the_new_one_fails(one, failure, told, late):
    """Also where it had paused already: it is woken. The reason is the one that the new process gave, if it gave one."""
    if late:
        paused(one)
    one.new.running, one.new.failure = False, failure
    one.look()

    assert told in one.failure
    assert one.old.did == ([Pause(), Resume()] if late else [])
    assert one.new.did[-2:] == ["killed", "closed"]


@pytest.mark.parametrize(("steps", "told"), [(0, "is not ready after"), (1, "The old serving process"), (2, "The new serving process does not")])
def test_no_step_is_waited_for_without_end(one, monkeypatch, steps, told):
    """Whichever of the two does not answer, the old one goes on."""
    one.new.prepared = steps > 0
    for _ in range(steps):
        one.look()
        one.old.paused = Paused("0", 7) if steps > 1 else None
    monkeypatch.setattr(replacement, "time", Late)
    one.look()

    assert told in one.failure
    assert one.old.did == ([Pause(), Resume()] if steps else [])


def test_an_old_process_that_dies_is_not_replaced_so(one):
    """The supervisor starts another one as after any such end."""
    one.old.running = False
    one.look()

    assert one.done
    assert one.new.did == ["killed", "closed"]


def test_the_end_of_the_gateway_ends_a_restart(one):
    """The new process has served no client."""
    paused(one)
    one.abandon()

    assert one.old.did == [Pause(), Resume()]
    assert one.new.did[-2:] == ["killed", "closed"]
