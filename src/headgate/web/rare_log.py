"""A log of warnings that any client can cause: each kind once in a while, and all kinds together only so often. It decides nothing."""

import logging
from collections.abc import Hashable, Mapping
from typing import Final

from headgate.core.clock import Clock

_EVERY_S: Final = 10.0
_LINES_MAX: Final = 20  # in that time, whatever their kinds; the rest is counted
_KINDS_MAX: Final = 200
_log = logging.getLogger("headgate.web")


class RareLog:
    """Remembers what was logged lately, up to a bound. Who varies the kind gets no more lines and makes nothing else forgotten sooner."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at_s: dict[Hashable, float] = {}  # in the order of time
        self._window_s = clock.monotonic_s()
        self._lines = 0
        self._left_out = 0

    def warn(self, kind: Hashable, text: str, *parts: object, level: int = logging.WARNING, fields: Mapping[str, str] | None = None) -> None:
        """Log the text with its parts, unless this kind or twenty others were logged within the last ten seconds. `fields` are for a log of JSON."""
        now_s = self._clock.monotonic_s()
        if now_s - self._window_s >= _EVERY_S:
            self._begin(now_s)
        if now_s - self._at_s.get(kind, -_EVERY_S) < _EVERY_S:
            return
        if self._lines >= _LINES_MAX:
            self._left_out += 1
            return
        self._lines += 1
        self._at_s.pop(kind, None)
        self._at_s[kind] = now_s
        if len(self._at_s) > _KINDS_MAX:
            del self._at_s[next(iter(self._at_s))]
        _log.log(level, text, *parts, extra=fields)

    def _begin(self, now_s: float) -> None:
        left_out, self._left_out, self._lines, self._window_s = self._left_out, 0, 0, now_s
        if left_out:
            _log.warning("%d more refusals were not logged", left_out)
