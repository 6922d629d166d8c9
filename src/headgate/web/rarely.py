"""Warnings that anybody can cause: each kind stands in the log once in a while, however often it happens. Never decides anything."""

import logging
from collections.abc import Hashable

from headgate.core.clock import Clock

_EVERY_S = 10.0
_KINDS_MAX = 200
_log = logging.getLogger("headgate.web")


class Rarely:
    """Remembers what was told lately, up to a bound."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at_s: dict[Hashable, float] = {}

    def warn(self, kind: Hashable, text: str, *parts: object) -> None:
        """Log the text with its parts, unless this kind was told within the last ten seconds."""
        now_s = self._clock.monotonic_s()
        if now_s - self._at_s.get(kind, -_EVERY_S) < _EVERY_S:
            return
        if len(self._at_s) >= _KINDS_MAX:
            self._at_s.clear()
        self._at_s[kind] = now_s
        _log.warning(text, *parts)
