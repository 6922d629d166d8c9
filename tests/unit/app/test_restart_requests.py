"""How a command asks a supervisor for a restart."""

import contextlib
import os
import socket
import threading

import pytest

from headgate.app.restart_requests import SOCKET_FILE, RestartAsked, RestartDone, RestartRequests, address_in, ask_restart, listen_for_restarts


@pytest.fixture(params=["short", "a" * 120])
def data_dir(tmp_path, request):
    """A data directory; the path to one of them is longer than an address may be."""
    directory = tmp_path / request.param
    directory.mkdir()
    return str(directory)


@pytest.fixture
def requests(data_dir):
    """The supervisor's side; the file of a supervisor that was killed lies there."""
    with open(os.path.join(data_dir, SOCKET_FILE), "wb"):
        pass
    with contextlib.closing(RestartRequests(listen_for_restarts(data_dir))) as made:
        yield made


class Command(threading.Thread):
    """`headgate restart`, from its question to its answer."""

    def __init__(self, data_dir, environ=None):
        super().__init__()
        self._asked = (data_dir, environ)
        self.done = None
        self.start()

    def run(self):
        """Ask."""
        self.done = ask_restart(*self._asked, 10.0)


def asked(requests, count):
    """What is asked, once so much is."""
    while len(found := requests.look()) < count:
        pass
    return found


def test_a_command_hears_what_came_of_its_restart(requests, data_dir):
    """Also one with a large environment. One that came later waits for the next restart."""
    environ = {f"NAME_{number}": "v" * 10_000 for number in range(50)}
    first = Command(data_dir, environ)
    found = asked(requests, 1)
    second = Command(data_dir)
    asked(requests, 2)
    requests.answer(found, RestartDone(pid=2, replaced=1))
    first.join(10)
    left = requests.look()
    requests.answer(left, RestartDone(failure="a line is wrong"))
    second.join(10)

    assert (found, left) == ([RestartAsked(environ)], [RestartAsked()])
    assert (first.done, second.done) == (RestartDone(pid=2, replaced=1), RestartDone(failure="a line is wrong"))
    assert "NAME" not in repr(found)


def test_a_supervisor_that_ends_is_an_answer(requests, data_dir):
    """The command does not wait for its time to be over."""
    command = Command(data_dir)
    asked(requests, 1)
    requests.close()
    command.join(10)

    assert command.done == RestartDone(failure="The gateway ended meanwhile.")


@pytest.mark.parametrize("sent", [b"", b"nonsense\n", b"[]\n"])
def test_what_makes_no_sense_is_let_go(requests, data_dir, sent):
    """It holds up nobody."""
    with socket.socket(socket.AF_UNIX) as stranger, address_in(data_dir) as address:
        stranger.connect(address)
        stranger.sendall(sent)
        stranger.shutdown(socket.SHUT_WR)
        while requests.look() or not gone(stranger):
            pass


def gone(connection):
    """Whether the other side has closed."""
    connection.settimeout(0.01)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False


def test_only_the_owner_can_ask(requests, data_dir):
    """As the mask of a supervisor has it, which makes the socket."""
    before = os.umask(0o077)
    try:
        requests.listening.close()
        requests.listening = listen_for_restarts(data_dir)
    finally:
        os.umask(before)

    assert os.stat(os.path.join(data_dir, SOCKET_FILE)).st_mode & 0o077 == 0


def test_without_a_supervisor_it_is_said(data_dir):
    """Whether the file is there or not."""
    with pytest.raises(OSError, match="No such file"):
        ask_restart(data_dir, None, 1.0)
    listen_for_restarts(data_dir).close()
    with pytest.raises(OSError, match="refused"):
        ask_restart(data_dir, None, 1.0)
