"""Time as a value that is handed in: the journeys take a clock, tests hand in a fake one."""

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time for rows, monotonic time for durations and limits."""

    def wall_ns(self) -> int:
        """Nanoseconds since the epoch."""

    def monotonic_s(self) -> float:
        """Seconds that never go backwards."""


class SystemClock:
    """The machine's clock."""

    wall_ns = staticmethod(time.time_ns)
    monotonic_s = staticmethod(time.monotonic)
