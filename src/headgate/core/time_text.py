"""Times as JSON and tables show them. Reads no clock."""

import datetime as dt


def utc_text(milliseconds: int, timespec: str = "seconds") -> str:
    """A wall-clock time as ISO 8601 in UTC: `2026-11-30T09:00:00Z`. `timespec` is how exact, as `datetime.isoformat` takes it."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
