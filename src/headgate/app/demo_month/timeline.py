"""What of the demo is written to the journal for a stretch of time, in order: the records of exchanges that ended in it."""

import datetime as dt
from collections.abc import Iterator

from headgate.app.demo_month.calendar import DAYS, Cast, sessions_on
from headgate.app.demo_month.happenings import AgentSession
from headgate.core.clock import midnight_ns
from headgate.core.record import Outcome

_DAY_NS = 86_400_000_000_000
_LONGEST_DAYS = 1  # a session may end on the day after the one that it began on


def month_begins_ns(anchor: dt.date) -> int:
    """When the month of this last day begins."""
    return midnight_ns(anchor - dt.timedelta(days=DAYS - 1))


def day_of(at_ns: int) -> dt.date:
    """The UTC day of a moment."""
    return dt.datetime.fromtimestamp(at_ns // 1_000_000_000, dt.UTC).date()


def stretches(after_ns: int, until_ns: int) -> Iterator[tuple[int, int]]:
    """A time cut into days: what follows the first moment, up to and with the second."""
    while after_ns < until_ns:
        end_ns = min(until_ns, after_ns // _DAY_NS * _DAY_NS + _DAY_NS)
        yield after_ns, end_ns
        after_ns = end_ns


class Timeline:
    """The demo's past. Stretches are asked for in order, so that a day is made once."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._made: dict[dt.date, list[AgentSession]] = {}

    @property
    def month_ends_ns(self) -> int:
        """The end of the month's last day."""
        return midnight_ns(self._cast.anchor) + _DAY_NS

    def sessions(self, after_ns: int, until_ns: int) -> list[AgentSession]:
        """The agent sessions of which something may have happened in the stretch."""
        first, last = day_of(after_ns) - dt.timedelta(days=_LONGEST_DAYS), day_of(until_ns)
        days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
        self._made = {day: self._made.get(day) or list(sessions_on(self._cast, day)) for day in days}
        return [session for day in days for session in self._made[day]]

    def outcomes(self, after_ns: int, until_ns: int) -> list[Outcome]:
        """The exchanges that ended in the stretch, in the order of their ends."""
        steps = (step for session in self.sessions(after_ns, until_ns) for step in session.steps)
        found = [step.outcome for step in steps if not step.bypassed and after_ns < step.at_ns <= until_ns]
        return sorted(found, key=lambda outcome: (outcome.ended_at_ns, outcome.intent.request_id))
