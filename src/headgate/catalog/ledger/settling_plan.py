"""What is settled next. Pure: the time is an argument."""

import msgspec

from headgate.catalog.ledger.settled import DAY_US, SettledTime
from headgate.catalog.ledger.sources import Stretch

LATE_S = 26 * 3600  # telemetry that comes so long after the end of its day is in the settled day
DRAFT_LATE_S = 1800  # a draft ends so long before it is made, so that what was under way has ended
MARGIN_S = 86_400
_DAYS_MAX, _ROWS_MAX = 31, 60_000  # days that are settled at once, and the rows that they may have together
_MINUTE_US = 60_000_000


class Extent(msgspec.Struct, frozen=True):
    """When the rows begin that are not settled, 0 for none at all, and how many there are."""

    first_us: int = 0
    rows: int = 0

    def days_at_once(self, now_us: int) -> int:
        """As many days as have few rows together: a small history is settled in few steps."""
        days = max(1, (now_us - self.first_us) // DAY_US)
        return max(1, min(_DAYS_MAX, _ROWS_MAX * days // max(1, self.rows)))


class SettlingStep(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch to settle, and how far the ledger is settled afterwards."""

    stretch: Stretch
    afterwards: SettledTime

    @property
    def first_day(self) -> int:
        """The first day of the stretch, counted from 1970."""
        return self.stretch.start_us // DAY_US

    @property
    def last_day(self) -> int:
        """The last one, or its part."""
        return (self.stretch.end_us - 1) // DAY_US


def next_step(known: SettledTime, extent: Extent, now_us: int, days: int) -> SettlingStep | None:
    """The oldest days that are over and not settled; a draft where there are none; nothing where there are no rows.

    The first day is that of the first row, or the first that views show, of `days`.
    """
    if not extent.first_us:
        return None
    begins_us = max(known.days_until_us or extent.first_us // DAY_US * DAY_US, (now_us // DAY_US - days) * DAY_US)
    over = ((now_us - LATE_S * 1_000_000) // DAY_US * DAY_US - begins_us) // DAY_US
    if over > 0:
        ends_us = begins_us + min(over, extent.days_at_once(now_us)) * DAY_US
        return SettlingStep(stretch=Stretch(start_us=begins_us, end_us=ends_us, margin_s=MARGIN_S), afterwards=SettledTime(days_until_us=ends_us))
    until_us = (now_us - DRAFT_LATE_S * 1_000_000) // _MINUTE_US * _MINUTE_US
    if until_us <= begins_us:
        return None
    drafted = SettledTime(days_until_us=begins_us, draft_until_us=until_us, edition=now_us // 1_000_000)
    return SettlingStep(stretch=Stretch(start_us=begins_us, end_us=until_us, margin_s=MARGIN_S), afterwards=drafted)
