"""The clock as an argument: journeys receive one, and tests pass a fake one."""

import datetime as dt
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


def midnight_ns(day: dt.date) -> int:
    """When a UTC day begins, in nanoseconds since the epoch."""
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) * 1_000_000_000
