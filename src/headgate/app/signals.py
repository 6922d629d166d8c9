"""The signals that a supervisor hears: to end, to read the configuration again, to restart, and that a child has ended. Acts on none of them."""

import contextlib
import select
import signal
import socket
from collections.abc import Iterable
from types import FrameType
from typing import Final

import msgspec

HEARD = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2})
_READ_BYTES: Final = 4096


class HeardSignals(msgspec.Struct):
    """How many asked to end, and which others are not answered yet."""

    stops: int = 0
    reload: bool = False
    restart: bool = False


class Signals:
    """Notes what is asked in `heard`, and ends a `wait` at once. One for a process; `close` lets the next one hear."""

    def __init__(self) -> None:
        self.heard = HeardSignals()
        self._wakes, self._woken = socket.socketpair()
        for end in (self._wakes, self._woken):
            end.settimeout(0)
        # Python goes on waiting after a signal (PEP 475), and writes a byte here first.
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _noted)  # by default it would not even end a wait
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGHUP, self._reload)
        signal.signal(signal.SIGUSR2, self._restart)

    def wait(self, descriptors: Iterable[int], timeout_s: float) -> None:
        """Wait until a signal comes, a child ends, or one of the descriptors can be read; for so long at most."""
        select.select([self._wakes.fileno(), *descriptors], [], [], timeout_s)
        with contextlib.suppress(BlockingIOError):
            self._wakes.recv(_READ_BYTES)

    def close(self) -> None:
        """Let signals end no wait any more. What they mean stays."""
        signal.set_wakeup_fd(-1)
        self._wakes.close()
        self._woken.close()

    def unblock(self) -> None:
        """Hear those, too, that came while one supervisor became the next."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)

    @property
    def stops(self) -> int:
        """How many signals asked to end."""
        return self.heard.stops

    def take_reload(self) -> bool:
        """Whether the configuration is to be read again, once."""
        asked, self.heard.reload = self.heard.reload, False
        return asked

    def take_restart(self) -> bool:
        """Whether a restart is asked for, once."""
        asked, self.heard.restart = self.heard.restart, False
        return asked

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.heard.stops += 1

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        self.heard.reload = True

    def _restart(self, _number: int, _frame: FrameType | None) -> None:
        self.heard.restart = True


def _noted(_number: int, _frame: FrameType | None) -> None:
    """A child has ended: the wait is over, and the supervisor finds out which one."""
