"""The signals that a supervisor hears: to end, to read the configuration again, to restart. Acts on none of them."""

import signal
from types import FrameType

import msgspec

HEARD = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2})


class HeardSignals(msgspec.Struct):
    """How many asked to end, and which others are not answered yet."""

    stops: int = 0
    reload: bool = False
    restart: bool = False


class Signals:
    """Notes what is asked in `heard`. One for a process."""

    def __init__(self) -> None:
        self.heard = HeardSignals()
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGHUP, self._reload)
        signal.signal(signal.SIGUSR2, self._restart)

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
